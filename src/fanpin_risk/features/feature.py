"""How a feature is declared: a labelled, sourced function of a :class:`~fanpin_risk.asof.snapshot.Snapshot`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, Literal, TypeVar

import numpy as np
import pandas as pd

from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.errors import SchemaError
from fanpin_risk.features.wording import conditions_of, parts_of, quoted_in
from fanpin_risk.words import Message

__all__ = ["CAUSES", "COUNTING_UNITS", "DOMAINS", "UNITS", "Feature", "feature", "ratio", "shared"]

Array = np.ndarray
T = TypeVar("T")

DOMAINS: dict[str, Message] = {
    "income": Message("income", context="domain"),
    "household": Message("household", context="domain"),
    "work": Message("work", context="domain"),
    "health": Message("health", context="domain"),
    "disability": Message("disability", context="domain"),
    "education": Message("education", context="domain"),
    "shocks": Message("shocks", context="domain"),
}

CAUSES: dict[str, Message] = {
    # code: its name; in Chinese the official risk category of the register (返贫致贫风险), matched by code and text
    "illness": Message("illness", zh="因病"),
    "schooling": Message("schooling costs", zh="因学"),
    "disability": Message("disability", zh="因残"),
    "disaster": Message("natural disaster", zh="因自然灾害"),
    "accident": Message("accident", zh="因意外事故"),
    "business_failure": Message("failed business", zh="因产业项目失败"),
    "unstable_work": Message("unstable work", zh="因务工就业不稳"),
    "labour": Message("lack of labour", zh="缺劳动力"),
    "housing": Message("unsafe housing", zh="因安全住房"),
    "water": Message("unsafe drinking water", zh="因安全饮水"),
    "low_income": Message("low income", zh="收入偏低"),
    "support": Message("support withdrawn", zh="帮扶减弱"),
    "other": Message("other", zh="其他"),
}

# Causes that no row of the register names as a risk: a state, and what the office itself does.
NOT_OFFICIAL = ("low_income", "support")

UNITS: dict[str, Message] = {
    # unit: how a value is written
    "CNY": Message("{number} CNY", zh="{number}元"),
    "CNY/person": Message("{number} CNY", zh="{number}元"),
    "share": Message("{number}", zh="{number}"),  # written as a percentage
    "ratio": Message("{number}", zh="{number}"),  # written as a percentage
    "change": Message("{number}", zh="{number}"),  # written as a signed percentage
    "persons": Message("{number}", zh="{number}人"),
    "households": Message("{number}", zh="{number}户"),
    "persons each": Message("{number}", zh="{number}人"),
    "times": Message("{number}", zh="{number}次"),
    "measures": Message("{number}", zh="{number}项"),
    "months": Message("{number} months", zh="{number}个月"),
    "years": Message("{number} years", zh="{number}岁"),
    "year": Message("{number}", zh="{number}年"),  # a calendar year
    "day": Message("{number}", zh="{number}"),  # days since 1970-01-01; written as a date
    "level": Message("{number}", zh="{number}"),
    "category": Message("{number}", zh="{number}"),  # a kind without an order; written by its name
    "period": Message("{number}", zh="{number}"),  # see asof.days.period_number; written as its year or months
    "mu": Message("{number} mu", zh="{number}亩"),
    "km": Message("{number} km", zh="{number}公里"),
    "flag": Message("{number}", zh="{number}"),
}

# Units of columns that others may need: a column of 0 says that there is nobody or nothing to ask about.
COUNTING_UNITS = ("persons", "households", "times", "measures", "flag")

MOST_LEVELS = 255  # the most categories that the trees can distinguish


@dataclass(frozen=True, kw_only=True)
class Feature:
    """One feature: what it is, why it is there, how it is computed and how it is worded.

    Attributes
    ----------
    name : str
        Lower snake case; a promise: renaming is breaking.
    zh, en : str
        Label with the official term.
    domain : str
        One of ``DOMAINS``.
    cause : str
        Risk category that it belongs to, one of ``CAUSES``.
    unit : str
        One of ``UNITS``.
    monotone : int
        +1: more of it never lowers the risk; -1: never raises it; 0: no claim. Becomes the model's constraint.
    reason : str
        Why this direction, or why no direction is claimed.
    source : str
        Where the definition comes from.
    says_zh, says_en : str
        Sentence for a reason; ``{name}`` is replaced by the formatted value of that feature or context column.
        For a flag: the sentence for yes and the one for no, split by ``|``; for others a second one says that there
        is nothing; with `when`: one for each of its conditions and one for where none holds. Parts in brackets depend
        on what is on record: see :mod:`fanpin_risk.features.wording`.
    levels_zh, levels_en : tuple of str, optional
        For a level: what 0, 1, 2, ... are called; the number itself is written where they are not given. For a
        category: what its codes 0, 1, 2, ... are called; their order is part of the promise to a model.
    actionable : bool
        Whether support can change it (costs, work, housing) or not (age, schooling of adults).
    model : bool
        False: context for sentences only, never an input of the model.
    optional : bool
        Of something that only some registers know: a model learns with it only where a training day has a value of it, so
        that models of all other registers are as without it.
    targets : tuple of str, optional
        Only forecasts of these events may know it; empty: all.
    when : tuple of str, optional
        Conditions that choose the sentence, such as ``"income_to_line < 0"`` or ``"income_year missing"``: a column,
        and ``<``, ``<=``, ``=``, ``>=`` or ``>`` with a number, or ``missing``. The first that holds counts; a missing
        value fulfils none but the last.
    needs : str, optional
        Name of a feature or context column that counts what this one is about: where that column is 0, this one does
        not apply, which is not the same as missing.
    compute : callable
        Snapshot -> float64 array of shape (n_households,), NaN for missing.
    """

    name: str
    zh: str
    en: str
    domain: str
    cause: str
    unit: str
    monotone: Literal[-1, 0, 1]
    reason: str
    source: str
    says_zh: str
    says_en: str
    actionable: bool
    model: bool
    compute: Callable[[Snapshot], Array]
    levels_zh: tuple[str, ...] | None = None
    levels_en: tuple[str, ...] | None = None
    needs: str | None = None
    when: tuple[str, ...] = ()
    optional: bool = False
    targets: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for attribute, allowed in (("domain", DOMAINS), ("cause", CAUSES), ("unit", UNITS)):
            if getattr(self, attribute) not in allowed:
                raise SchemaError(
                    "feature {feature}: {attribute} is {value!r}; expected one of {allowed}",
                    feature=self.name,
                    attribute=attribute,
                    value=getattr(self, attribute),
                    allowed=tuple(allowed),
                )
        if self.monotone not in (-1, 0, 1):
            raise SchemaError(
                "feature {feature}: monotone is {monotone!r}; expected -1, 0 or 1",
                feature=self.name,
                monotone=self.monotone,
            )
        for attribute in ("zh", "en", "reason", "source", "says_zh", "says_en"):
            if not getattr(self, attribute).strip():
                raise SchemaError(
                    "feature {feature}: {attribute} is empty; every feature has a label and a source",
                    feature=self.name,
                    attribute=attribute,
                )
        self._check_sentences()
        if len(self.levels_zh or ()) != len(self.levels_en or ()) or (
            self.levels_zh and self.unit not in ("level", "category")
        ):
            raise SchemaError(
                "feature {feature}: levels are named for the units 'level' and 'category', as many in zh as in en",
                feature=self.name,
            )
        if self.unit == "category":
            self._check_category()

    def _check_sentences(self) -> None:
        told = {len(parts_of(sentence)) for sentence in (self.says_zh, self.says_en)}
        if self.when:
            if told != {len(conditions_of(self.when)) + 1}:
                raise SchemaError(
                    "feature {feature}: {count} sentences, split by '|', are expected in zh and en: one for each condition of "
                    "when, and one for where none holds",
                    feature=self.name,
                    count=len(self.when) + 1,
                )
        elif self.unit == "flag" and told != {2}:
            raise SchemaError(
                "feature {feature}: a flag says 'sentence for yes|sentence for no' in zh and en", feature=self.name
            )
        elif max(told) > 2:
            raise SchemaError("feature {feature}: more than two sentences, split by '|', need when", feature=self.name)

    def _check_category(self) -> None:
        if self.monotone != 0:
            raise SchemaError(
                "feature {feature}: monotone is {monotone}; a category has no order, expected 0",
                feature=self.name,
                monotone=self.monotone,
            )
        for names in (self.levels_zh or (), self.levels_en or ()):
            if not 2 <= len(set(names)) == len(names) <= MOST_LEVELS:
                raise SchemaError(
                    "feature {feature}: {count} names of levels; a category has 2 to {most}, each once",
                    feature=self.name,
                    count=len(names),
                    most=MOST_LEVELS,
                )

    def applies(self, data: Mapping[str, Any] | pd.DataFrame) -> Array:
        """Return for each row whether the feature applies: False where the column that it needs is 0.

        Parameters
        ----------
        data : DataFrame, or mapping of str to ndarray, of shape (n_rows,)
            With its column, and that which it needs; where the latter is absent or missing, the feature applies.

        Returns
        -------
        ndarray of bool, shape (n_rows,)
        """
        if self.needs is None or self.needs not in data:
            return np.ones(len(data[self.name]), dtype=bool)
        nothing: Array = np.asarray(data[self.needs], dtype="float64") == 0
        return ~nothing

    @property
    def label(self) -> Message:
        """What it is called, in both languages."""
        return Message(self.en, zh=self.zh)

    @property
    def sentence(self) -> Message:
        """What it says as a reason, in both languages, with places for the values of columns."""
        return Message(self.says_en, zh=self.says_zh)

    @property
    def levels(self) -> tuple[Message, ...]:
        """What 0, 1, 2, ... are called, in both languages; empty where they have no names."""
        named = zip(self.levels_en or (), self.levels_zh or (), strict=True)
        return tuple(Message(en, zh=zh) for en, zh in named)

    @property
    def mentions(self) -> tuple[str, ...]:
        """Names of the columns whose values its sentences quote, or that choose between them."""
        quoted = quoted_in(self.says_zh + self.says_en)
        return tuple(dict.fromkeys([*quoted, *(column for column, _, _ in conditions_of(self.when))]))

    def declaration(self) -> dict[str, object]:
        """Return what a trained model relies on: everything that changes the meaning of the column."""
        levels = {"levels": list(self.levels_zh or ())} if self.unit == "category" else {}
        return {
            "name": self.name,
            "zh": self.zh,
            "en": self.en,
            "domain": self.domain,
            "cause": self.cause,
            "unit": self.unit,
            "monotone": self.monotone,
            **levels,
        }


def feature(
    *,
    zh: str,
    en: str,
    domain: str,
    cause: str,
    unit: str,
    monotone: Literal[-1, 0, 1],
    reason: str,
    source: str,
    says_zh: str,
    says_en: str,
    actionable: bool = True,
    model: bool = True,
    levels_zh: tuple[str, ...] | None = None,
    levels_en: tuple[str, ...] | None = None,
    needs: str | None = None,
    when: tuple[str, ...] = (),
    optional: bool = False,
    targets: tuple[str, ...] = (),
) -> Callable[[Callable[[Snapshot], Array]], Feature]:
    """Turn a function of a snapshot into a :class:`Feature` named after it."""

    def declare(compute: Callable[[Snapshot], Array]) -> Feature:
        return Feature(
            name=compute.__name__, zh=zh, en=en, domain=domain, cause=cause, unit=unit, monotone=monotone, reason=reason,
            source=source, says_zh=says_zh, says_en=says_en, actionable=actionable, model=model, compute=compute,
            levels_zh=levels_zh, levels_en=levels_en, needs=needs, when=when, optional=optional, targets=targets,
        )  # fmt: skip

    return declare


def shared(function: Callable[[Snapshot], T]) -> Callable[[Snapshot], T]:
    """Compute once per snapshot what several features need."""

    @wraps(function)
    def cached(snapshot: Snapshot) -> T:
        if function not in snapshot.cache:
            snapshot.cache[function] = function(snapshot)
        result: Any = snapshot.cache[function]
        return result

    cached.__signature__ = inspect.signature(function)  # type: ignore[attr-defined]
    return cached


def ratio(numerator: Array, denominator: Array, *, lowest: float = -10.0, highest: float = 10.0) -> Array:
    """Divide, with NaN where either is missing or the denominator is not positive, bounded to keep outliers readable."""
    usable = denominator > 0
    result = np.full(len(numerator), np.nan)
    np.divide(numerator, denominator, out=result, where=usable)
    return np.clip(result, lowest, highest)
