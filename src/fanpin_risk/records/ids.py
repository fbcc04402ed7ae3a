"""What keeps persons out of messages, logs and keys."""

from __future__ import annotations

import hmac
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from fanpin_risk.arguments import of_type
from fanpin_risk.errors import InputError
from fanpin_risk.words import Message, system_error

__all__ = ["are_citizen_ids", "citizen_ids_alike", "looks_like_citizen_id", "mask_id", "pseudonymise", "read_key"]

# GB 11643-1999: weights of the first 17 digits, and the check character by (weighted sum mod 11).
CHECK_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
CHECK_CHARACTERS = np.array([ord(c) for c in "10X98765432"])
CITIZEN_ID = r"\d{17}[\dXx](?:[1-7][1-4](?:[A-Za-z0-9]{2})?)?"  # 20 and 22: the number on a disability certificate
SHORTEST_SHOWN = 10  # of a shorter id, four characters would be too large a part
# Fifteen digits, as given until 1999: a province, a birth date from 1930 on. Numbers made of division codes have a township
# where the year stands, which is below 300.
OLD_CITIZEN_ID = (
    r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5])\d{4}[3-9]\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}"
)
PSEUDONYM_LENGTH = 20  # hex characters: 80 bits, no collisions to be expected below 10**10 ids
SHORTEST_KEY = 16  # bytes
CITIZEN_ID_LENGTH = 18  # what follows on a disability certificate is not part of the person's number
OLD_CITIZEN_ID_LENGTH = 15


def mask_id(value: object) -> str:
    """Return an id fit for a message: at most two characters at each end, short ids not at all.

    Parameters
    ----------
    value : object
        An id; anything else is read as text.

    Returns
    -------
    str

    Examples
    --------
    >>> mask_id("H20230000412")
    'H2***12'
    >>> mask_id("412")
    '***'
    """
    text = str(value).strip()
    if len(text) < SHORTEST_SHOWN:
        return "***"
    return f"{text[:2]}***{text[-2:]}"


def read_key(key: bytes | str | Path) -> bytes:
    """Return the secret key for :func:`pseudonymise` as bytes.

    Parameters
    ----------
    key : bytes, str or Path
        The key itself, or (as a ``Path``) the file that holds it; blanks and line ends around it are dropped.

    Returns
    -------
    bytes

    Raises
    ------
    InputError
        If the file cannot be read or the key is shorter than 16 bytes.

    Examples
    --------
    >>> read_key("a key of this county, kept apart")
    b'a key of this county, kept apart'
    """
    of_type("id_key", key, (bytes, str, Path), Message("a secret as bytes or a text, or the Path of its file"))
    if isinstance(key, str) and (Path(key).suffix or Path(key).is_absolute()) and " " not in key:
        raise InputError("id_key looks like the name of a file; give it as a Path, or a secret that has no ending")
    if isinstance(key, Path):
        try:
            key = key.read_bytes()
        except OSError as error:
            raise InputError("the file of the id key cannot be read: {reason}", reason=system_error(error)) from error
    content = (key.encode("utf-8") if isinstance(key, str) else key).strip()
    if len(content) < SHORTEST_KEY:
        raise InputError(
            "the id key has {found} bytes; it needs at least {least}, better 32 random ones",
            found=len(content),
            least=SHORTEST_KEY,
        )
    return content


def pseudonymise(series: pd.Series, key: bytes | str | Path) -> pd.Series:
    """Replace ids by keyed pseudonyms: equal ids get equal pseudonyms, and without the key none can be traced back.

    Pseudonyms are still personal data (PIPL art. 73): who holds the key can link them again.

    Parameters
    ----------
    series : Series of shape (n,)
        Ids as text; missing stays missing.
    key : bytes, str or Path
        See :func:`read_key`.

    Returns
    -------
    Series of shape (n,)
        Twenty hexadecimal characters of HMAC-SHA256 (RFC 2104), same index and name.

    Raises
    ------
    InputError
        If the key is too short or cannot be read.

    Examples
    --------
    >>> pseudonymise(pd.Series(["h1", None, "h1"]), b"sixteen bytes or more").nunique()
    1
    """
    secret = read_key(key)
    codes, ids = pd.factorize(series.astype("str"))
    names = [hmac.digest(secret, str(i).encode("utf-8"), "sha256").hex()[:PSEUDONYM_LENGTH] for i in ids]
    values = pd.array([*names, np.nan], dtype="str").take(np.asarray(codes))  # code -1 (missing) takes the last
    return pd.Series(values, index=series.index, name=series.name)


def looks_like_citizen_id(series: pd.Series) -> np.ndarray:
    """Tell which texts are built like a citizen id number or a disability certificate number.

    Eighteen characters with a possible birth date and a right check character (GB 11643-1999), alone or followed
    by two or four more as on a disability certificate; or fifteen digits, as given until 1999.

    Parameters
    ----------
    series : Series of shape (n,)
        Texts; missing is not an id.

    Returns
    -------
    ndarray of bool, shape (n,)

    Examples
    --------
    >>> looks_like_citizen_id(pd.Series(["11010519491231002X", "110105194912310021", "110105491231002", "H2023", None]))
    array([ True, False,  True, False, False])
    """
    texts = pa.array(series.astype("str"), from_pandas=True)
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    found, like_new = (
        pc.match_substring_regex(texts, f"^(?:{form})$").fill_null(False).to_numpy(zero_copy_only=False)
        for form in (OLD_CITIZEN_ID, CITIZEN_ID)
    )
    candidate = np.flatnonzero(like_new)
    if len(candidate):
        found = found.copy()
        heads = np.array([text[:18].upper() for text in texts.take(candidate).to_pylist()], dtype="U18")
        points = heads.view(np.uint32).reshape(len(candidate), 18).astype(np.int64)
        digits = points[:, :17] - ord("0")
        check = CHECK_CHARACTERS[(digits @ CHECK_WEIGHTS) % 11]
        year = digits[:, 6:10] @ np.array([1000, 100, 10, 1])
        month, day = digits[:, 10] * 10 + digits[:, 11], digits[:, 12] * 10 + digits[:, 13]
        dated = (year >= 1850) & (year <= 2100) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
        found[candidate] = dated & (check == points[:, 17])
    return found


def are_citizen_ids(ids: pd.Series) -> np.ndarray:
    """Tell which ids are built like those of citizens; see :func:`looks_like_citizen_id`.

    Parameters
    ----------
    ids : Series of str, shape (n,)
    """
    lengths = pc.binary_length(pa.array(ids, pa.large_string(), from_pandas=True)).fill_null(0)
    citizen = np.array(lengths.to_numpy() >= OLD_CITIZEN_ID_LENGTH, dtype=bool)
    if citizen.any():
        citizen[citizen] = looks_like_citizen_id(ids[citizen])
    return citizen


def citizen_ids_alike(ids: pd.Series) -> pd.Series:
    """Return ids, those of citizens written in one way.

    Parameters
    ----------
    ids : Series of str, shape (n,)

    Examples
    --------
    >>> citizen_ids_alike(pd.Series(["11010519491231002x44", "h1", None], dtype="str")).tolist()
    ['11010519491231002X', 'h1', nan]
    """
    return ids.mask(are_citizen_ids(ids), ids.str.slice(0, CITIZEN_ID_LENGTH).str.upper())


def household_name(household_id: object, *, whole_id: bool) -> str:
    """Return the id as it is shown: masked unless the whole one was asked for."""
    return str(household_id) if whole_id else mask_id(household_id)
