"""What a report says first: warnings that every reader must see, and the main figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Literal

import numpy as np
import pandas as pd

from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.asof.outcomes import event_in_words
from fanpin_risk.features.feature import DOMAINS
from fanpin_risk.files import SYNTHETIC_SOURCE
from fanpin_risk.model.record_gaps import households_by_gap
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.model.tiers import DISAGREEMENTS, TIERS
from fanpin_risk.policy import HOUSEHOLD_GROUPS
from fanpin_risk.records.register import Register
from fanpin_risk.reports.register_tables import table_label
from fanpin_risk.words import Message, listed

__all__ = ["event_of", "notes_of", "summary_of"]

FigureKind = Literal["count", "share", "number", "day", "text"]
VALUE_UNKNOWN = Message("not known")
NO_AMOUNT = -1.0  # of households whose line is their own
WHY_UNSCORED = {
    "not_on_record": Message("not on record on the day"),
    "dissolved": Message("dissolved before the day"),
}


WITHOUT_FORECAST = {
    "already_below_line": Message("Below the line already: not ranked, listed apart"),
    "no_income_before": Message("Nothing on record to compare with the line: not ranked"),
}


@dataclass(frozen=True)
class _Figure:
    """A row of the summary: what it is, how it is written, and its value, None where that is not known."""

    key: str
    label: Message
    kind: FigureKind
    value: Any

    @property
    def text(self) -> Message:
        """The value written out."""
        if self.value is None:
            return VALUE_UNKNOWN
        if isinstance(self.value, Message):
            return self.value
        formats = {"day": "%Y-%m-%d", "count": ",", "share": ".2%", "number": ",.1f", "text": ""}
        return _as_it_is(format(self.value, formats[self.kind]))


def event_of(model: RiskModel) -> Message:
    """Return what a model forecasts."""
    return event_in_words(model.target, model.lines)


def notes_of(
    model: RiskModel, register: Register, scores: pd.DataFrame, day: pd.Timestamp, *, groups: Sequence[str] = ()
) -> tuple[Message, ...]:
    """Return the warnings that every reader must see, most important first.

    Parameters
    ----------
    model : RiskModel
        A fitted model.
    register : Register
        Checked records.
    scores : DataFrame
        Of the households scored.
    day : Timestamp
        The day.
    groups : sequence of str, default ()
        Named groups of which lists hold households alone.

    Returns
    -------
    tuple of Message
    """
    notes = []
    if register.source.startswith(SYNTHETIC_SOURCE):
        notes.append(Message("The register is made up: no person in it exists."))
    if model.synthetic_:
        notes.append(Message("The model was trained on made-up data: for trying out, not for decisions."))
    if any(row["level"] == "alarm" for row in model.alarms_ or ()):
        notes.append(
            Message(
                "There was a leak alarm when the model was trained: do not use it until that is cleared up (see its "
                "card)."
            )
        )
    if lacking := model.lacking_tables(register):
        notes.append(
            Message(
                "The register lacks tables that the model was trained with: {tables}. All households look alike in "
                "these respects; train a model on the tables you have.",
                tables=listed(table_label(name) for name in lacking),
            )
        )
    if len(scores) and "policy" in scores.columns:
        notes.append(
            Message("The rules were asked with an office's own numbers: {policy}.", policy=scores["policy"].iloc[0])
        )
    if groups:
        names = listed(rule.label for rule in HOUSEHOLD_GROUPS if rule.code in groups)
        counts = [int((scores[column] != "").sum()) for column in ("groups", "groups_unknown")]
        notes.append(
            Message(
                "Lists hold only households of {groups}: {count:,}; of {unknown:,} it is not known. Figures of places are of all.",
                groups=names, count=counts[0], unknown=counts[1],
            )
        )  # fmt: skip
    if not len(scores):
        notes.append(Message("No household is on record on {day}; check the day.", day=f"{day:%Y-%m-%d}"))
    return tuple(notes)


def summary_of(
    model: RiskModel,
    register: Register,
    scores: pd.DataFrame,
    unscored: pd.DataFrame,
    watchlist: pd.DataFrame,
    day: pd.Timestamp,
    *,
    by_rule: pd.DataFrame,
    differing: pd.DataFrame,
    moved: Iterable[tuple[str, Message, int]] = (),
) -> pd.DataFrame:
    """Return the main figures.

    Parameters
    ----------
    model : RiskModel
        A fitted model.
    register : Register
        Checked records.
    scores, unscored : DataFrame
        Households scored, and those without a score with their ``reason``.
    watchlist : DataFrame
        Households proposed for a visit.
    day : Timestamp
        The day.
    by_rule, differing : DataFrame
        Households that a rule alone lists, and where rules and model do not say the same.
    moved : iterable of (str, Message, int)
        What changed since an earlier day: key, what it is, and how many households.

    Returns
    -------
    DataFrame
        See :class:`fanpin_risk.reports.Contents`.
    """
    figures = [
        *_households(model, scores, unscored, day),
        *_risks(model, scores, watchlist),
        *_rule_figures(scores, by_rule, differing),
        *(_Figure(key, label, "count", count) for key, label, count in moved),
        *_records(model, register, scores, day),
        _Figure("model", Message("Model (name and fingerprint)"), "text", model.label),
    ]
    rows = [(figure.key, figure.label, figure.kind, figure.value, figure.text) for figure in figures]
    return pd.DataFrame(rows, columns=["key", "label", "kind", "value", "text"]).astype({"value": object})


def _households(model: RiskModel, scores: pd.DataFrame, unscored: pd.DataFrame, day: pd.Timestamp) -> list[_Figure]:
    """Say what was forecast for how many households."""
    months = model.horizon_months_
    event = Message("{event} within the {months} months after", event=event_of(model), months=months)
    return [
        _Figure("as_of", Message("Day (only records up to it are used)"), "day", day),
        _Figure("event", Message("What is forecast"), "text", event),
        _Figure("households", Message("Households in the register"), "count", len(scores) + len(unscored)),
        _Figure("scored", Message("Scored"), "count", len(scores)),
        *(
            _Figure(
                f"unscored_{reason}",
                Message("Not scored: {reason}", reason=why),
                "count",
                int((unscored["reason"] == reason).sum()),
            )
            for reason, why in WHY_UNSCORED.items()
        ),
    ]


def _risks(model: RiskModel, scores: pd.DataFrame, watchlist: pd.DataFrame) -> list[_Figure]:
    """Say how the risks are distributed and what is proposed."""
    known = bool(scores["monitored"].notna().any())
    monitored = scores["monitored"].fillna(False).astype(bool)
    waiting = scores[~monitored & scores["risk"].notna()]
    figures = [_Figure("monitored", Message("Monitored already"), "count", int(monitored.sum()) if known else None)]
    for tier in reversed(TIERS):
        label = Message("Risk {tier}", tier=TIERS[tier])
        if tier in model.tier_thresholds_:
            least = model.tier_thresholds_[tier]
            label = Message("Risk {tier} (risk {least:.1%} or more)", tier=TIERS[tier], least=least)
        figures.append(_Figure(tier, label, "count", int((scores["tier"] == tier).sum())))
    mean = Message("Mean risk of those not monitored")
    if model.target == "below_line":
        figures += [
            _Figure(reason, label, "count", int((scores["not_at_risk"] == reason).sum()))
            for reason, label in WITHOUT_FORECAST.items()
        ]
        mean = Message("Mean risk of those not monitored and not below the line")
    figures += [
        _Figure("listed", Message("Proposed for a visit"), "count", len(watchlist)),
        _Figure("mean_risk", mean, "share", _mean(waiting["risk"])),
    ]
    low, high = _mean(waiting["risk_low"]), _mean(waiting["risk_high"])
    if low is not None and high is not None:
        label = Message("Range of that mean (years differ, {level:.0%})", level=model.interval_.level)
        figures.append(_Figure("mean_risk_range", label, "text", f"{low:.2%}–{high:.2%}"))
    expected = float(watchlist["risk"].sum())
    few_records = int((~scores["enough_known"].astype(bool)).sum())
    return [
        *figures,
        _Figure("expected_listed", Message("Events expected on the list"), "number", expected),
        _Figure("not_enough_known", Message("Too little on record: complete it first"), "count", few_records),
        *(
            _Figure(
                f"little_known_{code}",
                Message("Less than half on record: {domain}", domain=DOMAINS[code]),
                "count",
                count,
            )
            for code, count in households_by_gap(scores["little_known"]).items()
        ),
    ]


def _rule_figures(scores: pd.DataFrame, by_rule: pd.DataFrame, differing: pd.DataFrame) -> list[_Figure]:
    """Say whom rules add to the list, and where they and the model do not say the same."""
    return [
        _Figure(
            "listed_by_rule",
            Message("Listed by a rule alone: a guarantee or the line is not met"),
            "count",
            len(by_rule),
        ),
        *(
            _Figure(code, said, "count", int((differing["disagreement"] == code).sum()))
            for code, said in DISAGREEMENTS.items()
        ),
        _Figure(
            "signals",
            Message("With a signal that nobody has looked into"),
            "count",
            int((scores["signals"] != "").sum()),
        ),
    ]


def _records(model: RiskModel, register: Register, scores: pd.DataFrame, day: pd.Timestamp) -> list[_Figure]:
    """Say which records and monitoring lines the scores are based on."""
    codes = scores["area_code"].fillna("")
    known = register.known_on(day)
    year, newest = _year_of_incomes(known, day), known.observed_until
    line = Message("Monitoring line of {year} (CNY per person and year)", year=year)
    return [
        _Figure("no_area", Message("Without an area code"), "count", int((codes == "").sum())),
        _Figure("line", line, "text", _lines(model, codes, year, day)),
        *(
            _Figure(name, label, "count", int(register.counts[name].sum()))
            for name, label in (
                ("rows_read", Message("Rows read")),
                ("rows_kept", Message("Rows kept")),
                ("rows_rejected", Message("Rows rejected")),
            )
        ),
        _Figure("newest_record", Message("Newest record seen on the day"), "day", None if pd.isna(newest) else newest),
    ]


def _year_of_incomes(known: Register, day: pd.Timestamp) -> int:
    """Return the year whose line most households are compared with: that in which their newest accounting period ends."""
    incomes = known.tables["incomes"]
    ended = incomes.loc[incomes["period_end"] <= day].groupby("household_id", observed=True)["period_end"].max()
    years = ended.dt.year.mode()
    return int(years.iloc[-1]) if len(years) else day.year


def _lines(model: RiskModel, area_code: pd.Series, year: int, day: pd.Timestamp) -> Message:
    """Say which monitoring lines apply to the households and where they come from, most households first."""
    lines = MonitoringLines() if model.lines is None else model.lines
    codes = area_code.astype("str").value_counts(sort=False)
    amounts = lines.at(codes.index, year, on=day)
    found: dict[tuple[float, str, str], int] = {}
    for code, n, amount in zip(codes.index, codes, amounts, strict=True):
        basis = lines.basis(code, year, on=day)
        key = (NO_AMOUNT if np.isnan(amount) else float(amount)), basis.shown("zh"), basis.shown("en")
        found[key] = found.get(key, 0) + int(n)
    texts = []
    for (amount, zh, en), n in sorted(found.items(), key=lambda item: (-item[1], item[0])):
        basis = Message(en, zh=zh)
        if len(found) > 1:
            basis = Message("{basis}, {count:,} households", basis=basis, count=n)
        texts.append(
            basis if amount == NO_AMOUNT else Message("{amount:,.0f} CNY ({basis})", amount=amount, basis=basis)
        )
    if not texts:
        return _as_it_is("")
    return reduce(lambda first, second: Message("{first}; {second}", first=first, second=second), texts)


def _mean(values: pd.Series) -> float | None:
    return float(values.mean()) if len(values) else None


def _as_it_is(text: str) -> Message:
    """Return a figure or name that is the same in every language."""
    return Message(text, zh=text)
