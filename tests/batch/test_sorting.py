"""Raw rows sorted by partition, however many belong to none."""

import numpy as np
import pytest

from fanpin_risk.batch.pack import pack
from fanpin_risk.batch.packing import homes, sorting
from fanpin_risk.synthetic import make_register

pytest.importorskip("duckdb")


def test_travellers_and_orphans_in_batches(packed_files, folder, tmp_path, monkeypatch):
    """However many people moved and however many rows belong nowhere, batches of them give the same result."""
    monkeypatch.setattr(homes, "TRAVELLERS_PER_BATCH", 2)
    monkeypatch.setattr(sorting, "ORPHANS_PER_BUCKET", 3)
    rng = np.random.default_rng(0)
    members = [[f"p{n % 9}", f"h{rng.integers(5)}", str(2015 + n % 7)] for n in range(40)]
    packed_files.write_csv(folder / "成员.csv", ["人编号", "户编号", "年度"], members)
    packed_files.write_csv(
        folder / "就医.csv",
        ["人编号", "结算日期", "就医类别", "个人自付"],
        [[f"p{n % 12}", f"2022-03-{n + 1:02d}", "住院", "1"] for n in range(20)],
    )
    summary, _ = packed_files.compare(folder, tmp_path / "packed")
    assert (summary.rows["copies"][["members", "medical"]] > 0).all()


def test_rows_beyond_memory_are_sorted_heap_by_heap(tmp_path, content, monkeypatch):
    """However few rows are in memory at a time, the packed register has the same bytes."""
    files = make_register(60, 5).to_folder(tmp_path / "made", format="csv")
    pack(files, tmp_path / "at-once", max_households=9, threads=1)
    monkeypatch.setattr(sorting, "ROW_BYTES", 10**8)
    pack(files, tmp_path / "in-heaps", max_households=9, threads=1, memory="20GB")
    assert content(tmp_path / "in-heaps") == content(tmp_path / "at-once")
