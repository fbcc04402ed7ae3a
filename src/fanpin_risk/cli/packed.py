"""A packed register for commands: one part after the other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import fanpin_risk as fr
from fanpin_risk.cli.reading import reading_option, refuse_reading_options, tell_rows
from fanpin_risk.cli.scoring import tell_lacking, tell_scored
from fanpin_risk.cli.talking import Teller, say
from fanpin_risk.errors import InputError
from fanpin_risk.words import Message

if TYPE_CHECKING:
    import pandas as pd

    from fanpin_risk.asof.monitoring_lines import MonitoringLines
    from fanpin_risk.batch.scoring.job import ScoreOptions
    from fanpin_risk.model.risk_model import RiskModel
    from fanpin_risk.records.register import Register

__all__ = ["each_part", "features_of_packed", "in_order_of_ids", "packed_as_described", "score_each_part"]

FromPart = TypeVar("FromPart")
AREAS, COMPUTING = Message("what the areas are like"), Message("computing features")
BYTES_OF_NUMBER = 8
COPIES_OF_TABLE = 3  # the parts, put together, in order


def packed_as_described(
    folder: Path, tell: Teller, *, model: RiskModel | None = None, given: tuple[object, ...] = ()
) -> Register:
    """Return what is said of a packed register, without a row of it, and say how many rows it was made of.

    `given` are options of reading files, which are refused.
    """
    from fanpin_risk.batch.packed_facts import described

    refuse_reading_options(*given, reading_option("columns"))
    register = described(folder)
    tell_rows(register, tell)
    if model is not None:
        if (other := model.other_lag(register)) is not None:
            say(Message("note: {text}", text=other))
        tell_lacking(model, register)
    return register


def each_part(folder: Path, tell: Teller, what: Message, work: Callable[[Register], FromPart]) -> list[FromPart]:
    """Do something with each partition, one after the other, of which one is in memory; the first where nobody is in any."""
    from fanpin_risk.batch.packed_parts import each_partition

    with tell.progress(what) as progress:
        return [work(part) for part in each_partition(folder, progress=progress)]


def in_order_of_ids(tables: list[pd.DataFrame], *more: str) -> pd.DataFrame:
    """Put tables of parts together as that of the whole, by household."""
    import pandas as pd

    filled = [table for table in tables if len(table)] or tables[:1]
    return pd.concat(filled).sort_values(["household_id", *more], kind="stable", ignore_index=True)


def score_each_part(
    model: RiskModel, folder: Path, as_of: str, tell: Teller, *, options: ScoreOptions
) -> dict[str, pd.DataFrame]:
    """Score a packed register part by part, account for its households, and return the scores of all."""
    from fanpin_risk.batch.scoring.part import score_tables

    parts = each_part(folder, tell, Message("scoring"), lambda part: score_tables(model, part, as_of, options))
    tables = {name: in_order_of_ids([part[name] for part in parts]) for name in parts[0]}
    tell_scored(tables, as_of, tell)
    return tables


def features_of_packed(
    folder: Path, as_of: str, out: Path, tell: Teller, *, lines: MonitoringLines | None, model: RiskModel | None,
    given: tuple[object, ...], overwrite: bool,
) -> None:  # fmt: skip
    """Write the features of a packed register: a table for each part into a folder, or that of all into a file."""
    import numpy as np

    from fanpin_risk.asof.days import to_day
    from fanpin_risk.asof.snapshot import Snapshot
    from fanpin_risk.features import FEATURES
    from fanpin_risk.features.references import incomes_by_area, medians_of_areas
    from fanpin_risk.files import FORMATS, new_folder, write_table

    packed_as_described(folder, tell, given=given)
    one_file = out.suffix.lower() in FORMATS
    if one_file:
        require_memory_for_table(folder, len(FEATURES))
    if model is None:
        found = each_part(folder, tell, AREAS, lambda part: incomes_by_area(Snapshot(part, as_of, lines=lines)))
        incomes, codes = (np.concatenate(each) for each in zip(*found, strict=True))
        references = medians_of_areas(incomes, codes, to_day(as_of).to_datetime64())
    else:
        references = model.references_

    def compute(part: Register) -> pd.DataFrame:
        return fr.compute_features(part, as_of, references=references, lines=lines).reset_index()

    if one_file:
        table = in_order_of_ids(each_part(folder, tell, COMPUTING, compute))
        write_table(table, out, kind="features")
        households = len(table)
    else:
        with new_folder(out, "feature parts", overwrite=overwrite) as place:

            def write(part: Register) -> int:
                table = compute(part)
                write_table(table, place / f"{Path(part.source).name}.parquet")
                return len(table)

            households = sum(each_part(folder, tell, COMPUTING, write))
    tell(
        Message(
            "{households:,} households x {features} features -> {out}",
            households=households, features=len(FEATURES), out=out,
        )
    )  # fmt: skip


def require_memory_for_table(folder: Path, n_columns: int) -> None:
    """Refuse to hold a number for each household and column in memory where that is more than is free."""
    from fanpin_risk.batch import memory
    from fanpin_risk.batch.layout import read_manifest

    households = read_manifest(folder).households
    needed, free = households * n_columns * BYTES_OF_NUMBER * COPIES_OF_TABLE, memory.free_bytes()
    if free is not None and needed > free:
        raise InputError(
            "{register}: a table of {households:,} households x {columns} columns takes about {needed:,.1f} GB of memory, and "
            "{free:,.1f} GB are free; give --out a folder: then it is written part by part",
            register=folder.name, households=households, columns=n_columns, needed=needed / 1e9, free=free / 1e9,
        )  # fmt: skip
