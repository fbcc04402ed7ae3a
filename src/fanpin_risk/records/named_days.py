"""Days that titles and names tell: a year, a period, a month or a day; and which of them a year's accounts may be of.

Not every year in a title is that of the figures: 政办〔2023〕12号 is a document, 2014年建档立卡户 are households of that
year, 2025年1月填报 is when the sheet was filled in, 2024年秋季 is a term of a school.
"""

from __future__ import annotations

import re

import numpy as np

from fanpin_risk.records.cells.cleaning import plain_signs
from fanpin_risk.records.cells.dates import CHINESE_DIGITS

__all__ = ["FILLED_IN", "YEAR", "Span", "account_span_in", "span_in"]

Span = tuple[np.datetime64, np.datetime64]

# A year, perhaps with a month and a day, in a title or a name: 2021年度, 2024年3月, 20231218.
YEAR = re.compile(
    r"(?<!\d)(20[0-4]\d)(?:年度?|[-./_]|(?=\d{2}(?!\d)|\d{4}(?!\d)))?(?:(1[0-2]|0?[1-9])(?:月份?|[-./_]|(?=\d{2}(?!\d)))?"
    r"(?:(3[01]|[12]\d|0?[1-9])日?)?)?(?!\d)"
)
WRITTEN_OUT = re.compile(r"二[〇零○O][〇零○O一二三四][〇零○O一二三四五六七八九](?=年)")
TWO_DIGITS = re.compile(r"^(2\d)年(?=度|[^\d以前内来]|$)")
DAY_OR_MONTH = r"(20[0-4]\d)[年./-](1[0-2]|0?[1-9])(?:月份?)?(?:[./-]?(3[01]|[12]\d|0?[1-9])日?)?"
FROM_TO = re.compile(rf"(?<!\d){DAY_OR_MONTH}\s*(?:[-—–~～至到]+)\s*{DAY_OR_MONTH}(?!\d)")
MOST_DAYS_OF_ACCOUNTS = np.timedelta64(366, "D")  # from the first to the last day of a period of accounts
TWELVE_MONTHS = re.compile(r"(?<=年)(?:度?全年|0?1月?份?[-—–~～至到]+12月份?)")
# Years that are not of the figures: of a document, of households that were registered then, of an edition.
DOCUMENT = re.compile(r"关于|通知|印发")
NO_FIGURES = re.compile(
    r"[〔\[(【]20\d\d[〕\])】]\s*第?\d+号|20\d\d年(?:新?(?:建档立卡|识别|纳入|退出|出列|新增))|20(?:1\d|20)年(?:已)?脱贫|20\d\d年?(?:修订)?版"
)
# When a sheet was filled in, not what it is about.
FILLED_IN = re.compile(
    r"(?:(?:填报|填表|制表|导出|打印|上报|报送|更新|录入)(?:时间|日期|:)|填表|制表|导出|打印):?\s*"
    r"20\d\d(?:[-年./]\d{1,2})?(?:[-月./]\d{1,2})?[年日月]?"
    r"|20\d\d年(?:\d{1,2}月(?:\d{1,2}日)?)?(?:填报|填表|制表|上报|报送|导出|打印)"
)
# A term or a year of a school: not a year of accounts.
SCHOOL_TERM = re.compile(
    r"20\d\d(?:年度?)?\s*(?:[-—–~～至到/]+\s*(?:20)?\d\d年?)?\s*(?:学年|(?:[春秋](?:季|期|学)|[春秋](?![一-鿿])|第?[一二上下12]学期|学期)(?:学期)?)"
)
TERM_ELSEWHERE = re.compile(r"[春秋]季(?!度)|学期")
UP_TO_YEAR_END = re.compile(
    r"(?:统计|数据|核算|采集|监测|截[至止]到?)[^\d]{0,6}(20[0-4]\d)[年./-]12(?:[月./-]份?(?:31日?|底|末)?)?(?!\d)"
)
ONLY_DECEMBER = re.compile(r"\s*(20[0-4]\d)[年./_-]?12(?:月份?|[月./_-]31日?)?\s*")
OF_DATA = re.compile(
    r"年度|收入|统计|数据|台账|情况|信息|测算|核算|采集|调查|监测|登记|明细|清单|农户|家庭|册|表|[a-z]", re.IGNORECASE
)
ONLY_YEAR = re.compile(r"[\s()\[\]【】]*20[0-4]\d年?[\s()\[\]【】]*")


