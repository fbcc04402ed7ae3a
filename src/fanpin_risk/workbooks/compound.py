"""Compound files (OLE2), in which xls workbooks lie: one stream out of the sectors that it is scattered over."""

from __future__ import annotations

import struct

__all__ = ["COMPOUND", "stream_of"]

COMPOUND = b"\xd0\xcf\x11\xe0"
LAST_SECTOR = 0xFFFFFFFA  # numbers from here on are marks
HEADER_BYTES = 512
ENTRY = 128
STREAM, ROOT = 2, 5


def stream_of(content: bytes, names: tuple[str, ...]) -> bytes | None:
    """Return the content of a stream.

    Parameters
    ----------
    content : bytes
        The whole compound file.
    names : tuple of str
        Names in small letters under which the stream may be known, best first.

    Returns
    -------
    bytes or None
        None if it holds none of them.

    Raises
    ------
    ValueError
        If the file is damaged.
    """
    try:
        return _Compound(content).stream(names)
    except (struct.error, IndexError) as error:
        raise ValueError("a damaged compound file") from error


class _Compound:
    def __init__(self, content: bytes) -> None:
        self.content = content
        if len(content) < HEADER_BYTES or not content.startswith(COMPOUND):
            raise ValueError("no compound file")
        shift, mini_shift = struct.unpack_from("<HH", content, 30)
        if shift not in (9, 12) or mini_shift > shift:
            raise ValueError("sectors of an odd size")
        self.size, self.mini_size = 1 << shift, 1 << mini_shift
        _, self.directory, _, self.cutoff, mini_table, _, more, _ = struct.unpack_from("<8I", content, 44)
        sectors = [*struct.unpack_from("<109I", content, 76)]
        per_sector = self.size // 4
        seen: set[int] = set()
        while more < LAST_SECTOR and more not in seen:
            seen.add(more)
            *some, more = struct.unpack(f"<{per_sector}I", self._sector(more))
            sectors += some
        self.next: list[int] = []
        for number in sectors:
            if number < LAST_SECTOR:
                self.next += struct.unpack(f"<{per_sector}I", self._sector(number))
        table = self._chain(mini_table) if mini_table < LAST_SECTOR else b""
        self.mini_next = struct.unpack(f"<{len(table) // 4}I", table)

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self.size
        return self.content[start : start + self.size].ljust(self.size, b"\0")

    def _chain(self, number: int) -> bytes:
        parts, seen = [], set()
        while number < LAST_SECTOR:
            if number in seen or (number + 1) * self.size >= len(self.content):
                raise ValueError("a chain of sectors without an end")
            seen.add(number)
            parts.append(self._sector(number))
            number = self.next[number]
        return b"".join(parts)

    def stream(self, names: tuple[str, ...]) -> bytes | None:
        directory = self._chain(self.directory)
        found: dict[str, tuple[int, int]] = {}
        root = LAST_SECTOR
        for start in range(0, len(directory) - ENTRY + 1, ENTRY):
            (length,) = struct.unpack_from("<H", directory, start + 64)
            kind = directory[start + 66]
            first, size = struct.unpack_from("<II", directory, start + 116)
            name = directory[start : start + max(min(length, 64) - 2, 0)].decode("utf-16-le", "replace").lower()
            if kind == ROOT:
                root = first
            elif kind == STREAM:
                found.setdefault(name, (first, size))
        own = next((found[name] for name in names if name in found), None)
        if own is None:
            return None
        number, size = own
        if size >= self.cutoff:
            return self._chain(number)[:size]
        small = self._chain(root)
        parts, seen = [], set()
        while number < LAST_SECTOR:
            if number in seen:
                raise ValueError("a chain of sectors without an end")
            seen.add(number)
            parts.append(small[number * self.mini_size : (number + 1) * self.mini_size])
            number = self.mini_next[number]
        return b"".join(parts)[:size]
