"""Rules asked part by part: the same answers as of the register in memory, and a folder that is whole or not there."""

import json

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.batch.answers import AnswerJob, answer_partition
from fanpin_risk.batch.layout import partitions_of
from fanpin_risk.batch.questions import QUESTIONS, ScreenOptions
from fanpin_risk.errors import InputError
from fanpin_risk.records.register import Register

DAY = "2023-12-31"


@pytest.fixture(scope="module")
def tangled(register):
    """Persons have moved between partitions, and events of a household name persons who are at home in another."""
    tables, rng = dict(register.tables), np.random.default_rng(1)
    persons = tables["members"]["member_id"].unique()
    for name in ("incomes", "shocks", "supports", "warnings"):
        frame = tables[name].copy()
        other = rng.random(len(frame)) < 0.3
        frame.loc[other, "member_id"] = rng.choice(persons, other.sum())
        tables[name] = frame.astype({"member_id": "str"})
    return Register(tables, supplied=register.supplied, source="made up")


@pytest.fixture(scope="module")
def tangled_packed(tangled, pack, tmp_path_factory):
    """The same as a packed folder, with a partition in which nobody lives."""
    return pack(tangled, tmp_path_factory.mktemp("tangled"), more=["999999"])


@pytest.fixture
def answers_in():
    """Read all parts of answers as one table: by household, the rows of each as they stand."""

    def read(folder):
        parts = [pd.read_parquet(file) for file in sorted((folder / "parts").iterdir())]
        table = pd.concat([part for part in parts if len(part)], ignore_index=True)
        order = np.argsort(pd.factorize(table["household_id"], sort=True)[0], kind="stable")
        return table.iloc[order].reset_index(drop=True)

    return read


@pytest.mark.parametrize("ask", QUESTIONS)
def test_parts_together_are_the_answers_of_the_whole_register(
    content, answers_in, tangled, tangled_packed, tmp_path, ask
):
    """To the bit, in one process or two, packed or in memory, whoever has moved and whomever a row names."""
    whole = QUESTIONS[ask].function(tangled, DAY, lang="zh")
    summary = fr.screen_register(tangled_packed, DAY, tmp_path / "one", ask=ask, lang="zh", workers=1)
    fr.screen_register(tangled_packed, DAY, tmp_path / "two", ask=ask, lang="zh", workers=2)
    fr.screen_register(tangled, DAY, tmp_path / "memory", ask=ask, lang="zh", max_households=40)
    together = answers_in(tmp_path / "one")
    dates = {name: whole[name].dtype for name in whole.select_dtypes("datetime")}  # Parquet has no whole seconds
    pd.testing.assert_frame_equal(together.astype(dates), whole, check_exact=True)
    assert content(tmp_path / "one") == content(tmp_path / "two")
    pd.testing.assert_frame_equal(answers_in(tmp_path / "memory"), together, check_exact=True)
    assert summary["rows"] == len(whole)
    assert summary["partitions"] == len(partitions_of(tangled_packed)) > 5
    assert summary["households"] == fr.Snapshot(tangled, DAY).n_households


def test_own_numbers_and_choices_reach_the_parts(answers_in, tangled, tangled_packed, tmp_path):
    """Lines, policy, the answers that are wanted and what is looked for, as in memory; all of it stands in the manifest."""
    policy = fr.policy.Policy(
        pd.DataFrame([{"name": "dibao_standard", "area_prefix": "", "valid_from": "2020-01-01", "value": 8000}])
    )
    lines = fr.MonitoringLines(pd.DataFrame({"area_prefix": [""], "year": [2020], "line_cny": [20_000.0]}))
    given = {"policy": policy, "lines": lines}
    fr.screen_register(tangled_packed, DAY, tmp_path / "e", ask="entitlements", answers=["yes"], **given, workers=1)
    whole = fr.entitlements(tangled, DAY, answers=["yes"], **given)
    assert len(whole) != len(fr.entitlements(tangled, DAY, answers=["yes"]))
    pd.testing.assert_frame_equal(answers_in(tmp_path / "e"), whole)
    summary = fr.screen_register(tangled_packed, DAY, tmp_path / "g", found_only=True, **given, workers=1)
    whole = fr.screen(tangled, DAY, **given)
    failing = whole[whole["answer"] == "fail"].reset_index(drop=True)
    pd.testing.assert_frame_equal(answers_in(tmp_path / "g"), failing)
    assert summary["answers"]["income_line"]["fail"] == (failing["rule"] == "income_line").sum()
    assert (
        summary["answers"]["safe_water"]["pass"]
        == ((whole["rule"] == "safe_water") & (whole["answer"] == "pass")).sum()
    )
    said = json.loads((tmp_path / "g/manifest.json").read_text(encoding="utf-8"))
    assert said["totals"] == {name: summary[name] for name in said["totals"]}
    assert said["options"]["policy"]
    assert said["options"]["lines"]
    assert said["register"]["packed"] is True


