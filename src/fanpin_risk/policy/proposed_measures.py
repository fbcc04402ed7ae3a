"""Which kinds of measures answer a household's causes, each with the rule that gives it, and what has been tried."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from fanpin_risk.arguments import of_type, one_of
from fanpin_risk.asof.days import Array
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.errors import SchemaError
from fanpin_risk.features.feature import CAUSES
from fanpin_risk.policy.evidence_text import evidence_of_verdict
from fanpin_risk.policy.rule import BETWEEN_NOTES, Deciding, Verdict
from fanpin_risk.policy.support_kinds import (
    ANSWERS_TO_RISKS,
    HOW,
    LABOUR_LEVELS,
    kinds_of_measures,
    labour_of_households,
    own_kinds_of_measures,
)
from fanpin_risk.progress import Progress
from fanpin_risk.records.schema import TABLES
from fanpin_risk.words import LANGUAGES, Language, Message, listed

if TYPE_CHECKING:
    from fanpin_risk.records.register import Register

__all__ = ["measures"]

TRIED = {
    "running": Message("is running", zh="正在实施"),
    "ended": Message("was tried and has ended", zh="曾实施，已结束"),
    "never": Message("not on record so far", zh="尚无记录"),
    "unknown": Message("not known whether tried", zh="是否实施过不详"),
}
NO_RULE = Message("no rule gives a measure for this cause", zh="没有规则给出该原因的措施")
COLUMNS_OF_MEASURES = (
    "household_id", "cause", "cause_from", "labour", "measure", "how", "rule", "needed_for_elimination", "tried", "tried_since",
    "evidence", "status", "source",
)  # fmt: skip


def measures(
    register: Register,
    as_of: Any,
    *,
    causes: Mapping[str, str] | pd.Series | None = None,
    kinds: pd.DataFrame | str | Path | None = None,
    lang: Language | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Name the kinds of measures that answer the causes of each household, by who is able to work, and what has been tried.

    A kind of measure is never named without the rule that gives it. What is done is decided by people who know the household.

    Parameters
    ----------
    register : Register
        Checked records; only what was recorded on or before the day is seen.
    as_of : date-like
        The day.
    causes : mapping or Series, optional
        ``household_id`` -> codes of causes, several joined by ``;``, such as the column ``cause`` of a list. Default: the
        recorded risks of the households that are monitored on the day.
    kinds : DataFrame or path-like, optional
        Your own kinds of measures by risk and by who is able to work, with their sources, in place of shipped ones; see
        :func:`fanpin_risk.policy.own_kinds_of_measures`. Default: those that ship with the package.
    lang : {"zh", "en"}, optional
        Also say each row in this language, in a column ``says``.
    progress : callable, optional
        Called with (done, total, name).

    Returns
    -------
    DataFrame
        One row for each household, cause and kind of measure: ``household_id``, ``cause``, ``cause_from`` (``"recorded"`` or
        ``"given"``), ``labour`` (``"able"``, ``"weak"``, ``"none"`` or ``"unknown"``), ``measure`` (code of the table
        supports), ``how`` (code), ``rule`` (risk and labour of the rule that gives it), ``needed_for_elimination`` (``"yes"``
        where a measure of this kind is one of those that must be on record before the risk is eliminated), ``tried``
        (``"running"``, ``"ended"``, ``"never"``, ``"unknown"``), ``tried_since``, ``evidence``, ``status``, ``source``.
        Where it is not known who is able to work, only kinds that answer the cause in any case are named. A cause that no rule
        answers has one row without a measure.

    Raises
    ------
    SchemaError
        If `register` is no register, `as_of` no day, `causes` no mapping, a cause is unknown, or a household of `causes` is not
        in the register on the day.
    InputError
        If `kinds` hold what is none.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> register = fr.make_register(100, random_state=0)
    >>> one = fr.Snapshot(register, "2023-12-31").household_ids[0]
    >>> fr.measures(register, "2023-12-31", causes={one: "water"})["measure"].tolist()
    ['water', 'infrastructure']
    """
    if lang is not None:
        one_of("lang", lang, LANGUAGES)
    of_office = kinds_of_measures() if kinds is None else own_kinds_of_measures(kinds)
    snapshot = Snapshot(register, as_of)
    name = str(Message("measures", zh="帮扶措施"))
    if progress is not None:
        progress(0, 1, name)
    pairs = _recorded(snapshot) if causes is None else _given(snapshot, causes)
    pairs["cause_from"] = "recorded" if causes is None else "given"
    table = _kinds_for_causes(snapshot, pairs, of_office)
    table = _with_tried(snapshot, table, lang)
    if progress is not None:
        progress(1, 1, name)
    return table


def _recorded(snapshot: Snapshot) -> pd.DataFrame:
    """Return the recorded risks of each household's open spells, those of the newest first, in their order."""
    spells = snapshot.open_spells
    spells = spells.where(spells.known("risks"))
    frame = pd.DataFrame(
        {"household": spells.household, "cause": [str(text).split(BETWEEN_NOTES) for text in spells.risks]}
    )
    newest_first = np.lexsort((-spells.identified_on.astype("int64"), spells.household))
    return _exploded(frame.iloc[newest_first].reset_index(drop=True))


