"""The command screen: each guarantee of each household, as the records show it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

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
    workers_option,
)
from fanpin_risk.cli.reading import (
    check_ending,
    own_lines,
    own_policy,
    read_checked,
    reading_option,
    refuse_reading_options,
)
from fanpin_risk.cli.talking import Teller
from fanpin_risk.errors import InputError
from fanpin_risk.words import Message, current_language

if TYPE_CHECKING:
    from fanpin_risk.records.register import Register

__all__ = ["screen"]

# Also listed in batch/questions.py, which loads what this start does not need.
ASKED_OF_RULES = ("guarantees", "groups", "contradictions", "types", "suspicions", "entitlements", "measures")
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
    type=click.Choice(ASKED_OF_RULES),
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
    type=click.Path(path_type=Path),
    metavar="FILE_OR_FOLDER",
    help="File to write: .csv, .parquet or .xlsx; of a packed register, or with --workers, a folder: one file for each part.",
)
@workers_option("Ask part by part in N processes (-1: one per core); a packed register always is, by default in one.")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["parquet", "csv"]),
    default="parquet",
    show_default=True,
    help="Of the files in the folder of a register that is asked part by part.",
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
    workers: int | None,
    kind: Literal["parquet", "csv"],
    overwrite: bool,
    quiet: bool,
) -> None:
    """Ask of every household of REGISTER whether school, medical insurance, house, water and income are on record as given.

    One row per household and item, with the persons it is about, the records that decided and what they say. What is not on
    record, too old or contradicted is unknown, never given. Rules, not the model: what fails is to be looked at.

    A REGISTER made by 'pack' is asked part by part, in bounded memory: OUT/parts holds one file per partition, OUT/manifest.json
    how many answers there are. So is any other with --workers. The folder is there when all parts are; a run that was
    stopped leaves nothing.
    """
    from fanpin_risk.batch.layout import is_packed
    from fanpin_risk.batch.questions import ScreenOptions, answers_on
    from fanpin_risk.files import FORMATS, check_target, write_table
    from fanpin_risk.policy import own_kinds_of_measures

    packed = is_packed(register)
    in_parts = packed or workers is not None
    if in_parts and out.suffix.lower() in FORMATS:
        raise InputError("{file}: asked part by part, the answers are a folder; give --out a folder", file=out.name)
    if not in_parts:
        check_ending(out)
    if packed:
        refuse_reading_options(data_date, id_key, encoding, reading_option("columns"))
    check_target(out, "answers" if in_parts else "screen", overwrite=overwrite)
    if ask == "measures" and policy_file is not None:
        raise InputError(
            "--policy: no number of the rules is asked for measures; your own measures go by --measures, or leave --policy out"
        )
    if ask != "measures" and measures_file is not None:
        raise InputError("--measures: only --ask measures names measures; add it, or leave --measures out")
    tell = Teller(quiet=quiet)
    options = ScreenOptions(
        ask=ask, answers=("yes", "unknown") if ask == "suspicions" else None, found_only=failed, lines=own_lines(lines_file),
        policy=own_policy(policy_file), kinds=None if measures_file is None else own_kinds_of_measures(measures_file),
        lang=current_language(), format=kind,
    )  # fmt: skip
    source: Path | str | Register = register
    if not packed:
        source = read = read_checked(
            register, tell, data_date=data_date, id_key=id_key, encoding=encoding, days=(as_of,)
        )
    with tell.progress(Message("asking the rules")) as progress:
        if in_parts:
            counts = fr.screen_register(
                source, as_of, out, **options.as_dict(), workers=workers, overwrite=overwrite, progress=progress
            )
        else:
            table, counts = answers_on(read, as_of, options, progress=progress)
            write_table(table, out, kind="screen")
    _TELL.get(ask, _tell_found)(counts, tell)
    tell(Message("{rows:,} answers -> {out}", rows=counts["rows"], out=out))
    if in_parts:
        tell_parts(counts, tell)


def tell_parts(counts: Mapping[str, Any], tell: Teller) -> None:
    """Say in how many parts rules were asked, and what it took."""
    seconds = counts["seconds"]
    tell(
        Message(
            "    {partitions} partitions; {all:.0f} s (over all processes: reading {read:.0f}, asking {ask:.0f}, writing {write:.0f}); a "
            "process took at most {peak:,.0f} MB",
            partitions=counts["partitions"], all=seconds["all"], read=seconds["read"], ask=seconds["ask"], write=seconds["write"],
            peak=max(number for number in (*counts["peak_mb"].values(), 0.0) if number is not None),
        )
    )  # fmt: skip


def _tell_types(counts: Mapping[str, Any], tell: Teller) -> None:
    """Say how many households each type is suggested for, and how many of these are not monitored."""
    from fanpin_risk.policy import SUGGESTED_TYPES

    for code, label in SUGGESTED_TYPES.items():
        mine = counts["answers"].get(code, {})
        if mine:
            unseen = mine.get("not_monitored", 0)
            tell(
                Message(
                    "  {type}: {count:,}, of these not monitored {unseen:,}", type=label, count=sum(mine.values()),
                    unseen=unseen,
                )
            )  # fmt: skip


def _tell_measures(counts: Mapping[str, Any], tell: Teller) -> None:
    """Say for how many households measures are named, and how many of these are not on record so far."""
    named = counts["answers"].values()
    tell(
        Message(
            "  measures for {households:,} households; {count:,} named, {untried:,} of them not on record so far",
            households=counts["with_rows"], count=sum(sum(mine.values()) for mine in named),
            untried=sum(mine.get("never", 0) for mine in named),
        )
    )  # fmt: skip


def _tell_found(counts: Mapping[str, Any], tell: Teller) -> None:
    """Say of how many households each rule is so, of those of which it is so of any."""
    from fanpin_risk.policy import CONTRADICTIONS, ENTITLEMENTS, HOUSEHOLD_GROUPS, SUSPICIONS

    for rule in (*HOUSEHOLD_GROUPS, *CONTRADICTIONS, *SUSPICIONS, *ENTITLEMENTS):
        mine = counts["answers"].get(rule.code, {})
        found, unknown = mine.get("yes", 0), mine.get("unknown", 0)
        if found or unknown:
            label = rule.label
            if rule.severity is not None:
                label = Message("[{severity}] {rule}", severity=SEVERITY_WORDS[rule.severity], rule=rule.label)
            tell(Message("  {rule}: {found:,}, not known {unknown:,}", rule=label, found=found, unknown=unknown))


def _tell_suspicions(counts: Mapping[str, Any], tell: Teller) -> None:
    """Say how many households each list holds, also where it is none."""
    from fanpin_risk.policy import SUSPICIONS

    for rule in SUSPICIONS:
        mine = counts["answers"].get(rule.code, {})
        tell(
            Message(
                "  {rule}: {found:,}, not known {unknown:,}", rule=rule.label, found=mine.get("yes", 0),
                unknown=mine.get("unknown", 0),
            )
        )  # fmt: skip


def _tell_guarantees(counts: Mapping[str, Any], tell: Teller) -> None:
    """Say of each item how many households it is given to, and how many of those without are not monitored."""
    from fanpin_risk.policy import SIEVE

    for rule in SIEVE:
        mine = counts["answers"].get(rule.code, {})
        given, lacking, unknown = (mine.get(answer, 0) for answer in ("pass", "fail", "unknown"))
        tell(
            Message(
                "  {rule}: reached {given:,}, not reached {lacking:,}, not known {unknown:,}"
                if rule.code == "income_line"
                else "  {rule}: given {given:,}, not given {lacking:,}, not known {unknown:,}",
                rule=rule.label,
                given=given,
                lacking=lacking,
                unknown=unknown,
            )
        )
    failing, everyone, unseen = (counts[name] for name in ("found", "households", "found_not_monitored"))
    if unseen is None:
        tell(
            Message(
                "{failing:,} of {all:,} households lack something or are below the line", failing=failing, all=everyone
            )
        )
        return
    tell(
        Message(
            "{failing:,} of {all:,} households lack something or are below the line; {unseen:,} of them are not monitored",
            failing=failing, all=everyone, unseen=unseen,
        )
    )  # fmt: skip


_TELL = {
    "guarantees": _tell_guarantees,
    "types": _tell_types,
    "measures": _tell_measures,
    "suspicions": _tell_suspicions,
}
