"""The command screen: each guarantee of each household, as the records show it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import fanpin_risk as fr
from fanpin_risk.cli.options import (
    DataDate,
    day_option,
    lang_option,
    lines_option,
    overwrite_option,
    policy_option,
    quiet_option,
    reading_options,
    register_argument,
)
from fanpin_risk.cli.reading import check_ending, own_lines, own_policy, read_checked
from fanpin_risk.cli.talking import Teller
from fanpin_risk.errors import InputError
from fanpin_risk.words import Message, current_language

if TYPE_CHECKING:
    import pandas as pd

    from fanpin_risk.records.register import Register

__all__ = ["screen"]

# What may be asked -> the public function that asks it.
QUESTIONS = {
    "guarantees": "screen",
    "groups": "household_groups",
    "contradictions": "contradictions",
    "types": "monitored_type",
    "suspicions": "suspicions",
    "entitlements": "entitlements",
    "measures": "measures",
}
NO_SUGGESTION = ("none", "unknown")
SEVERITY_WORDS = {
    "error": Message("error", context="contradiction"),
    "warning": Message("warning", context="contradiction"),
    "hint": Message("hint", context="contradiction"),
}


@click.command()
@register_argument
@lines_option
@policy_option
@click.option(
    "--measures",
    "measures_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="With --ask measures: your own measures by risk and labour, a csv or xlsx with risk, labour, measure, source (headers and "
    "words: see the guide); where it names a risk and labour, its measures stand in place of those shipped.",
)
@day_option
@reading_options
@click.option(
    "--ask",
    type=click.Choice(list(QUESTIONS)),
    default="guarantees",
    show_default=True,
    metavar="WHAT",
    help="guarantees: schooling, insurance, house, water, food and clothing, income; groups: to which a household belongs; "
    "contradictions: which of its records do; types: as what it may be monitored; suspicions: who may be on the wrong list; "
    "entitlements: supports it qualifies for without a record of them; measures: which answer the risks of the monitored.",
)
@click.option(
    "--failed",
    is_flag=True,
    help="Write only what is not given, who belongs to a group, what is contradicted, suggested, suspected, without a record, or not "
    "tried yet; without it what is not known, too.",
)
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write: .csv, .parquet or .xlsx.",
)
@overwrite_option
@lang_option
@quiet_option
def screen(
    register: Path | str,
    lines_file: Path | None,
    policy_file: Path | None,
    measures_file: Path | None,
    as_of: str,
    data_date: DataDate,
    id_key: Path | None,
    encoding: str | None,
    ask: str,
    failed: bool,
    out: Path,
    overwrite: bool,
    quiet: bool,
) -> None:
    """Ask of every household of REGISTER whether school, medical insurance, house, water and income are on record as given.

    One row per household and item, with the persons it is about, the records that decided and what they say. What is not on
    record, too old or contradicted is unknown, never given. Rules, not the model: what fails is to be looked at.
    """
    from fanpin_risk.files import check_target, write_table
    from fanpin_risk.policy import own_kinds_of_measures

    check_ending(out)
    check_target(out, "screen", overwrite=overwrite)
    if ask == "measures" and policy_file is not None:
        raise InputError(
            "--policy: no number of the rules is asked for measures; your own measures go by --measures, or leave --policy out"
        )
    if ask != "measures" and measures_file is not None:
        raise InputError("--measures: only --ask measures names measures; add it, or leave --measures out")
    tell = Teller(quiet=quiet)
    kinds = None if measures_file is None else own_kinds_of_measures(measures_file)
    lines = own_lines(lines_file)
    policy = own_policy(policy_file)
    read = read_checked(register, tell, data_date=data_date, id_key=id_key, encoding=encoding, days=(as_of,))
    with tell.progress(Message("asking the rules")) as progress:
        # Measures go by causes and labour: no line and no number of the place is asked for them.
        own: dict[str, Any] = {"kinds": kinds} if ask == "measures" else {"lines": lines, "policy": policy}
        own |= {"answers": ("yes", "unknown")} if ask == "suspicions" else {}
        table = getattr(fr, QUESTIONS[ask])(read, as_of, **own, lang=current_language(), progress=progress)
    written = table[_found(table, ask)] if failed else table
    write_table(written.reset_index(drop=True), out, kind="screen")
    if ask == "guarantees":
        _tell_guarantees(table, read, as_of, tell)
    elif ask == "types":
        _tell_types(table, tell)
    elif ask == "measures":
        _tell_measures(table, tell)
    else:
        _tell_found(table, tell)
    tell(Message("{rows:,} answers -> {out}", rows=len(written), out=out))


def _found(table: pd.DataFrame, ask: str) -> pd.Series:
    """Whether each row is what is looked for."""
    if ask == "types":
        return ~table["type_suggested"].isin(NO_SUGGESTION)
    return table["tried"] == "never" if ask == "measures" else table["answer"].isin(("fail", "yes"))


def _tell_types(table: pd.DataFrame, tell: Teller) -> None:
    """Say how many households each type is suggested for, and how many of these are not monitored."""
    from fanpin_risk.policy import SUGGESTED_TYPES

    for code, label in SUGGESTED_TYPES.items():
        mine = table[table["type_suggested"] == code]
        if len(mine):
            unseen = int((mine["type_on_record"] == "").sum())
            tell(
                Message(
                    "  {type}: {count:,}, of these not monitored {unseen:,}", type=label, count=len(mine), unseen=unseen
                )
            )


def _tell_measures(table: pd.DataFrame, tell: Teller) -> None:
    """Say for how many households measures are named, and how many of these are not on record so far."""
    tell(
        Message(
            "  measures for {households:,} households; {count:,} named, {untried:,} of them not on record so far",
            households=table["household_id"].nunique(), count=int((table["measure"] != "").sum()),
            untried=int((table["tried"] == "never").sum()),
        )
    )  # fmt: skip


def _tell_found(table: pd.DataFrame, tell: Teller) -> None:
    """Say of how many households each rule is so, of those of which it is so of any."""
    from fanpin_risk.policy import CONTRADICTIONS, ENTITLEMENTS, HOUSEHOLD_GROUPS, SUSPICIONS

    counts = table.groupby(["rule", "answer"], sort=False).size()
    for rule in (*HOUSEHOLD_GROUPS, *CONTRADICTIONS, *SUSPICIONS, *ENTITLEMENTS):
        found, unknown = (int(counts.get((rule.code, answer), 0)) for answer in ("yes", "unknown"))
        if found or unknown:
            label = rule.label
            if rule.severity is not None:
                label = Message("[{severity}] {rule}", severity=SEVERITY_WORDS[rule.severity], rule=rule.label)
            tell(Message("  {rule}: {found:,}, not known {unknown:,}", rule=label, found=found, unknown=unknown))


def _tell_guarantees(table: pd.DataFrame, register: Register, as_of: str, tell: Teller) -> None:
    """Say of each item how many households it is given to, and how many of those without are not monitored."""
    from fanpin_risk.policy import SIEVE

    counts = table.groupby(["rule", "answer"], sort=False).size()
    for rule in SIEVE:
        given, lacking, unknown = (int(counts.get((rule.code, answer), 0)) for answer in ("pass", "fail", "unknown"))
        tell(
            Message(
                "  {rule}: given {given:,}, not given {lacking:,}, not known {unknown:,}", rule=rule.label, given=given,
                lacking=lacking, unknown=unknown,
            )
        )  # fmt: skip
    failing = set(table.loc[table["answer"] == "fail", "household_id"])
    snapshot = fr.Snapshot(register, as_of)
    if not snapshot.monitoring.supplied:
        tell(
            Message("{failing:,} of {all:,} households lack something", failing=len(failing), all=snapshot.n_households)
        )
        return
    monitored = set(snapshot.household_ids[snapshot.monitored == 1])
    tell(
        Message(
            "{failing:,} of {all:,} households lack something; {unseen:,} of them are not monitored",
            failing=len(failing), all=snapshot.n_households, unseen=len(failing - monitored),
        )
    )  # fmt: skip