def _given(snapshot: Snapshot, causes: Any) -> pd.DataFrame:
    of_type(
        "causes", causes, (Mapping, pd.Series), Message("household ids with codes of causes", zh="户编号及其原因代码")
    )
    ids = list(causes.index if isinstance(causes, pd.Series) else causes.keys())
    values = list(causes.to_numpy() if isinstance(causes, pd.Series) else causes.values())
    place = snapshot.household_ids.get_indexer(pd.Index(ids, dtype="str"))
    if (place < 0).any():
        raise SchemaError(
            "causes: {count} of its households are not in the register on the day; give those of the register, such as the "
            "column household_id of a list",
            count=int((place < 0).sum()),
        )
    texts = [[] if pd.isna(one) else [code for code in str(one).split(BETWEEN_NOTES) if code] for one in values]
    for code in dict.fromkeys(code for codes in texts for code in codes):
        one_of("causes", code, tuple(CAUSES))
    return _exploded(pd.DataFrame({"household": place, "cause": texts}))


def _exploded(frame: pd.DataFrame) -> pd.DataFrame:
    frame["order"] = np.arange(len(frame))
    frame = frame.explode("cause").dropna(subset=["cause"]).reset_index(drop=True)
    return frame.astype({"household": "int64", "cause": "str"})


def _kinds_for_causes(snapshot: Snapshot, pairs: pd.DataFrame, kinds: pd.DataFrame) -> pd.DataFrame:
    """Join causes and labour to the kinds of measures that rules give."""
    kinds = kinds.reset_index(names="place")
    counts = kinds.groupby(["risk", "measure"])["labour"].transform("nunique")
    always = kinds[(counts == len(LABOUR_LEVELS) - 1) & (kinds["labour"] == "able")].assign(labour="unknown")
    kinds = pd.concat([kinds, always], ignore_index=True).rename(columns={"risk": "cause"})
    pairs = pairs.assign(labour=labour_of_households(snapshot)[pairs["household"]], pair=np.arange(len(pairs)))
    table = pairs.merge(kinds, on=["cause", "labour"], how="left").sort_values(
        ["household", "order", "pair", "place"], kind="stable"
    )
    given = table["measure"].notna()
    table["rule"] = np.where(given, table["cause"] + "_" + table["labour"], "")
    needed = [
        "yes" if measure in ANSWERS_TO_RISKS.get(cause, ()) else "no"
        for cause, measure in zip(table["cause"], table["measure"], strict=True)
    ]
    table["needed_for_elimination"] = np.where(given, needed, "")
    for column in ("measure", "how", "status", "source"):
        table[column] = table[column].fillna("")
    return table.reset_index(drop=True)


def _with_tried(snapshot: Snapshot, table: pd.DataFrame, lang: Language | None) -> pd.DataFrame:
    """Say of each kind of measure whether it has been tried, by the measures on record."""
    rows, n = snapshot.supports, len(table)
    codes = list(TABLES["supports"]["measure"].codes)
    tried = np.full(n, "never" if rows.supplied else "unknown", dtype=object)
    since = np.full(n, np.datetime64("NaT", "s"))
    evidence, said = np.full(n, "", dtype=object), np.full(n, "", dtype=object)
    for measure in dict.fromkeys(table["measure"]):
        mine = (table["measure"] == measure).to_numpy()
        if not measure:
            tried[mine] = ""
            continue
        of_kind = rows.where(rows.measure == codes.index(measure))
        home = table.loc[mine, "household"].to_numpy()
        running = of_kind.count(np.isnat(of_kind.end_date)) > 0
        first = np.full(snapshot.n_households, np.datetime64("9999-12-31", "D"))
        np.minimum.at(first, of_kind.household, of_kind.start_date)
        some = np.bincount(of_kind.household, minlength=snapshot.n_households) > 0
        tried[mine] = np.where(some[home], np.where(running[home], "running", "ended"), tried[mine])
        since[mine] = np.where(some[home], first[home], np.datetime64("NaT", "D")).astype("datetime64[s]")
        about = np.zeros(snapshot.n_households, dtype=bool)
        about[home] = True
        told = Verdict(
            np.zeros(snapshot.n_households, dtype=np.int8),
            (
                Deciding(
                    of_kind.where(about[of_kind.household]),
                    ("measure", "sub_measure", "start_date", "end_date", "amount_cny"),
                ),
            ),
        )
        evidence[mine] = evidence_of_verdict(told, snapshot.household_ids).to_numpy(zero_copy_only=False)[home]
        if lang is not None:
            said[mine] = evidence_of_verdict(told, snapshot.household_ids, lang=lang).to_numpy(zero_copy_only=False)[
                home
            ]
    table["household_id"] = snapshot.household_ids.to_numpy(dtype=object)[table["household"]]
    table["tried"], table["tried_since"], table["evidence"] = tried, since, evidence
    result = table[list(COLUMNS_OF_MEASURES)].astype(
        {name: "str" for name in COLUMNS_OF_MEASURES if name != "tried_since"}
    )
    if lang is not None:
        result["says"] = _sentences_of_measures(result, said, lang)
    return result


def _sentences_of_measures(table: pd.DataFrame, evidence: Array, lang: Language) -> Array:
    column = TABLES["supports"]["measure"]
    keys = table[["cause", "labour", "measure", "how", "tried"]]
    numbers, unique = pd.factorize(pd.MultiIndex.from_frame(keys))
    texts = []
    for cause, labour, measure, how, tried in unique:
        if not measure:
            parts = [CAUSES[cause], LABOUR_LEVELS[labour], NO_RULE]
        else:
            kind = Message(measure.replace("_", " "), zh=column.codes[measure][0])
            parts = [CAUSES[cause], LABOUR_LEVELS[labour], kind, *([HOW[how]] if how else []), TRIED[tried]]
        texts.append(listed(parts, between="; ").shown(lang))
    said = np.array([*texts, ""], dtype=object)[numbers]
    stop = listed(("", ""), between="; ").shown(lang)
    result: Array = np.where(evidence == "", said, said + stop + evidence)
    return result
