"""Lists of households as files."""

import pandas as pd
import pytest

from fanpin_risk.errors import InputError
from fanpin_risk.visits.list_files import LIST_HEADERS, read_list_file


@pytest.mark.parametrize("header", [(name, one) for name, headers in LIST_HEADERS.items() for one in headers], ids=str)
def test_every_header_is_known(tmp_path, header):
    """Of every column that sheets and notices use."""
    name, shown = header
    pd.DataFrame({"户编号": ["H1"], shown: ["x"]}).to_csv(tmp_path / "l.csv", index=False)
    assert read_list_file(tmp_path / "l.csv").to_dict("list") == {"household_id": ["H1"], name: ["x"]}


def test_each_household_once_in_the_order_of_the_file(tmp_path):
    """Rows without an id are passed over, empty cells are missing; the sheet that has ids is read."""
    frame = pd.DataFrame({"household_id": ["H2", None, "H1", "H2"], "visitor": ["a", "b", None, "c"]})
    with pd.ExcelWriter(tmp_path / "l.xlsx") as book:
        pd.DataFrame({"figures": [1]}).to_excel(book, sheet_name="summary", index=False)
        frame.to_excel(book, sheet_name="list", index=False)
    read = read_list_file(tmp_path / "l.xlsx")
    assert read["household_id"].tolist() == ["H2", "H1"]
    assert read["visitor"].isna().tolist() == [False, True]


def test_a_file_without_ids_is_refused(tmp_path):
    """Naming what was expected."""
    pd.DataFrame({"name": ["x"]}).to_csv(tmp_path / "l.csv", index=False)
    with pytest.raises(InputError, match="no column of household ids"):
        read_list_file(tmp_path / "l.csv")
