"""When payments were made, by a column of their month, quarter or day: of which year and of which months each is.

A payment without a year of its own is of the year in which it was made. Other days in a sheet of incomes (外出时间, 合同日期)
say nothing of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from fanpin_risk.records.cells.cleaning import as_text, plain_signs
from fanpin_risk.records.headers import header_key
from fanpin_risk.records.rows import RawRows, Rows
from fanpin_risk.records.sheets import NAMED_PART, unique_labels
from fanpin_risk.records.year_parts import months_in

__all__ = [
    "fill_years_of_payments",
    "has_own_period",
    "is_day",
    "lists_of_payments",
    "months_of",
    "of_periods",
    "quiet_for_long",
]

PAID = "发放|领取|到账|支付|发薪|打卡|兑付|领款|付款|拨付|入账|转账|发钱"
PERIOD_OF_PAYMENT = re.compile(
    rf"(?:{PAID}|所属|工资|务工|收入|补贴|补助|享受|统计|结算|名称)*(?:月份?|年月|季度?|所属期间?|年月份|年季度?)"
)
DAY_OF_PAY = re.compile(rf"(?:{PAID})(?:日期?|时间)")
DAY_OF_CELL = re.compile(r"20[0-4]\d(?:[-./年](\d{1,2})[-./月]\d{1,2}日?|(0[1-9]|1[0-2])[0-3]\d)(?![\d])")
YEAR_AND_MONTH = re.compile(r"20[0-4]\d(?:[-./年](0?[1-9]|1[0-2])月?份?|(0[1-9]|1[0-2]))")
BARE_MONTH = re.compile(r"(?:20\d\d[-./年]?)?(0?[1-9]|1[0-2])月?份?")
BARE_QUARTER = re.compile(r"(?:20\d\d[-./年]?)?第?0?([一二三四1-4])")
YEAR_OF_CELL = re.compile(r"20[0-4]\d|(?P<short>2\d)(?=年)")
TIME_IN_NAME = re.compile(r"\d+|[年月份季度上下半第全#]|[一二三四五六七八九十]+(?=月|季)|[_\-. ()\[\]]")
WHOLE_NUMBER = re.compile(r"(\d+)\.0+")


def of_periods(header: str) -> bool:
    """Tell whether a column says for which months or quarters payments are, not on which days.

    Examples
    --------
    >>> of_periods("月份"), of_periods("发放年月"), of_periods("发放日期"), of_periods("务工月数")
    (True, True, False, False)
    """
    return PERIOD_OF_PAYMENT.fullmatch(header_key(header)) is not None


def is_day(text: str) -> bool:
    """Tell whether a cell is a day.

    Examples
    --------
    >>> is_day("2024-03-05"), is_day("20240305"), is_day("2024年3月5日"), is_day("202403")
    (True, True, True, False)
    """
    return DAY_OF_CELL.match(text) is not None


def months_of(text: str, header: str) -> int:
    """Return the months that a cell names, as bits, January the lowest; 0 where it names none.

    Examples
    --------
    >>> months_of("202403", "年月"), months_of("3", "月份"), months_of("2024-03-05", "发放日期")
    (4, 4, 4)
    >>> months_of("2", "季度"), months_of("2024年第2季度", "所属期"), months_of("3", "批次")
    (56, 56, 0)
    """
    text = plain_signs(text).strip()
    if whole := WHOLE_NUMBER.fullmatch(text):
        text = whole[1]
    if day := DAY_OF_CELL.match(text) or YEAR_AND_MONTH.fullmatch(text):
        month = int(day[1] or day[2])
        return 1 << (month - 1) if 1 <= month <= 12 else 0
    if re.search("月份?$", header) and (month_alone := BARE_MONTH.fullmatch(text)):
        text = f"{month_alone[1]}月"
    elif re.search("季度?$", header) and (quarter := BARE_QUARTER.fullmatch(text)):
        text = f"{quarter[1]}季度"
    return months_in(text)


def has_own_period(part: RawRows) -> bool:
    """Tell whether a sheet of incomes has a column of years or periods beside that of payments."""
    return bool({"period_start", "period_end"} & part.layout.found)


def lists_of_payments(rows: Rows) -> Iterator[tuple[RawRows, np.ndarray]]:
    """Give the sheets of incomes with the places of their rows; those of a month each, that are called alike, as one sheet.

    Of the latter only the columns that tell payments apart are there.
    """
    starts = np.cumsum([0, *(len(part.frame) for part in rows.parts)])
    series: dict[tuple[str, bool], list[tuple[RawRows, np.ndarray]]] = {}
    for part, start in zip(rows.parts, starts, strict=False):
        places = np.arange(start, start + len(part.frame))
        if NAMED_PART not in part.headers:
            yield part, places
            continue
        name = TIME_IN_NAME.sub("", plain_signs(part.source))
        series.setdefault((name, bool(part.layout.items)), []).append((part, places))
    for several in series.values():
        first = several[0][0]
        frames, kinds = [], dict[str, str]()
        for part, _ in several:
            told = list(part.layout.tells)
            names = unique_labels(header_key(part.headers[at]) for at in told)
            frames.append(part.frame.iloc[:, told].astype(object).set_axis(names, axis=1))
            kinds |= dict(zip(names, part.layout.tells.values(), strict=True))
        frame = pd.concat(frames, ignore_index=True)
        tells = {at: kinds[name] for at, name in enumerate(frame.columns)}
        layout = replace(first.layout, tells=tells)
        yield (
            replace(first, frame=frame, headers=list(frame.columns), layout=layout),
            np.concatenate([at for _, at in several]),
        )


def fill_years_of_payments(rows: Rows) -> None:
    """Fill the missing period of payments by the year of their month, quarter or day.

    Parameters
    ----------
    rows : Rows
        Of incomes, before times are filled.
    """
    starts = np.cumsum([0, *(len(part.frame) for part in rows.parts)])
    for part, start in zip(rows.parts, starts, strict=False):
        for position, kind in part.layout.tells.items():
            header = part.headers[position].strip()
            if kind == "time" and (of_periods(header) or DAY_OF_PAY.fullmatch(header_key(header))):
                codes, cells = pd.factorize(part.frame.iloc[:, position].astype(object))
                years = np.array([*(_year_of_payment(as_text(cell), header) for cell in cells), 0])[codes]
                _fill_years(rows, np.arange(start, start + len(codes)), years)


def _year_of_payment(text: str, header: str) -> int:
    """Return the year of a cell that names a part of one, 0 if it names none."""
    text = plain_signs(text).strip()
    found = YEAR_OF_CELL.match(text)
    if found is None or not months_of(text, header):
        return 0
    return int(f"20{found['short']}" if found["short"] else found[0])


def _fill_years(rows: Rows, own: np.ndarray, years: np.ndarray) -> None:
    names = ("period_start", "period_end")
    empty = years > 0
    for name in names:
        empty &= rows.frame[name].isna().to_numpy()[own] & ~rows.fault[name][own]
    places, first = own[empty], (years[empty] - 1970).astype("datetime64[Y]")
    days = first.astype("datetime64[D]"), (first + 1).astype("datetime64[D]") - 1
    for name, day in zip(names, days, strict=True):
        rows.frame.loc[places, name] = day.astype("datetime64[s]")
        rows.first[name][places], rows.last[name][places] = day, day


def quiet_for_long(months: int, *, wage: bool) -> bool:
    """Tell whether payments of a year stop, or begin, so that others of it may be missing: a longer gap than any between them.

    Parameters
    ----------
    months : int
        Those in which payments were made, as bits.
    wage : bool
        Whether they are wages: a single one before December is hardly that of a year.

    Examples
    --------
    >>> quiet_for_long(0b000000011111, wage=True), quiet_for_long(0b111111111111, wage=True)
    (True, False)
    >>> quiet_for_long(0b001000000000, wage=False), quiet_for_long(0b001000000000, wage=True)
    (False, True)
    >>> quiet_for_long(0b100000100000, wage=True), quiet_for_long(0b000010000010, wage=True)
    (False, False)
    """
    paid = [month for month in range(1, 13) if months >> (month - 1) & 1]
    if len(paid) < 2:
        return wage and paid != [12] and bool(paid)
    longest = int(np.diff(paid).max())
    return paid[-1] + longest <= 12 or paid[0] - longest >= 1
