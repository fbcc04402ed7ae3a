"""Loading a model, scoring with it, and saying what a reader of the scores must know."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import fanpin_risk as fr
from fanpin_risk.cli.reading import write_problem_list
from fanpin_risk.cli.talking import Teller, say
from fanpin_risk.words import Message, current_language, listed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

    from fanpin_risk.asof.monitoring_lines import MonitoringLines
    from fanpin_risk.asof.outcomes import Target
    from fanpin_risk.batch.scoring.job import ScoreOptions
    from fanpin_risk.model.risk_model import RiskModel
    from fanpin_risk.records.places import Unit
    from fanpin_risk.records.register import Register

__all__ = [
    "EventForecast",
    "column_of_header",
    "event_forecast",
    "headed",
    "load",
    "of_groups",
    "score_all",
    "score_in_memory",
    "tell_groups",
    "tell_lacking",
    "tell_model",
    "tell_nobody",
    "tell_scored",
    "write_not_ranked",
    "write_rule_lists",
]

# Columns of a watch list and how they are headed for offices; in English the names of the columns are plain enough.
SHOWN_HEADERS: dict[str, Message] = {
    "rank": Message("rank"),
    "household_id": Message("household_id"),
    "area": Message("area"),
    "area_code": Message("area_code"),
    "area_name": Message("area_name"),
    "as_of": Message("as_of"),
    "risk_low": Message("risk_low"),
    "risk_high": Message("risk_high"),
    "tier": Message("tier"),
    "known": Message("known"),
    "enough_known": Message("enough_known"),
    "known_of_all": Message("known_of_all"),
    "little_known": Message("little_known"),
    "why_listed": Message("why_listed"),
    "disagreement": Message("disagreement"),
    "rules": Message("rules"),
    "rules_unknown": Message("rules_unknown"),
    "type_suggested": Message("type_suggested"),
    "signals": Message("signals"),
    "rule_reason": Message("rule_reason"),
    "groups": Message("groups"),
    "groups_unknown": Message("groups_unknown"),
    "doubts": Message("doubts"),
    "note": Message("note", context="header"),
    "monitored_type": Message("monitored_type"),
    "identified_on": Message("identified_on"),
    "days_monitored": Message("days_monitored"),
    "risks": Message("risks"),
    "n_measures": Message("n_measures"),
    "measures": Message("measures"),
    "monitored": Message("monitored"),
    "at_risk": Message("at_risk"),
    "not_at_risk": Message("not_at_risk"),
    "cause": Message("cause"),
    "cause_2": Message("cause_2"),
    "cause_3": Message("cause_3"),
    "income_state": Message("income_state"),
    "list_id": Message("list_id"),
    "visitor": Message("visitor"),
    "section": Message("section"),
    "band": Message("band"),
    "rounds": Message("rounds"),
    "previous_list": Message("previous_list"),
    "escalated": Message("escalated"),
    "draw_stratum": Message("draw_stratum"),
    "draw_probability": Message("draw_probability"),
    "draw_seed": Message("draw_seed"),
    "draw_day": Message("draw_day"),
    "causes": Message("causes"),
    "checks": Message("checks"),
    "measures_by_rule": Message("measures_by_rule"),
    "signal_days": Message("signal_days"),
    "state": Message("state", context="header"),
    "since": Message("since", context="header"),
    "model": Message("model"),
    "policy": Message("policy", context="header"),
    "reason": Message("reason_{number}"),
    "contribution": Message("contribution_{number}"),
}
RULE_FILE, DISAGREEMENT_FILE = "rule_list.csv", "disagreements.csv"
RISK_HEADER = Message("risk of returning to poverty within {months} months")
RISK_OF_SCORES = Message("risk, as the scores have it")  # where what they forecast is not at hand
# Of other events: what the probability is of.
RISK_HEADERS = {
    "not_eliminated": Message("probability that the risk is not eliminated within {months} months"),
    "relapse": Message("probability of being monitored again within {months} months"),
}
SHOWN_FLAGS = {True: Message("True"), False: Message("False")}


class EventForecast(NamedTuple):
    """What a model forecasts, and within how many months."""

    target: Target
    months: int


def event_forecast(model: RiskModel) -> EventForecast:
    """Return what a model forecasts."""
    return EventForecast(model.target, model.horizon_months_)


def load(model: str, *, lines: MonitoringLines | None = None) -> RiskModel:
    """Load a model, or the one that ships, with own monitoring lines if they are given."""
    loaded: RiskModel = fr.load_model(model)
    return loaded if lines is None else loaded.set_params(lines=lines)


def tell_model(model: RiskModel, as_of: str, tell: Teller) -> None:
    """Say what a reader of the scores must know of the model and of the monitoring line."""
    if model.synthetic_:
        tell(
            Message(
                "note: the model {name!r} was trained on synthetic data: for trying out, not for decisions.",
                name=model.name,
            )
        )
    lines = fr.MonitoringLines() if model.lines is None else model.lines
    year = int(as_of[:4])
    entry = lines.entry("", year, on=as_of)
    if entry.year != year or entry.status not in ("sourced", "user"):
        tell(
            Message(
                "note: the monitoring line of {year} for areas without their own is: {basis}. Give your own with --lines.",
                year=year,
                basis=lines.basis("", year, on=as_of),
            )
        )


def tell_lacking(model: RiskModel, register: Register) -> None:
    """Say which whole tables are not there that the model was trained with, even when quiet."""
    from fanpin_risk.records.schema import TABLES

    lacking = model.lacking_tables(register)
    if lacking:
        say(
            Message(
                "note: the register lacks tables that the model was trained with: {tables}. Households look alike in what "
                "these tell, and too many land in the middle tier; train a model on the tables you have.",
                tables=listed(TABLES[name].label for name in lacking),
            )
        )


def tell_nobody(as_of: str, tell: Teller) -> None:
    """Say that no household is on record on a day."""
    tell(Message("    note: no household is on record on {day}; check the day", day=as_of))


def score_all(
    model: RiskModel, register: Register, as_of: str, tell: Teller, *, options: ScoreOptions
) -> dict[str, pd.DataFrame]:
    """Score a register, account for its households, and return the tables of :func:`score_tables`."""
    from fanpin_risk.batch.scoring.part import score_tables

    tell_lacking(model, register)
    with tell.progress(Message("scoring")) as progress:
        tables = score_tables(model, register, as_of, options, progress=progress)
    tell_scored(tables, as_of, tell)
    return tables


def tell_scored(tables: Mapping[str, pd.DataFrame], as_of: str, tell: Teller) -> None:
    """Account for the households of a register, and say of which domains little is on record."""
    scored, unscored = len(tables["scores"]), len(tables["unscored"])
    if not scored:
        tell_nobody(as_of, tell)
    tell(
        Message(
            "    {households:,} households = {scored:,} scored + {unscored:,} not on record on the day",
            households=scored + unscored,
            scored=scored,
            unscored=unscored,
        )
    )
    tell_gaps(tables["scores"], tell)


def tell_gaps(scores: pd.DataFrame, tell: Teller) -> None:
    """Say of which domains little is on record of most households, whether or not the model uses them."""
    from fanpin_risk.features import DOMAINS
    from fanpin_risk.model.record_gaps import households_by_gap

    found = households_by_gap(scores["little_known"])
    most = {code: count for code, count in found.items() if 2 * count >= len(scores)}
    if most:
        tell(
            Message(
                "    note: less than half of what is asked about a household is on record, for at least half of the households, in: "
                "{domains}. 'known' counts only what this model uses; 'known_of_all' and 'little_known' all that is asked",
                domains=listed(
                    Message("{domain} ({count:,} households)", domain=DOMAINS[code], count=count)
                    for code, count in most.items()
                ),
            )
        )


def score_in_memory(
    model: RiskModel,
    register: Register,
    as_of: str,
    out: Path,
    tell: Teller,
    *,
    options: ScoreOptions,
    file: Path | None,
    capacity: float | None,
    per: Unit | None,
    overwrite: bool,
) -> None:
    """Score a register as a whole into a folder, the scores themselves into a file beside it if one is named."""
    from fanpin_risk.files import new_folder, write_table
    from fanpin_risk.model.tiers import in_words
    from fanpin_risk.watch.watchlist import below_line_list

    tables = score_all(model, register, as_of, tell, options=options)
    of_lists = of_groups(tables["scores"], options, tell)
    listed = fr.watchlist(of_lists, capacity=capacity, per=per)
    places = {table: f"{table}.{ending}" for table, ending in options.tables().items()}
    if file is not None:
        places["scores"] = file.name
    with new_folder(out, "score", overwrite=overwrite, beside=file) as folder:
        write_problem_list(register, folder)
        write_table(headed(listed, event_forecast(model)), folder / "watchlist.csv")
        unknown = int((of_lists["not_at_risk"] == "no_income_before").sum())
        write_not_ranked(below_line_list(of_lists), unknown, folder, event_forecast(model), tell)
        by_rule, differing = fr.rule_list(of_lists, listed=listed), fr.disagreements(of_lists)
        write_rule_lists(by_rule, differing, folder, event_forecast(model), tell)
        for table, place in places.items():
            codes = tables[table]
            in_codes = table != "scores" or place.lower().endswith(".parquet")
            write_table(codes if in_codes else in_words(codes, lang=options.lang), folder / place)
    scores = out / places["scores"] if file is None else file
    tell(Message("scores: {scores}; watch list: {watchlist}", scores=scores, watchlist=out / "watchlist.csv"))


def of_groups(scores: pd.DataFrame, options: ScoreOptions, tell: Teller) -> pd.DataFrame:
    """Return the scores of households of any of the named groups, and say how many they are; of all where none is named."""
    from fanpin_risk.batch.scoring.part import counts_of_groups

    if not options.groups:
        return scores
    tell_groups(counts_of_groups(scores), options, tell)
    return scores[scores["groups"].fillna("") != ""]  # missing of a household that is not in the register


def tell_groups(counts: Mapping[str, int], options: ScoreOptions, tell: Teller) -> None:
    """Say how many households of the named groups lists hold."""
    from fanpin_risk.policy import HOUSEHOLD_GROUPS

    tell(
        Message(
            "    lists hold only households of {groups}: {count:,}; of {unknown:,} others it is not known",
            groups=listed([rule.label for rule in HOUSEHOLD_GROUPS if rule.code in options.groups]), count=counts["in_groups"],
            unknown=counts["perhaps_in_groups"],
        )
    )  # fmt: skip


def write_not_ranked(below: pd.DataFrame, unknown: int, folder: Path, event: EventForecast, tell: Teller) -> None:
    """Write who is below the line already, and say who is not ranked and why; nothing where the forecast is of another event."""
    from fanpin_risk.files import write_table

    if len(below):
        write_table(headed(below, event), folder / "below_line.csv")
        tell(
            Message(
                "    {count:,} households are below the line already: they are not ranked, and stand in {file}",
                count=len(below),
                file="below_line.csv",
            )
        )
    if unknown:
        tell(
            Message(
                "    {count:,} households have nothing on record to compare with the line: they are not ranked",
                count=unknown,
            )
        )


def write_rule_lists(
    by_rule: pd.DataFrame, differing: pd.DataFrame, folder: Path, event: EventForecast, tell: Teller
) -> None:
    """Write whom a rule alone lists and where rule and model do not say the same, and say how many they are."""
    from fanpin_risk.files import write_table

    write_table(headed(by_rule, event), folder / RULE_FILE)
    write_table(headed(differing, event), folder / DISAGREEMENT_FILE)
    guarantees = int((by_rule["rules"] != "income_line").sum())
    tell(
        Message(
            "    {count:,} more households are listed by a rule alone ({guarantees:,} lack a guarantee, the others only do "
            "not reach the monitoring line): {file}",
            count=len(by_rule), guarantees=guarantees, file=RULE_FILE,
        )
    )  # fmt: skip
    low = int((differing["disagreement"] == "rule_yes_model_low").sum())
    tell(
        Message(
            "    rules and model differ: {low:,} households fail a rule and have a low risk, {high:,} have a high risk and fail "
            "none: {file}",
            low=low, high=len(differing) - low, file=DISAGREEMENT_FILE,
        )
    )  # fmt: skip


def headed(listed: pd.DataFrame, event: EventForecast | None) -> pd.DataFrame:
    """Put a watch list into the words of the language, with as many decimals as a reader can use.

    Where the event is not known, its probability is called the risk of the scores.
    """
    from fanpin_risk.model.tiers import in_words
    from fanpin_risk.records.places import NO_CODE, UNKNOWN_PLACE

    lang = current_language()
    shown = in_words(listed, lang=lang)
    digits = {name: 4 if str(name).startswith("risk") else 2 for name in shown.select_dtypes("float64")}
    shown = shown.round(
        {name: least for name, least in digits.items() if name != "draw_probability"}
    )  # that is to be exact
    if "area" in shown.columns:
        shown["area"] = shown["area"].replace("", UNKNOWN_PLACE.shown(lang))
    if {"area_code", "area_name"} <= set(shown.columns):
        nowhere = shown["area_code"].isna() & shown["area_name"].isna()
        shown["area_name"] = shown["area_name"].astype("str").mask(nowhere, UNKNOWN_PLACE.shown(lang))
        shown["area_code"] = shown["area_code"].astype("str").fillna(NO_CODE.shown(lang))
    for name in (name for name in ("monitored", "enough_known", "at_risk", "escalated") if name in shown.columns):
        shown[name] = shown[name].map({code: word.shown(lang) for code, word in SHOWN_FLAGS.items()})
    return shown.rename(columns={name: _shown_header(str(name), event).shown(lang) for name in shown.columns})


def column_of_header(header: str) -> str:
    """Return the column that a header of a written list stands for, in either language; itself where it is none.

    Examples
    --------
    >>> column_of_header("户编号"), column_of_header("12个月内返贫致贫风险"), column_of_header("something")
    ('household_id', 'risk', 'something')
    """
    found = next((name for name, said in SHOWN_HEADERS.items() if header in (name, *said.in_every_language())), header)
    return "risk" if _is_risk_header(found) else found


def _is_risk_header(header: str) -> bool:
    """Whether a header is that of the risk of scores, of whichever event and within however many months."""
    of_events = (RISK_HEADER, *RISK_HEADERS.values())
    said = [RISK_OF_SCORES.shown("zh"), *(Message(one, months="N").shown("zh") for one in of_events)]
    return re.sub(r"\d+", "N", header) in said


def _shown_header(name: str, event: EventForecast | None) -> Message:
    if name in SHOWN_HEADERS:
        return SHOWN_HEADERS[name]
    stem, _, number = name.rpartition("_")
    if number.isdecimal() and stem in SHOWN_HEADERS:
        return Message(SHOWN_HEADERS[stem], number=number)
    if name == "risk" and event is None:
        return Message(name, zh=RISK_OF_SCORES.shown("zh"))
    if name == "risk" and event is not None:
        return Message(name, zh=Message(RISK_HEADERS.get(event.target, RISK_HEADER), months=event.months).shown("zh"))
    return Message(name)
