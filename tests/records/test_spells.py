"""Who is monitored, where a sheet says that but not since or until when."""

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.asof.snapshot import Snapshot

HOUSEHOLDS = {"户编号": ["h1", "h2", "h3", "h4"], "年度": ["2023"] * 4}


def spells(register):
    """Return household -> (identified, eliminated, whether the first day is not known)."""
    frame = register.tables["monitoring"]
    return {
        row.household_id: (str(row.identified_on)[:10], str(row.eliminated_on)[:10], pd.notna(row.identified_before))
        for row in frame.itertuples()
    }


@pytest.fixture
def sheet(tmp_path, files):
    """Read a sheet of households that says who is monitored."""

    def read(text, **options):
        (tmp_path / "户信息.csv").write_text(text, encoding="utf-8")
        return files.read(tmp_path, **options)

    return read


def test_over_without_a_day(frames):
    """The day of the data stands for that of elimination: the risk was over by then. A day that is given counts."""
    register = frames.read(
        households=HOUSEHOLDS,
        monitoring={"户编号": ["h1", "h2", "h3", "h4"], "监测类别": ["边缘户"] * 4, "识别时间": ["2023年5月份"] * 4,
                    "状态": ["风险已消除", "风险未消除", "是", "否"], "更新时间": ["2024-01-05"] * 4,
                    "风险消除时间": ["", "", "2023-09", "2023-10"]},
    )  # fmt: skip
    assert spells(register) == {
        "h1": ("2023-05-31", "2024-01-05", False), "h2": ("2023-05-31", "NaT", False),
        "h3": ("2023-05-31", "2023-09-30", False), "h4": ("2023-05-31", "2023-10-31", False),
    }  # fmt: skip
    assert frames.found(register, "monitoring") == [
        (1, "eliminated_on", "elimination_unknown", "warning"),
        (4, "eliminated", "elimination_contradicts", "warning"),
    ]
    assert Snapshot(register, "2024-02-01").monitored.tolist() == [0, 1, 0, 0]


def test_over_at_an_unknown_time_is_over():
    """Where nothing tells any day, the household is no longer monitored."""
    register = fr.make_register(50, random_state=0)
    frame = register.tables["monitoring"].iloc[:0].copy()
    home = register.tables["households"]["household_id"].iloc[0]
    frame.loc[0, ["household_id", "identified_on", "recorded_at", "eliminated"]] = [
        home, pd.Timestamp("2022-01-01"), pd.Timestamp("2022-01-01"), True,
    ]  # fmt: skip
    frame["eliminated"] = frame["eliminated"].astype("boolean")
    register.tables["monitoring"] = frame.astype(register.tables["monitoring"].dtypes)
    here = Snapshot(register, "2023-12-31")
    assert here.monitored[here.household_ids.get_loc(home)] == 0


@pytest.mark.parametrize(("options", "day"), [({}, "2023-12-31"), ({"data_date": "2023-12-18"}, "2023-12-18")])
def test_monitored_since_an_unknown_day(sheet, frames, options, day):
    """Who the sheet says is monitored is monitored on the day of the data, and named; others are not."""
    register = sheet(
        "户编号,年度,户类型,监测对象类别,风险是否已消除\nh1,2023,脱贫户,脱贫不稳定户,是\nh2,2023,一般户,边缘易致贫户,否\n"
        "h3,2023,一般户,,否\nh4,2023,一般户,无,否\n",
        **options,
    )
    assert spells(register) == {"h1": (day, day, True), "h2": (day, "NaT", True)}
    assert set(frames.found(register, "monitoring")) == {
        (2, "identified_on", "identification_unknown", "warning"),
        (2, "eliminated_on", "elimination_unknown", "warning"),
        (3, "identified_on", "identification_unknown", "warning"),
    }
    assert Snapshot(register, "2024-02-15").monitored.tolist() == [0, 1, 0, 0]


def test_an_unknown_day_is_no_event(sheet):
    """Nobody counts as newly monitored in a year because the day of the data lies in it."""
    register = sheet(
        "户编号,数据日期,更新时间,监测对象类别\nh1,2022-01-01,2022-01-31,\nh2,2022-01-01,2022-01-31,\n"
        "h1,2022-12-01,2022-12-31,边缘户\nh2,2023-12-01,2023-12-31,\n"
    )
    everyone = fr.cohort(register, "2022-06-30", horizon_months=12, observed_until="2023-12-31")
    assert everyone["left_out"].astype("str").tolist()[0] == "monitored"
    assert not everyone["outcome"].fillna(False).any()


def test_days_of_another_sheet_count(sheet, tmp_path):
    """A list with days decides; the sheet of households adds that the risk is over."""
    (tmp_path / "监测户.csv").write_text(
        "户编号,监测类别,识别时间\nh1,边缘户,2022-05\nh2,边缘户,2022-06\n", encoding="utf-8"
    )
    register = sheet(
        "户编号,年度,监测对象类别,风险是否已消除\nh1,2023,边缘户,是\nh2,2023,边缘户,否\nh3,2023,边缘户,否\n"
    )
    assert spells(register) == {
        "h1": ("2022-05-31", "2023-12-31", False), "h2": ("2022-06-30", "NaT", False), "h3": ("2023-12-31", "NaT", True),
    }  # fmt: skip
    assert np.array_equal(Snapshot(register, "2024-02-15").monitored, [0, 1, 1])
