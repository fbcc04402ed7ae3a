"""The way from a line of a list back to what it rests on: rows, day, model, rules, list and ledger."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from fanpin_risk.arguments import of_type
from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.asof.register_on_day import checked_register
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.errors import FanpinError, SchemaError
from fanpin_risk.explanation import Explanation
from fanpin_risk.explanation.reasons import format_value
from fanpin_risk.features import CONTEXT, FEATURES, evidence_of
from fanpin_risk.ledger import ACCEPTED_CORRECTION, EVENT_WORDS, STATE_WORDS, Ledger
from fanpin_risk.model.days_and_households import one_day
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.model.tiers import TIERS
from fanpin_risk.policy import Policy, screen
from fanpin_risk.records.ids import household_name, mask_id
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES
from fanpin_risk.reports.documents import Document
from fanpin_risk.words import Language, Message, listed
from fanpin_risk.words.widths import percent

__all__ = ["COMPARED", "Trace", "trace"]

MOST_CONTRIBUTIONS = 10
DECLARED_FEATURES = {feature.name: feature for feature in (*FEATURES, *CONTEXT)}
# What is compared with the line of a list, where the list has it.
COMPARED = {
    "risk": Message("risk", context="trace"), "tier": Message("tier", context="trace"), "model": Message("model", context="trace"),
    "policy": Message("numbers of the rules", context="trace"),
}  # fmt: skip
WRITTEN_APART = 1e-9
WHO_LISTS = "list"  # who records that a list named the household


@dataclass(frozen=True, eq=False)
class Trace:
    """What the line of one household rests on.

    Attributes
    ----------
    household_id : str
    as_of : Timestamp
    lang : {"zh", "en"}
        Language of the values.
    score : Series
        The row of :meth:`fanpin_risk.RiskModel.score`, made anew.
    contributions : DataFrame
        The features that weigh most: ``feature, value`` (as it is said), ``contribution`` (log-odds) and ``rows``, the
        places of the records that the value rests on.
    records : DataFrame
        ``table``, ``row`` (place among the household's rows of it, from 1), ``key`` (what tells the record from the others of
        the household), ``day`` and ``recorded_at`` of every record that these values rest on, and ``accepted``: numbers of the events
        by which corrections that a clerk accepted on that day came into the table, where the ledger has them.
    known : DataFrame
        By table, how many rows of the household were known on the day, when the newest of them was recorded, and a digest
        (SHA-256) of their content: the same rows give the same digest.
    rules : DataFrame
        Of the sieve: ``rule, answer, evidence, source`` and ``says``, the answer in words.
    versions : dict of str to str
        ``model`` (name and fingerprint, computed anew), ``policy`` (file and fingerprint, ``""`` for those that ship), ``line_cny``.
    events : DataFrame or None
        Of the household in the ledger, up to today.
    accepted : DataFrame
        Corrections of its records that were accepted, as the ledger has them: ``seq`` (of the event), ``on``, ``who``, ``table``,
        ``columns``, ``since`` and ``visit_id`` (key of the visit that found it).
    checks : tuple of (Message, bool)
        What was held against each other, and whether it agrees.
    persons : tuple of str
        Ids of its members, which :meth:`document` masks.
    """

    household_id: str
    as_of: pd.Timestamp
    lang: Language
    score: pd.Series
    contributions: pd.DataFrame
    records: pd.DataFrame
    known: pd.DataFrame
    rules: pd.DataFrame
    versions: dict[str, str]
    events: pd.DataFrame | None
    accepted: pd.DataFrame
    checks: tuple[tuple[Message, bool], ...]
    persons: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether nothing that was held against each other differs."""
        return all(holds for _, holds in self.checks)

    def document(self, *, whole_id: bool = False) -> Document:
        """Return the way as a document, for the screen or a page; ids are masked unless `whole_id`."""
        page = Document(self.lang)
        page.title(
            Message(
                "Household {household} as of {day}: what its line rests on",
                household=household_name(self.household_id, whole_id=whole_id), day=str(self.as_of.date()),
            )
        )  # fmt: skip
        page.heading(Message("What was checked"))
        page.list(
            Message("{check}: {holds}", check=check, holds=Message("agrees") if holds else Message("DIFFERS"))
            for check, holds in self.checks
        )
        page.heading(Message("Result"))
        risk, tier = self.score["risk"], self.score["tier"]
        page.list(
            [
                Message("risk {risk}, tier {tier}", risk=percent(risk), tier=TIERS[str(tier)]),
                Message("model {model}", model=self.versions["model"]),
                Message("numbers of the rules: {policy}", policy=self.versions["policy"] or Message("those that ship")),
                Message("monitoring line of the day: {line} CNY", line=self.versions["line_cny"]),
            ]
        )
        page.heading(Message("Records known on the day"))
        page.table(
            [Message("table"), Message("rows", context="trace"), Message("newest recorded on"), Message("SHA-256")],
            [
                [_table_name(row["table"]), str(row["rows"]), row["newest"], row["digest"]]
                for row in self.known.to_dict("records")
            ],
        )
        page.heading(Message("What moves the risk most, and the records behind it"))
        page.table(
            [Message("feature"), Message("value"), Message("contribution"), Message("records")],
            [
                [
                    _feature_name(row["feature"]),
                    row["value"],
                    f"{row['contribution']:+.4f}",
                    self._rows_named(row["rows"]),
                ]
                for row in self.contributions.to_dict("records")
            ],
        )
        page.heading(Message("Rules"))
        page.table(
            [Message("what the rules say"), Message("source")],
            [[self._shown(row["says"], whole_id=whole_id), row["source"]] for row in self.rules.to_dict("records")],
        )
        page.heading(Message("Ledger"))
        if self.events is None or self.events.empty:
            page.text(Message("no ledger was given") if self.events is None else Message("no event of this household"))
        else:
            page.table(
                [
                    Message("no."), Message("day", context="trace"), Message("event"), Message("state"), Message("who"), Message("list"),
                    Message("model"), Message("hash"),
                ],
                [
                    [
                        str(row["seq"]),
                        str(row["on"])[:10],
                        EVENT_WORDS[row["event"]],
                        STATE_WORDS.get(row["to_state"], row["to_state"]),
                        Message("list", context="trace") if row["who"] == WHO_LISTS else row["who"],
                        row["list_id"] or "",
                        row["model"] or "",
                        row["hash"][:16],
                    ]
                    for row in self.events.to_dict("records")
                ],
            )  # fmt: skip
        if len(self.accepted):
            page.heading(Message("Accepted corrections"))
            page.table(
                [
                    Message("no."), Message("accepted on"), Message("who"), Message("table"), Message("columns", context="trace"),
                    Message("holds since"), Message("visit"), Message("used above"),
                ],
                [
                    [
                        str(row["seq"]),
                        str(row["on"])[:10],
                        row["who"],
                        _table_name(row["table"]),
                        listed(Message(name, zh=TABLES[row["table"]][name].zh) for name in row["columns"]),
                        row["since"],
                        row["visit_id"] or "",
                        Message("yes") if any(row["seq"] in seqs for seqs in self.records["accepted"]) else "",
                    ]
                    for row in self.accepted.to_dict("records")
                ],
            )  # fmt: skip
        return page

    def _shown(self, text: str, *, whole_id: bool) -> str:
        """Return a text with the ids of persons masked, unless they may be seen."""
        for person in () if whole_id else sorted((*self.persons, self.household_id), key=len, reverse=True):
            text = text.replace(person, mask_id(person))
        return text

    def _rows_named(self, places: tuple[int, ...]) -> str:
        mine = self.records.iloc[list(places)]
        return "; ".join(
            f"{_table_name(str(table)).shown(self.lang)} {', '.join(map(str, sorted(rows['row'])))}"
            for table, rows in mine.groupby("table", sort=False)
        )


