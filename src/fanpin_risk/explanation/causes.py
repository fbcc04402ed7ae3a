"""Causes of a household's risk: official risk categories of which a fact is on record, ranked.

*Facts first.* A cause is named only where something of it happened or holds in this household: a loss, a cost or a fall
in yuan, or an event or a state (``FACTS``). Money counts from a month's net income on; the income is that which burdens
are set against (at least 1,000 yuan per member). Low income is a state and no cause, support that ended no official
category: neither is ever named here.

*Weighed by two things.* What the features of the cause contribute to the log-odds, and the size of the fact against the
income: ``contribution + (log(1 + share) + log(2) [event]) / 4``, a contribution below zero counting as none and an event
as much as the loss of a year's income; a state that lasts weighs what it contributes. The quarter is our own choice: it
leaves the lead to what the model has learnt, and decides where that says little. A cause that is only a matter of money
never goes before another whose money is more than three times as much.

*Whose contribution it is.* Features belong to the cause they are declared with; those that tell what kind of household it
is and not what happened to it (age, schooling, insurance) are evidence of none. Some are about several causes at once:
features of all events are shared by the kinds of event on record, costs of treatment by illness and injury, and a fall
of net income by the falls of wages and of business income that it is made of.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fanpin_risk.arguments import whole_number
from fanpin_risk.errors import FeatureMismatchError
from fanpin_risk.explanation.reasons import Values, describe
from fanpin_risk.features.feature import CAUSES, NOT_OFFICIAL, Feature
from fanpin_risk.words import Language, Message, listed

__all__ = [
    "FACTS",
    "FACT_COLUMNS",
    "MOST_CAUSES",
    "NO_CAUSE",
    "OFFICIAL",
    "Fact",
    "FactsOfCauses",
    "named_causes",
    "ranked_causes",
]  # fmt: skip

OFFICIAL = tuple(code for code in CAUSES if code not in NOT_OFFICIAL)
MOST_CAUSES = 5  # the register names up to five risks
NO_CAUSE = Message("no cause of poverty found on record")
LEAST_SHARE = 1 / 12  # of the yearly net income: less is no cause of poverty
WEIGHT_OF_SIZE = 0.25
OUTWEIGHS = 3.0  # times as much money, and a smaller sum never goes first


@dataclass(frozen=True)
class Fact:
    """A column that states a fact of a cause.

    Attributes
    ----------
    column : str
        Feature or context column.
    kind : {"money", "event", "state", "nobody"}
        Yuan; a number of events; a state that holds above 0; a state that holds at 0.
    """

    column: str
    kind: Literal["money", "event", "state", "nobody"] = "state"


FACTS: Mapping[str, tuple[Fact, ...]] = {
    # cause: its facts, those that say most first
    "illness": (Fact("medical_burden", "money"), Fact("n_serious_illness")),
    "schooling": (Fact("school_cost_net_12m", "money"), Fact("n_dropouts_24m"), Fact("n_not_enrolled_6_15")),
    "disability": (
        Fact("n_severe_disability"), Fact("new_disability_24m"), Fact("n_care_need"), Fact("n_mental_disability"),
    ),
    "disaster": (Fact("disaster_burden", "money"), Fact("disaster_12m", "event")),
    "accident": (Fact("accident_burden", "money"), Fact("injury_cost", "money"), Fact("accidents_12m", "event")),
    "business_failure": (
        Fact("business_burden", "money"), Fact("business_fall", "money"), Fact("business_deficit", "money"),
        Fact("business_loss_12m", "event"),
    ),
    "unstable_work": (Fact("wage_fall", "money"), Fact("job_loss_12m", "event")),
    "labour": (Fact("n_able_labour", "nobody"),),
    "housing": (Fact("unsafe_house"),),
    "water": (Fact("unsafe_water"),),
    "other": (Fact("deaths_12m", "event"), Fact("debt_events_12m", "event"), Fact("excessive_debt")),
}  # fmt: skip
INCOME, LINE, WHOLE_FALL, NOBODY_ABLE = "income_counted", "monitoring_line", "income_fall", "n_able_labour"
# All columns that causes are made of.
FACT_COLUMNS = tuple(
    dict.fromkeys([*(fact.column for facts in FACTS.values() for fact in facts), INCOME, LINE, WHOLE_FALL])
)

# Features about several causes at once.
OF_ALL_EVENTS = ("shocks_12m", "months_since_shock")
OF_ACCIDENTS_AND_DEATHS = ("accident_or_death_12m", "accident_uninsured_12m", "accident_to_income_12m")
OF_TREATMENT = (
    "out_of_pocket_12m", "out_of_pocket_max_12m", "out_of_pocket_24m", "out_of_pocket_to_income", "out_of_pocket_change_1y",
    "inpatient_stays_12m", "months_since_inpatient",
)  # fmt: skip
OF_FALLING_INCOME = ("income_change_1y", "income_trend_2y")
# Features of the category "other" that a fact of it is about; the rest (size, roads, status) says nothing of a cause.
OF_OTHER = ("debt_to_income",)
# What kind of household it is, not what happened to it: age, schooling, kind of income, insurance, land.
OF_NO_CAUSE = (
    "pension_share", "n_children", "n_elderly", "elderly_alone", "head_age", "mean_age", "members_lost_12m",
    "adult_schooling_max", "adult_schooling_mean", "wage_share", "n_migrant_workers", "earner_work_place",
    "employees_pension_share", "head_insurance", "n_pupils", "n_post_compulsory", "n_tertiary", "farmland_per_person",
    "business_links", "n_uninsured", "serious_insurance_share", "family_doctor_12m",
)  # fmt: skip
EVENTS_OF_CAUSES = {
    "disaster": ("disaster_12m",), "accident": ("accidents_12m",), "business_failure": ("business_loss_12m",),
    "unstable_work": ("job_loss_12m",), "other": ("deaths_12m", "debt_events_12m"),
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class FactsOfCauses:
    """Which causes households have facts of, and how large these are; columns as in ``OFFICIAL``.

    Attributes
    ----------
    money : ndarray of shape (n_households, n_causes)
        Yuan, 0 where there is none.
    share : ndarray of shape (n_households, n_causes)
        The same against the income; against the line of one person where the income is not known.
    known : ndarray of bool, shape (n_households,)
        Whether the income is known.
    event, state : ndarray of bool, shape (n_households, n_causes)
        Whether an event, or a state that lasts, speaks for the cause.
    """

    money: Values
    share: Values
    known: NDArray[np.bool_]
    event: NDArray[np.bool_]
    state: NDArray[np.bool_]

    @property
    def on_record(self) -> NDArray[np.bool_]:
        """Whether there is a fact of each cause."""
        return self.event | self.state | (self.share >= LEAST_SHARE)

    @classmethod
    def of(cls, data: pd.DataFrame) -> FactsOfCauses:
        """Read the facts out of the columns of an explanation.

        Parameters
        ----------
        data : DataFrame of shape (n_households, n_columns)
            With ``FACT_COLUMNS``.

        Raises
        ------
        FeatureMismatchError
            If one of them is not there.
        """
        absent = [name for name in FACT_COLUMNS if name not in data.columns]
        if absent:
            raise FeatureMismatchError(
                "causes rest on {absent}, which the explanation does not hold; pass them as context "
                "(compute_features(..., context=True)) with their declarations",
                absent=tuple(absent),
            )
        held = {name: data[name].to_numpy(dtype=np.float64) for name in FACT_COLUMNS}
        shape = (len(data), len(OFFICIAL))
        money, event, state = np.zeros(shape), np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
        for number, cause in enumerate(OFFICIAL):
            for fact in FACTS[cause]:
                if fact.kind == "money":
                    money[:, number] = np.fmax(money[:, number], held[fact.column])
                else:
                    (event if fact.kind == "event" else state)[:, number] |= _holds(held[fact.column], fact)
        # Where nobody is able to work, wages fell for want of hands, not because the work was unsteady.
        work = OFFICIAL.index("unstable_work")
        nobody = held[NOBODY_ABLE] == 0
        money[nobody, work] = 0.0
        income = np.where(np.isnan(held[INCOME]), held[LINE], held[INCOME])[:, None]
        share = np.divide(money, income, out=np.zeros(shape), where=income > 0)
        return cls(money, share, ~np.isnan(held[INCOME]), event, state)


def _holds(values: Values, fact: Fact) -> NDArray[np.bool_]:
    if fact.kind == "money":
        return np.zeros(len(values), dtype=bool)
    return values == 0 if fact.kind == "nobody" else values > 0


def _contributions(values: Values, data: pd.DataFrame, features: Sequence[Feature]) -> Values:
    """Sum what the features on record contribute by official cause, sharing those about several causes."""
    place = {code: number for number, code in enumerate(OFFICIAL)}
    sums = np.zeros((len(OFFICIAL), len(values)))
    held = {name: np.nan_to_num(data[name].to_numpy(dtype=np.float64)) for name in FACT_COLUMNS}
    events = {cause: np.sum([held[name] for name in names], axis=0) for cause, names in EVENTS_OF_CAUSES.items()}
    harm = {"accident": held["accidents_12m"], "other": held["deaths_12m"]}
    treatment = {"accident": held["injury_cost"], "illness": held["medical_burden"]}
    rest = held[WHOLE_FALL] - held["wage_fall"] - held["business_fall"]
    falls = {"unstable_work": held["wage_fall"], "business_failure": held["business_fall"], "": np.maximum(rest, 0.0)}
    ways = {
        **dict.fromkeys(OF_ALL_EVENTS, events), **dict.fromkeys(OF_ACCIDENTS_AND_DEATHS, harm),
        **dict.fromkeys(OF_TREATMENT, treatment), **dict.fromkeys(OF_FALLING_INCOME, falls),
    }  # fmt: skip
    for column, declared in enumerate(features):
        if declared.name in OF_NO_CAUSE:
            continue
        pushed = np.where(data[declared.name].notna(), values[:, column], 0.0)
        if declared.name in ways:
            parts = ways[declared.name]
            whole = np.sum(list(parts.values()), axis=0)
            for cause, part in parts.items():
                if cause:
                    sums[place[cause]] += pushed * np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
        elif declared.cause in place and (declared.cause != "other" or declared.name in OF_OTHER):
            sums[place[declared.cause]] += pushed
    return sums.T


def _weigh(values: Values, data: pd.DataFrame, features: Sequence[Feature], facts: FactsOfCauses) -> Values:
    """Return the weight of each cause, -inf where no fact of it is on record."""
    pushed = np.maximum(_contributions(values, data, features), 0.0)
    weight = pushed + WEIGHT_OF_SIZE * (np.log1p(facts.share) + np.log(2.0) * facts.event)
    weight = np.where(facts.on_record, weight, -np.inf)
    # From the largest sum down: what is only money does not go before a much larger sum.
    money = np.where(facts.on_record, facts.money, 0.0)
    rows = np.arange(len(money))
    for column in np.argsort(-money, axis=1, kind="stable").T:
        own = money[rows, column]
        bound = np.where(money > OUTWEIGHS * own[:, None], weight, np.inf).min(axis=1)
        only_money = (own > 0) & ~(facts.event | facts.state)[rows, column]
        weight[rows, column] = np.where(only_money, np.minimum(weight[rows, column], bound), weight[rows, column])
    return weight


def ranked_causes(
    values: Values,
    data: pd.DataFrame,
    features: Sequence[Feature],
    *,
    n_causes: int = MOST_CAUSES,
    declarations: Mapping[str, Feature] | None = None,
    lang: Language | None = None,
) -> pd.DataFrame:
    """Rank the causes of each household of which a fact is on record.

    Parameters
    ----------
    values : ndarray of shape (n_households, n_features)
        Contributions in log-odds.
    data : DataFrame of shape (n_households, n_columns)
        The features and the columns that state facts, indexed by ``household_id``.
    features : sequence of Feature
        Declarations of the columns of `values`, in order.
    n_causes : int, default 5
        Most causes for each household.
    declarations : mapping of str to Feature, optional
        Declarations of the columns of `data`; needed with `lang`.
    lang : {"zh", "en"}, optional
        Also say the fact of each cause, in this language.

    Returns
    -------
    DataFrame of shape (n_households, 3 * n_causes + 1)
        ``household_id``; ``cause_1`` ... (codes, ``""`` where there are fewer), ``yuan_1`` ... (size of the fact, NaN for a
        state or event without an amount), ``share_1`` ... (the same over the yearly net income, NaN where that is not
        known); with `lang` also ``fact_1`` ... (a sentence, ``""`` where there is none).

    Raises
    ------
    FeatureMismatchError
        If `data` lacks columns that state facts.
    """
    whole_number("n_causes", n_causes, 0, len(OFFICIAL))
    facts = FactsOfCauses.of(data)
    weight = _weigh(values, data, features, facts)
    n = len(data)
    # Of equal weights the larger sum, then the one named first in the list of categories.
    order = np.lexsort(
        np.stack([np.broadcast_to(np.arange(len(OFFICIAL)), weight.shape), -facts.money, -weight]), axis=1
    )
    rows = np.arange(n)
    columns: dict[str, object] = {"household_id": data.index.to_numpy()}
    names = np.array([*OFFICIAL, ""], dtype=object)
    chosen = [np.where(np.isfinite(weight[rows, order[:, k]]), order[:, k], -1) for k in range(n_causes)]
    columns |= {f"cause_{k + 1}": pd.Series(names[which], dtype="str") for k, which in enumerate(chosen)}
    share = np.where(facts.known[:, None], facts.share, np.nan)
    for name, sizes in (("yuan", facts.money), ("share", share)):
        known = np.where(facts.money > 0, sizes, np.nan)
        for k, which in enumerate(chosen):
            columns[f"{name}_{k + 1}"] = np.where(which >= 0, known[rows, which], np.nan)
    if lang is not None:
        for k, which in enumerate(chosen):
            said = _said(which, data, facts, declarations or {}, lang)
            columns[f"fact_{k + 1}"] = pd.Series(said, dtype="str")
    return pd.DataFrame(columns)


def named_causes(codes: Iterable[object]) -> Message:
    """Name causes in their order, or say that none was found.

    Parameters
    ----------
    codes : iterable of str
        Codes of ``CAUSES``; ``""`` and missing ones are passed over.

    Examples
    --------
    >>> named_causes(["illness", "labour", ""]).shown("zh"), named_causes([""]).shown("en")
    ('因病、缺劳动力', 'no cause of poverty found on record')
    """
    names = [CAUSES[str(code)] for code in codes if str(code) in CAUSES]
    return listed(names) if names else NO_CAUSE


def _said(
    which: NDArray[np.int64],
    data: pd.DataFrame,
    facts: FactsOfCauses,
    declarations: Mapping[str, Feature],
    lang: Language,
) -> NDArray[np.object_]:
    """Say the fact of one cause for each household: the largest sum, else the first event or state that holds."""
    said = np.full(len(which), "", dtype=object)
    for number in np.unique(which[which >= 0]):
        waiting = which == number
        money = facts.money[:, number]
        for fact in FACTS[OFFICIAL[number]]:
            values = data[fact.column].to_numpy(dtype=np.float64)
            if fact.kind == "money":
                holds = (values > 0) & (values == money) & (facts.share[:, number] >= LEAST_SHARE)
            else:
                holds = _holds(values, fact)
            rows = np.flatnonzero(waiting & holds)
            if len(rows):
                declared = declarations[fact.column]
                quoted = [name for name in dict.fromkeys((declared.name, *declared.mentions)) if name in data.columns]
                part = {name: data[name].to_numpy()[rows] for name in quoted}
                said[rows] = describe(declared, part, declarations, lang=lang)
                waiting &= ~holds
    return said
