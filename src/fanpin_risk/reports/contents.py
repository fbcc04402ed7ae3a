"""What a report holds, worked out once: the workbook and the page only lay it out.

Figures are kept as figures, texts in both languages. Nothing here leaves the office by itself: ids are whole and small
places are shown until :meth:`Contents.masked` is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from fanpin_risk.asof.days import to_day
from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.errors import SchemaError
from fanpin_risk.evaluation.labels import EVENTS
from fanpin_risk.explanation import Explanation
from fanpin_risk.features.feature import CAUSES
from fanpin_risk.files import SYNTHETIC_SOURCE
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.model.tiers import TIERS
from fanpin_risk.records.ids import mask_id, pseudonymise
from fanpin_risk.records.places import UNIT_DIGITS
from fanpin_risk.records.problems import OUTCOMES
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES
from fanpin_risk.reports.card import card_document
from fanpin_risk.reports.documents import Document
from fanpin_risk.watch.watchlist import watchlist

__all__ = ["LEVELS", "SEVERITIES", "SMALLEST_PLACE", "Contents", "gather", "notes_of", "place_names"]

Progress = Callable[[int, int, str], None]
Per = Literal["county", "township", "village"]

# Households below which a place is not shown on what may leave the office: one of few is soon known by name.
SMALLEST_PLACE = 10
# What a register may cover, largest first, in both languages.
LEVELS: dict[str, tuple[str, str]] = {
    "county": ("县", "county"),
    "township": ("乡镇", "township"),
    "village": ("村", "village"),
}
UNSCORED: dict[str, tuple[str, str]] = {
    "not_on_record": ("当日尚未建档", "not on record on the day"),
    "dissolved": ("当日前已销户", "dissolved before the day"),
}
SEVERITIES: dict[str, tuple[str, str]] = {
    "rejected": ("未采用", "rejected"),
    "blanked": ("单元格按空白处理", "cell left blank"),
    "warning": ("已保留，请核实", "kept, to be verified"),
}
# Where the name of a unit ends in the full name of a village.
NAME_ENDS = {"county": re.compile(r".*[县区旗市]"), "township": re.compile(r".*(?:镇|乡|街道|苏木)")}
ENTRIES = ("households", "monitored", "listed", *reversed(TIERS), "not_enough_known")


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Contents:
    """What a report on one register, one day and one model holds.

    Attributes
    ----------
    as_of : Timestamp
        The day.
    horizon_months : int
        Months after the day that the risk speaks of.
    model_label : str
        Name and fingerprint of the model.
    event : tuple of str
        What is forecast, in Chinese and English.
    synthetic : bool
        Whether the model or the register is made up.
    notes : tuple of (str, str)
        What nobody should pass over, in Chinese and English, most important first.
    tier_thresholds : dict of str to float
        Tier -> least risk.
    summary : DataFrame
        ``key, zh, en`` (what it is), ``kind`` (``count``, ``share``, ``number``, ``day`` or ``text``), ``value`` (number,
        Timestamp, text, or None where it is not known), ``text_zh, text_en`` (the value written out).
    watchlist : DataFrame
        Of :func:`fanpin_risk.watchlist`, ``number`` (from 1, over all areas) in front, with ``place`` (name of the
        village, ``""`` if unknown), ``cause`` (code) and ``reason_1_zh, reason_1_en, contribution_1`` ...
    places : DataFrame
        One row per ``level`` (county, township, village) and ``area`` (code, ``""`` for households without one), in the
        order of a tree: ``name``, ``small``, counts ``households, monitored, listed, high, medium, low,
        not_enough_known`` (Int64; monitored missing where it is not known), ``mean_risk``, and ``cause``:
        code of the main cause of most households above the low tier.
    causes : DataFrame
        Long, one row per place and cause: ``level, area, name, small, households, cause, push``
        (mean contribution in log-odds over all households there) and ``flagged`` (households above the low tier whose
        main cause it is).
    coverage, counts : DataFrame
        Of the register, with the tables' and columns' Chinese names; index reset.
    problems : DataFrame
        Of the register, counted: ``table, table_zh, column, column_zh, code, severity, severity_zh, expected,
        expected_zh, rows``.
    rejects : DataFrame
        Rows left out, by number: ``table, table_zh, source, row, column, message, message_zh``. No values of theirs.
    explanation : Explanation
        Of the households of `watchlist`, row by row.
    card : dict of str to Document
        The model's card by language.
    scores : DataFrame
        Of all households scored: ``household_id, risk, risk_low, risk_high, tier, known, enough_known, cause,
        monitored, area_code``.
    """

    as_of: pd.Timestamp
    horizon_months: int
    model_label: str
    event: tuple[str, str]
    synthetic: bool
    notes: tuple[tuple[str, str], ...]
    tier_thresholds: dict[str, float]
    summary: pd.DataFrame
    watchlist: pd.DataFrame
    places: pd.DataFrame
    causes: pd.DataFrame
    coverage: pd.DataFrame
    counts: pd.DataFrame
    problems: pd.DataFrame
    rejects: pd.DataFrame
    explanation: Explanation
    card: dict[str, Document]
    scores: pd.DataFrame

    def __repr__(self) -> str:
        return (
            f"Contents(as_of={self.as_of:%Y-%m-%d}, model={self.model_label}, households={len(self.scores)}, "
            f"listed={len(self.watchlist)})"
        )

    @property
    def n_reasons(self) -> int:
        """Number of reasons per household."""
        return sum(name.startswith("contribution_") for name in self.watchlist.columns)

    def masked(self, *, id_key: bytes | str | Path | None = None) -> Contents:
        """Return what may be shown more widely: ids masked, figures of small places left out.

        A place with fewer than ten households shows none, nor does the next smaller one beside a single such place,
        from whose figures those of the small one would follow.

        Parameters
        ----------
        id_key : bytes, str or Path, optional
            Secret key: ids become keyed pseudonyms, which the holder of the key can trace back
            (:func:`fanpin_risk.records.ids.pseudonymise`). Default: only two characters at each end are left
            (:func:`fanpin_risk.records.ids.mask_id`), so that several households may look alike; ``number`` tells them apart.

        Returns
        -------
        Contents

        Raises
        ------
        InputError
            If the key is too short or cannot be read.
        """

        def hide(ids: pd.Series) -> pd.Series:
            return ids.map(mask_id).astype("str") if id_key is None else pseudonymise(ids, id_key)

        hidden = _hidden(self.places)
        places = self.places.copy()
        places.loc[hidden, list(ENTRIES)] = pd.NA
        places.loc[hidden, "mean_risk"] = np.nan
        places.loc[hidden, "cause"] = ""
        keys = pd.MultiIndex.from_frame(self.places.loc[hidden, ["level", "area"]])
        few = pd.MultiIndex.from_frame(self.causes[["level", "area"]]).isin(keys)
        causes = self.causes.copy()
        causes.loc[few, ["households", "flagged"]] = pd.NA
        causes.loc[few, "push"] = np.nan
        data = self.explanation.data
        index = pd.Index(hide(data.index.to_series()).to_numpy(), name=data.index.name, dtype="str")
        return replace(
            self,
            watchlist=self.watchlist.assign(household_id=hide(self.watchlist["household_id"])),
            scores=self.scores.assign(household_id=hide(self.scores["household_id"])),
            explanation=replace(self.explanation, data=data.set_axis(index)),
            places=places,
            causes=causes,
        )


def gather(
    model: RiskModel,
    register: Register,
    as_of: Any,
    *,
    capacity: float | None = None,
    per: Per | None = None,
    n_reasons: int = 3,
    names: Mapping[str, str] | None = None,
    include_monitored: bool = False,
    progress: Progress | None = None,
) -> Contents:
    """Score a register on a day and put together all that a report says of it.

    Parameters
    ----------
    model : RiskModel
        A fitted model.
    register : Register
        Checked records.
    as_of : date-like
        The day; nothing recorded later is seen.
    capacity : int or float, optional
        Visits, or share of the households, see :func:`fanpin_risk.watchlist`. Default: 0.02.
    per : {"county", "township", "village"}, optional
        Units that have a capacity each. Default: one list for all.
    n_reasons : int, default 3
        Reasons per household listed.
    names : mapping of str to str, optional
        Area code -> name, of counties (6 digits), townships (9) and villages (12; shorter ones may be filled up with
        zeros). Default: what most households of the village, or all villages of the unit, have in ``area_name``.
    include_monitored : bool, default False
        Whether to list households that are monitored already.
    progress : callable, optional
        Called with (done, total, what).

    Returns
    -------
    Contents

    Raises
    ------
    SchemaError
        If `as_of` is not a day, or `capacity`, `per` or `n_reasons` is not one of those described.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> contents = gather(fr.load_model("demo"), fr.make_register(300, random_state=1), "2024-12-31", capacity=5)
    >>> contents.watchlist["number"].tolist(), len(contents.explanation)
    ([1, 2, 3, 4, 5], 5)
    """
    if n_reasons < 0:
        raise SchemaError("n_reasons is {n_reasons}; expected 0 or more", n_reasons=n_reasons)
    day = to_day(as_of)
    scores, unscored, explanation = model.score_all(register, day, n_reasons=0, progress=progress)
    listed = watchlist(scores, capacity=capacity, per=per, include_monitored=include_monitored)
    rows = pd.Index(scores["household_id"]).get_indexer(pd.Index(listed["household_id"]))
    of_list = explanation[rows]
    naming = place_names(register, day, names or {})
    listed = _worded(listed, of_list, n_reasons=n_reasons, naming=naming)
    here = _levels(scores["area_code"])
    tables = [_place_table(scores, here[level], level, rows, explanation, naming) for level in here]
    places, causes = (pd.concat(frames, ignore_index=True) for frames in zip(*tables, strict=True))
    # A unit comes before its parts: codes of parts begin with that of the unit.
    places = places.sort_values("area", kind="stable", ignore_index=True)
    causes = causes.sort_values("area", kind="stable", ignore_index=True)
    synthetic = model.synthetic_ or register.source.startswith(SYNTHETIC_SOURCE)
    lines = _lines(model, scores["area_code"], day.year)
    contents = scores.drop(columns=["as_of", "model"])
    return Contents(
        as_of=day,
        horizon_months=model.horizon_months_,
        model_label=model.label,
        event=EVENTS[model.target],
        synthetic=synthetic,
        notes=notes_of(model, register, scores, day),
        tier_thresholds=dict(model.tier_thresholds_),
        summary=_summary(model, register, scores, unscored, listed, day, lines),
        watchlist=listed,
        places=places,
        causes=causes,
        coverage=_coverage(register),
        counts=_counts(register),
        problems=_problems(register),
        rejects=_rejects(register),
        explanation=of_list,
        card={lang: card_document(model, lang=lang) for lang in ("zh", "en")},
        scores=contents,
    )


# --- the watch list ---------------------------------------------------------------------------------------------
def _worded(
    listed: pd.DataFrame, explanation: Explanation, *, n_reasons: int, naming: Callable[[str], str]
) -> pd.DataFrame:
    """Return the list with its numbers, the names of the villages and the reasons in both languages."""
    columns: dict[str, Any] = {"number": np.arange(1, len(listed) + 1)}
    columns |= {name: listed[name] for name in listed.columns if name not in ("area_code", "model")}
    columns["area_code"] = listed["area_code"]
    codes = listed["area_code"].fillna("")
    columns["place"] = codes.map({code: naming(code) for code in codes.unique()}).astype("str")
    zh, en = (explanation.reasons(lang=lang, n_reasons=n_reasons) for lang in ("zh", "en"))
    for k in range(1, n_reasons + 1):
        columns[f"reason_{k}_zh"] = zh[f"reason_{k}"].array
        columns[f"reason_{k}_en"] = en[f"reason_{k}"].array
        columns[f"contribution_{k}"] = zh[f"contribution_{k}"].array
    columns["model"] = listed["model"]
    return pd.DataFrame(columns)


# --- places -----------------------------------------------------------------------------------------------------
def _levels(area_code: pd.Series) -> dict[str, pd.Series]:
    """Return the area of every household at each level; missing where the code names none of that level."""
    codes = area_code.fillna("").astype("str")
    levels = {"county": codes.str[: UNIT_DIGITS["county"]]}
    above = UNIT_DIGITS["county"]
    for level in ("township", "village"):
        digits = UNIT_DIGITS[level]
        own = codes.str[above:digits]
        levels[level] = codes.str[:digits].where((own.str.len() == digits - above) & (own.str.strip("0") != ""))
        above = digits
    # A village in no township is in none of the levels between.
    levels["village"] = levels["village"].where(levels["township"].notna())
    return levels


def _place_table(
    scores: pd.DataFrame,
    area: pd.Series,
    level: str,
    listed: np.ndarray,
    explanation: Explanation,
    naming: Callable[[str], str],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the figures of each area of a level, and those of each area and cause."""
    number, areas = pd.factorize(area, sort=True)
    there, n = number >= 0, len(areas)

    def count(which: Any) -> np.ndarray:
        return np.bincount(number[there & np.asarray(which, dtype=bool)], minlength=n)

    on_list = np.zeros(len(scores), dtype=bool)
    on_list[listed] = True
    size = count(np.ones(len(scores)))
    monitored = pd.array(count(scores["monitored"].fillna(False)), dtype="Int64")
    monitored[count(scores["monitored"].notna()) == 0] = pd.NA
    above = (scores["tier"] != "low").to_numpy()
    codes = list(CAUSES)
    cause = scores["cause"].map({code: k for k, code in enumerate(codes)}).fillna(-1).to_numpy("int64")
    flagged = np.stack([count(above & (cause == k)) for k in range(len(codes))], axis=1).reshape(n, len(codes))
    push = explanation.by_cause().to_numpy()
    mean = np.stack(
        [np.bincount(number[there], weights=push[there, k], minlength=n) for k in range(len(codes))], axis=1
    ).reshape(n, len(codes))
    mean = mean / np.maximum(size, 1)[:, None]
    total = np.bincount(number[there], weights=scores["risk"].to_numpy()[there], minlength=n)
    main = np.where(flagged.max(axis=1, initial=0) > 0, flagged.argmax(axis=1), -1)
    area_names = [naming(str(code)) for code in areas]
    places = pd.DataFrame(
        {
            "level": pd.Series([level] * n, dtype="str"),
            "area": pd.Series(list(areas), dtype="str"),
            "name": pd.Series(area_names, dtype="str"),
            "small": size < SMALLEST_PLACE,
            "households": pd.array(size, dtype="Int64"),
            "monitored": monitored,
            "listed": pd.array(count(on_list), dtype="Int64"),
            **{tier: pd.array(count(scores["tier"] == tier), dtype="Int64") for tier in reversed(TIERS)},
            "not_enough_known": pd.array(count(~scores["enough_known"].astype(bool)), dtype="Int64"),
            "mean_risk": total / np.maximum(size, 1),
            "cause": pd.Series([codes[k] if k >= 0 else "" for k in main], dtype="str"),
        }
    )
    causes = places.loc[places.index.repeat(len(codes)), ["level", "area", "name", "small", "households"]]
    causes = causes.reset_index(drop=True).assign(
        cause=pd.Series(codes * n, dtype="str"),
        push=mean.ravel(),
        flagged=pd.array(flagged.ravel(), dtype="Int64"),
    )
    return places, causes


