"""Text files in any encoding, whole and damaged."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanpin_risk.errors import InputError
from fanpin_risk.records.read import read_register


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encodings_delimiters_and_line_ends(files, folder, encoding, delimiter, newline):
    """Text files are read whatever program and country they were saved by."""
    text = files.HOUSEHOLDS.replace(",", delimiter).replace("\n", newline)
    (folder / "户信息.csv").write_bytes(text.encode(encoding))
    register = files.read(folder)
    assert register.tables["households"]["register_status"].tolist() == ["ex_poor", "general"]
    assert not len(register.problems)


def test_encoding_can_be_forced(files, folder):
    """A named encoding is used; an unknown one is refused."""
    (folder / "户信息.csv").write_bytes(files.HOUSEHOLDS.encode("big5", errors="replace"))
    (folder / "members.csv").unlink()
    (folder / "x.csv").write_bytes("户编号,帮扶措施,开始时间\nh1,搬迁,2023\n".encode("utf-16-le"))
    with pytest.raises(InputError, match="unknown encoding 'klingon'"):
        read_register(folder, encoding="klingon")
    (folder / "户信息.csv").write_bytes(files.HOUSEHOLDS.encode("utf-16-le"))
    assert len(files.read(folder, encoding="utf-16-le").tables["supports"]) == 1


@pytest.mark.parametrize(
    "encoding", [5, True, b"utf-8", ["utf-8"], "", "utf\0", "hex", "rot13", "zlib", "idna", "undefined"]
)
def test_an_encoding_that_cannot_read_text_is_refused(folder, encoding):
    """Whatever was given, the message names it and says what is usual."""
    with pytest.raises(InputError, match=r"unknown encoding .*; usual ones are utf-8 and gb18030"):
        read_register(folder, encoding=encoding)


@pytest.mark.parametrize("named", ["utf-16", "UTF_16", "utf-32"])
def test_the_byte_order_is_that_of_the_mark(files, folder, named):
    """Named without an order, UTF-16 and UTF-32 are read in the order of the mark, else with the low byte first."""
    for order in ("-le", "-be"):
        for file, text in (("户信息.csv", files.HOUSEHOLDS), ("members.csv", files.MEMBERS)):
            (folder / file).write_bytes(f"\ufeff{text}".encode(named + order))
        assert len(files.read(folder, encoding=named).tables["members"]) == 3
    for file, text in (("户信息.csv", files.HOUSEHOLDS), ("members.csv", files.MEMBERS)):
        (folder / file).write_bytes(text.encode(f"{named}-le"))
    assert len(files.read(folder, encoding=named).tables["members"]) == 3


def test_damaged_utf8_is_not_taken_for_gb18030(files, folder):
    """One bad byte in a UTF-8 file spoils its row, not the reading of the file."""
    rows = "".join(f"h{number},2023,脱贫户\n" for number in range(3, 60))
    data = (files.HOUSEHOLDS + rows).encode().replace(b"h5,2023", b"h5,2023\xff")
    (folder / "户信息.csv").write_bytes(data)
    register = files.read(folder)
    assert files.found(register) == [("户信息.csv", 6, "undecodable_bytes")]
    assert register.tables["households"]["register_status"].notna().all()


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_undecodable_bytes_are_met_with_advice_that_fits(files, folder, encoding):
    """Whatever encoding a file was read in, the advice is not to read it in that one."""
    rows = "".join(f"h{number},2023,脱贫户\n" for number in range(3, 60))
    data = (files.HOUSEHOLDS + rows).encode(encoding).replace(b"h5,2023,", b"h5,2023,\xff")
    (folder / "户信息.csv").write_bytes(data)
    problem = files.read(folder).problems.iloc[0]
    assert problem["code"] == "undecodable_bytes"
    assert "gb18030" not in problem["message"] + problem["message_zh"]


def test_ragged_rows_are_rejected(files, folder):
    """A row with too few or too many cells is rejected with its number; empty cells at its end do no harm."""
    text = "户编号,年度,户类型,\nh1,2023,脱贫户\nh2,2023,脱贫户,,,\nh3,2023\nh4,2023,脱贫户,,x\nh5\n"
    (folder / "户信息.csv").write_text(text, encoding="utf-8")
    register = files.read(folder)
    assert register.tables["households"]["household_id"].tolist() == ["h1", "h2"]
    assert files.found(register)[:3] == [("户信息.csv", row, "ragged_row") for row in (4, 5, 6)]
    assert register.rejected_rows["households"]["户编号"].tolist() == ["h3", "h4", "h5"]


def test_stray_quotes_lose_no_row(files, folder):
    """A quote without its partner costs its own row; rows after it are read, with their right numbers."""
    text = '户编号,年度,行政区划名称\nh1,2023,"甲\n乙"\nh2,2023,"丙\nh3,2023,丁\nh4,2023,戊"己\nh5,2023,"庚"\nh6,2023,"辛\n'
    (folder / "户信息.csv").write_text(text, encoding="utf-8")
    register = files.read(folder)
    households = register.tables["households"]
    assert households["household_id"].tolist() == ["h1", "h3", "h4", "h5"]
    assert households["area_name"].tolist() == ["甲 乙", "丁", '戊"己', "庚"]
    assert files.found(register)[:2] == [("户信息.csv", 3, "unbalanced_quote"), ("户信息.csv", 7, "unbalanced_quote")]
    assert register.counts.loc["households", "rows_read"] == 6


def test_a_swallowed_row_is_noticed_even_if_the_cells_fit(files, folder):
    """Rows that a pair of stray quotes turns into one cell are not taken for one."""
    text = '户编号,年度,行政区划名称\nh1,2023,"甲\nh2,2023,乙\nh3,2023,丙"\nh4,2023,丁\n'
    (folder / "户信息.csv").write_text(text, encoding="utf-8")
    register = files.read(folder)
    assert register.tables["households"]["household_id"].tolist() == ["h2", "h3", "h4"]
    assert files.found(register)[0] == ("户信息.csv", 2, "unbalanced_quote")


def test_nul_bytes_are_rejected_by_row(files, folder):
    """A row with NUL bytes is rejected, those around it are read."""
    (folder / "户信息.csv").write_bytes(files.HOUSEHOLDS.replace("h2", "h\0").encode() + b"h3,2023,\nh4\0,2023,\n")
    register = files.read(folder)
    assert register.tables["households"]["household_id"].tolist() == ["h1", "h3"]
    assert [code for _, _, code in files.found(register)][:2] == ["nul_bytes", "nul_bytes"]


@pytest.mark.parametrize("line", [",,h1,h1", ',,h1,"', ",,x,y,z"])
def test_a_cell_too_many_makes_no_header(files, folder, line):
    """What stands beyond the header stands below nothing: the row is rejected, and the next is read."""
    (folder / "户信息.csv").write_text(
        f"户编号,年度,户类型\n{line}\nh9,2023,脱贫户\nh8,2023,脱贫户\n", encoding="utf-8"
    )
    register = files.read(folder)
    assert {"h8", "h9"} <= set(register.tables["households"]["household_id"])


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_every_line_is_accounted_for(files, tmp_path_factory, data):
    """Cells dropped, doubled, emptied or quoted at random: each line is kept, rejected or counted as no data."""
    cell = st.sampled_from(["h1", "h2", "2023", "脱贫户", "", "x", '"', 'a"b', '"a"', "合计"])
    lines = data.draw(st.lists(st.lists(cell, min_size=1, max_size=5).map(",".join), min_size=1, max_size=12))
    folder = tmp_path_factory.mktemp("lines")
    text = "户编号,年度,户类型\n" + "\n".join([*lines, "h9,2023,脱贫户"]) + "\n"
    (folder / "户信息.csv").write_text(text, encoding="utf-8")
    register = files.read(folder)
    skipped = register.problems.loc[register.problems["code"] == "rows_skipped", "message"].tolist()
    n_skipped = int(skipped[0].removeprefix("户信息.csv: ").split()[0]) if skipped else 0
    n_joined = text.count("\n") - 1 - n_skipped - register.counts.loc["households", "rows_read"]
    assert n_joined >= 0
    if '"' not in text:
        assert n_joined == 0
    assert "h9" in set(register.tables["households"]["household_id"])