def trace(
    model: RiskModel,
    register: Register,
    household_id: str,
    as_of: Any,
    *,
    listed: pd.DataFrame | None = None,
    ledger: Ledger | None = None,
    policy: Policy | None = None,
    lang: Language = "zh",
) -> Trace:
    """Go back from the line of a household to the rows, the day, the model, the rules and the ledger, and verify each step.

    Parameters
    ----------
    model : RiskModel
        The model in use on the day; its fingerprint is computed anew from what it is made of.
    register : Register
        Checked records.
    household_id : str
    as_of : date-like
        The day of the list.
    listed : DataFrame, optional
        A list or scores in codes (``household_id``, ``risk``, ``tier``, ``model``, ``policy`` as far as there are): the line of
        the household is held against what is made anew.
    ledger : Ledger, optional
        Its whole chain is verified, and the events of the household are shown.
    policy : Policy, optional
        Numbers of the rules. Default: those that ship with the package.
    lang : {"zh", "en"}, default "zh"
        Language of the values.

    Returns
    -------
    Trace

    Raises
    ------
    SchemaError
        If the household was not on record on the day, or is not on the list.
    InputError
        If `model` is no model.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> register, model = fr.make_register(60, random_state=0), fr.load_model("demo")
    >>> way = fr.trace(
    ...     model, register, "H000000003", "2023-12-31", listed=model.score(register, "2023-12-31"), lang="en"
    ... )
    >>> way.agrees, way.versions["model"] == model.label
    (True, True)
    """
    of_type("model", model, RiskModel, Message("a fitted RiskModel"))
    day, one = one_day(as_of), checked_register(register).select([household_id])
    here = Snapshot(one, day, references=model.references_for(day), lines=model.lines)
    if household_id not in here.household_ids:
        raise SchemaError("the household was not on record on {day}", day=str(day.date()))
    explanation = model.explain(one, day, households=[household_id])
    score = model.score(one, day, n_reasons=3, lang=lang, policy=policy).iloc[0]
    contributions, records = _what_weighs(model, one, day, explanation, lang)
    events, checks = None, []
    if listed is not None:
        checks += _held_against(listed, score, household_id)
    if ledger is not None:
        checks.append(_chain(ledger))
        events = ledger.events(households=household_id)
    accepted = _accepted_corrections(events)
    records["accepted"] = [
        tuple(accepted.loc[(accepted["table"] == row["table"]) & (accepted["on"] == row["recorded_at"]), "seq"])
        for row in records.to_dict("records")
    ]
    return Trace(
        household_id=household_id,
        as_of=day,
        lang=lang,
        score=score,
        contributions=contributions,
        records=records,
        known=_known_rows(one, here),
        rules=screen(one, day, lines=model.lines, policy=policy, lang=lang)[
            ["rule", "answer", "evidence", "source", "says"]
        ],
        versions={
            "model": model.label,
            "policy": "" if policy is None else policy.label,
            "line_cny": f"{here.line[0]:,.0f}",
        },
        events=events,
        accepted=accepted,
        checks=(_adds_up(explanation, score), *checks),
        persons=tuple(one.tables["members"]["member_id"].dropna().unique()) if "members" in one.tables else (),
    )