def _hidden(places: pd.DataFrame) -> np.ndarray:
    """Tell which places show no figures: small ones, and beside a single small one the next smaller."""
    hidden = places["small"].to_numpy(dtype=bool).copy()
    parent = np.where(
        places["level"] == "township",
        places["area"].str[: UNIT_DIGITS["county"]],
        np.where(places["level"] == "village", places["area"].str[: UNIT_DIGITS["township"]], ""),
    )
    households = places["households"].to_numpy("int64")
    for siblings in places.groupby([places["level"], parent], sort=False).indices.values():
        rows = np.asarray(siblings)
        few = hidden[rows]
        if few.sum() == 1 and len(rows) > 1:
            others = rows[~few]
            hidden[others[np.argmin(households[others])]] = True
    return hidden


def place_names(register: Register, day: pd.Timestamp, given: Mapping[str, str]) -> Callable[[str], str]:
    """Return the function from an area code to its name, "" where none is known."""
    own = {str(code).strip(): str(name) for code, name in given.items()}
    known = own | {code.ljust(UNIT_DIGITS["village"], "0"): name for code, name in own.items()}
    learnt = _learnt_names(register, day)

    def name(code: str) -> str:
        return known.get(code) or known.get(code.ljust(UNIT_DIGITS["village"], "0"), "") or learnt.get(code, "")

    return lambda code: name(code) if code else ""


