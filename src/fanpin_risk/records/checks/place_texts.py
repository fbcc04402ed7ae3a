"""Places in records: codes that names of places tell, names that contradict codes, and how far somebody works from home."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fanpin_risk.records.divisions import Place, contradicts, division_path, read_place, same_division
from fanpin_risk.records.places import CODE_DIGITS, place_of
from fanpin_risk.records.rows import Rows
from fanpin_risk.records.schema import TABLES
from fanpin_risk.words import Message, listed

__all__ = ["check_area_names", "distance", "resolve_work_places"]

PROVINCE, PREFECTURE, COUNTY = (CODE_DIGITS[level] for level in ("province", "prefecture", "county"))
OUTSIDE_CHINA = ("71", "81", "82")  # 港澳台 counts as abroad in the register
ABROAD = frozenset(
    ("日本", "韩国", "新加坡", "马来西亚", "泰国", "越南", "老挝", "缅甸", "柬埔寨", "印度尼西亚", "印尼", "菲律宾", "俄罗斯", "蒙古国",
     "哈萨克斯坦", "阿联酋", "迪拜", "沙特", "沙特阿拉伯", "以色列", "美国", "加拿大", "澳大利亚", "新西兰", "英国", "德国", "法国",
     "意大利", "西班牙", "安哥拉", "尼日利亚", "埃塞俄比亚", "非洲", "欧洲", "东南亚", "香港", "澳门", "台湾")
)  # fmt: skip


def check_area_names(rows: Rows) -> None:
    """Take the code of a county from the names of a household's place where there is none; report where both contradict.

    Parameters
    ----------
    rows : Rows
        Of households; is changed.
    """
    frame = rows.frame
    number, names = pd.factorize(frame["area_name"])
    if not len(names):
        return
    pairs, which = _distinct(number, frame["area_code"].astype("str").fillna(""))
    found = [None if name < 0 else read_place(names[name], within=code) for name, code in pairs]
    codes_of_names = np.array(
        ["" if place is None or code else place.code for place, (_, code) in zip(found, pairs, strict=True)],
        dtype=object,
    )
    filled = codes_of_names[which] != ""
    filled &= ~rows.fault["area_code"]
    if filled.any():
        frame.loc[filled, "area_code"] = codes_of_names[which][filled]
        for source in pd.unique(rows.sources[filled]):
            rows.problems.note(
                table=rows.table.name, source=str(source), column=rows.table["area_code"].zh, code="area_code_from_name",
                text=Message(
                    "is missing in some rows; there the code of the county, or of what is known above it, was taken from the "
                    "names of the place by the table of divisions (GB/T 2260)"
                ),
            )  # fmt: skip
    contradicting = np.array(
        [place is not None and contradicts(code, place.code) for place, (_, code) in zip(found, pairs, strict=True)]
    )
    rows.report(
        contradicting[which], "area_name", "area_contradicts", "warning",
        Message("the name of the place that area_code stands for; the code is used"),
    )  # fmt: skip


def resolve_work_places(rows: Rows, households: pd.DataFrame) -> None:
    """Turn names of places of work into how far they are from home; report those of which it cannot be told.

    Parameters
    ----------
    rows : Rows
        Of members; is changed.
    households : DataFrame
        Those that were kept.
    """
    texts = rows.texts.get("work_place")
    if texts is None:
        return
    order = ["valid_from", "recorded_at"]
    homes = households.sort_values(order, kind="stable").drop_duplicates("household_id", keep="last")
    homes = homes.set_index("household_id")[["area_code", "area_name"]].astype("str").fillna("")
    where = np.flatnonzero(texts != "")
    home = homes.reindex(rows.frame["household_id"].iloc[where]).fillna("")
    which, asked = pd.factorize(pd.MultiIndex.from_arrays([texts[where], home["area_code"], home["area_name"]]))
    distances = np.array([distance(text, home_code=code, home_name=name) for text, code, name in asked], dtype=object)
    distances = distances[which]
    known = np.array([answer is not None for answer in distances], dtype=bool)
    rows.frame.loc[where[known], "work_place"] = distances[known]
    rows.fault["work_place"][where[~known]] = True
    rows.report(
        where[~known], "work_place", "unknown_place", "blanked",
        Message(
            "a place that can be told from others and compared with that of the household, such as 江苏省苏州市, or one of {codes}",
            codes=listed(Message(code, texts[0]) for code, texts in TABLES["members"]["work_place"].codes.items()),
        ),
    )  # fmt: skip


def _distinct(number: np.ndarray, codes: pd.Series) -> tuple[list[tuple[int, str]], np.ndarray]:
    """Return the different pairs of name, by its number or -1, and code, and which of them each row has."""
    of_code, different = pd.factorize(codes)
    texts = different.tolist()
    which, both = pd.factorize((number.astype("int64") + 1) * len(texts) + of_code)
    return [(pair // len(texts) - 1, texts[pair % len(texts)]) for pair in both.tolist()], which


def distance(text: str, *, home_code: str, home_name: str) -> str | None:
    """Return how far a place is from a household: a code of ``work_place``; None where it cannot be told.

    Parameters
    ----------
    text : str
        The place, as it is written.
    home_code, home_name : str
        Division code and name of the household's place; ``""`` where they are not known.

    Returns
    -------
    str or None
        ``township``, ``county``, ``province``, ``outside`` or ``abroad``.

    Examples
    --------
    >>> home = {"home_code": "211282101001", "home_name": "甲镇沙河村"}
    >>> [distance(text, **home) for text in ("江苏省苏州市", "沈阳", "开原市", "甲镇", "韩国", "乙镇")]
    ['outside', 'province', 'county', 'township', 'abroad', None]
    """
    if text in ABROAD:
        return "abroad"
    home = place_of(home_code, home_name)
    own = () if home is None else tuple(name for name in home.names[3:] if name)
    if text in own or text in {name[:-1] for name in own if len(name) > 2}:
        return "township"
    place = read_place(text, within=home_code, alone=True)
    if place is None:
        return None
    if place.code[:2] in OUTSIDE_CHINA:
        return "abroad"
    if not place.code:
        there = [(mine, own) for mine, own in zip(place.names[3:], home.names[3:], strict=True) if mine] if home else []
        at_home = bool(there) and not any(place.names[:3]) and all(mine == own for mine, own in there)
        return "township" if at_home else None
    return _from_home(place, home_code, "" if home is None else home.names[3])


def _from_home(place: Place, home_code: str, township: str) -> str | None:
    """Compare a place that the table knows with the code of a household."""
    code = place.code
    if len(home_code) < PROVINCE:
        return None
    if code[:2] != home_code[:2]:
        return "outside"
    if len(code) < COUNTY:
        # 沈阳市 said by somebody of one of its districts may be that very district.
        same_city = len(code) == PREFECTURE and code == home_code[:PREFECTURE]
        return None if same_city and division_path(home_code)[2].endswith("区") else "province"
    if len(home_code) < COUNTY:
        return "province" if len(home_code) == PREFECTURE and code[:PREFECTURE] != home_code else None
    if not same_division(code, home_code[:COUNTY]):
        return "province"
    return "township" if place.names[3] and place.names[3] == township else "county"
