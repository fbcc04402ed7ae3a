"""A stream out of a compound file, or the word that it is damaged."""

import struct

import pytest

from fanpin_risk.workbooks.compound import stream_of

LONG = bytes(range(256)) * 40


def test_a_stream_is_found_under_any_of_its_names(made):
    """Whatever the case of its letters."""
    assert stream_of(made.compound("WORKBOOK", LONG), ("workbook", "book")) == LONG
    assert stream_of(made.compound("Book", LONG), ("workbook", "book")) == LONG
    assert stream_of(made.compound("WordDocument", LONG), ("workbook", "book")) is None


def test_a_small_stream_lies_among_small_sectors(made):
    """They are scattered over the stream of the root."""
    assert stream_of(made.compound("Workbook", LONG[:1000], small=True), ("workbook",)) == LONG[:1000]


@pytest.mark.parametrize(
    ("place", "number"),
    [(512 + 4 * 5, 3), (512 + 4 * 5, 4000), (30, 77), (48, 4000)],
    ids=["a loop", "behind the end", "odd sectors", "no directory"],
)
def test_a_damaged_file_is_said_to_be_one(made, place, number):
    """It neither loops nor reads what is not there."""
    content = bytearray(made.compound("Workbook", LONG))
    struct.pack_into("<I" if place != 30 else "<H", content, place, number)
    with pytest.raises(ValueError, match=r"sector|damaged"):
        stream_of(bytes(content), ("workbook",))


def test_what_is_no_compound_file(made):
    """Or only its beginning."""
    with pytest.raises(ValueError, match="no compound file"):
        stream_of(b"PK" * 400, ("workbook",))
    with pytest.raises(ValueError, match=r"sector|damaged"):
        stream_of(made.compound("Workbook", LONG)[:900], ("workbook",))
