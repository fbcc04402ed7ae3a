"""The command line: one command is one public function; it formats, the library works."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import click

from fanpin_risk.cli.changed import changes
from fanpin_risk.cli.demonstration import demo
from fanpin_risk.cli.duties import ledger
from fanpin_risk.cli.evidence import drift, evaluate
from fanpin_risk.cli.exits import errors_in_one_line
from fanpin_risk.cli.headers import own_columns
from fanpin_risk.cli.language import asked_for, command_in
from fanpin_risk.cli.level import recalibrate
from fanpin_risk.cli.models import card, explain, score, train
from fanpin_risk.cli.options import lang_option
from fanpin_risk.cli.parts import pack
from fanpin_risk.cli.planning import plan_of_visits
from fanpin_risk.cli.registers import check, features, synth
from fanpin_risk.cli.reporting import report
from fanpin_risk.cli.screening import screen
from fanpin_risk.cli.talking import writable_in_every_language
from fanpin_risk.cli.tracing import trace
from fanpin_risk.cli.tracking import track
from fanpin_risk.cli.updating import update
from fanpin_risk.cli.visiting import visits
from fanpin_risk.words import language_of_run

__all__ = ["main"]


class Commands(click.Group):
    """A group that speaks the user's language, and whose commands end with a line and an exit code of their own."""

    def main(self, args: Sequence[str] | None = None, *rest: Any, **settings: Any) -> Any:
        """Decide the language of the run, then run a command line."""
        for stream in (sys.stdout, sys.stderr):
            writable_in_every_language(stream)
        with (
            language_of_run(asked_for(sys.argv[1:] if args is None else args)) as lang,
            command_in(lang, self) as translated,
        ):
            return super(Commands, translated).main(args, *rest, **settings)

    def make_context(self, *args: Any, **settings: Any) -> click.Context:
        """Read the command line; help and version are shown here."""
        with errors_in_one_line():
            return super().make_context(*args, **settings)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with errors_in_one_line():
            return super().invoke(ctx)


# A line with \b alone keeps the paragraph after it as it is.
HELP = """Find households at risk of returning to poverty, and say why.

A register is a folder of csv, xlsx or parquet files, with English or Chinese headers; or a workbook, a zip archive, or the
address of a database. Try

\b
    fanpin-risk demo                                  everything, on a synthetic county
    fanpin-risk check  REGISTER                       what is wrong or missing in the files
    fanpin-risk columns REGISTER --out own.csv        what your own headers mean, to be filled in
    fanpin-risk screen REGISTER --as-of 2024-12-31 --out sieve.csv       which guarantees are given
    fanpin-risk train  REGISTER --as-of 2022-12-31 --out model
    fanpin-risk score  REGISTER --as-of 2024-12-31 --model model --out scores
    fanpin-risk changes REGISTER --before 2024-06-30 --after 2024-12-31 --model model --out changes.csv
    fanpin-risk track  REGISTER --model model --out series.csv --picture series.png
    fanpin-risk report REGISTER --as-of 2024-12-31 --model model --out county.xlsx --out county.html

\b
and, from the list to the visit and back,
    fanpin-risk watchlist scores --capacity 20 --per township --ledger county.ledger --out visits.xlsx
    fanpin-risk visits make REGISTER --list visits.xlsx --as-of 2024-12-31 --model model --out sheets
    fanpin-risk visits read sheets --list visits.xlsx --out events.csv --ledger county.ledger
    fanpin-risk ledger due county.ledger --as-of 2025-01-31 --out due.xlsx
    fanpin-risk ledger items county.ledger --register REGISTER --as-of 2025-01-31 --out items.xlsx
    fanpin-risk ledger exits county.ledger --register REGISTER --as-of 2025-01-31 --out exits.xlsx
    fanpin-risk trace H000000014 --as-of 2024-12-31 --register REGISTER --model model --list scores --ledger county.ledger

\b
and, to know how far to trust the scores,
    fanpin-risk evaluate REGISTER --as-of 2021-12-31 --as-of 2022-12-31 --as-of 2023-12-31 --out evidence
    fanpin-risk drift    REGISTER --as-of 2024-12-31 --model model --out drift
    fanpin-risk recalibrate REGISTER --as-of 2023-12-31 --model model --out model-2023
    fanpin-risk card     model --out card.html

\b
and, for a province or the nation,
    fanpin-risk pack  SOURCE --out packed
    fanpin-risk update packed EXPORT --date 2025-01-31                    next month: only what has changed
    fanpin-risk score packed --as-of 2024-12-31 --model model --out scores --workers 2

The result proposes visits; people decide.

\b
Exit codes: 0 done, 1 'check --strict' found rejected rows, 2 wrong usage,
3 the input cannot be used (stderr says why and what to do),
4 'train' or 'evaluate' wrote its results but a leak alarm rang,
5 'recalibrate' wrote no model, because that would not have helped on the register's own past,
70 an error in the program itself, 130 interrupted,
141 nobody reads the output any more.
"""


@click.group(
    cls=Commands, help=HELP, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@lang_option
@click.version_option(package_name="fanpin-risk", prog_name="fanpin-risk")
def main() -> None:
    """Find households at risk of returning to poverty, and say why."""


COMMANDS = (
    demo, synth, check, own_columns, pack, update, features, screen, train, score, explain, changes, track, plan_of_visits, visits, report,
    evaluate, drift, recalibrate, card, ledger, trace,
)  # fmt: skip
for command in COMMANDS:
    main.add_command(command)