def test_a_table_as_csv_and_chosen_partitions(tangled, tangled_packed, tmp_path):
    """Only the parts that are named are there."""
    fr.screen_register(tangled_packed, DAY, tmp_path / "out", partitions=["520422"], format="csv", workers=1)
    assert [file.name for file in (tmp_path / "out/parts").iterdir()] == ["520422.csv"]
    written = pd.read_csv(tmp_path / "out/parts/520422.csv", dtype="str", encoding="utf-8-sig", keep_default_na=False)
    whole = fr.screen(tangled, DAY)
    mine = whole[whole["household_id"].isin(written["household_id"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(written, mine, check_dtype=False)


def test_a_run_that_is_stopped_leaves_nothing_half(content, tangled_packed, tmp_path):
    """Stopped in the middle, or at a damaged partition: what stood there stays as it was, and nothing is beside it."""

    def stopped(done, total, _name):
        if 0 < done < total:
            raise KeyboardInterrupt

    out = tmp_path / "here/out"
    for workers in (1, 2):
        with pytest.raises(KeyboardInterrupt):
            fr.screen_register(tangled_packed, DAY, out, workers=workers, progress=stopped)
        assert list((tmp_path / "here").iterdir()) == []
    fr.screen_register(tangled_packed, DAY, out, workers=1)
    before = content(out)
    with pytest.raises(InputError, match="already holds answers of rules in parts"):
        fr.screen_register(tangled_packed, DAY, out, workers=1)
    with pytest.raises(KeyboardInterrupt):
        fr.screen_register(tangled_packed, DAY, out, ask="groups", workers=1, overwrite=True, progress=stopped)
    assert content(out) == before
    assert [entry.name for entry in (tmp_path / "here").iterdir()] == ["out"]
    fr.screen_register(tangled_packed, DAY, out, ask="types", workers=1, overwrite=True)
    assert content(out).keys() == before.keys()
    assert content(out) != before


def test_a_damaged_partition_and_a_folder_that_is_gone_are_refused(pack, tangled, tmp_path):
    """The damaged file is named; who works after the run has ended writes nothing."""
    packed = pack(tangled, tmp_path / "packed")
    partition = partitions_of(packed)[0]
    file = packed / "partitions" / partition.name / "members.parquet"
    whole = file.read_bytes()
    file.write_bytes(whole[:-1])
    with pytest.raises(
        InputError, match=f"partition {partition.name}: members.parquet is not the file that was packed"
    ):
        fr.screen_register(packed, DAY, tmp_path / "out", workers=1)
    assert not (tmp_path / "out").exists()
    file.write_bytes(whole)
    gone = AnswerJob(str(packed), str(tmp_path / "gone"), DAY, ScreenOptions(), {})
    with pytest.raises(InputError, match="the folder of the answers is not there"):
        answer_partition(gone, partition)
    assert not (tmp_path / "gone").exists()


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"ask": "all"}, InputError, "ask"),
        ({"ask": "types", "answers": ["yes"]}, InputError, "leave answers out"),
        ({"ask": "suspicions", "answers": ["pass"]}, InputError, "answers"),
        ({"policy": "policy.csv"}, InputError, "policy"),
        ({"partitions": ["000000"]}, InputError, "neither a partition nor a county"),
    ],
)
def test_what_cannot_be_asked_is_refused(tangled_packed, tmp_path, given, error, message):
    """Before anything is written, with what was expected."""
    with pytest.raises(error, match=message):
        fr.screen_register(tangled_packed, DAY, tmp_path / "out", **given)
    assert list(tmp_path.iterdir()) == []
