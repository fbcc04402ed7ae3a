"""Lists beside each other in one sheet: nobody in the right one is lost."""

import pytest

import fanpin_risk as fr

HOMES = "户编号,年度,家庭人口数\nh1,2023,2\nh2,2023,1\nh3,2023,3\n"
BESIDE = [
    ["2023年人均纯收入公示", "", "", "", "", "", ""],
    ["序号", "户编号", "人均纯收入", "", "序号", "户编号", "人均纯收入"],
    ["1", "h1", "5000", "", "3", "h3", "7000"],
    ["2", "h2", "6000", "", "", "", ""],
]


@pytest.fixture
def income(tmp_path):
    """Net income per person and the rows read of a register with a sheet of incomes."""

    def read():
        (tmp_path / "户信息.csv").write_text(HOMES, encoding="utf-8")
        register = fr.read_register(tmp_path)
        found = fr.compute_features(register, "2024-12-31")["income_per_person"]
        named = register.problems[register.problems["severity"] == "rejected"]
        return found.to_dict(), register.counts.loc["incomes", "rows_read"], len(named)

    return read


EXPECTED = {"h1": 5000.0, "h2": 6000.0, "h3": 7000.0}


@pytest.mark.parametrize("gap", [True, False])
def test_both_lists_of_a_workbook_are_read(income, files, tmp_path, gap):
    """With a blank column between them, or without."""
    rows = BESIDE if gap else [row[:3] + row[4:] for row in BESIDE]
    files.workbook(tmp_path / "收入.xlsx", 收入=rows)
    assert income() == (EXPECTED, 3, 0)


def test_both_lists_of_a_text_are_read(income, tmp_path):
    """As a workbook saved as csv has them."""
    (tmp_path / "收入.csv").write_text("\n".join(",".join(row) for row in BESIDE) + "\n", encoding="utf-8")
    assert income() == (EXPECTED, 3, 0)


def test_packing_reads_both_lists(tmp_path):
    """In parts as on the whole."""
    pytest.importorskip("duckdb")
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "户信息.csv").write_text(HOMES, encoding="utf-8")
    (folder / "收入.csv").write_text("\n".join(",".join(row) for row in BESIDE) + "\n", encoding="utf-8")
    fr.pack(folder, tmp_path / "packed")
    from fanpin_risk.batch.layout import read_manifest

    assert read_manifest(tmp_path / "packed").rows["incomes"]["kept"] == 3
