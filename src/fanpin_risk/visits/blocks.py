"""What is printed for each household of a list: who lives there, why it is listed, what to look at, what was found before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.model.tiers import TIERS, WHY_LISTED
from fanpin_risk.policy import CONTRADICTIONS, ENTITLEMENTS, beside_the_model
from fanpin_risk.policy.beside_the_model import FULL_STOP
from fanpin_risk.policy.rule import BETWEEN_NOTES
from fanpin_risk.policy.what_to_check import BETWEEN_CHECKS, CHECKS, CHECKS_OF_CAUSES, checks_for, named_checks
from fanpin_risk.records.register import Register
from fanpin_risk.reports.household_cards import income_messages, reason_messages
from fanpin_risk.visits.dwellers import dwellers_of
from fanpin_risk.visits.row_keys import MONITORED_LINE, household_key
from fanpin_risk.words import Language, Message, listed

__all__ = ["HouseholdBlock", "PrintedLine", "household_blocks"]

# Contradictions that a visitor looks into; hints go to the report.
TO_CHECK_THERE = tuple(rule for rule in CONTRADICTIONS if rule.severity != "hint")
TITLES_SHOWN = 4  # rules named in one line
GAPS_PRINTED = 6
OF_THE_LINE = "income_line"  # the rule of the sieve on income
EARLIER_RESULTS: Mapping[str, Message] = {
    "verified": Message("verified"), "refuted": Message("not so"), "visited": Message("visited, not decided"),
    "not_at_home": Message("not at home"), "not_found": Message("no such household"), "refused": Message("refused"),
    "moved": Message("moved away"), "died": Message("died"), "checked": Message("checked"),
}  # fmt: skip


@dataclass(frozen=True)
class PrintedLine:
    """A line of a block that is only printed: its code, what it is called, and its text."""

    code: str
    label: str
    text: str


@dataclass(frozen=True, kw_only=True)
class HouseholdBlock:
    """A household's block.

    Attributes
    ----------
    key : str
        From :func:`household_key`.
    household_id : str
        ``""`` where ids are not to be written.
    number : int
        Which of the list it is, from 1.
    area_code, visitor : str
        ``""`` where not known.
    lines : tuple of PrintedLine
    members : tuple of str
        Ids of the persons in the order in which they are numbered; none where ids are not to be written.
    records : mapping of str to str
        ``households.column`` -> what is on record, as far as a visitor may correct it; none where ids are not written.
    """

    key: str
    household_id: str
    number: int
    area_code: str
    visitor: str
    lines: tuple[PrintedLine, ...]
    members: tuple[str, ...] = ()
    records: Mapping[str, str]


def household_blocks(
    table: pd.DataFrame,
    register: Register,
    model: RiskModel,
    day: pd.Timestamp,
    *,
    list_id: str,
    lang: Language,
    n_reasons: int,
    mask: bool,
    said: Mapping[str, pd.DataFrame],
    names: Mapping[str, tuple[str, str]],
) -> list[HouseholdBlock]:
    """Work out the block of each household of a list.

    Parameters
    ----------
    table : DataFrame
        The list.
    register, model, day
        What is on record, and what the model makes of it; nothing recorded after the day is seen.
    list_id : str
    lang : {"zh", "en"}
    n_reasons : int
        Reasons of the model, at most.
    mask : bool
        Whether ids are kept out.
    said : mapping of str to DataFrame
        ``contradictions``, ``entitlements`` and ``earlier`` results, as far as given.
    names : mapping of str to (str, str)
        Household -> name and address, as far as given.

    Returns
    -------
    list of HouseholdBlock
        In the order of the list.
    """
    ids = table["household_id"].astype("str").tolist()
    here = Snapshot(register.select(ids), day, lines=model.lines)
    dwellers = dwellers_of(here, lang)
    reasons = _reasons_printed(model, register, here, n_reasons, lang)
    open_rules = _open_rules(said, lang)
    doubtful: set[str] = set()
    if "contradictions" in said:
        answers, asked = said["contradictions"], [rule.code for rule in TO_CHECK_THERE]
        mine = answers[(answers["answer"] == "yes") & answers["rule"].isin(asked)]
        doubtful = {str(one) for one in mine["household_id"]}
    before = _earlier(said.get("earlier"), day, lang)
    blocks = []
    for number, cells in enumerate(table.to_dict("records"), start=1):
        row = {str(name): value for name, value in cells.items()}
        household = str(row["household_id"])
        home = dwellers.get(household)
        name, address = names.get(household, ("", ""))
        texts: list[tuple[str, Message, str]] = [
            ("P1", Message("Name", context="visit"), _one_line([one for one in (name, address) if one], lang)),
            ("P2", Message("At home"), _in_words(NOT_ON_RECORD, lang) if home is None else home.text),
            (
                MONITORED_LINE if home and home.monitored else "P3",
                Message("Listed as"),
                _listed_as(row, home.kind if home else "", lang),
            ),
            ("P4", Message("Why listed"), reasons.get(household, ("", ""))[0]),
            ("P5", Message("Unknown", context="visit"), reasons.get(household, ("", ""))[1]),
            ("P6", Message("To check"), _to_check(row, lang, doubtful=household in doubtful)),
            ("P7", Message("Open", context="visit"), open_rules.get(household, "")),
            ("P8", Message("Last result"), before.get(household, _given_result(row))),
        ]
        blocks.append(
            HouseholdBlock(
                key=household_key(list_id, household),
                household_id="" if mask else household,
                number=number,
                area_code=_cell_of_list(row, "area_code"),
                visitor=_cell_of_list(row, "visitor"),
                lines=tuple(PrintedLine(code, _in_words(label, lang), text) for code, label, text in texts if text),
                members=() if mask or home is None else home.members,
                records={} if mask or home is None else home.records,
            )
        )
    return blocks


NOT_ON_RECORD = Message("not on record on the day of the list")


def _in_words(message: Message, lang: Language) -> str:
    return message.shown(lang)


def _cell_of_list(row: Mapping[str, Any], name: str) -> str:
    """Return the text of a cell of the list, "" where the list has no such column or nothing in it."""
    value = row.get(name)
    return "" if value is None or pd.isna(value) else str(value).strip()


def _listed_as(row: Mapping[str, Any], kind: str, lang: Language) -> str:
    """Say of which type a household is, by which way it came onto the list, and how high its risk is."""
    parts = [kind]
    why, tier = _cell_of_list(row, "why_listed"), _cell_of_list(row, "tier")
    if tier in TIERS:
        parts.append(Message("risk: {tier}", tier=TIERS[tier]).shown(lang))
    if why:
        parts.append(Message("listed by: {why}", why=WHY_LISTED.get(why, why)).shown(lang))
    return _one_line([part for part in parts if part], lang)


def _one_line(parts: Sequence[object], lang: Language) -> str:
    return listed(parts, between="; ").shown(lang) if parts else ""


def _reasons_printed(
    model: RiskModel, register: Register, here: Snapshot, n_reasons: int, lang: Language
) -> dict[str, tuple[str, str]]:
    """Return, for each household, why it is listed and what is not on record of it, in plain words."""
    if not here.n_households:
        return {}
    explanation = model.explain(register, pd.Timestamp(here.as_of), households=here.household_ids.tolist())
    rules = beside_the_model(here, lang=lang, named=False).set_axis(here.household_ids).loc[explanation.household_ids]
    failing, said_by_rules = rules["rules"].tolist(), rules["rule_reason"].tolist()
    toward, incomes = reason_messages(explanation, n_reasons), income_messages(explanation)
    labels, missing = [declared.label for declared in explanation.features], explanation.gaps()
    found = {}
    for row, household in enumerate(map(str, explanation.household_ids)):
        why = [said_by_rules[row]]
        if OF_THE_LINE not in failing[row].split(BETWEEN_NOTES):  # that rule states the income, too
            why.append(incomes[row].shown(lang))
        if explanation.has_forecast[row]:
            why += [reason.shown(lang) for reason, _ in toward[row]]
        shown = [text for one in why if (text := one.strip().removesuffix(FULL_STOP.shown(lang)))]
        gaps = [labels[place] for place in np.flatnonzero(missing[row])]
        more = [Message("{count} in all", count=len(gaps))] if len(gaps) > GAPS_PRINTED else []
        found[household] = (
            "\n".join(f"{number}. {text}" for number, text in enumerate(shown, start=1)),
            listed([*gaps[:GAPS_PRINTED], *more]).shown(lang) if gaps else "",
        )
    return found


def _to_check(row: Mapping[str, Any], lang: Language, *, doubtful: bool) -> str:
    """Say what to look at: what the list says of it, in words or codes, else what goes with the causes that it names."""
    given = _cell_of_list(row, "what_to_check") or _cell_of_list(row, "checks")
    if given and not set(given.split(BETWEEN_CHECKS)) <= set(CHECKS):
        return _one_line([part.strip() for part in given.split(BETWEEN_CHECKS)], lang)
    named = [code for name in row if name.startswith("cause") for code in _cell_of_list(row, name).split(";")]
    causes = [code for code in dict.fromkeys(named) if code in CHECKS_OF_CAUSES]
    codes = given or checks_for(causes, doubts=doubtful)
    return named_checks(codes).shown(lang) if codes else ""


def _open_rules(said: Mapping[str, pd.DataFrame], lang: Language) -> dict[str, str]:
    """Name, for each household, what records contradict each other and which supports are to be checked."""
    parts: dict[str, list[str]] = {}
    for table, heading, rules in (
        # Hints go to the report, not to the sheet.
        (
            "contradictions",
            Message("records differ: {titles}"),
            [one for one in CONTRADICTIONS if one.severity != "hint"],
        ),
        ("entitlements", Message("to be checked whether it is given: {titles}"), ENTITLEMENTS),
    ):
        answers = said.get(table)
        if answers is None:
            continue
        titles = {rule.code: Message(rule.en, zh=rule.zh) for rule in rules}
        found = answers[(answers["answer"] == "yes") & answers["rule"].isin(list(titles))]
        for household, codes in found.groupby("household_id", sort=False)["rule"]:
            named: list[object] = [titles[code] for code in dict.fromkeys(codes)]
            if len(named) > TITLES_SHOWN:
                named = [*named[:TITLES_SHOWN], Message("{count} in all", count=len(named))]
            parts.setdefault(str(household), []).append(Message(heading, titles=listed(named)).shown(lang))
    return {household: "\n".join(texts) for household, texts in parts.items()}


def _earlier(events: pd.DataFrame | None, day: pd.Timestamp, lang: Language) -> dict[str, str]:
    """Return the last result of each household before the day of the list."""
    if events is None or not len(events):
        return {}
    days, found = pd.to_datetime(events["on"]), events["result" if "result" in events.columns else "event"]
    known = pd.DataFrame({"household_id": events["household_id"], "on": days, "found": found})
    known = known[(days <= day) & known["found"].isin(list(EARLIER_RESULTS))]
    last = known.sort_values("on", kind="stable").drop_duplicates("household_id", keep="last")
    return {
        str(household): f"{on:%Y-%m-%d} {EARLIER_RESULTS[code].shown(lang)}"
        for household, on, code in last.itertuples(index=False)
    }


def _given_result(row: Mapping[str, Any]) -> str:
    """Return the earlier result that the list itself names."""
    return " ".join(text for name in ("earlier_on", "earlier_result") if (text := _cell_of_list(row, name)[:40]))