def _what_weighs(
    model: RiskModel, one: Register, day: pd.Timestamp, explanation: Explanation, lang: Language
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the features that weigh most, and the records behind them."""
    lines: MonitoringLines | None = model.lines
    table = explanation.to_frame().set_index("feature")
    values, weights = table["value"], table["contribution"]
    most = weights[weights != 0].sort_values(key=np.abs, ascending=False, kind="stable").index[:MOST_CONTRIBUTIONS]
    places: dict[tuple[str, int], int] = {}
    records: list[dict[str, Any]] = []
    rows = []
    for name in most:
        found = []
        if name in DECLARED_FEATURES:
            frame = evidence_of(
                one, day, str(explanation.household_ids[0]), name, lines=lines, references=model.references_for(day)
            )
            for row in frame.to_dict("records"):
                key = (row["table"], int(one.tables[row["table"]].index.get_indexer(pd.Index([row["row"]]))[0]))
                if key not in places:
                    places[key] = len(records)
                    records.append(
                        {"table": key[0], "row": key[1] + 1, "key": _key_of(one, *key)}
                        | {name: row[name] for name in ("day", "recorded_at")}
                    )
                found.append(places[key])
        declared = DECLARED_FEATURES.get(name)
        value = values.get(name, np.nan)
        said = "" if declared is None or pd.isna(value) else format_value(float(value), declared, lang)
        rows.append({"feature": name, "value": said, "contribution": float(weights[name]), "rows": tuple(found)})
    return (
        pd.DataFrame(rows, columns=["feature", "value", "contribution", "rows"]),
        pd.DataFrame(records, columns=["table", "row", "key", "day", "recorded_at"]),
    )


def _accepted_corrections(events: pd.DataFrame | None) -> pd.DataFrame:
    """Return what the ledger notes of corrections that were accepted into the register, but for what was taken back."""
    found = []
    for row in [] if events is None else events.to_dict("records"):
        evidence = json.loads(row["evidence"] or "{}")
        if row["event"] != "noted" or ACCEPTED_CORRECTION not in evidence or not pd.isna(row["superseded_by"]):
            continue
        table = evidence.get("table")
        columns = [name for name in evidence.get("columns", ()) if table in TABLES and name in TABLES[table]]
        if columns:
            found.append({**{name: row[name] for name in ("seq", "on", "who", "visit_id")}, "table": table, "columns": columns,
                          "since": evidence.get("since", "")})  # fmt: skip
    return pd.DataFrame(found, columns=["seq", "on", "who", "table", "columns", "since", "visit_id"])


def _key_of(one: Register, table: str, place: int) -> str:
    """Return what tells a record from the others of its household."""
    row = one.tables[table].iloc[place]
    names = [name for name in TABLES[table].key if name != "household_id" and not pd.isna(row[name])]
    return " ".join(
        f"{name}={row[name].date() if isinstance(row[name], pd.Timestamp) else row[name]}" for name in names
    )


def _known_rows(one: Register, here: Snapshot) -> pd.DataFrame:
    """Count, by table, the rows that were known on the day, and give a digest of their content."""
    rows = []
    for name, table in one.tables.items():
        known = table[~(pd.to_datetime(table["recorded_at"]) > pd.Timestamp(here.as_of))]
        if known.empty:
            continue
        lines = known.to_csv(index=False, header=False, lineterminator="\n").splitlines()
        text = "\n".join([",".join(known.columns), *sorted(lines)])
        newest = known["recorded_at"].max()
        rows.append(
            {
                "table": name, "rows": len(known), "newest": "" if pd.isna(newest) else str(pd.Timestamp(newest).date()),
                "digest": hashlib.sha256(text.encode()).hexdigest()[:16],
            }
        )  # fmt: skip
    return pd.DataFrame(rows, columns=["table", "rows", "newest", "digest"])


def _adds_up(explanation: Explanation, score: pd.Series) -> tuple[Message, bool]:
    whole = explanation.base_value + float(explanation.to_frame()["contribution"].sum())
    return Message("contributions add up to the risk"), abs(float(expit(whole)) - float(score["risk"])) <= WRITTEN_APART


def _held_against(listed: pd.DataFrame, score: pd.Series, household_id: str) -> list[tuple[Message, bool]]:
    """Hold the line of a list against the score made anew."""
    of_type("listed", listed, pd.DataFrame, Message("a list or scores, as a table"))
    if "household_id" not in listed.columns:
        raise SchemaError("listed has no column household_id")
    mine = listed[listed["household_id"] == household_id]
    if mine.empty:
        raise SchemaError("listed has no line of the household; give the list on which it stands")
    line = mine.iloc[0]
    checks = []
    for name, said in COMPARED.items():
        if name not in listed.columns or name not in score.index or pd.isna(line[name]):
            continue
        same = (
            _same_to_its_digits(float(line[name]), float(score[name]))
            if name == "risk"
            else str(line[name]) == str(score[name])
        )
        checks.append((Message("{column} of the list and made anew", column=said), bool(same)))
    return checks


def _same_to_its_digits(shown: float, made: float) -> bool:
    """Whether a risk is the one that a list shows, to as many digits as the list has."""
    digits = np.format_float_positional(shown, trim="-").partition(".")[2]
    return abs(shown - made) <= max(0.5 * 10.0 ** -len(digits), WRITTEN_APART) + WRITTEN_APART


def _chain(ledger: Ledger) -> tuple[Message, bool]:
    try:
        ledger.verify()
    except FanpinError as error:
        return Message("chain of the ledger ({problem})", problem=error.message), False
    return Message("chain of the ledger"), True


def _table_name(name: str) -> Message:
    return Message(name, zh=TABLES[name].zh)


def _feature_name(name: str) -> Message | str:
    declared = DECLARED_FEATURES.get(name)
    return name if declared is None else declared.label
