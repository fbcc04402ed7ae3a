"""The command columns: which headers are read, and what those of an office mean."""

from __future__ import annotations

from pathlib import Path

import click

from fanpin_risk.cli.options import file_options, lang_option, optional_register_argument, overwrite_option
from fanpin_risk.cli.reading import reading_option
from fanpin_risk.cli.talking import Teller, deliver
from fanpin_risk.cli.usage import wrong_usage
from fanpin_risk.words import Message, current_language

__all__ = ["own_columns"]


@click.command("columns")
@optional_register_argument
@file_options
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write. Of REGISTER: the columns file (.csv). Else: all headers as a page (.html), or an empty workbook "
    "to be filled in (.xlsx); default: all on the screen.",
)
@overwrite_option
@lang_option
def own_columns(register: Path | str | None, encoding: str | None, out: Path | None, overwrite: bool) -> None:
    """Say which headers are read, or write down what those of REGISTER mean.

    Without REGISTER: every header that is read, by table, with its other names, its unit and its values; as a page; or an
    empty workbook with a sheet for each table, lists to choose from, and an invented example that is not read.

    With REGISTER: a columns file with what was recognised and, for headers, values and sheets that were not, a proposal.
    Write what they mean into the column 'means', or 'ignore', and put the file as fanpin-columns.csv into the folder of
    REGISTER: every command then reads it.
    """
    if register is not None:
        _of_register(register, encoding, out, overwrite=overwrite)
    else:
        _write_declared(out, overwrite=overwrite)


def _write_declared(out: Path | None, *, overwrite: bool) -> None:
    """Show or write all headers, or write the template."""
    from fanpin_risk.files import check_target
    from fanpin_risk.records.template import write_template
    from fanpin_risk.reports.columns_page import columns_html, columns_text

    lang = current_language()
    ending = "" if out is None else out.suffix.lower()
    written = Message("written to {out}", out=out)
    if out is None:
        click.echo(columns_text(lang=lang), nl=False)
    elif ending == ".xlsx":
        write_template(out, lang=lang, overwrite=overwrite)
        Teller()(written)
    elif ending == ".html":
        check_target(out, "columns", overwrite=overwrite)
        deliver(columns_html(lang=lang), out, Teller(), written, kind="columns")
    else:
        raise wrong_usage(
            Message(
                "{file}: expected a file that ends in .html (all headers) or .xlsx (a template); with REGISTER one in .csv",
                file=out.name,
            )
        )


def _of_register(register: Path | str, encoding: str | None, out: Path | None, *, overwrite: bool) -> None:
    """Show or write what the headers of a register mean."""
    from fanpin_risk.files import check_target
    from fanpin_risk.records.read.proposals import propose_columns, write_columns

    if out is not None:
        if out.suffix.lower() != ".csv":
            raise wrong_usage(Message("{file}: expected a file that ends in {endings}", file=out.name, endings=".csv"))
        check_target(out, "columns", overwrite=overwrite)
    tell = Teller()
    with tell.progress(Message("reading the register")) as progress:
        frame = propose_columns(
            register, encoding=encoding, hidden=bool(reading_option("hidden")), flat=bool(reading_option("flat")),
            columns=reading_option("columns"), queries=reading_option("queries"), progress=progress,
        )  # fmt: skip
    n_open = int(((frame["means"] == "") & (frame["header"] != "")).sum())
    if out is None:
        for row in frame.to_dict("records"):
            what = " ".join(row[name] for name in ("sheet", "header", "value") if row[name])
            meant = " ".join(row[name] for name in ("table", "means") if row[name]) or f"{row['proposal']}?"
            click.echo(f"{what} → {meant}  {row['note']}")
    else:
        write_columns(frame, out, overwrite=overwrite)
        tell(Message("written to {out}", out=out))
    tell(Message("{count} headers and values are left open", count=n_open))