def _learnt_names(register: Register, day: pd.Timestamp) -> dict[str, str]:
    """Take names from the register: of a village the one that most households have, of a unit what its villages share.

    A name of one household alone may be its address, so at least two must have it.
    """
    here = Snapshot(register, day).households
    frame = pd.DataFrame(
        {"area": pd.Series(here.area_code, dtype="str"), "name": pd.Series(here.area_name, dtype="str")}
    )
    frame = frame.dropna()
    if not len(frame):
        return {}
    count = frame.groupby(["area", "name"], sort=True).size().rename("n").reset_index()
    best = count.sort_values("n", ascending=False, kind="stable").drop_duplicates("area").set_index("area")
    best = best[(best["n"] >= 2) & (2 * best["n"] > frame.groupby("area").size().reindex(best.index))]
    names = {str(code): str(name) for code, name in best["name"].items()}
    for level, ending in NAME_ENDS.items():
        unit = best.index.str[: UNIT_DIGITS[level]]
        for code, villages in best["name"].groupby(unit):
            first, last = min(villages), max(villages)
            same = next((k for k, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
            shared = ending.match(first[:same]) if first != last else None
            if shared and str(code) not in names:
                names[str(code)] = shared[0]
    return names


# --- the summary ------------------------------------------------------------------------------------------------
def _lines(model: RiskModel, area_code: pd.Series, year: int) -> tuple[str, str]:
    """Say which monitoring lines hold for the households, and on what they rest, in both languages."""
    lines = MonitoringLines() if model.lines is None else model.lines
    codes = area_code.fillna("").astype("str").value_counts(sort=False)
    amounts = lines.at(codes.index, year)
    found: dict[tuple[float, str, str], int] = {}
    for code, n, amount in zip(codes.index, codes, amounts, strict=True):
        basis = lines.basis(code, year)
        key = float(amount), basis.shown("zh"), basis.shown("en")
        found[key] = found.get(key, 0) + int(n)
    ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    several = len(ordered) > 1
    zh = "；".join(f"{a:,.0f} 元（{z}{f'，{n:,} 户' if several else ''}）" for (a, z, _), n in ordered)
    en = "; ".join(f"{a:,.0f} CNY ({e}{f', {n:,} households' if several else ''})" for (a, _, e), n in ordered)
    return zh, en


def notes_of(
    model: RiskModel, register: Register, scores: pd.DataFrame, day: pd.Timestamp
) -> tuple[tuple[str, str], ...]:
    """Say what nobody should pass over."""
    notes = []
    if register.source.startswith(SYNTHETIC_SOURCE):
        notes.append(("台账是模拟数据，其中没有真实的人。", "The register is made up: no person in it exists."))
    if model.synthetic_:
        notes.append(
            (
                "模型由模拟数据训练：仅供试用，不得用于实际决策。",
                "The model was trained on made-up data: for trying out, not for decisions.",
            )
        )
    if any(row["level"] == "alarm" for row in model.alarms_ or ()):
        notes.append(
            (
                "模型训练时有泄露警报：核实前不要使用（见模型卡）。",
                "A leak alarm rang when the model was trained: do not use it before that is cleared up (see its card).",
            )
        )
    lacking = model.lacking_tables(register)
    if lacking:
        zh = f"台账缺少模型训练时所用的表：{'、'.join(TABLES[name].zh for name in lacking)}。"
        en = f"The register lacks tables that the model was trained with: {', '.join(lacking)}. "
        zh += "各户在这些方面看起来都一样；请用现有的表重新训练模型。"
        en += "Households look alike in what these tell; train a model on the tables you have."
        notes.append((zh, en))
    if not len(scores):
        notes.append(
            (
                f"{day:%Y-%m-%d} 当日没有任何在册农户，请核对日期。",
                f"No household is on record on {day:%Y-%m-%d}; check the day.",
            )
        )
    return tuple(notes)


def _summary(
    model: RiskModel,
    register: Register,
    scores: pd.DataFrame,
    unscored: pd.DataFrame,
    listed: pd.DataFrame,
    day: pd.Timestamp,
    lines: tuple[str, str],
) -> pd.DataFrame:
    """Return the figures that a reader wants first."""
    rows: list[tuple[Any, ...]] = []

    def add(key: str, zh: str, en: str, kind: str, value: Any, texts: Sequence[str] | None = None) -> None:
        rows.append((key, zh, en, kind, value, *(texts or _written(kind, value))))

    event = EVENTS[model.target]
    months = model.horizon_months_
    known = bool(scores["monitored"].notna().any())
    monitored = scores["monitored"].fillna(False).astype(bool)
    waiting = scores[~monitored]
    add("as_of", "评分日（只用当日及以前的记录）", "Day (only records up to it are used)", "day", day)
    add("event", "预测什么", "What is forecast", "text", event[0],
        (f"其后 {months} 个月内{event[0]}", f"{event[1]} within the {months} months after"))  # fmt: skip
    add("households", "台账户数", "Households in the register", "count", len(scores) + len(unscored))
    add("scored", "已评分", "Scored", "count", len(scores))
    for reason, (zh, en) in UNSCORED.items():
        add(
            f"unscored_{reason}",
            f"未评分：{zh}",
            f"Not scored: {en}",
            "count",
            int((unscored["reason"] == reason).sum()),
        )
    add("monitored", "已是监测对象", "Monitored already", "count", int(monitored.sum()) if known else None)
    for tier in reversed(TIERS):
        zh, en = TIERS[tier]
        least = model.tier_thresholds_.get(tier)
        note = ("", "") if least is None else (f"（风险不低于 {least:.1%}）", f" (risk {least:.1%} or more)")
        add(tier, f"风险{zh}{note[0]}", f"Risk {en}{note[1]}", "count", int((scores["tier"] == tier).sum()))
    add("listed", "建议走访", "Proposed for a visit", "count", len(listed))
    add("mean_risk", "未监测户平均风险", "Mean risk of those not monitored", "share", _mean(waiting["risk"]))
    low, high, level = _mean(waiting["risk_low"]), _mean(waiting["risk_high"]), model.interval_.level
    if low is not None and high is not None:
        add("mean_risk_range", f"平均风险区间（年景差，{level:.0%}）", f"Range of that mean (years differ, {level:.0%})",
            "text", f"{low:.2%}–{high:.2%}", (f"{low:.2%}–{high:.2%}",) * 2)  # fmt: skip
    add(
        "expected_listed",
        "名单内预计发生户数",
        "Events to be expected on the list",
        "number",
        float(listed["risk"].sum()),
    )
    add("not_enough_known", "记录不足，先补全再看分", "Too little on record: complete it first", "count",
        int((~scores["enough_known"].astype(bool)).sum()))  # fmt: skip
    add("no_area", "无行政区划代码", "Without an area code", "count", int((scores["area_code"].fillna("") == "").sum()))
    add("line", f"{day.year} 年监测线（元/人/年）", f"Monitoring line of {day.year} (CNY per person and year)", "text",
        lines[0], lines)  # fmt: skip
    for name, zh, en in (
        ("rows_read", "读入行数", "Rows read"),
        ("rows_kept", "采用行数", "Rows kept"),
        ("rows_rejected", "退回行数", "Rows rejected"),
    ):
        add(name, zh, en, "count", int(register.counts[name].sum()))
    newest = register.known_on(day).observed_until
    add(
        "newest_record",
        "当日可见的最新记录",
        "Newest record seen on the day",
        "day",
        None if pd.isna(newest) else newest,
    )
    add("model", "模型（名称与指纹）", "Model (name and fingerprint)", "text", model.label)
    return pd.DataFrame(rows, columns=["key", "zh", "en", "kind", "value", "text_zh", "text_en"]).astype(
        {"value": object}
    )


def _mean(values: pd.Series) -> float | None:
    return float(values.mean()) if len(values) else None


def _written(kind: str, value: Any) -> tuple[str, str]:
    """Write a figure of the summary in both languages."""
    if value is None:
        return "未知", "not known"
    if kind == "day":
        text = f"{value:%Y-%m-%d}"
    elif kind == "count":
        text = f"{value:,}"
    elif kind == "share":
        text = f"{value:.2%}"
    elif kind == "number":
        text = f"{value:,.1f}"
    else:
        text = str(value)
    return text, text


# --- the register -----------------------------------------------------------------------------------------------
def _table_zh(names: pd.Series) -> pd.Series:
    return names.map(lambda name: TABLES[name].zh if name in TABLES else name).astype("str")


def _column_zh(table: str, column: str) -> str:
    if table not in TABLES:
        return column
    declared = TABLES[table]
    if column in declared:
        return declared[column].zh
    items = declared["item"].codes if "item" in declared else {}
    return items[column][0] if column in items else column


def _coverage(register: Register) -> pd.DataFrame:
    frame = register.coverage().reset_index()
    frame.insert(1, "table_zh", _table_zh(frame["table"]))
    frame.insert(3, "column_zh", [_column_zh(*pair) for pair in zip(frame["table"], frame["column"], strict=True)])
    frame["supplied"] = frame["table"].isin(register.supplied)
    return frame


def _counts(register: Register) -> pd.DataFrame:
    frame = register.counts.rename_axis("table").reset_index()
    frame.insert(1, "table_zh", _table_zh(frame["table"]))
    frame["supplied"] = frame["table"].isin(register.supplied)
    return frame


def _problems(register: Register) -> pd.DataFrame:
    keys = ["table", "column", "code", "severity", "expected"]
    found = register.problems.fillna(dict.fromkeys(keys, ""))
    grouped = found.groupby(keys, sort=False)
    counted = grouped.agg(
        rows=("message", "size"), row=("row", "first"), source=("source", "first"), said=("message_zh", "first")
    )
    counted = counted.reset_index()
    order = counted["severity"].map({name: number for number, name in enumerate(SEVERITIES)})
    counted = counted.iloc[np.lexsort((-counted["rows"], order))].reset_index(drop=True)
    counted.insert(1, "table_zh", _table_zh(counted["table"]))
    pairs = zip(counted["table"], counted["column"], strict=True)
    counted.insert(3, "column_zh", pd.Series([_column_zh(*pair) for pair in pairs], dtype="str"))
    texts = counted["severity"].map({name: zh for name, (zh, _) in SEVERITIES.items()}).astype("str")
    counted.insert(6, "severity_zh", texts)
    counted.insert(8, "expected_zh", pd.Series([_expected_zh(row) for row in counted.to_dict("records")], dtype="str"))
    return counted.drop(columns=["row", "source", "said"])


def _expected_zh(row: Mapping[Any, Any]) -> str:
    """Take from a Chinese message what was expected: what stands behind the place and before what was done."""
    said = str(row["said"])
    if pd.notna(row["row"]):
        said = said.partition("：")[2]
        return said.removesuffix(f"，{OUTCOMES[row['severity']].shown('zh')}")
    for where in (row["column_zh"], row["column"], row["source"]):
        if where and said.startswith(f"{where}："):
            return said.removeprefix(f"{where}：")
    return said


def _rejects(register: Register) -> pd.DataFrame:
    frame = register.rejects[["table", "source", "row", "column", "message", "message_zh"]]
    frame = frame.reset_index(drop=True)
    frame.insert(1, "table_zh", _table_zh(frame["table"]))
    return frame
