"""The command trace: what the line of a household rests on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import fanpin_risk as fr
from fanpin_risk.cli.exits import EXIT_DIFFERS
from fanpin_risk.cli.options import (
    DataDate,
    RegisterSource,
    day_option,
    lang_option,
    lines_option,
    model_option,
    overwrite_option,
    policy_option,
    reading_options,
)
from fanpin_risk.cli.planning import own_table
from fanpin_risk.cli.reading import check_text_ending, own_lines, own_policy, pseudonyms, read_checked
from fanpin_risk.cli.scoring import load
from fanpin_risk.cli.talking import Teller, deliver
from fanpin_risk.words import Message, current_language

if TYPE_CHECKING:
    import pandas as pd

    from fanpin_risk.reports.tracing import Trace

__all__ = ["trace"]


@click.command()
@click.argument("household", metavar="HOUSEHOLD")
@day_option
@click.option(
    "--register",
    required=True,
    type=RegisterSource(),
    metavar="REGISTER",
    help="The register that the list was made from: files, a folder, an archive, what pack made, or the address of a database.",
)
@model_option
@lines_option
@policy_option
@reading_options
@click.option(
    "--list",
    "list_file",
    type=click.Path(exists=True, path_type=Path),
    metavar="FILE",
    help="The list, or the folder of scores, on which the household stands: its line is held against what is made anew.",
)
@click.option(
    "--ledger",
    "ledger_place",
    type=RegisterSource(),
    metavar="LEDGER",
    help="A ledger: its whole chain is verified, and the events of the household are shown.",
)
@click.option("--json", "as_json", is_flag=True, help="Print all of it as JSON instead.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write: .md or .html; default: on the screen. The file holds the whole id.",
)
@overwrite_option
@lang_option
def trace(
    household: str,
    as_of: str,
    register: Path | str,
    model: str,
    lines_file: Path | None,
    policy_file: Path | None,
    data_date: DataDate,
    id_key: Path | None,
    encoding: str | None,
    list_file: Path | None,
    ledger_place: Path | str | None,
    as_json: bool,
    out: Path | None,
    overwrite: bool,
) -> None:
    """Go back from the line of HOUSEHOLD to the rows, the day, the model, the rules and the ledger, and verify each step.

    The risk is made anew from the records known on the day and held against the list; the model's fingerprint is computed from
    what it is made of; the chain of the ledger is checked event by event. Ends with exit code 5 where anything differs.

    \b
        fanpin-risk trace H000000014 --as-of 2024-12-31 --register REGISTER --model model --list scores --ledger county.ledger
    """  # noqa: D301  click reads the control character
    from fanpin_risk.files import check_target

    check_text_ending(out, (".md", ".html"))
    if out is not None:
        check_target(out, "explanation", overwrite=overwrite)
    (asked_id,) = (household,) if id_key is None else pseudonyms((household,), id_key)
    loaded = load(model, lines=own_lines(lines_file))
    read = read_checked(
        register, Teller(quiet=True), data_date=data_date, id_key=id_key, encoding=encoding, days=(as_of,), model=loaded,
        households=(asked_id,),
    )  # fmt: skip
    asked: dict[str, Any] = {
        "listed": None if list_file is None else _in_codes(list_file), "policy": own_policy(policy_file), "lang": current_language(),
    }  # fmt: skip
    if ledger_place is None:
        way = fr.trace(loaded, read, asked_id, as_of, **asked)
    else:
        with fr.Ledger(ledger_place, create=False) as ledger:
            way = fr.trace(loaded, read, asked_id, as_of, ledger=ledger, **asked)
    if as_json:
        click.echo(json.dumps(_plain_trace(way), ensure_ascii=False, indent=1))
    else:
        page = way.document(whole_id=out is not None)
        text = page.html() if out is not None and out.suffix.lower() == ".html" else page.markdown()
        deliver(text, out, Teller(), Message("explanation written to {out}", out=out), kind="explanation")
    if not way.agrees:
        raise click.exceptions.Exit(EXIT_DIFFERS)


def _in_codes(place: Path) -> pd.DataFrame:
    """Read the scores of a folder, or a list, in codes whatever it is written in: what of it can be held against a score."""
    import pandas as pd

    from fanpin_risk.batch.score_files import read_scores
    from fanpin_risk.model.from_words import codes_from_words
    from fanpin_risk.reports.tracing import COMPARED

    if place.is_dir():
        return read_scores(place)
    table = own_table(place)
    table = table[[name for name in ("household_id", *COMPARED) if name in table.columns]]
    if "risk" in table.columns:
        table = table.assign(risk=pd.to_numeric(table["risk"], errors="coerce"))
    return table if place.suffix.lower() == ".parquet" else codes_from_words(table)


def _plain_trace(way: Trace) -> dict[str, object]:
    """Return a trace as plain values."""
    events = None if way.events is None else json.loads(way.events.to_json(orient="records", date_format="iso"))
    return {
        "household_id": way.household_id,
        "as_of": str(way.as_of.date()),
        "agrees": way.agrees,
        "checks": [{"check": str(check), "agrees": holds} for check, holds in way.checks],
        "score": json.loads(way.score.to_json(date_format="iso")),
        "versions": way.versions,
        "contributions": json.loads(way.contributions.drop(columns="rows").to_json(orient="records")),
        "records": json.loads(way.records.to_json(orient="records", date_format="iso")),
        "known": json.loads(way.known.to_json(orient="records")),
        "rules": json.loads(way.rules.to_json(orient="records")),
        "events": events,
        "accepted": json.loads(way.accepted.to_json(orient="records", date_format="iso")),
    }