def span_in(text: str) -> Span | None:
    """Return the days that a text names: a year, a month or one day; None if it names none or more than one.

    Examples
    --------
    >>> [str(day) for day in span_in("2024年3月")], span_in("2021年至2023年"), span_in("第3组")
    (['2024-03-01', '2024-03-31'], None, None)
    >>> span_in("2014年建档立卡户基本信息"), span_in("政办〔2023〕12号")
    (None, None)
    >>> [str(day) for day in span_in("2024年上报2023年信息")]
    ['2023-01-01', '2023-12-31']
    """
    plain = _figures_only(text)
    return _only_span(plain) or _only_span(FILLED_IN.sub(" ", plain))


def account_span_in(text: str, *, title: bool = False, folder: bool = False) -> Span | None:
    """Return the year, or the period of about a year, whose accounts a text says to be there.

    Parameters
    ----------
    text : str
    title : bool
        Whether it stands above the header: then the year stands alone or beside a word of data.
    folder : bool
        Whether it is the name of a folder: the state of December is that of its year.

    Returns
    -------
    tuple of two datetime64 or None
        Also days and months that are no year, as :func:`span_in`; None if it names none or more than one.

    Examples
    --------
    >>> [str(day) for day in account_span_in("采集周期：2023年10月1日至2024年9月30日")]
    ['2023-10-01', '2024-09-30']
    >>> for text in ("统计时间：2024年12月31日", "2024年1-12月收入", "2025年1月填报2024年度收入台账", "24年农户收入"):
    ...     print(*account_span_in(text))
    2024-01-01 2024-12-31
    2024-01-01 2024-12-31
    2024-01-01 2024-12-31
    2024-01-01 2024-12-31
    >>> account_span_in("关于做好2025年工作的附件", title=True), account_span_in("2021—2025年农户收入台账")
    (None, None)
    >>> account_span_in("2024年秋季学期家庭收入"), account_span_in("2023-2024学年收入")
    (None, None)
    """
    plain = SCHOOL_TERM.sub(" ", FILLED_IN.sub(" ", _figures_only(text)))
    if TERM_ELSEWHERE.search(plain):
        return None
    if found := UP_TO_YEAR_END.search(plain):
        return _days_of_year(found[1])
    if folder and (only := ONLY_DECEMBER.fullmatch(plain)):
        return _days_of_year(only[1])
    if title and not (OF_DATA.search(plain) or FROM_TO.search(plain) or ONLY_YEAR.fullmatch(plain)):
        return None
    return _only_span(plain)


def _figures_only(text: str) -> str:
    """Return a text without years that are not of figures, others as digits; nothing of a document's title."""
    plain = plain_signs(text)
    if DOCUMENT.search(plain):
        return ""
    plain = WRITTEN_OUT.sub(lambda found: found[0].translate(CHINESE_DIGITS), plain)
    return TWELVE_MONTHS.sub("", NO_FIGURES.sub(" ", TWO_DIGITS.sub(r"20\1年", plain)))


def _only_span(plain: str) -> Span | None:
    """Return the days that a text names, if it names one day, month, year or period."""
    if periods := {found.groups() for found in FROM_TO.finditer(plain)}:
        one = periods.pop()
        first, last = _days(*one[:3]), _days(*one[3:])
        if periods or first is None or last is None:
            return None
        return (first[0], last[1]) if first[0] <= last[1] <= first[0] + MOST_DAYS_OF_ACCOUNTS else None
    found = {match.groups() for match in YEAR.finditer(plain)}
    return _days(*found.pop()) if len(found) == 1 else None


def _days(year: str, month: str | None, day: str | None) -> Span | None:
    if month is None:
        return _days_of_year(year)
    first = np.datetime64(f"{year}-{int(month):02}")
    if day is None:
        return first.astype("datetime64[D]"), (first + 1).astype("datetime64[D]") - 1
    one = first.astype("datetime64[D]") + int(day) - 1
    return (one, one) if one.astype("datetime64[M]") == first else None


def _days_of_year(year: str) -> Span:
    return np.datetime64(f"{year}-01-01"), np.datetime64(f"{year}-12-31")
