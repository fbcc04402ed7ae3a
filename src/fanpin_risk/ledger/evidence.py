"""What an event rests on: plain values under codes, without names or numbers of persons, in one canonical text."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.arguments import type_of
from fanpin_risk.errors import LedgerError
from fanpin_risk.words import Message

__all__ = ["canonical_text", "checked_evidence", "checked_who", "evidence_text"]

KEY = re.compile(r"[a-z][a-z0-9_]{0,63}")
# Keys that would hold who or where a person is: the register knows it, the ledger need not.
PERSONAL_KEYS = frozenset(
    ("name", "head_name", "member_name", "id_number", "citizen_id", "phone", "telephone", "mobile", "address", "bank_account", "password")
)  # fmt: skip
# A number of a citizen or of a mobile phone, alone or within a text.
PERSONAL_NUMBER = re.compile(r"(?<![0-9A-Za-z])(?:[1-8]\d{16}[0-9Xx]|1[3-9]\d{9})(?![0-9A-Za-z])")
# A code such as village-3, clerk:07 or list/2024-06; or a role as offices write it, which ends with one of these.
OFFICE_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/@#+-]{0,63}")
ROLE = re.compile(
    r"[\u3400-\u9fff、（）()0-9A-Za-z_-]{0,24}(?:村|组|社区|乡|镇|街道|县|区|市|省|局|委|会|办|队|站|所|院|校|中心|部门|平台|系统|"
    r"员|干部|书记|主任|组长|责任人|联系人|农户|本户|户主|群众|热线)"
)
LONGEST_TEXT = 2_000  # characters of one value
LONGEST_EVIDENCE = 20_000  # characters of all
DEEPEST = 4
CANONICAL = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


def checked_who(value: Any) -> str:
    """Return who brought an event about: a role or a code of the office, no name.

    Raises
    ------
    LedgerError
        If it is empty, no code and no role, or holds the number of a citizen or a phone.

    Examples
    --------
    >>> checked_who("village"), checked_who("驻村工作队"), checked_who("visitor-17")
    ('village', '驻村工作队', 'visitor-17')
    """
    text = value.strip() if isinstance(value, str) else ""
    if not (OFFICE_CODE.fullmatch(text) or ROLE.fullmatch(text)) or PERSONAL_NUMBER.search(text):
        raise LedgerError(
            "who is {got}; expected a role or a code of up to 64 characters such as {examples}, and no name of a person",
            got=Message("no such text") if text else Message("empty"),
            examples=("village", "visitor-17"),
        )
    return text


def checked_evidence(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return evidence as plain values; what is missing is left out.

    Parameters
    ----------
    given : mapping of str to value
        Keys of lower-case letters, digits and ``_``. Values: texts, numbers, True and False, days (written as texts), and
        lists and mappings of these, with keys of the same kind.

    Raises
    ------
    LedgerError
        If a key is no code or would name a person, or a value is of another kind, too long, or holds the number of a
        citizen or a phone.

    Examples
    --------
    >>> checked_evidence({"amount": np.float64(300), "day": date(2024, 5, 1), "list_no": None})
    {'amount': 300.0, 'day': '2024-05-01'}
    """
    plain = {}
    for key, value in given.items():
        _check_key(key)
        one = _canonical_value(key, value)
        if one is not None:
            plain[key] = one
    return plain


def _check_key(key: Any) -> None:
    """Raise LedgerError where a key, at whatever depth, is no code or would name a person."""
    if not isinstance(key, str) or not KEY.fullmatch(key):
        raise LedgerError("a key of the evidence is no code; expected lower-case letters, digits and _")
    if key in PERSONAL_KEYS:
        raise LedgerError(
            "the evidence has the key {key}, which would say who somebody is; leave it out: the register knows it",
            key=key,
        )


def evidence_text(plain: Mapping[str, Any]) -> str:
    """Return the canonical text of checked evidence; raise LedgerError where it is too long.

    Examples
    --------
    >>> evidence_text({"item": "safe_water"})
    '{"item":"safe_water"}'
    """
    text = canonical_text(plain)
    if len(text) > LONGEST_EVIDENCE:
        raise LedgerError(
            "the evidence is longer than {most:,} characters; name rows and files by their keys instead",
            most=LONGEST_EVIDENCE,
        )
    return text


def _canonical_value(key: str, value: Any, depth: int = 0) -> Any:
    """Return a value as JSON has it; None where it is missing."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, (bool, int)):
        if PERSONAL_NUMBER.fullmatch(str(value)):
            _refuse_value(key, str(value))
        return value if abs(value) < 2**63 else _refuse_value(key, value)
    if isinstance(value, float):
        return value if math.isfinite(value) else _refuse_value(key, value)
    if isinstance(value, date):  # of which days with a time are a kind
        day = pd.Timestamp(value)
        return day.date().isoformat() if day == day.normalize() else day.isoformat()
    if isinstance(value, str):
        return value if _is_clean(value) else _refuse_value(key, value)
    if depth < DEEPEST and isinstance(value, (list, tuple, set, np.ndarray)):
        items = sorted(value) if isinstance(value, set) else list(value)
        return [_canonical_value(key, item, depth + 1) for item in items]
    if depth < DEEPEST and isinstance(value, Mapping) and all(isinstance(name, str) for name in value):
        for name in value:
            if not _is_clean(name):
                _refuse_value(key, name)
            _check_key(name)
        return {name: _canonical_value(key, item, depth + 1) for name, item in value.items()}
    return _refuse_value(key, value)


def _is_clean(text: str) -> bool:
    """Tell whether a text is short, holds no number of a person, and can be written in UTF-8 by every database."""
    return (
        len(text) <= LONGEST_TEXT
        and PERSONAL_NUMBER.search(text) is None
        and "\0" not in text
        and not any(0xD800 <= ord(sign) < 0xE000 for sign in text)
    )


def _refuse_value(key: str, value: Any) -> Any:
    if isinstance(value, str):
        raise LedgerError(
            "the evidence {key} is a text longer than {most:,} characters, or holds the number of a citizen or a phone, or signs that are "
            "no text; give a code, or the key of a row",
            key=key,
            most=LONGEST_TEXT,
        )
    raise LedgerError(
        "the evidence {key} is of the type {got}; expected a text, a finite number, yes or no, a day, or a list of these",
        key=key,
        got=type_of(value),
    )


def canonical_text(value: Any) -> str:
    """Return the one text that stands for plain values: keys sorted, no blanks, characters as they are.

    Examples
    --------
    >>> canonical_text({"b": 1, "a": ["村", True]})
    '{"a":["村",true],"b":1}'
    """
    return CANONICAL.encode(value)
