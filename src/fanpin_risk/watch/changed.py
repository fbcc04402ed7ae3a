"""What changed between two days: who is new, rising, falling or gone, and by which facts the risk moved.

The log-odds of a household on two days differ by what its records say, by the line it is held against, and by the model, if
that was another. Each part is split off in turn, and what the records say is split by the features that changed, exactly: see
:mod:`fanpin_risk.tree_shap.between`. A feature that is the same on both days moved nothing, and the parts add up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import logit

from fanpin_risk.arguments import of_type, one_of, whole_number
from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.asof.outcomes import not_at_risk
from fanpin_risk.asof.register_on_day import checked_register
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.errors import SchemaError
from fanpin_risk.explanation.reasons import LEAST, format_value
from fanpin_risk.features import CONTEXT, FEATURES, features_at
from fanpin_risk.features.feature import Feature
from fanpin_risk.features.place import PLACE_FEATURE
from fanpin_risk.model.days_and_households import household_ids_of, one_day
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.progress import Progress
from fanpin_risk.records.register import Register
from fanpin_risk.tree_shap.between import contributions_between
from fanpin_risk.words import LANGUAGES, Language, Message

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MOVES", "Changes", "changes"]

# What became of a household between the days.
MOVES: Mapping[str, Message] = MappingProxyType(
    {
        "rising": Message("risk rising"),
        "falling": Message("risk falling"),
        "unchanged": Message("hardly changed"),
        "new": Message("new on record"),
        "gone": Message("no longer on record"),
    }
)
# Parts of a change that are no fact of the household.
LINE_PART, MODEL_PART = "line", "model"
LINE_OF_DAY = "monitoring_line"
MONEY_UNITS, RELATIVE_UNITS = ("CNY", "CNY/person"), ("ratio", "share", "change")
DECLARED = {feature.name: feature for feature in (*FEATURES, *CONTEXT)}

ROSE = Message("{label} rose from {before} to {after} (by {difference})")
FELL = Message("{label} fell from {before} to {after} (by {difference})")
BECAME = Message("{label}: {before} before, now {after}")
LINE_MOVED = Message("the monitoring line moved from {before} to {after}")
LINE_RULES_MOVED = Message("how the area counts income against the line changed")
MODEL_MOVED = Message("the model is another")
PLACE_MOVED = Message("the household lives elsewhere by its records")


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Changes:
    """What moved the risk of households between two days.

    Attributes
    ----------
    frame : DataFrame
        One row for each household on record on either day, by id: ``household_id``; ``move`` (code of ``MOVES``);
        ``risk_before``, ``risk_after`` (probability; NaN where it was not on record); ``log_odds_change`` (the sum of the
        household's row of `contributions`, NaN for the new and the gone); ``by_records``, ``by_line``, ``by_model`` (its
        parts); ``tier_before``, ``tier_after``; ``not_at_risk_before``, ``not_at_risk_after`` (why the forecast is not about it,
        ``""``: it is).
    contributions : DataFrame of shape (n_stayed, n_features + 2 or 3)
        In calibrated log-odds, indexed by ``household_id``, for the households on record on both days: features of the model,
        ``place`` if it knows of places, ``line`` and ``model``. The sum of a row is its ``log_odds_change``.
    before_data, after_data : DataFrame of shape (n_stayed, n_columns)
        Features of the households on both days, in their units.
    before, after : Timestamp
        The days.
    """

    frame: pd.DataFrame
    contributions: pd.DataFrame
    before_data: pd.DataFrame
    after_data: pd.DataFrame
    before: pd.Timestamp
    after: pd.Timestamp

    def __repr__(self) -> str:
        counts = self.frame["move"].value_counts()
        told = ", ".join(f"{move}={int(counts.get(move, 0))}" for move in MOVES)
        return f"Changes(before={self.before:%Y-%m-%d}, after={self.after:%Y-%m-%d}, {told})"

    def reasons(self, *, lang: Language = "zh", n_reasons: int = 3, least: float = LEAST) -> pd.DataFrame:
        """Say which changed facts moved each risk most, with both values.

        One sentence for each risk category: its features that changed move the risk together, the one that moved it most is
        told.

        Parameters
        ----------
        lang : {"zh", "en"}, default "zh"
            Language.
        n_reasons : int, default 3
            Most sentences for each household.
        least : float, default 0.02
            What moved the log-odds by less is left out.

        Returns
        -------
        DataFrame of shape (n_stayed, 2 * n_reasons + 1)
            ``household_id``, ``change_1`` ... (``""`` where there are fewer), ``contribution_1`` ... (log-odds, NaN where there
            are fewer), in the order of `contributions`.

        Raises
        ------
        SchemaError
            If `lang` is no language or `n_reasons` no whole number.

        Examples
        --------
        >>> import fanpin_risk as fr
        >>> register = fr.make_register(300, random_state=0)
        >>> moved = fr.changes(fr.load_model("demo"), register, "2023-06-30", "2023-12-31")
        >>> moved.reasons(lang="en", n_reasons=2).columns.tolist()
        ['household_id', 'change_1', 'contribution_1', 'change_2', 'contribution_2']
        """
        one_of("lang", lang, LANGUAGES)
        whole_number("n_reasons", n_reasons, 0)
        names = list(self.contributions.columns)
        topics = [_topic(DECLARED[name]) if name in DECLARED else name for name in names]
        different = list(dict.fromkeys(topics))
        values = self.contributions.to_numpy()
        sums = np.stack(
            [values[:, [place for place, own in enumerate(topics) if own == topic]].sum(axis=1) for topic in different],
            axis=1,
        )
        ranked = np.argsort(-np.abs(sums), axis=1, kind="stable")[:, :n_reasons]
        told: dict[str, Any] = {"household_id": self.contributions.index.to_series().array}
        for k in range(n_reasons):
            here = ranked[:, k] if k < ranked.shape[1] else np.full(len(values), -1)
            size = sums[np.arange(len(values)), here]
            shown = (np.abs(size) >= least) & (here >= 0)
            sentences = np.full(len(values), "", dtype=object)
            for place in np.unique(here[shown]):
                rows = np.flatnonzero(shown & (here == place))
                members = [number for number, own in enumerate(topics) if own == different[place]]
                same_way = values[rows][:, members] * np.sign(size[rows])[:, None]
                which = np.array(members)[np.argmax(same_way, axis=1)]
                for feature in np.unique(which):
                    of_it = rows[which == feature]
                    sentences[of_it] = self._sentences(
                        names[feature], DECLARED.get(names[feature]), of_it, np.sign(size[of_it]), lang
                    )
            told[f"change_{k + 1}"] = pd.array(sentences.tolist(), dtype="str")
            told[f"contribution_{k + 1}"] = np.where(shown, size, np.nan)
        return pd.DataFrame(told)

    def _sentences(
        self, name: str, declared: Feature | None, rows: NDArray[np.intp], sign: NDArray[np.float64], lang: Language
    ) -> list[str]:
        """Say of some households how one thing changed; of a ratio the amount behind it that moved it that way."""
        if name == LINE_PART:
            declared = DECLARED[LINE_OF_DAY]
        if declared is None:
            return [(PLACE_MOVED if name == PLACE_FEATURE else MODEL_MOVED).shown(lang)] * len(rows)
        told = np.full(len(rows), declared.name, dtype=object)
        if declared.unit in RELATIVE_UNITS:
            for amount in reversed([DECLARED[other] for other in declared.mentions if other in DECLARED]):
                if amount.unit in MONEY_UNITS and amount.monotone:
                    rise = (self.after_data[amount.name] - self.before_data[amount.name]).to_numpy()[rows]
                    told[rise * amount.monotone * sign > 0] = amount.name
        said = []
        for row, other in zip(rows.tolist(), told.tolist(), strict=True):
            was, now = (float(data[other].iloc[row]) for data in (self.before_data, self.after_data))
            said.append(_said_of_change(name, DECLARED[other], was, now, lang=lang))
        return said


def changes(
    model: RiskModel,
    register: Register,
    before: Any,
    after: Any,
    *,
    households: Iterable[str] | str | None = None,
    model_before: RiskModel | None = None,
    progress: Progress | None = None,
) -> Changes:
    """Compare the risks of households on two days, and split each difference by what changed.

    Parameters
    ----------
    model : RiskModel
        Fitted; its risks are those of the later day.
    register : Register
        Checked records, of both days: what was recorded after a day is not seen on it.
    before, after : date-like
        The days.
    households : str or iterable of str, optional
        Default: all on record on either day.
    model_before : RiskModel, optional
        The model that was in use on the earlier day; its risks are those before, and what the other model makes of the same
        records is told apart. Default: the same model.
    progress : callable, optional
        Called with (done, total, name).

    Returns
    -------
    Changes

    Raises
    ------
    SchemaError
        If the days are not one after the other, a household is not in the register, or the models forecast different events.
    InputError
        If `model` is no model.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> register = fr.make_register(300, random_state=0)
    >>> moved = fr.changes(fr.load_model("demo"), register, "2023-06-30", "2023-12-31")
    >>> stayed = moved.frame.set_index("household_id").loc[moved.contributions.index]
    >>> bool((moved.contributions.sum(axis=1) == stayed["log_odds_change"]).all())
    True
    """
    of_type("model", model, RiskModel, Message("a fitted RiskModel"))
    earlier, later = one_day(before), one_day(after)
    if not earlier < later:
        raise SchemaError(
            "before is {before} and after {after}; expected an earlier day and a later one",
            before=earlier.date(),
            after=later.date(),
        )
    register = checked_register(register)
    if households is not None:
        register = register.select(household_ids_of(households))
    old = model if model_before is None else model_before
    if (old.target, old.horizon_months_) != (model.target, model.horizon_months_):
        raise SchemaError(
            "model_before forecasts {one} within {months} months, model {other} within {other_months}; expected the same event",
            one=old.target, months=old.horizon_months_, other=model.target, other_months=model.horizon_months_,
        )  # fmt: skip

    def step(done: int, name: str) -> None:
        if progress is not None:
            progress(done, 4, name)

    step(0, str(earlier.date()))
    was = _Day(model, register, earlier)
    step(1, str(later.date()))
    now = _Day(model, register, later)
    both = was.table.index.intersection(now.table.index).sort_values()
    step(2, str(Message("what moved the risks")))
    moved = _moved_by(model, old, register, was, now, both)
    step(3, str(Message("what moved the risks")))
    result = Changes(
        frame=_beside_each_other(model, old, register, was, now, moved),
        contributions=moved,
        before_data=was.table.loc[both],
        after_data=now.table.loc[both],
        before=earlier,
        after=later,
    )
    step(4, "")
    return result


class _Day:
    """Features and division codes of a register on a day, as a model sees them."""

    def __init__(self, model: RiskModel, register: Register, day: pd.Timestamp) -> None:
        self.day = day
        self.here = Snapshot(register, day, references=model.references_for(day), lines=model.lines)
        self.table = features_at(self.here, context=True)
        self.codes = pd.Series(self.here.area_codes, index=self.table.index)

    def risk(self, model: RiskModel) -> pd.Series:
        return pd.Series(model.risk_of(self.table, area_code=self.codes.to_numpy()), index=self.table.index)


def _moved_by(
    model: RiskModel, old: RiskModel, register: Register, was: _Day, now: _Day, both: pd.Index
) -> pd.DataFrame:
    """Split the change of log-odds of the households on record on both days."""
    names = list(model.feature_names_in_)
    first, last = was.table.loc[both, names], now.table.loc[both, names]
    lines = MonitoringLines() if model.lines is None else model.lines
    held = lines.until(was.day)
    middle = last
    if held is not lines and (now.day.year > was.day.year or lines.change_within_years):
        under_old = Snapshot(register, now.day, references=model.references_for(now.day), lines=held)
        middle = features_at(under_old).loc[both, names]
    slope = model.slope_
    moved = pd.DataFrame(slope * contributions_between(model.classifier_, first, middle), index=both, columns=names)
    if model.place_ is not None:
        moved[PLACE_FEATURE] = slope * (
            model.place_.of(now.codes[both].to_numpy()) - model.place_.of(was.codes[both].to_numpy())
        )
    moved[LINE_PART] = slope * contributions_between(model.classifier_, middle, last).sum(axis=1)
    moved[MODEL_PART] = 0.0
    if old is not model:
        then = _Day(old, register, was.day)
        moved[MODEL_PART] = logit(was.risk(model)[both]) - logit(then.risk(old)[both])
    return moved


def _beside_each_other(
    model: RiskModel, old: RiskModel, register: Register, was: _Day, now: _Day, moved: pd.DataFrame
) -> pd.DataFrame:
    """Put the risks of both days beside each other."""
    then = was if old is model else _Day(old, register, was.day)
    ids = was.table.index.union(now.table.index).sort_values()
    before, after = then.risk(old).reindex(ids), now.risk(model).reindex(ids)
    change = moved.sum(axis=1).reindex(ids)
    move = np.select(
        [before.isna(), after.isna(), change >= LEAST, change <= -LEAST],
        ["new", "gone", "rising", "falling"],
        "unchanged",
    )
    columns: dict[str, Any] = {
        "household_id": ids.to_series().array,
        "move": pd.array(move.tolist(), dtype="str"),
        "risk_before": before.to_numpy(),
        "risk_after": after.to_numpy(),
        "log_odds_change": change.to_numpy(),
        "by_records": moved.drop(columns=[LINE_PART, MODEL_PART]).sum(axis=1).reindex(ids).to_numpy(),
        "by_line": moved[LINE_PART].reindex(ids).to_numpy(),
        "by_model": moved[MODEL_PART].reindex(ids).to_numpy(),
        "tier_before": _tiers(old, before),
        "tier_after": _tiers(model, after),
        "not_at_risk_before": not_at_risk(was.here, model.target).reindex(ids).fillna("").array,
        "not_at_risk_after": not_at_risk(now.here, model.target).reindex(ids).fillna("").array,
    }
    return pd.DataFrame(columns)


def _tiers(model: RiskModel, risk: pd.Series) -> Any:
    """Return the tier of each risk, missing where there is none."""
    known = risk.notna().to_numpy()
    tiers = np.full(len(risk), None, dtype=object)
    tiers[known] = np.asarray(model.tier_of(risk.to_numpy()[known]), dtype=object)
    return pd.array(tiers.tolist(), dtype="str")


def _topic(declared: Feature) -> str:
    return declared.name if declared.cause == "other" else declared.cause


def _said_of_change(name: str, declared: Feature, before: float, after: float, *, lang: Language) -> str:
    """Say how a feature changed, with both values."""
    was, now = (format_value(value, declared, lang) for value in (before, after))
    if name == LINE_PART:
        return LINE_RULES_MOVED.shown(lang) if was == now else Message(LINE_MOVED, before=was, after=now).shown(lang)
    label = declared.label.shown(lang)
    if lang == "en" and not label[1:2].isupper():
        label = label[:1].lower() + label[1:]
    if declared.unit in MONEY_UNITS and not np.isnan(after - before):
        difference = format_value(abs(after - before), declared, lang)
        return Message(
            ROSE if after > before else FELL, label=label, before=was, after=now, difference=difference
        ).shown(lang)
    return Message(BECAME, label=label, before=was, after=now).shown(lang)
