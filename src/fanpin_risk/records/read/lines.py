"""The physical lines of a text as the bytes they are in, so that a line becomes a str only where somebody looks at it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["Lines", "is_whole_utf8"]

LINE_END = ord("\n")
BYTES_AT_A_TIME = 2**18  # looked at for ends of lines: so few stay in the cache of a processor
SURROGATES = "surrogatepass"  # what stands for a byte that did not decode is kept as it is


class Lines(Sequence[str]):
    r"""Lines of a text in UTF-8; a slice of them shares the bytes.

    Parameters
    ----------
    data : bytes
        The text.
    start : int
        Where in it the first line begins.

    Examples
    --------
    >>> lines = Lines("户编号,年度\nh1,2023\nh2,\n".encode())
    >>> len(lines), lines[1], list(lines[2:]), lines.holding("2023|h2").tolist()
    (4, 'h1,2023', ['h2,', ''], [1, 2])
    """

    __slots__ = ("_data", "_free", "_starts")

    def __init__(self, data: bytes, start: int = 0) -> None:
        self._data = data
        self._free: dict[str, int] = {}  # pattern -> from which byte on nothing of it is in the text; of all slices
        self._starts = _starts_of_lines(data, start)  # of each line, and of what would follow the last one

    @classmethod
    def of_text(cls, text: str) -> tuple[Lines, bool]:
        """Return the lines of a str, and whether it is one without lone surrogates."""
        try:
            return cls(text.encode("utf-8")), True
        except UnicodeEncodeError:
            return cls(text.encode("utf-8", SURROGATES)), False

    def __len__(self) -> int:
        return len(self._starts) - 1

    @overload
    def __getitem__(self, which: int) -> str: ...
    @overload
    def __getitem__(self, which: slice) -> Lines: ...
    def __getitem__(self, which: int | slice) -> str | Lines:
        if isinstance(which, slice):
            first, last, _ = which.indices(len(self))
            return self._some(first, max(first, last))
        at = range(len(self))[which]
        return self._data[self._starts[at] : self._starts[at + 1] - 1].decode("utf-8", SURROGATES)

    def __iter__(self) -> Iterator[str]:
        return (self[at] for at in range(len(self)))

    def _some(self, first: int, last: int) -> Lines:
        some = object.__new__(Lines)
        some._data, some._free, some._starts = self._data, self._free, self._starts[first : last + 1]
        return some

    @property
    def data(self) -> memoryview:
        """The bytes from the first line to the last, without its end."""
        return memoryview(self._data)[self._starts[0] : max(self._starts[-1] - 1, self._starts[0])]

    @property
    def n_bytes(self) -> np.ndarray:
        """How many bytes each line has without its end."""
        lengths: np.ndarray = np.diff(self._starts) - 1
        return lengths

    def has(self, sign: str) -> bool:
        """Tell whether a text stands anywhere in the lines."""
        return self._data.find(sign.encode(), self._starts[0], self._starts[-1]) >= 0

    def n_signs(self, sign: str) -> np.ndarray:
        """Return how often an ASCII sign stands in each line."""
        return pc.count_substring(self._array(), sign).to_numpy(zero_copy_only=False)

    def rule_out(self, *patterns: str) -> None:
        """Look for several patterns at once, in lines to the end of the text; usually it holds none of them.

        What is found out is kept for :meth:`holding`.
        """
        if not self._has_any("|".join(f"(?:{pattern})" for pattern in patterns)):
            self._free |= dict.fromkeys(patterns, int(self._starts[0]))

    def holding(self, pattern: str) -> np.ndarray:
        """Return which lines hold anything of a pattern, which never reaches over the end of a line."""
        if self._starts[0] >= self._free.get(pattern, np.inf) or not self._has_any(pattern):
            return np.zeros(0, dtype="int64")
        return np.flatnonzero(pc.match_substring_regex(self._array(), pattern).to_numpy(zero_copy_only=False))

    def _has_any(self, pattern: str) -> bool:
        """Tell whether anything of a pattern is in the lines, maybe over their ends; much faster than asking for each."""
        data = self.data
        whole = pa.Array.from_buffers(
            pa.large_binary(), 1, [None, pa.py_buffer(np.array([0, len(data)], dtype="int64")), pa.py_buffer(data)]
        )
        return bool(pc.match_substring_regex(whole, pattern)[0].as_py())

    def _array(self) -> pa.Array:
        """Return the lines, each with its end, as an array that shares the bytes."""
        ends = np.minimum(self._starts, len(self._data))
        return pa.Array.from_buffers(pa.large_binary(), len(self), [None, pa.py_buffer(ends), pa.py_buffer(self._data)])


def _starts_of_lines(data: bytes, start: int) -> np.ndarray:
    signs = np.frombuffer(data, dtype="uint8")
    found = [np.array([start], dtype="int64")]
    is_end = np.empty(BYTES_AT_A_TIME, dtype=bool)
    for at in range(start, len(signs), BYTES_AT_A_TIME):
        some = signs[at : at + BYTES_AT_A_TIME]
        found.append(np.flatnonzero(np.equal(some, LINE_END, out=is_end[: len(some)])) + (at + 1))
    return np.concatenate([*found, [len(signs) + 1]])


def is_whole_utf8(content: bytes, skip: int = 0) -> bool:
    """Tell whether all bytes but the first ones are UTF-8, without decoding them.

    Examples
    --------
    >>> is_whole_utf8("户".encode()), is_whole_utf8("户".encode("gb18030"))
    (True, False)
    """
    ends = pa.py_buffer(np.array([skip, len(content)], dtype="int64"))
    try:
        pa.Array.from_buffers(pa.large_string(), 1, [None, ends, pa.py_buffer(content)]).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True
