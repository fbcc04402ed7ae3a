"""Which type of monitored household the records suggest (脱贫不稳定户, 边缘易致贫户, 突发严重困难户), with the blocks it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from fanpin_risk.arguments import one_of
from fanpin_risk.asof.days import Array, calendar_years
from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features.feature import shared
from fanpin_risk.policy.evidence_text import evidence_of_verdict
from fanpin_risk.policy.parameters import Policy, checked_policy
from fanpin_risk.policy.rule import BETWEEN_NOTES, Verdict
from fanpin_risk.policy.type_blocks import TypeBlocks, blocks_of
from fanpin_risk.policy.type_table import SUGGESTED_TYPES, TO_CHECK, TYPE_TABLE, rows_that_apply
from fanpin_risk.progress import Progress
from fanpin_risk.words import LANGUAGES, Language, Message, listed

if TYPE_CHECKING:
    from fanpin_risk.records.register import Register

__all__ = ["monitored_type"]

SOURCE_OF_TABLE = (
    "national guidance on monitoring: income, own payments, difficulty and means together, by household (qinan.gov.cn, "
    "info/11792/1360362; huameizhuangshi.com/product/429, a repost); the table of combinations is inferred"
)
FIGURES_SHOWN = (
    "net_income_per_person_cny", "line_cny", "period_end", "reference_income_per_person_cny", "claims_cny", "own_payments_cny",
)  # fmt: skip


@shared
def _blocks_by_policy(_snapshot: Snapshot) -> dict[Policy, TypeBlocks]:
    """Blocks under each policy; filled when asked for."""
    return {}


def blocks_on(snapshot: Snapshot, policy: Policy) -> TypeBlocks:
    """Return the blocks of a snapshot under a policy, made once."""
    made = _blocks_by_policy(snapshot)
    if policy not in made:
        made[policy] = blocks_of(snapshot, policy)
    return made[policy]


def results_on(snapshot: Snapshot, policy: Policy) -> Array:
    """Return the place of each household's row in ``TYPE_TABLE``."""
    return rows_that_apply(blocks_on(snapshot, policy).codes)


def suggested_types(snapshot: Snapshot, policy: Policy) -> Array:
    """Return the code of ``SUGGESTED_TYPES`` that the records suggest for each household, object of shape (n_households,)."""
    return _types_of(blocks_on(snapshot, policy), results_on(snapshot, policy))


