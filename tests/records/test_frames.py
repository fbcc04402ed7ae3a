"""Frames of any library are read alike."""

import pandas as pd
import pytest

from fanpin_risk.errors import SchemaError
from fanpin_risk.records.read import read_register


def test_frames_of_other_libraries(frames):
    """Whatever gives an Arrow stream is read; here pyarrow's own table, and one that only has the stream."""
    pa = pytest.importorskip("pyarrow")

    class OnlyStream:
        def __init__(self, table):
            self.table = table

        def __arrow_c_stream__(self, requested_schema=None):
            return self.table.__arrow_c_stream__(requested_schema)

    expected = frames.read().tables["members"]
    arrow = pa.table(frames.MEMBERS)
    for frame in (
        arrow,
        OnlyStream(arrow),
        pd.DataFrame(frames.MEMBERS),
        pd.DataFrame(frames.MEMBERS).set_index("member_id"),
    ):
        pd.testing.assert_frame_equal(frames.read(members=frame).tables["members"], expected)


def test_frames_by_table_are_a_register(frames):
    """``read_register`` takes what ``Register.from_frames`` takes; polars needs no pandas in between."""
    pl = pytest.importorskip("polars", reason="polars is one of those who give an Arrow stream")
    tables = {"households": frames.HOUSEHOLDS, "家庭成员": frames.MEMBERS}
    expected = frames.read()
    read = read_register({name: pl.DataFrame(table) for name, table in tables.items()}, data_date="2023-12-31")
    for name, frame in expected.tables.items():
        pd.testing.assert_frame_equal(read.tables[name], frame)
    assert read.source == "frames"


def test_frames_without_an_arrow_stream(frames):
    """Older libraries give a frame of pandas, or the interchange of frames; what gives neither is refused."""
    pa = pytest.importorskip("pyarrow")
    arrow = pa.table(frames.MEMBERS)
    givers = (
        type("Pandas", (), {"to_pandas": lambda _: arrow.to_pandas()})(),
        type("Interchange", (), {"__dataframe__": lambda _, **options: arrow.__dataframe__(**options)})(),
    )
    for giver in givers:
        pd.testing.assert_frame_equal(frames.read(members=giver).tables["members"], frames.read().tables["members"])
    with pytest.raises(SchemaError, match="members is a Neither; expected a frame"):
        frames.read(members=type("Neither", (), {"to_pandas": lambda _: 5})())
