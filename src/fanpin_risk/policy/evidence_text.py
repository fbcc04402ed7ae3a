"""What decided an answer, as text: rows by table, key and day of recording, with the columns that counted.

``enrolments member_id=M1 school_year=2023 status=dropped_out recorded_at=2023-10-20``; several are joined by ``"; "``. Rows
are named by what stands in them, not by their place in a file, so that the text is the same however the register was split.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from fanpin_risk.asof.days import Array
from fanpin_risk.asof.rows import KnownRows
from fanpin_risk.policy.rule import Deciding, Verdict
from fanpin_risk.records.declarations import Column
from fanpin_risk.words import Language, Message, listed

__all__ = ["TEXT", "evidence_of_verdict", "joined_by_household", "joined_where_both", "repeated"]

TEXT = pa.large_string()  # of the texts of a table, one for each household or row
BETWEEN_ROWS = "; "
DECIMALS = 2
PERSON_ID = "member_id"
NO_KEY = ("household_id",)  # it is told beside the text
# Items that hold what is not itemised, and often all of it: called by the whole, not "other".
SUMS = {"wage": "工资性收入", "tr_other": "转移性收入"}
HOLE = "\0"  # stands for a value in a message
ROW_TEXT = Message("{table}: {columns} (recorded on {day})", table=HOLE, columns=HOLE, day=HOLE)
YES_NO = {True: Message("yes"), False: Message("no")}
FIGURE_TEXTS = {
    "net_income_per_person_cny": Message("net income per person {number} CNY", number=HOLE),
    "line_cny": Message("monitoring line of that year {number} CNY", number=HOLE),
    "net_income_cny": Message("net income of the household {number} CNY", number=HOLE),
    "net_income_before_cny": Message("the year before {number} CNY", number=HOLE),
    "compliant_own_expenses_cny": Message("合规自付支出 of the income form {number} CNY", number=HOLE),
    "without_support_per_person_cny": Message(
        "without transfers and public posts {number} CNY per person", number=HOLE
    ),
    "reference_income_per_person_cny": Message("reference income per person {number} CNY", number=HOLE),
    "claims_cny": Message("pay-outs {number} CNY", number=HOLE),
    "own_payments_cny": Message("own payments taken off {number} CNY", number=HOLE),
    "out_of_pocket_12m_cny": Message("own medical costs of 12 months {number} CNY", number=HOLE),
    "school_cost_cny": Message("own school costs of this school year {number} CNY", number=HOLE),
    "period_end": Message("accounting year up to {day}", day=HOLE),
}


def evidence_of_verdict(
    verdict: Verdict, ids: pd.Index, *, lang: Language | None = None, named: bool = True
) -> pa.Array:
    """Return for each household what decided, ``""`` where nothing on record did.

    Parameters
    ----------
    verdict : Verdict
    ids : Index of str, shape (n_households,)
    lang : {"zh", "en"}, optional
        Write it in the words of this language. Default: in codes.
    named : bool, default True
        Whether words name persons by their ids.

    Returns
    -------
    Array of large_string, shape (n_households,)
    """
    given = [deciding for deciding in verdict.deciding if len(deciding.rows)]
    texts = [_in_codes(deciding) if lang is None else _in_words(deciding, lang, named=named) for deciding in given]
    between = BETWEEN_ROWS if lang is None else _around(listed((HOLE, HOLE), between=BETWEEN_ROWS), lang)[1]
    told = joined_by_household([deciding.rows.household for deciding in given], texts, len(ids), between=between)
    for name, values in verdict.figures.items():
        told = joined_where_both(told, _figure(name, values, lang), between)
    return told


def joined_by_household(household: list[Array], texts: list[pa.Array], n: int, *, between: str) -> pa.Array:
    """Join texts of rows by household: in the order of the parts, within one in that of the texts themselves."""
    if not texts:
        return repeated("", n)
    number = np.concatenate(household)
    part = np.repeat(np.arange(len(texts)), [len(one) for one in texts])
    rows = pa.table({"number": number, "part": part, "text": pa.chunked_array(texts, TEXT).combine_chunks()})
    # Text within a part decides, not the place in a file.
    order = pc.sort_indices(rows, sort_keys=[(name, "ascending") for name in rows.column_names])
    ends = np.cumsum(np.bincount(number, minlength=n))
    of_household = pa.LargeListArray.from_arrays(
        pa.array(np.concatenate([[0], ends])), rows.column("text").combine_chunks().take(order)
    )
    return pc.binary_join(of_household, pa.scalar(between, TEXT))


def joined_where_both(before: pa.Array, after: pa.Array, between: str) -> pa.Array:
    """Join texts element by element, with `between` where neither is empty."""
    middle = pc.if_else(pc.or_(pc.equal(before, ""), pc.equal(after, "")), _text(""), _text(between))
    return _end_to_end(before, middle, after)


def repeated(text: str, n: int) -> pa.Array:
    """Return a text `n` times."""
    return pa.repeat(pa.scalar(text, TEXT), n)


def _text(value: str) -> pa.Scalar:
    return pa.scalar(value, TEXT)


def _end_to_end(*parts: pa.Array | pa.Scalar) -> pa.Array:
    return pc.binary_join_element_wise(*parts, _text(""))


def _in_codes(deciding: Deciding) -> pa.Array:
    """Write each row: its table, its key, the columns that decided as far as they are on record, and when it was recorded."""
    rows = deciding.rows
    parts = [repeated(rows.declaration.name, len(rows))]
    for name in dict.fromkeys((*_key_of_row(rows), *deciding.columns, "recorded_at")):
        values = _written_column(rows, name, None)
        parts += [pc.if_else(pc.equal(values, ""), _text(""), _text(f" {name}=")), values]
    return _end_to_end(*parts)


def _in_words(deciding: Deciding, lang: Language, *, named: bool = True) -> pa.Array:
    """Write the same in a language: with the names of tables, columns and codes."""
    rows, declared = deciding.rows, deciding.rows.declaration
    begin, colon, recorded, end = _around(ROW_TEXT, lang)
    between = _around(listed((HOLE, HOLE)), lang)[1]
    told = repeated("", len(rows))
    names = dict.fromkeys((*_key_of_row(rows), *deciding.columns))
    for name in (name for name in names if named or name != PERSON_ID):
        values = _written_column(rows, name, lang)
        label = Message(name.replace("_", " "), zh=declared[name].zh).shown(lang)
        labelled = _end_to_end(pc.if_else(pc.equal(values, ""), _text(""), _text(f"{label} ")), values)
        told = joined_where_both(told, labelled, between)
    table = Message(declared.name, zh=declared.zh).shown(lang)
    day = _written_column(rows, "recorded_at", lang)
    return _end_to_end(_text(begin + table + colon), told, _text(recorded), day, _text(end))


def _around(template: Message, lang: Language) -> list[str]:
    """Return what a message says around the places of its values."""
    return template.shown(lang).split(HOLE)


def _key_of_row(rows: KnownRows) -> list[str]:
    return [name for name in rows.declaration.key if name not in NO_KEY]


def _figure(name: str, values: Array, lang: Language | None) -> pa.Array:
    """Write a figure of each household, ``""`` where there is none."""
    known = ~np.isnan(values)
    words = np.full(len(values), None, dtype=object)
    if name.endswith("_end"):
        words[known] = np.datetime_as_string(values[known].astype("int64").astype("datetime64[D]"))
    else:
        # Many households have the same figure, and what is the same is written once.
        form = f".{DECIMALS}f" if lang is None else f",.{DECIMALS}f"
        numbers, unique = pd.factorize(values[known])
        words[known] = np.array([format(one, form) for one in unique.tolist()], dtype=object)[numbers]
    begin, end = (f"{name}=", "") if lang is None else _around(FIGURE_TEXTS[name], lang)
    return _end_to_end(_text(begin), pa.array(words, TEXT), _text(end)).fill_null("")


def _written_column(rows: KnownRows, name: str, lang: Language | None) -> pa.Array:
    """Write the values of a column, ``""`` where it is missing; an end that was not yet seen is missing."""
    column = rows.declaration[name]
    if column.type == "date":
        numbers, unique = pd.factorize(getattr(rows, name))
        words = np.datetime_as_string(np.asarray(unique, dtype="datetime64[D]")).astype(object)
    else:
        values = rows.frame[name].iloc[rows.index]
        if column.type in ("id", "text", "area"):
            written = pa.array(values, TEXT)
            return (written.combine_chunks() if isinstance(written, pa.ChunkedArray) else written).fill_null("")
        numbers, unique = pd.factorize(values)
        words = np.array([_value_text(column, one, lang) for one in unique], dtype=object)
    return pa.array([*words, ""], TEXT).take(pa.array(np.where(numbers < 0, len(words), numbers)))


def _value_text(column: Column, value: Any, lang: Language | None) -> str:
    if column.type == "bool":
        return ("yes" if value else "no") if lang is None else YES_NO[bool(value)].shown(lang)
    if column.type in ("int", "number"):
        return f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".")
    if column.type == "codes" and lang is not None:
        return listed(
            [Message(code.replace("_", " "), zh=column.codes[code][0]) for code in str(value).split(";")]
        ).shown(lang)
    if column.type == "code" and lang is not None:
        zh = SUMS.get(str(value), column.codes[value][0]) if column.name == "item" else column.codes[value][0]
        return Message(str(value).replace("_", " "), zh=zh).shown(lang)
    return str(value)
