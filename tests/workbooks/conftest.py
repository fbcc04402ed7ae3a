"""Compound files, xls and xlsb workbooks made by hand, record by record."""

import struct
import zipfile
from types import SimpleNamespace

import pytest

SECTOR = 512
END, FREE, TABLE_OF_SECTORS = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def entry(name, kind, first, size, child=FREE):
    """Return an entry of the directory of a compound file."""
    text = name.encode("utf-16-le")
    head = text.ljust(64, b"\0") + struct.pack("<HBB", len(text) + 2, kind, 1)
    return head + struct.pack("<III", FREE, FREE, child) + bytes(36) + struct.pack("<IQ", first, size)


def compound(name, stream, *, small=False):
    """Return a compound file with one stream, in sectors of their own or among the small ones."""
    n = -(-len(stream) // SECTOR)
    body = stream.ljust(n * SECTOR, b"\0")
    if small:
        pieces = -(-len(stream) // 64)
        chain = [*range(1, pieces), END]
        small_table = struct.pack(f"<{pieces}I", *chain).ljust(SECTOR, b"\xff")
        root, own, more = entry("Root Entry", 5, 3, pieces * 64, 1), entry(name, 2, 0, len(stream)), small_table
    else:
        root, own, more = entry("Root Entry", 5, END, 0, 1), entry(name, 2, 3, len(stream)), bytes(SECTOR)
    sectors = [TABLE_OF_SECTORS, END, END, *range(4, 3 + n), END]
    assert len(sectors) <= SECTOR // 4
    table = struct.pack(f"<{len(sectors)}I", *sectors).ljust(SECTOR, b"\xff")
    directory = (root + own).ljust(SECTOR, b"\0")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(10)
    header += struct.pack("<8I", 1, 1, 0, 4096 if small else 0, 2 if small else END, int(small), END, 0)
    header += struct.pack("<109I", 0, *[FREE] * 108)
    return header + table + directory + more + body


def record(kind, content=b""):
    return struct.pack("<HH", kind, len(content)) + content


def xls(*records, name="户信息", version=0x0600, before=()):
    """Return an xls workbook with one sheet made of records."""
    begin = struct.pack("<HHHHII", version, 5, 0, 0, 0, 0)
    text = name.encode("utf-16-le") if version == 0x0600 else name.encode("gbk")
    flags = bytes([len(name), 1]) if version == 0x0600 else bytes([len(text)])
    head = record(0x0809, begin) + b"".join(before)
    place = len(head) + 4 + 6 + len(flags) + len(text) + 4
    book = head + record(0x0085, struct.pack("<IH", place, 0) + flags + text) + record(0x000A)
    sheet = record(0x0809, struct.pack("<HHHHII", version, 16, 0, 0, 0, 0)) + b"".join(records) + record(0x000A)
    return compound("Workbook" if version == 0x0600 else "Book", (book + sheet).ljust(4096, b"\0"))


def long_number(value):
    """Write a number seven bits at a time."""
    written = b""
    while value > 0x7F:
        written += bytes([value & 0x7F | 0x80])
        value >>= 7
    return written + bytes([value])


def xlsb_record(kind, content=b""):
    number = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    return number + long_number(len(content)) + content


def wide(text):
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb(path, *records, name="户信息"):
    """Write an xlsb workbook with one sheet; records before the first row are of its columns."""
    links = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.bin"/>'
        "</Relationships>"
    )
    sheet = xlsb_record(156, struct.pack("<II", 0, 1) + wide("rId1") + wide(name))
    book = xlsb_record(131) + xlsb_record(143) + sheet + xlsb_record(144) + xlsb_record(132)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/_rels/workbook.bin.rels", links)
        archive.writestr("xl/workbook.bin", book)
        archive.writestr("xl/worksheets/sheet1.bin", b"".join(records))


@pytest.fixture(scope="session")
def made():
    """Return what makes workbooks by hand."""
    return SimpleNamespace(compound=compound, record=record, xls=xls, xlsb=xlsb, xlsb_record=xlsb_record, wide=wide)
