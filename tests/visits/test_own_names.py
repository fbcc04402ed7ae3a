"""Names and addresses of an office's own file."""

import pandas as pd
import pytest

from fanpin_risk.errors import SchemaError
from fanpin_risk.visits.own_names import own_names


def test_files_and_frames_are_read_alike(tmp_path):
    """csv in either encoding, xlsx; other columns are not looked at; the first row of a household counts."""
    frame = pd.DataFrame(
        {
            "序号": ["1", "2", "3"],
            "户编号": ["H1", "H1", "H2"],
            "户主姓名": ["张三", "李四", None],
            "住址": ["一组", "", "二组"],
        }
    )
    expected = {"H1": ("张三", "一组"), "H2": ("", "二组")}
    assert own_names(frame) == expected
    frame.to_excel(tmp_path / "n.xlsx", index=False)
    frame.to_csv(tmp_path / "n.csv", index=False, encoding="gb18030")
    assert own_names(tmp_path / "n.xlsx") == own_names(str(tmp_path / "n.csv")) == expected
    assert own_names(None) == {}


def test_what_has_no_names_is_refused(tmp_path):
    """Without ids, without names, empty."""
    with pytest.raises(SchemaError, match="household_id and name"):
        own_names(pd.DataFrame({"户编号": ["H1"]}))
    with pytest.raises(SchemaError, match="household_id and name"):
        own_names(pd.DataFrame({"姓名": ["张三"]}))
    (tmp_path / "n.csv").write_text("\n")
    with pytest.raises(SchemaError, match="is empty"):
        own_names(tmp_path / "n.csv")
