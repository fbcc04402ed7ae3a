"""What visits found, for commands that learn from it: a ledger or a file read, counts told, and the command visits shares."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import fanpin_risk as fr
from fanpin_risk.cli.options import (
    DataDate,
    RegisterSource,
    lang_option,
    overwrite_option,
    quiet_option,
    reading_options,
)
from fanpin_risk.cli.reading import check_ending, pseudonyms, read_checked
from fanpin_risk.cli.talking import Teller, say
from fanpin_risk.errors import InputError
from fanpin_risk.words import Message, current_language, listed

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "found_at_visits",
    "shares",
    "show_visit_tables",
    "tell_learnt_from",
    "visits_option",
    "with_probabilities",
]

SQLITE_MARK = b"SQLite format 3\0"
RESULT_FILES = (".csv", ".parquet", ".xlsx")
BY = ("tier", "cause", "department", "county", "township")


def visits_option(text: str) -> Callable[..., Any]:
    """Make the option that names what visits found, with what its help says."""
    return click.option(
        "--visits", "visits_place", type=RegisterSource(exists=True), metavar="LEDGER_OR_FILE", help=text
    )


def with_probabilities(events: pd.DataFrame, plan: pd.DataFrame | None) -> pd.DataFrame:
    """Return results of visits with the probability that the plan gave each household, if it gave any."""
    if plan is None or "draw_probability" not in plan.columns:
        return events
    import pandas as pd

    chance = pd.to_numeric(plan.set_index("household_id")["draw_probability"], errors="coerce")
    return events.assign(probability=chance.reindex(events["household_id"]).to_numpy())


def found_at_visits(
    place: Path | str,
    tell: Teller,
    *,
    register: fr.Register | fr.PackedRegister | None = None,
    id_key: Path | None = None,
) -> pd.DataFrame:
    """Read what visits found from a ledger or a file of results, and say how much it is and what is left out.

    Ids that the register was read without are replaced as its own were, where there is a key.
    """
    from fanpin_risk.model.visit_results import checked_visits

    half = unknown = 0
    if isinstance(place, str) or _is_ledger(place):
        with fr.Ledger(place, create=False) as opened:
            table = opened.events()
    else:
        table, half, unknown = _results_of(place)
    strangers = 0
    if register is not None:
        here = _ids_of_register(register)
        if id_key is not None:
            ids = table["household_id"].astype("str")
            replaced = dict(zip(ids, pseudonyms(tuple(ids), id_key), strict=True))
            table["household_id"] = ids.where(ids.isin(here), ids.map(replaced))
    found = checked_visits(table)
    if register is not None:
        strangers = int((~found["household_id"].isin(here)).sum())
    drawn, told = found["at_random"], found["told"]
    tell(
        Message(
            "    visits: {visits:,} = {by_list:,} by the list + {at_random:,} drawn at random; {verified:,} verified, {refuted:,} refuted, "
            "{not_told:,} told nothing; left out: {unknown:,} without a known probability, {half:,} not filled in to the end",
            visits=len(found), by_list=int((~drawn).sum()), at_random=int(drawn.sum()),
            verified=int((found["result"].eq("verified") & told).sum()), refuted=int((found["result"].eq("refuted") & told).sum()),
            not_told=int((~told).sum()), unknown=unknown + found.attrs["without_probability"], half=half,
        )
    )  # fmt: skip
    if strangers:
        say(
            Message(
                "note: {count:,} visits are to households that do not stand in the register; check how their ids are written",
                count=strangers,
            )
        )
    return table


def _ids_of_register(register: fr.Register | fr.PackedRegister) -> set[str]:
    """Return the ids of all households of a register."""
    if isinstance(register, fr.Register):
        return set(register.tables["households"]["household_id"])
    from fanpin_risk.batch.packed_parts import household_ids_in

    parts = (household_ids_in(register.folder, partition) for partition in register.manifest.partitions)
    return {str(household) for ids in parts for household in ids}


def _is_ledger(place: Path) -> bool:
    try:
        with place.open("rb") as file:
            return file.read(len(SQLITE_MARK)) == SQLITE_MARK
    except OSError as error:
        raise InputError("{file}: cannot be read: expected a ledger, or a file of results", file=place.name) from error


def _results_of(file: Path) -> tuple[pd.DataFrame, int, int]:
    """Return results with a known probability, and how many were not filled in to the end or have no known probability."""
    import pandas as pd

    readers: dict[str, Callable[[], pd.DataFrame]] = {
        ".csv": lambda: pd.read_csv(file, dtype="str", encoding="utf-8-sig"),
        ".parquet": lambda: pd.read_parquet(file),
        ".xlsx": lambda: pd.read_excel(file, dtype="str", engine="calamine"),
    }
    if file.suffix.lower() not in readers:
        raise InputError(
            "{file}: expected a ledger, or a file of results that ends in {endings}",
            file=file.name,
            endings=listed(RESULT_FILES),
        )
    try:
        table = readers[file.suffix.lower()]()
    except (OSError, ValueError) as error:  # what they say may hold a value
        raise InputError("{file}: cannot be read as a table of results", file=file.name) from error
    chance = next((name for name in ("probability", "draw_probability") if name in table.columns), None)
    if chance is None or table[chance].isna().all():
        raise InputError(
            "{file} does not say with what probability a household was to be visited; 'visits read' writes it as probability "
            "where --list is the plan that 'watchlist' wrote",
            file=file.name,
        )
    half = pd.Series(False, index=table.index)
    if "complete" in table.columns:
        half = table["complete"].astype("str").str.lower().isin(("false", "0"))
    unknown = ~half & table[chance].isna()
    kept = table[~half & ~unknown].reset_index(drop=True)
    for name in ("on", "visited_on", "recorded_at"):  # a workbook may give a day with the time of midnight
        if name in kept.columns and not pd.api.types.is_datetime64_any_dtype(kept[name]):
            kept[name] = kept[name].astype("str").str.removesuffix(" 00:00:00")
    return kept, int(half.sum()), int(unknown.sum())


def tell_learnt_from(facts: Mapping[str, Any] | None, tell: Teller) -> None:
    """Say what a model learnt from visits, how unevenly they count, and which were left out."""
    if facts is None:
        return
    tell(
        Message(
            "    learnt from {visits:,} visits: {by_list:,} by the list, {at_random:,} drawn at random; as much as {effective:,.0f} that "
            "count alike, the largest {heaviest:,.1f} times the mean, {trimmed:,} cut to {bound:g} times; found in need: {weighted:.2%} "
            "of everybody (weighted), {plain:.2%} of the visited, officially recognised {recognised:.2%}",
            weighted=facts["share_verified_weighted"], plain=facts["share_verified"], recognised=facts["share_recognised"],
            bound=facts["largest_weight"],
            **{name: facts[name] for name in ("visits", "by_list", "at_random", "effective", "heaviest", "trimmed")},
        )
    )  # fmt: skip
    tell(
        Message(
            "    not learnt from: {outside:,} visits outside the horizons, {not_told:,} that told nothing, {not_at_risk:,} to households "
            "not at risk on their day, {before:,} drawn before it",
            before=facts["drawn_before"], **{name: facts[name] for name in ("outside", "not_told", "not_at_risk")},
        )
    )  # fmt: skip


def show_visit_tables(tables: Mapping[str, Any], tell: Teller) -> None:
    """Print forecasts held against visits, and say what was learnt from them."""
    from fanpin_risk.evaluation.results import plain_rows
    from fanpin_risk.reports.visit_figures import against_rows, learnt_rows

    lang = current_language()
    if "visits" in tables:
        _print_lines(*against_rows(plain_rows(tables["visits"]), lang))
    else:
        tell(Message("    no visit with a known result followed a day forecast, so nothing is held against visits"))
    if "visits_learnt" in tables:
        _print_lines(*learnt_rows(plain_rows(tables["visits_learnt"]), lang))


def _print_lines(headers: list[str], rows: list[list[str]]) -> None:
    click.echo()
    for row in (headers, *rows):
        click.echo(" | ".join(row))


@click.command("shares")
@click.argument("visits_place", metavar="LEDGER_OR_FILE", type=RegisterSource(exists=True))
@click.option(
    "--by",
    multiple=True,
    type=click.Choice(BY),
    help="What shares are told by; give several for several. Default: all that is known of the visits.",
)
@click.option(
    "--register",
    "register_place",
    type=RegisterSource(exists=True),
    metavar="REGISTER",
    help="The register: says in which county and township a household is, and which department sent the newest signal of it.",
)
@reading_options
@click.option(
    "--fewest",
    type=click.IntRange(1),
    default=10,
    show_default=True,
    help="Cells with fewer visits whose result is known are not shown, nor what would give them away.",
)
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="File to write: .csv, .parquet or .xlsx.",
)
@overwrite_option
@lang_option
@quiet_option
def shares(
    visits_place: Path | str,
    by: tuple[str, ...],
    register_place: Path | str | None,
    data_date: DataDate,
    id_key: Path | None,
    encoding: str | None,
    fewest: int,
    out: Path,
    overwrite: bool,
    quiet: bool,
) -> None:
    """Say which share of the visits found a household in need, month by month: of the list, and of those drawn at random.

    LEDGER_OR_FILE is the ledger in which lists and visits were recorded, or the results that 'visits read' wrote with --list. Shares
    are of the visited, with 95-percent intervals; those of the list say how right it was, those drawn at random what it missed.
    """
    from fanpin_risk.evaluation.labels import translated
    from fanpin_risk.files import check_target, write_table

    check_ending(out)
    check_target(out, "visit results", overwrite=overwrite)
    tell = Teller(quiet=quiet)
    register = None
    if register_place is not None:
        register = read_checked(register_place, tell, data_date=data_date, id_key=id_key, encoding=encoding)
    found = found_at_visits(visits_place, tell, register=register, id_key=id_key)
    table = fr.visit_shares(found, by=list(by) or None, register=register, fewest=fewest)
    write_table(translated(table, current_language()), out, kind="visit results")
    for row in table[table["month"].eq("all") & table["group"].eq("all")].to_dict("records"):
        _tell_share(row, tell)
    tell(Message("{rows:,} shares -> {out}", rows=len(table), out=os.fspath(out)))


def _tell_share(row: Mapping[Any, Any], tell: Teller) -> None:
    from fanpin_risk.evaluation.labels import NOTES, OF_VISITS
    from fanpin_risk.words import note_message

    how = OF_VISITS["how"][str(row["how"])]
    if row["note"]:
        tell(Message("    {how}: {note}", how=how, note=note_message(str(row["note"]), NOTES)))
        return
    tell(
        Message(
            "    {how}: {verified:,} of {told:,} found in need, {share:.1%} ({low:.1%} to {high:.1%})",
            how=how, verified=row["verified"], told=row["told"], share=row["share_verified"], low=row["low"], high=row["high"],
        )
    )  # fmt: skip
