"""Reading a register, and writing what was found wrong in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import fanpin_risk as fr
from fanpin_risk.cli.options import DataDate
from fanpin_risk.cli.talking import Teller, say
from fanpin_risk.cli.usage import wrong_usage
from fanpin_risk.errors import InputError
from fanpin_risk.words import Message, listed

if TYPE_CHECKING:
    import pandas as pd

    from fanpin_risk.asof.monitoring_lines import MonitoringLines
    from fanpin_risk.model.risk_model import RiskModel
    from fanpin_risk.policy import Policy
    from fanpin_risk.records.register import Register

__all__ = [
    "check_ending",
    "check_text_ending",
    "own_lines",
    "own_policy",
    "pseudonyms",
    "read_checked",
    "reading_option",
    "refuse_reading_options",
    "tell_doubts",
    "tell_packed",
    "tell_rows",
    "write_problem_list",
]


# Problems that are said after every reading: what the office itself said of its headers.
TOLD_ALWAYS = ("columns_file", "columns_file_idle", "likely_table")
# What makes a household's income doubtful -> how it is said of how many.
DOUBTS = {
    "stated_differs": Message(
        "    note: {count:,} households state another net income per person than their items come to"
    ),
    "parts_exceed_total": Message("    note: in {count:,} households parts of income come to more than their total"),
    "amounts_repeated": Message(
        "    note: of {count:,} households the same amounts stand on all members' rows; counted once"
    ),
    "once_or_each": Message(
        "    note: of {count:,} households an amount on all members' rows may be the household's or each member's; their income is "
        "unknown"
    ),
    "members_lost": Message("    note: of {count:,} households members may stand in a file that could not be used"),
    "monitoring_lost": Message("    note: {count:,} households may be monitored by a file that could not be used"),
    "type_by_number": Message(
        "    note: {count:,} households count as monitored by a number that may be a code or mean yes"
    ),
    "number_for_type": Message("    note: of {count:,} households a number does not say whether they are monitored"),
    "amount_not_used": Message("    note: of {count:,} households amounts of a second sheet were not used"),
    "part_not_added": Message(
        "    note: of {count:,} households amounts of persons or months were not added to those of the year"
    ),
    "payments_added": Message("    note: of {count:,} households several payments of one item were added up"),
    "approximate": Message("    note: of {count:,} households an amount is only about right"),
    "part_of_year": Message(
        "    note: of {count:,} households only parts of the year are on record; their income is unknown"
    ),
    "income_unknown": Message(
        "    note: of {count:,} households only pay-outs or own expenses are on record; their income is unknown"
    ),
    "half_year_scaled": Message(
        "    note: of {count:,} households half a year of income or less is on record; it is multiplied up to a year"
    ),
    "left_without_day": Message("    note: in {count:,} households somebody is gone without a day, and is not counted"),
    "leaving_doubtful": Message(
        "    note: of {count:,} households a note or a change may say that somebody died or left, or that the household was closed; "
        "they are counted"
    ),
    "elimination_doubtful": Message(
        "    note: of {count:,} households a note may say that the risk is over; they count as monitored"
    ),
    "amounts_differ": Message(
        "    note: of {count:,} households two rows for one year differ; their income is unknown"
    ),
}

# Problems for which an amount was left out, so that the income of its household and year is unknown.
FILES_SHOWN = 5
UNUSABLE = ("amount_unknown", "columns_differ", "no_head_count", "not_a_number", "out_of_range")


def read_checked(
    source: Path | str,
    tell: Teller,
    *,
    data_date: DataDate = None,
    id_key: Path | None = None,
    encoding: str | None = None,
    enough: bool = True,
    days: Iterable[str] = (),
    model: RiskModel | None = None,
    households: Iterable[str] | None = None,
) -> Register:
    """Read a register and say how many rows were kept, whose income is doubtful, and which year is not known yet on `days`.

    Rows without a day of recording count as known as the option says, else as they did for the `model`.

    Without `enough` it is read to find all that is wrong. With it a register of which no or hardly a household was kept
    is refused, with the commonest reasons.

    Of a packed register that was made by 'pack' only the parts are read in which `households` stand, where they are given: ids as
    they are in the register, also of those that it does not know.
    """
    from fanpin_risk.batch.layout import is_packed

    if is_packed(source):
        refuse_reading_options(data_date, id_key if households is None else None, encoding, reading_option("columns"))
        register = _read_packed(Path(source), tell, households)
        if model is not None and (other := model.other_lag(register)) is not None:
            say(Message("note: {text}", text=other))
        if households is None:
            tell_rows(register, tell)
            tell_doubts(register, tell)
            _tell_years(register, days, tell)
        return register
    key = id_key.read_bytes().strip() if id_key is not None else None
    lag = reading_option("known_lag_days")
    if lag is None and model is not None:
        lag = model.known_lag_days_
    hidden, flat = (bool(reading_option(name)) for name in ("hidden", "flat"))
    with tell.progress(Message("reading the register")) as progress:
        register = fr.read_register(
            source, queries=reading_option("queries"), columns=reading_option("columns"), data_date=data_date,
            known_lag_days=lag, id_key=key, encoding=encoding, hidden=hidden, flat=flat, checking=not enough,
            progress=progress,
        )  # fmt: skip
    tell_rows(register, tell)
    tell_doubts(register, tell)
    if enough:
        from fanpin_risk.records.problems import require_kept

        for table in ("households", *(["incomes"] if lacks_incomes(register) else [])):
            read, kept = (int(register.counts[name][table]) for name in ("rows_read", "rows_kept"))
            require_kept(register.problems, read=read, kept=kept, table=table)
    _tell_years(register, days, tell)
    if model is not None and (other := model.other_lag(register)) is not None:
        say(Message("note: {text}", text=other))
    return register


def _read_packed(folder: Path, tell: Teller, households: Iterable[str] | None) -> Register:
    """Read a packed register into memory, or the named households of it, as far as it knows them."""
    from fanpin_risk.batch.unpacking import named_households

    with tell.progress(Message("reading the register")) as progress:
        if households is None:
            return fr.read_packed(folder, progress=progress)
        return named_households(folder, households, progress=progress)[0]


def lacks_incomes(register: Register) -> bool:
    """Tell whether most rows of incomes were rejected, so that fewer than half of the households have any."""
    from fanpin_risk.records.problems import FEWEST_KEPT

    read, kept = (int(register.counts[name]["incomes"]) for name in ("rows_read", "rows_kept"))
    having = register.tables["incomes"]["household_id"].nunique()
    return kept < FEWEST_KEPT * read and having < FEWEST_KEPT * register.tables["households"]["household_id"].nunique()


def reading_option(name: str) -> Any:
    """Return what was given for one of the reading options that commands do not take as arguments; None for nothing."""
    context = click.get_current_context(silent=True)
    return None if context is None else context.meta.get(f"fanpin_risk.{name}")


def refuse_reading_options(*given: object) -> None:
    """Refuse options of reading, where any is given, for a register that has been packed.

    Raises
    ------
    InputError
        If any of `given` is more than nothing, or ``--known-lag-days`` was given.
    """
    if any(given) or reading_option("known_lag_days") is not None:
        raise InputError(
            "--data-date, --known-lag-days, --id-key, --encoding and --columns are for reading files; a packed register has been "
            "read"
        )


def _tell_years(register: Register, days: Iterable[str], tell: Teller) -> None:
    """Say which year of incomes is over on a day but counts as known only later."""
    from fanpin_risk.asof.known_years import year_not_known

    for day in sorted(set(days)):
        found = year_not_known(register, day)
        if found is None:
            continue
        used = (
            Message("no year is used")
            if found.newest_used is None
            else Message("the newest year used is {year}", year=found.newest_used)
        )
        tell(
            Message(
                "    note: on {day} incomes of {year} count as known from {known_from}; {used}. They have no "
                "day of recording (recorded_at); --known-lag-days says after how many days they are known",
                day=day,
                year=found.year,
                known_from=f"{found.known_from:%Y-%m-%d}",
                used=used,
            )
        )


def tell_doubts(register: Register, tell: Teller) -> None:
    """Say first what concerns the whole and money: columns not understood, and households whose figures contradict one another."""
    problems = register.problems
    households = register.tables["households"]["household_id"].drop_duplicates()
    _tell_lost_incomes(problems, [households], len(households), tell)
    _tell_unread_money(problems, tell)
    _tell_small_amounts(problems, tell)
    for row in problems[problems["code"].isin(TOLD_ALWAYS)].itertuples():
        tell(Message("    note: {text}", text=Message(str(row.message), zh=str(row.message_zh))))
    _tell_without_income(register, tell)
    for code, text in DOUBTS.items():
        count = int(problems.loc[problems["code"] == code, "household_id"].nunique())
        if count:
            tell(Message(text, count=count))
    of_incomes = (
        (problems["table"] == "incomes") & problems["code"].isin(UNUSABLE) & (problems["severity"] != "rejected")
    )
    if count := int(problems.loc[of_incomes, "household_id"].nunique()):
        tell(
            Message(
                "    note: of {count:,} households an amount cannot be used; their income of that year is unknown",
                count=count,
            )
        )


def _tell_unread_money(problems: pd.DataFrame, tell: Teller) -> None:
    """Say of each column that looks like money and was not read whom it concerns, and what it comes to."""
    lost = problems[problems["code"] == "money_not_read"]
    once = lost.drop_duplicates(
        ["source", "column", "household_id", "stated"]
    )  # a household's amount may stand on each member's row
    for (source, column), mine in once.groupby(["source", "column"], sort=False):
        tell(
            Message(
                "    note: {source}, {column}: looks like money and was not read; it is not counted in any income: "
                "{count:,} households, {yuan:,.0f} in all",
                source=source, column=column, count=int(mine["household_id"].nunique()), yuan=float(mine["stated"].sum()),
            )
        )  # fmt: skip


def _tell_lost_incomes(problems: pd.DataFrame, households: Iterable[pd.Series], total: int, tell: Teller) -> None:
    """Say of how many households incomes were lost, in rows that were rejected or files that could not be used, and in which."""
    rejected = (problems["table"] == "incomes") & (problems["severity"] == "rejected")
    concerned = problems.loc[rejected | (problems["code"] == "income_lost"), "household_id"]
    count = sum(int(ids.isin(concerned).sum()) for ids in households) if len(concerned) else 0
    if count:
        files = list(dict.fromkeys(problems.loc[rejected, "source"]))
        tell(
            Message(
                "    note: of {count:,} of {total:,} households incomes were lost, or may be: {files}",
                count=count,
                total=total,
                files=listed(files[:FILES_SHOWN] + ["..."] * (len(files) > FILES_SHOWN)),
            )
        )


def _tell_small_amounts(problems: pd.DataFrame, tell: Teller) -> None:
    """Say of each file whose amounts are too small for yuan whom it concerns, and what they come to as they stand."""
    small = problems[problems["code"] == "unit_doubtful"]
    for source, mine in small.groupby("source", sort=False):
        tell(
            Message(
                "    note: {source}: amounts so small that they may be in 10,000 yuan were not used: {count:,} households, {yuan:,.2f} as "
                "they stand; say the unit in the headers",
                source=source, count=int(mine["household_id"].nunique()), yuan=float(mine["stated"].sum()),
            )
        )  # fmt: skip


def _tell_without_income(register: Register, tell: Teller) -> None:
    """Say of how many households no income is on record: their rows were rejected, lost in a file, or never there."""
    households = register.tables["households"]["household_id"].drop_duplicates()
    without = int((~households.isin(register.tables["incomes"]["household_id"])).sum())
    if without:
        tell(
            Message(
                "    note: of {count:,} of {total:,} households no income is on record; it is unknown",
                count=without,
                total=len(households),
            )
        )


def tell_rows(register: Register, tell: Teller) -> None:
    """Say how many rows were read and kept, and which files could not be read."""
    read, kept, rejected = (int(register.counts[name].sum()) for name in ("rows_read", "rows_kept", "rows_rejected"))
    tell(Message("{read:,} rows read = {kept:,} kept + {rejected:,} rejected", read=read, kept=kept, rejected=rejected))
    _tell_unread(register.problems, tell)


def tell_packed(folder: Path, tell: Teller) -> None:
    """Say of a register that was just packed which files could not be read, and of how many households incomes were lost."""
    import pandas as pd
    import pyarrow.compute as pc

    from fanpin_risk.batch.layout import PARTITIONS, PROBLEMS, partitions_of

    kind = pc.field
    lost = (kind("severity") == "rejected") & ((kind("table") == "incomes") | kind("row").is_null())
    problems = pd.read_parquet(folder / PROBLEMS, filters=lost | (kind("code") == "income_lost"))
    _tell_unread(problems, tell)
    partitions = partitions_of(folder)
    ids = (
        pd.read_parquet(folder / PARTITIONS / partition.folder / "households.parquet", columns=["household_id"])
        for partition in partitions
    )
    households = (frame["household_id"].drop_duplicates() for frame in ids)
    _tell_lost_incomes(problems, households, sum(partition.households for partition in partitions), tell)


def _tell_unread(problems: pd.DataFrame, tell: Teller) -> None:
    unread = _unread_files(problems)
    if unread:
        tell(
            Message(
                "    {count} file(s) or sheet(s) could not be read: {files}", count=len(unread), files=listed(unread)
            )
        )


def _unread_files(problems: pd.DataFrame) -> list[str]:
    """Name the files or sheets of which no row was taken in."""
    whole = problems[
        (problems["severity"] == "rejected")
        & problems["row"].isna()
        & ~problems["code"].isin(("no_households", "ids_unmatched"))
    ]
    return sorted({str(source) for source in whole["source"]})


def write_problem_list(register: Register, folder: Path) -> None:
    """Write what a check found, and the rejected rows, to a new folder."""
    from fanpin_risk.files import write_table

    write_table(register.problems, folder / "problems.csv")
    write_table(register.coverage().reset_index(), folder / "coverage.csv")
    write_table(register.counts.reset_index(), folder / "counts.csv")
    for name, frames in register.rows_to_mend.items():
        for number, rows in enumerate(frames, start=1):
            stem = name if number == 1 else f"{name} ({number})"
            write_table(rows, folder / "rejected" / f"{stem}.csv")


def own_lines(file: Path | None) -> MonitoringLines | None:
    """Read own monitoring lines, if a file was named."""
    return None if file is None else fr.MonitoringLines.read(file)


def own_policy(file: Path | None) -> Policy | None:
    """Read own numbers of the rules, if a file was named."""
    from fanpin_risk.policy import Policy

    return None if file is None else Policy.read(file)


def pseudonyms(ids: tuple[str, ...], id_key: Path) -> tuple[str, ...]:
    """Replace ids as reading with the key does."""
    import pandas as pd

    from fanpin_risk.records.ids import pseudonymise

    return tuple(pseudonymise(pd.Series(ids, dtype="str"), id_key.read_bytes().strip()))


def check_ending(out: Path, endings: Sequence[str] | None = None) -> None:
    """Refuse a file of a kind that tables, or what else has these endings, are not written to."""
    from fanpin_risk.files import FORMATS

    allowed = FORMATS if endings is None else endings
    if out.suffix.lower() not in allowed:
        raise wrong_usage(
            Message("{file}: expected a file that ends in {endings}", file=out.name, endings=listed(allowed))
        )


def check_text_ending(out: Path | None, endings: tuple[str, str]) -> None:
    """Refuse a file of a kind that a text is not written to; None is the screen."""
    if out is not None and out.suffix.lower() not in endings:
        one, other = endings
        raise wrong_usage(
            Message("{file}: expected a file that ends in {one} or {other}", file=out.name, one=one, other=other)
        )
