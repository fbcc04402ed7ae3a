"""Frames of any library are read alike."""

import pandas as pd
import pytest


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