def monitored_type(
    register: Register,
    as_of: Any,
    *,
    policy: Policy | None = None,
    lines: MonitoringLines | None = None,
    lang: Language | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Suggest which type of monitored household each household is (脱贫不稳定户, 边缘易致贫户, 突发严重困难户), if any.

    The type follows from net income against the line of the area and year, from income after own payments, from difficulties on
    record, from whether somebody is able to work, and from a comparison of assets: income alone never decides. It is a
    suggestion for a visit and never a decision, for households that are monitored as for all others.

    Parameters
    ----------
    register : Register
        Checked records; only what was recorded on or before the day is seen.
    as_of : date-like
        The day.
    policy : Policy, optional
        Numbers of the rules. Default: those that ship with the package.
    lines : MonitoringLines, optional
        Default: the lines that ship with the package.
    lang : {"zh", "en"}, optional
        Also say each suggestion in this language, in a column ``says``.
    progress : callable, optional
        Called with (done, total, name).

    Returns
    -------
    DataFrame
        One row for each household, by ``household_id``: ``type_suggested`` (a code of ``SUGGESTED_TYPES``), ``result`` (number
        of the row of the table, 0 to 13), ``confidence`` (``"usual"``, ``"lower"`` or ``""``), ``check`` (what to look at first, a code
        of ``TO_CHECK``), ``type_on_record`` (of the open spell, ``""`` for none), the blocks ``reg``, ``inc``, ``ref``, ``diff``,
        ``cope``, ``neg`` as codes, ``assets_compared`` (``"yes"`` or ``"no"``), ``difficulties`` and
        ``difficulties_unknown`` (codes joined by ``;``), ``type_if_below`` and ``type_if_above`` (where the income is not known
        but a difficulty is: the suggestion either way), the figures of income, line and own payments with ``line_year``
        and ``line_source``, ``evidence`` (the rows and figures that decided) and ``source``; with `lang` also ``says``.

    Raises
    ------
    SchemaError
        If `register` is no register, `as_of` no day, or `lines` or `policy` are not what they should be.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> found = fr.monitored_type(fr.make_register(100, random_state=0), "2023-12-31")
    >>> found.columns[:4].tolist(), bool(found["household_id"].is_unique)
    (['household_id', 'type_suggested', 'result', 'confidence'], True)
    """
    if lang is not None:
        one_of("lang", lang, LANGUAGES)
    numbers = checked_policy(policy)
    snapshot = Snapshot(register, as_of, lines=lines)
    name = str(Message("monitored type", zh="监测类型"))
    if progress is not None:
        progress(0, 1, name)
    table = _table_of_types(snapshot, numbers, lang)
    if progress is not None:
        progress(1, 1, name)
    order = np.argsort(pd.factorize(table["household_id"], sort=True)[0], kind="stable")
    return table.iloc[order].reset_index(drop=True)


def _table_of_types(snapshot: Snapshot, policy: Policy, lang: Language | None) -> pd.DataFrame:
    blocks = blocks_on(snapshot, policy)
    place = results_on(snapshot, policy)
    rows = [TYPE_TABLE[one] for one in place]
    suggested = _types_of(blocks, place)
    unsure = np.array([row.result == 12 for row in rows], dtype=bool)
    either = {
        f"type_if_{income}": np.where(unsure, _types_with(blocks, income), "").astype(object)
        for income in ("below", "above")
    }
    verdict = Verdict(np.zeros(snapshot.n_households, dtype=np.int8), blocks.deciding, figures=blocks.figures)
    years = calendar_years(blocks.figures["period_end"])
    texts = {
        "household_id": snapshot.household_ids.to_numpy(dtype=object),
        "type_suggested": suggested,
        "confidence": np.array([row.confidence for row in rows], dtype=object),
        "check": np.array([row.check for row in rows], dtype=object),
        "type_on_record": _type_on_record(snapshot),
        **blocks.codes,
        "assets_compared": np.where(blocks.compared, "yes", "no").astype(object),
        "difficulties": _difficulty_codes(blocks, lambda holds: holds == 1),
        "difficulties_unknown": _difficulty_codes(blocks, np.isnan),
        **either,
        "line_source": _sources_of_lines(snapshot, years),
        "evidence": evidence_of_verdict(verdict, snapshot.household_ids).to_numpy(zero_copy_only=False),
        "source": np.full(snapshot.n_households, SOURCE_OF_TABLE, dtype=object),
    }
    table = pd.DataFrame({name: pd.Series(values, dtype="str") for name, values in texts.items()})
    table.insert(2, "result", np.array([row.result for row in rows], dtype="int64"))
    at = table.columns.tolist().index("line_source")
    for name in reversed(FIGURES_SHOWN):
        values = blocks.figures[name]
        if name == "period_end":
            values = np.where(np.isnan(values), np.iinfo(np.int64).min, np.nan_to_num(values)).astype("int64")
            values = values.view("datetime64[D]").astype("datetime64[s]")
        table.insert(at, name, values)
    table.insert(table.columns.tolist().index("line_source"), "line_year", years)
    if lang is not None:
        table["says"] = _sentences_of_types(
            suggested,
            rows,
            evidence_of_verdict(verdict, snapshot.household_ids, lang=lang).to_numpy(zero_copy_only=False),
            lang,
        )
    return table


def _types_of(blocks: TypeBlocks, place: Array) -> Array:
    """Return the type that rows of the table suggest."""
    pairs = zip(place.tolist(), blocks.codes["reg"].tolist(), strict=True)
    return np.array([TYPE_TABLE[number].type_of(status) for number, status in pairs], dtype=object)


def _types_with(blocks: TypeBlocks, income: str) -> Array:
    """Return the type that would be suggested if the income were below the line, or above it."""
    codes = blocks.codes | {"inc": np.full(len(blocks.compared), income, dtype=object)}
    return _types_of(blocks, rows_that_apply(codes))


def _type_on_record(snapshot: Snapshot) -> Array:
    """Type of the newest open spell, ``""`` for none, ``"unknown"`` where the spell has no type on record."""
    result = np.full(snapshot.n_households, "", dtype=object)
    spells = snapshot.open_spells
    newest = spells.last_by(spells.identified_on)
    names = np.array([*newest.declaration["type"].codes, "unknown"], dtype=object)
    result[newest.household] = names[newest.type]
    return result


def _difficulty_codes(blocks: TypeBlocks, chosen: Any) -> Array:
    """Join the codes of difficulties of which it is so."""
    result = np.full(len(blocks.compared), "", dtype=object)
    for code, holds in blocks.difficulties.items():
        mask = chosen(holds)
        result[mask] = np.where(result[mask] == "", code, result[mask] + BETWEEN_NOTES + code)
    return result


def _sources_of_lines(snapshot: Snapshot, years: Array) -> Array:
    """Return where the line of each household can be read, with its standing; ``""`` without a year."""
    codes = pd.Series(snapshot.area_codes, dtype="str").to_numpy(dtype=object)
    numbers, unique = pd.factorize(pd.MultiIndex.from_arrays([codes, np.nan_to_num(years)]))
    texts = []
    for code, year in unique:
        if not year:
            texts.append("")
            continue
        entry = snapshot.lines.entry(str(code), int(year), on=snapshot.as_of)
        since = snapshot.lines.in_force_since(str(code), int(year), on=snapshot.as_of)
        texts.append(f"{since or entry.year} {entry.status}: {entry.source}")
    return np.array([*texts, ""], dtype=object)[numbers]


def _sentences_of_types(suggested: Array, rows: list[Any], evidence: Array, lang: Language) -> Array:
    checks = np.array([row.check for row in rows], dtype=object)
    numbers, unique = pd.factorize(pd.MultiIndex.from_arrays([suggested, checks]))
    texts = []
    for kind, check in unique:
        parts: list[Message] = [SUGGESTED_TYPES[kind]]
        if check:
            parts.append(Message("look at: {what}", zh="{what}", what=TO_CHECK[check]))
        texts.append(listed(parts, between="; ").shown(lang))
    said = np.array([*texts, ""], dtype=object)[numbers]
    stop = listed(("", ""), between="; ").shown(lang)
    result: Array = np.where(evidence == "", said, said + stop + evidence)
    return result
