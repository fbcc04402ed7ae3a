"""Writing, and reading back what was written."""

import itertools
import zipfile

import numpy as np
import pandas as pd
import pytest

import fanpin_risk.writers
from fanpin_risk.cells import parse
from fanpin_risk.errors import InputError
from fanpin_risk.headers import lay_out
from fanpin_risk.readers import read_register
from fanpin_risk.register import Register, conform
from fanpin_risk.schema import TABLES

N = 8
OPTIONS = [
    *({"format": "parquet", "headers": h, "units": u, "wide_incomes": w} for h in ("en", "zh") for u in (0, 1) for w in (0, 1)),
    *(
        {"format": "csv", "headers": h, "encoding": e, "title_rows": t, "units": u, "wide_incomes": w, "total_row": s}
        for h, e, t, u, w, s in itertools.product(("en", "zh"), ("utf-8-sig", "gb18030", "utf-8"), (0, 1), (0, 1), (0, 1), (0, 1))
    ),
    *(
        {"format": "xlsx", "headers": h, "title_rows": t, "units": u, "wide_incomes": w, "total_row": s}
        for h, t, u, w, s in itertools.product(("en", "zh"), (0, 1), (0, 1), (0, 1), (0, 1))
    ),
]  # fmt: skip


def values_of(column, n, rng):
    """Fill any column with admissible values, some of them missing."""
    if column.type == "date":
        values = pd.Timestamp("2023-03-04") + pd.to_timedelta(rng.integers(0, 300, n), "D")
        values = pd.Series(values)
    elif column.type == "bool":
        values = pd.Series(rng.random(n) < 0.5, dtype="boolean")
    elif column.type in ("int", "number"):
        low, high = column.minimum or 0, min(column.maximum or 1e6, 1e7)
        values = pd.Series(np.round(rng.uniform(low, high, n), 0 if column.type == "int" else 2))
    elif column.type == "code":
        values = pd.Series(rng.choice(list(column.codes), n))
    elif column.type == "codes":
        codes = list(column.codes)
        values = pd.Series([";".join(c for c in codes if rng.random() < 0.4) or codes[0] for _ in range(n)])
    elif column.type == "area":
        values = pd.Series([f"2112{number:08d}" for number in range(n)])
    else:
        values = pd.Series([["=1+1", "-x", "@y", "大坡村，三组", 'say "so"', "a;b", "（甲）", "001"][k % 8] for k in range(n)])
    if column.need == "optional":
        values[rng.random(n) < 0.3] = None
    return values


@pytest.fixture(scope="module")
def register():
    rng = np.random.default_rng(7)
    frames = {}
    for name, table in TABLES.items():
        frame = pd.DataFrame({column.name: values_of(column, N, rng) for column in table.columns})
        if "household_id" in frame:
            frame["household_id"] = [f"{number:019d}" for number in range(N)]
        if "member_id" in frame:
            frame["member_id"] = [f"p{number}" for number in range(N)]
        if "record_id" in frame:
            frame["record_id"] = [f"00{number}" for number in range(N)]
        frame["recorded_at"] = pd.Timestamp("2024-05-06")
        if table.open_ended:
            frame[table.open_ended] = pd.Timestamp("2024-01-01")
        if "birth_date" in frame:
            frame["birth_date"] = pd.Timestamp("1960-02-29")
        if name == "incomes":
            frame = pd.concat([frame.assign(item=item) for item in ("wage", "tr_dibao", "oop_compliant")])
            frame = frame.assign(period_start=pd.Timestamp("2023-01-01"), period_end=pd.Timestamp("2023-12-31"))
            frame["amount_cny"] = np.round(rng.gamma(1.0, 5000.0, len(frame)), 2)
            frame.loc[[2, 5], "member_id"] = None
            frame = frame.sort_values("household_id", kind="stable")
        frames[name] = conform(name, frame.reset_index(drop=True))
    register = Register.from_frames(frames)
    assert len(register.rejects) == 0
    assert not (register.problems["severity"] == "blanked").any()
    return register


def test_what_is_already_typed_passes_unchanged(register):
    """Checking a checked register changes nothing."""
    again = Register.from_frames(register.tables)
    for name, frame in register.tables.items():
        pd.testing.assert_frame_equal(again.tables[name], frame)


@pytest.mark.parametrize("options", OPTIONS, ids=lambda o: "-".join(f"{v}" for v in o.values()))
def test_every_layout_reads_back_alike(register, options, tmp_path):
    """Whatever the layout, reading what was written gives the same tables, and no row is rejected."""
    folder = register.to_folder(tmp_path / "out", **options)
    again = read_register(folder)
    assert len(again.rejects) == 0, again.rejects["message"].tolist()
    for name, frame in register.tables.items():
        pd.testing.assert_frame_equal(again.tables[name], frame)
