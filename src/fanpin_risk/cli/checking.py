"""What check says beside the problems of reading: which records contradict each other, and all of it for a program."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from fanpin_risk.cli.screening import SEVERITY_WORDS
from fanpin_risk.words import Message, listed

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from fanpin_risk.asof.monitoring_lines import MonitoringLines
    from fanpin_risk.batch.packed_checks import RegisterInParts
    from fanpin_risk.cli.talking import Teller
    from fanpin_risk.policy import Policy
    from fanpin_risk.policy.doubtful import ContradictionCounts
    from fanpin_risk.records.register import Register

__all__ = ["as_json", "checked_in_parts", "counted_contradictions", "day_to_check", "show_contradictions"]

WORST_HOUSEHOLDS = 5


def day_to_check(register: Register, as_of: str | None) -> pd.Timestamp | None:
    """Return the day as of which records are held against each other: the one given, else that of the newest record."""
    import pandas as pd

    day = register.observed_until if as_of is None else pd.Timestamp(as_of)
    return None if pd.isna(day) else day.normalize()


def counted_contradictions(
    register: Register, day: pd.Timestamp | None, *, lines: MonitoringLines | None = None, policy: Policy | None = None
) -> ContradictionCounts | None:
    """Count the contradictions of a register; None where it has no day, or no household on it."""
    from fanpin_risk.policy.doubtful import contradiction_counts

    if day is None or not register.counts.loc["households", "rows_kept"]:
        return None
    counts = contradiction_counts(register, day, lines=lines, policy=policy)
    return counts if counts.n_households else None


def checked_in_parts(
    folder: Path, as_of: str | None, tell: Teller, *, lines: MonitoringLines | None, policy: Policy | None,
    given: tuple[object, ...],
) -> tuple[RegisterInParts, ContradictionCounts | None]:  # fmt: skip
    """Check a packed register part by part, and say of it what reading says of files; `given` are options of reading."""
    from fanpin_risk.batch.packed_checks import check_parts
    from fanpin_risk.cli.reading import reading_option, refuse_reading_options, tell_doubts, tell_rows

    refuse_reading_options(*given, reading_option("columns"))
    with tell.progress(Message("reading the register")) as progress:
        checked, counts = check_parts(folder, as_of, lines=lines, policy=policy, progress=progress)
    tell_rows(checked, tell)
    tell_doubts(checked, tell)
    return checked, counts if counts is not None and counts.n_households else None


def show_contradictions(
    counts: ContradictionCounts | None, day: pd.Timestamp | None, *, policy: Policy | None = None
) -> None:
    """Say how many households contradict each rule, and name the worst, masked."""
    from fanpin_risk.policy import CONTRADICTIONS
    from fanpin_risk.records.ids import mask_id

    click.echo()
    if counts is None or day is None:
        click.echo(str(Message("records are not held against each other: no household is on record")))
        return
    click.echo(
        str(
            Message(
                "records that contradict each other on {day} ({found:,} of {households:,} households; not known is no "
                "contradiction; each with both records: fanpin-risk screen --ask contradictions)",
                day=str(day.date()), found=len(counts.households), households=counts.n_households,
            )
        )
    )  # fmt: skip
    if policy is not None:
        click.echo(str(Message("  asked with your own numbers: {policy}", policy=policy.label)))
    labels = {rule.code: rule.label for rule in CONTRADICTIONS}
    for row in counts.rules[counts.rules["found"] > 0].itertuples():
        text = Message(
            "{found:>7,} × [{severity}] {rule} (not known {unknown:,})", found=row.found, severity=SEVERITY_WORDS[str(row.severity)],
            rule=labels[str(row.rule)], unknown=row.unknown,
        )  # fmt: skip
        click.echo(str(text))
    worst = counts.households.head(WORST_HOUSEHOLDS)
    if not len(worst):
        click.echo(str(Message("no contradictions found")))
        return
    click.echo(str(Message("  households with most of it (ids masked):")))
    for household, codes in worst[["household_id", "rules"]].to_numpy().tolist():
        named = listed([labels[code] for code in codes.split(";")], between="; ")
        click.echo(str(Message("  {household}: {rules}", household=mask_id(household), rules=named)))


def as_json(
    register: Register, counts: ContradictionCounts | None, day: pd.Timestamp | None, *, policy: Policy | None = None
) -> str:
    """Return what check found as JSON: counts and codes, no value and no whole id of anybody."""
    from fanpin_risk.records.ids import mask_id

    problems = register.problems
    kinds = problems[["table", "column", "code", "severity"]].fillna("").value_counts(sort=False).reset_index()
    told: dict[str, Any] = {
        "tables": [
            {"table": str(name), "given": str(name) in register.supplied, **{key: int(value) for key, value in row.items()}}
            for name, row in register.counts[["rows_read", "rows_kept", "rows_rejected"]].iterrows()
        ],
        "problems": [
            {"table": table, "column": column, "code": code, "severity": severity, "rows": rows}
            for table, column, code, severity, rows in kinds.to_numpy().tolist()
        ],
        "contradictions": None,
    }  # fmt: skip
    if counts is not None and day is not None:
        worst = counts.households.head(WORST_HOUSEHOLDS)
        told["contradictions"] = {
            "as_of": str(day.date()),
            "households": counts.n_households,
            "households_with_any": len(counts.households),
            "rules": [
                dict(zip(("rule", "severity", "found", "unknown"), row, strict=True))
                for row in counts.rules[["rule", "severity", "found", "unknown"]].to_numpy().tolist()
            ],
            "worst": [
                {"household": mask_id(household), "rules": codes.split(";")}
                for household, codes in worst[["household_id", "rules"]].to_numpy().tolist()
            ],
        }
        if policy is not None:
            told["contradictions"]["policy"] = policy.label
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"
