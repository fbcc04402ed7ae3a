"""What a report holds, worked out once: the workbook and the page only lay it out.

Figures stay figures and codes stay codes; what is said in words is held as messages, to be shown in either language.
Ids are whole and small places are shown; :meth:`Contents.masked` returns what may leave the office.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from fanpin_risk.arguments import of_type, whole_number
from fanpin_risk.asof.days import to_day
from fanpin_risk.asof.outcomes import NO_FORECAST
from fanpin_risk.errors import SchemaError
from fanpin_risk.explanation import Explanation
from fanpin_risk.files import SYNTHETIC_SOURCE
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.policy import Policy
from fanpin_risk.progress import Progress
from fanpin_risk.records.ids import mask_id, pseudonymise
from fanpin_risk.records.places import UNIT_DIGITS
from fanpin_risk.records.register import Register
from fanpin_risk.reports.card import card_document
from fanpin_risk.reports.documents import Document
from fanpin_risk.reports.monitored_list import MonitoredList, monitored_list
from fanpin_risk.reports.moves import MovedHouseholds, moved_figures, moved_households
from fanpin_risk.reports.place_names import place_names
from fanpin_risk.reports.places import mask_small_places, place_tables
from fanpin_risk.reports.register_tables import count_problems, counts_of, coverage_of
from fanpin_risk.reports.rule_words import rule_messages, with_rule_words
from fanpin_risk.reports.summary import event_of, notes_of, summary_of
from fanpin_risk.watch.changed import changes
from fanpin_risk.watch.rule_list import disagreements, rule_list
from fanpin_risk.watch.watchlist import below_line_list, watchlist
from fanpin_risk.words import LANGUAGES, Message

__all__ = ["Contents", "Per", "gather"]

Per = Literal["county", "township", "village"]
OF_MONITORED = "not_eliminated"  # the target of a model of monitored households
REJECT_COLUMNS = ["table", "source", "row", "column", "message", "message_zh"]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Contents:
    """What a report on one register, one day and one model holds.

    Attributes
    ----------
    as_of : Timestamp
        The day.
    horizon_months : int
        Months after the day that the risk is about.
    model_label : str
        Name and fingerprint of the model.
    n_reasons : int
        Reasons for each household, at most.
    event : Message
        What is forecast.
    synthetic : bool
        Whether the model or the register is made up.
    notes : tuple of Message
        Warnings that every reader must see, most important first.
    tier_thresholds : dict of str to float
        Tier -> least risk.
    summary : DataFrame
        ``key``, ``label`` (a Message: what it is), ``kind`` (``count``, ``share``, ``number``, ``day`` or ``text``),
        ``value`` (number, Timestamp, text or Message; None where it is not known), ``text`` (a Message: the value
        written out).
    watchlist : DataFrame
        Of :func:`fanpin_risk.watchlist`, ``number`` (from 1, over all areas) in front, with ``place`` (name of the
        village, also where it has no code; ``""`` if unknown); ``tier`` and ``cause`` are codes.
    below_line : DataFrame
        Households that a forecast of falling below the line is not about because they are below it
        (:func:`fanpin_risk.watch.watchlist.below_line_list`), by id, with ``number`` and ``place``; none where another event
        is forecast.
    by_rule : DataFrame
        Households that a rule alone lists (:func:`fanpin_risk.rule_list`), with ``number`` and ``place``.
    differing : DataFrame
        Where rules and model do not say the same (:func:`fanpin_risk.disagreements`), with ``number`` and ``place``. These
        two and `watchlist` have ``rule_reason`` (a Message: what fails, without ids of persons).
    monitored : MonitoredList
        Households that are monitored on the day, by the risk of the model of theirs, else by type and days since recognition,
        with ``number`` and ``place``.
    monitored_event : Message or None
        What the model of theirs forecasts; None without one.
    monitored_months : int
        Months after the day that it is about; 0 without one.
    places : DataFrame
        One row per ``level`` (county, township, village) and ``area`` (code, else the names down to the unit, ``""`` for
        households without either), in the order of a tree: ``name``, ``above`` (area of the unit it is in),
        ``small``, counts ``households, monitored, listed, high, medium, low,
        not_enough_known, below_line`` (Int64; monitored missing where it is not known), ``mean_risk`` (of those with a risk),
        and ``cause``: code of the main cause of most households above the low tier.
    causes : DataFrame
        Long, one row per place and cause: ``level, area, name, small, households, cause`` (code), ``push`` (mean
        contribution in log-odds over all households there) and ``flagged`` (households above the low tier whose main
        cause it is).
    coverage, counts : DataFrame
        Of the register, with ``supplied``: whether the table was given; index reset.
    problems : DataFrame
        Of the register, counted: ``table, column, code, severity, expected`` (a Message), ``rows``.
    rejects : DataFrame
        Rows left out, by number: ``table, source, row, column, message, message_zh``. No values of theirs.
    explanation : Explanation
        Of the households of `watchlist`, row by row.
    below_explanation : Explanation
        Of the households of `below_line`, row by row.
    card : dict of str to Document
        The model's card by language.
    scores : DataFrame
        Of all households scored: ``household_id, risk, risk_low, risk_high, tier, known, enough_known, known_of_all,
        little_known, doubts, cause, monitored, area_code, area_name`` and more of :meth:`fanpin_risk.RiskModel.score`; risk and tier
        missing of those below the line already, or with nothing on record to compare with it, where falling below it is forecast.
    moves : MovedHouseholds or None
        What changed since an earlier day, its households with ``number`` and ``place``; None where no day was named.
    """

    as_of: pd.Timestamp
    horizon_months: int
    n_reasons: int
    model_label: str
    event: Message
    synthetic: bool
    notes: tuple[Message, ...]
    tier_thresholds: dict[str, float]
    summary: pd.DataFrame
    watchlist: pd.DataFrame
    below_line: pd.DataFrame
    by_rule: pd.DataFrame
    differing: pd.DataFrame
    monitored: MonitoredList
    monitored_event: Message | None
    monitored_months: int
    places: pd.DataFrame
    causes: pd.DataFrame
    coverage: pd.DataFrame
    counts: pd.DataFrame
    problems: pd.DataFrame
    rejects: pd.DataFrame
    explanation: Explanation
    below_explanation: Explanation
    card: dict[str, Document]
    scores: pd.DataFrame
    moves: MovedHouseholds | None = None

    def __repr__(self) -> str:
        return (
            f"Contents(as_of={self.as_of:%Y-%m-%d}, model={self.model_label}, households={len(self.scores)}, "
            f"listed={len(self.watchlist)})"
        )

    def masked(self, *, id_key: bytes | str | Path | None = None) -> Contents:
        """Return what may be shown more widely: ids masked, figures of small places left out.

        A place with fewer than ten households shows no figures. Where there is only one such place, the next smaller one
        shows none either, because the figures of the small one could be worked out from it.

        Parameters
        ----------
        id_key : bytes, str or Path, optional
            Secret key: ids become keyed pseudonyms, which the holder of the key can trace back
            (:func:`fanpin_risk.records.ids.pseudonymise`). Default: only two characters at each end are left
            (:func:`fanpin_risk.records.ids.mask_id`), so that several households may look alike; ``number`` tells them apart.

        Returns
        -------
        Contents

        Raises
        ------
        InputError
            If the key is too short or cannot be read.
        """

        def hide(ids: pd.Series) -> pd.Series:
            return ids.map(mask_id).astype("str") if id_key is None else pseudonymise(ids, id_key)

        places, causes = mask_small_places(self.places, self.causes)

        def renamed(explanation: Explanation) -> Explanation:
            index = explanation.data.index
            masks = pd.Index(hide(index.to_series()).to_numpy(), name=index.name, dtype="str")
            return replace(explanation, data=explanation.data.set_axis(masks))

        return replace(
            self,
            watchlist=self.watchlist.assign(household_id=hide(self.watchlist["household_id"])),
            scores=self.scores.assign(household_id=hide(self.scores["household_id"])),
            below_line=self.below_line.assign(household_id=hide(self.below_line["household_id"])),
            by_rule=self.by_rule.assign(household_id=hide(self.by_rule["household_id"])),
            differing=self.differing.assign(household_id=hide(self.differing["household_id"])),
            monitored=MonitoredList(
                self.monitored.households.assign(household_id=hide(self.monitored.households["household_id"])),
                None if self.monitored.explanation is None else renamed(self.monitored.explanation),
            ),
            explanation=renamed(self.explanation),
            below_explanation=renamed(self.below_explanation),
            places=places,
            causes=causes,
            moves=self.moves
            and replace(
                self.moves,
                households=self.moves.households.assign(household_id=hide(self.moves.households["household_id"])),
            ),
        )


def gather(
    model: RiskModel,
    register: Register,
    as_of: Any,
    *,
    capacity: float | None = None,
    per: Per | None = None,
    n_reasons: int = 3,
    names: Mapping[str, str] | None = None,
    include_monitored: bool = False,
    monitored_model: RiskModel | None = None,
    policy: Policy | None = None,
    groups: Sequence[str] = (),
    before: Any = None,
    model_before: RiskModel | None = None,
    progress: Progress | None = None,
) -> Contents:
    """Score a register on a day and gather all that a report says about it.

    Parameters
    ----------
    model : RiskModel
        A fitted model.
    register : Register
        Checked records.
    as_of : date-like
        The day; nothing recorded later is seen.
    capacity : int or float, optional
        Visits, or share of the households, see :func:`fanpin_risk.watchlist`. Default: 0.02.
    per : {"county", "township", "village"}, optional
        Units that have a capacity each. Default: one list for all.
    n_reasons : int, default 3
        Reasons per household listed.
    names : mapping of str to str, optional
        Area code -> name, of counties (6 digits), townships (9) and villages (12; shorter ones may be filled up with
        zeros). Default: what most households of the village, or all villages of the unit, have in ``area_name``.
    include_monitored : bool, default False
        Whether to list households that are monitored already.
    monitored_model : RiskModel, optional
        A fitted model of monitored households (``target="not_eliminated"``), by whose risk their own list goes. Default:
        `model`, if it is one; else the list goes by type and days since recognition.
    policy : Policy, optional
        Numbers of the rules beside the model. Default: those that ship with the package.
    groups : sequence of str, default ()
        Codes of named groups, see :func:`fanpin_risk.household_groups`: lists hold only households of any of them; figures of
        places and the summary stay those of all.
    before : date-like, optional
        An earlier day: what changed since is told as well (:func:`fanpin_risk.changes`).
    model_before : RiskModel, optional
        The model in use on the earlier day, if it was another.
    progress : callable, optional
        Called with (done, total, what).

    Returns
    -------
    Contents

    Raises
    ------
    SchemaError
        If `as_of` or `before` is not a day, or `capacity`, `per`, `n_reasons` or `monitored_model` is not one of those described.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> contents = gather(fr.load_model("demo"), fr.make_register(300, random_state=1), "2024-12-31", capacity=5)
    >>> contents.watchlist["number"].tolist(), len(contents.explanation)
    ([1, 2, 3, 4, 5], 5)
    """
    of_type("model", model, RiskModel, Message("a fitted RiskModel; load_model() reads a saved one"))
    whole_number("n_reasons", n_reasons, 0)
    day = to_day(as_of)
    if before is not None and not to_day(before) < day:
        raise SchemaError(
            "before is {before}; expected a day before {day}", before=to_day(before).date(), day=day.date()
        )
    of_monitored = _checked_monitored_model(model if monitored_model is None else monitored_model, monitored_model)
    scores, unscored, explanation = model.score_all(
        register, day, n_reasons=0, policy=policy, groups=groups, progress=progress
    )
    of_lists = scores[scores["groups"] != ""] if groups else scores
    listed = watchlist(of_lists, capacity=capacity, per=per, include_monitored=include_monitored)
    below = below_line_list(of_lists)
    by_rule, differing = (
        rule_list(of_lists, listed=listed, include_monitored=include_monitored),
        disagreements(of_lists),
    )
    said = rule_messages(
        model,
        register,
        day,
        (one for frame in (listed, by_rule, differing) for one in frame["household_id"]),
        policy=policy,
    )
    rows, rows_below = (
        pd.Index(scores["household_id"]).get_indexer(pd.Index(frame["household_id"])) for frame in (listed, below)
    )
    monitored = monitored_list(scores, register, day, model=of_monitored)
    if groups:
        monitored = monitored.of(of_lists["household_id"])
    moves = None
    if before is not None:
        moved = changes(model, register, before, day, model_before=model_before, progress=progress)
        moves = moved_households(moved, of_lists, listed, n_reasons=n_reasons, other_model=model_before is not None)
    scores = _with_forecasts_only(scores)
    naming = place_names(register, day, {} if names is None else names)
    named_alike = scores["area_name"].value_counts()
    shared = named_alike.index[named_alike > 1]
    places, causes = place_tables(scores, rows, explanation, naming)
    return Contents(
        as_of=day,
        horizon_months=model.horizon_months_,
        n_reasons=n_reasons,
        model_label=model.label,
        event=event_of(model),
        synthetic=model.synthetic_
        or (of_monitored is not None and of_monitored.synthetic_)
        or register.source.startswith(SYNTHETIC_SOURCE),
        notes=notes_of(model, register, scores, day, groups=groups),
        tier_thresholds=dict(model.tier_thresholds_),
        summary=summary_of(
            model,
            register,
            scores,
            unscored,
            listed,
            day,
            by_rule=by_rule,
            differing=differing,
            moved=() if moves is None else moved_figures(moves),
        ),
        watchlist=with_rule_words(_with_numbers(listed, naming, shared), said),
        by_rule=with_rule_words(_with_numbers(by_rule, naming, shared), said),
        differing=with_rule_words(_with_numbers(differing, naming, shared), said),
        below_line=_with_numbers(below, naming, shared),
        monitored=monitored._replace(households=_with_numbers(monitored.households, naming, shared)),
        monitored_event=None if of_monitored is None else event_of(of_monitored),
        monitored_months=0 if of_monitored is None else of_monitored.horizon_months_,
        places=places,
        causes=causes,
        coverage=coverage_of(register),
        counts=counts_of(register),
        problems=count_problems(register),
        rejects=register.rejects[REJECT_COLUMNS].reset_index(drop=True),
        explanation=explanation[rows],
        below_explanation=explanation[rows_below],
        card={lang: card_document(model, lang=lang) for lang in LANGUAGES},
        moves=moves and replace(moves, households=_with_numbers(moves.households, naming, shared)),
        scores=scores.drop(columns=["as_of", "model", "policy", "groups", "groups_unknown"], errors="ignore"),
    )


def _checked_monitored_model(model: RiskModel, asked: RiskModel | None) -> RiskModel | None:
    """Return the model of monitored households, None where there is none; refuse one of others where it was asked for."""
    if asked is not None:
        of_type("monitored_model", asked, RiskModel, Message("a fitted RiskModel; load_model() reads a saved one"))
        if asked.target != OF_MONITORED:
            raise SchemaError(
                "monitored_model forecasts {target}; expected a model of monitored households, with the target {expected}",
                target=asked.target, expected=OF_MONITORED,
            )  # fmt: skip
    return model if model.target == OF_MONITORED else None


def _with_forecasts_only(scores: pd.DataFrame) -> pd.DataFrame:
    """Leave out risk and tier of households that the forecast is not about."""
    beside = scores["not_at_risk"].isin(NO_FORECAST)
    if not beside.any():
        return scores
    return scores.assign(**{name: scores[name].mask(beside) for name in ("risk", "risk_low", "risk_high", "tier")})


def _with_numbers(listed: pd.DataFrame, naming: Callable[[str], str], shared: pd.Index) -> pd.DataFrame:
    """Return the list with its numbers in front and the names of the villages; `shared`: those of several households."""
    columns: dict[str, Any] = {"number": np.arange(1, len(listed) + 1)}
    columns |= {
        name: listed[name] for name in listed.columns if name not in ("area_code", "area_name", "model", "policy")
    }
    columns["area_code"] = listed["area_code"]
    codes = listed["area_code"].fillna("")
    named = codes.map({code: naming(code) for code in codes.unique()}).astype("str")
    # Of those without the code of a village the name tells more; that of one household alone may be its address.
    by_name = listed["area_name"].where(listed["area_name"].isin(shared)).fillna("")
    use = (codes.str.len() < UNIT_DIGITS["village"]) & (by_name != "")
    columns["place"] = named.mask(use, by_name).astype("str")
    columns["model"] = listed["model"]
    return pd.DataFrame(columns)
