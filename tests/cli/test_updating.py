"""The command update."""

import json

import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.batch.layout import read_manifest

HOUSEHOLDS = pd.DataFrame(
    {"户编号": [f"h{n}" for n in range(24)], "行政区划代码": ["211225101201", "211225102201"] * 12}
)
MEMBERS = pd.DataFrame(
    {
        "户编号": HOUSEHOLDS["户编号"],
        "人编号": [f"p{n}" for n in range(24)],
        "健康状况": ["健康"] * 24,
        "与户主关系": ["户主"] * 24,
    }
)


def write_export(folder, *, members=MEMBERS, households=HOUSEHOLDS):
    """Write an export as an office would."""
    folder.mkdir(exist_ok=True)
    households.to_csv(folder / "户信息.csv", index=False, encoding="gb18030")
    members.to_csv(folder / "家庭成员.csv", index=False, encoding="gb18030")
    return folder


@pytest.fixture
def packed(succeed, tmp_path):
    """A register made of its first export."""
    first = write_export(tmp_path / "2024-03")
    shown = succeed(
        "update", tmp_path / "packed", first, "--date", "2024-03-31", "--threads", "1", "--lang", "en"
    ).output
    assert "households: 24 rows read = 24 kept + 0 rejected" in shown
    return tmp_path / "packed"


def test_months_become_history(succeed, packed, tmp_path):
    """What was done is said by table; an export with a fault keeps its rejected rows; the same one again does nothing."""
    ill = MEMBERS.assign(健康状况=["患有大病"] + ["健康"] * 23)
    wrong = pd.DataFrame({"户编号": ["none"], "人编号": ["x"], "健康状况": ["健康"], "与户主关系": ["户主"]})
    april = write_export(tmp_path / "2024-04", members=pd.concat([ill, wrong]).drop(index=23))
    arguments = ("update", packed, april, "--date", "2024-04-30", "--threads", "1")
    shown = succeed(*arguments, "--lang", "en").output
    assert (
        "members: 24 rows read = 23 kept + 1 rejected; 22 as on record, 0 new, 1 changed, 0 corrected within it; of those on record 1 ended"
        in shown
    )
    assert f"rejected rows and problems: {packed / 'exports' / '1'}" in shown.replace("\n", "")
    assert len(pd.read_parquet(packed / "exports" / "1" / "rejected" / "members.parquet")) == 1
    assert "没有变化" in succeed(*arguments, "--lang", "zh").output
    told = json.loads(succeed(*arguments[:-2], "--json", "--quiet").output)
    assert {row["table"] for row in told} == {"households", "members"}


def test_a_late_export_and_one_taken_back(run, succeed, packed, tmp_path):
    """And the earlier states removed."""
    for month, health in (("2024-05", "患有大病"), ("2024-04", "长期慢性病")):
        folder = write_export(tmp_path / month, members=MEMBERS.assign(健康状况=[health] + ["健康"] * 23))
        day = str((pd.Timestamp(f"{month}-01") + pd.offsets.MonthEnd(0)).date())
        shown = succeed("update", packed, folder, "--date", day, "--threads", "1", "--lang", "en").output
    assert "it came late: 1 later exports were taken in again" in shown
    assert [one["date"] for one in read_manifest(packed).updates] == ["2024-04-30", "2024-05-31"]
    assert "the export of 2024-04-30 was taken back" in succeed("update", packed, "--undo", "--lang", "en").output
    assert "earlier states removed" in succeed("update", packed, "--purge", "--lang", "en").output
    result = run("update", packed, "--undo", "--lang", "en")
    assert result.exit_code == 3
    assert "were purged" in result.stderr


def test_an_export_that_looks_wrong_ends_with_a_message(run, succeed, packed, tmp_path):
    """It says what to do; --partial and --force do it."""
    half = write_export(tmp_path / "half", households=HOUSEHOLDS.iloc[:12], members=MEMBERS.iloc[:12])
    arguments = ("update", packed, half, "--date", "2024-04-30", "--threads", "1", "--lang", "en")
    result = run(*arguments)
    assert result.exit_code == 3
    assert "households: 12 of the 24 on record" in result.stderr
    assert "--partial" in result.stderr
    assert "24 households on record" in succeed(*arguments, "--partial").output
    assert fr.undo_update(packed)["whole"] is False
    assert "12 ended" in succeed(*arguments, "--force").output


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("EXPORT",),
        ("--date", "2024-04-30"),
        ("EXPORT", "--undo"),
        ("--undo", "--purge"),
        ("--purge", "--date", "2024-04-30"),
    ],
)
def test_what_does_not_go_together_is_wrong_usage(run, packed, tmp_path, arguments):
    """An export without a day, a day without an export."""
    given = [tmp_path / "2024-03" if one == "EXPORT" else one for one in arguments]
    assert run("update", packed, *given).exit_code == 2
