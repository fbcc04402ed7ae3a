"""Households that somebody names, out of a register in memory and out of a packed one."""

import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.batch.division import split_register
from fanpin_risk.batch.layout import PARTITIONS
from fanpin_risk.batch.named_households import score_named_households
from fanpin_risk.batch.scoring.job import ScoreOptions
from fanpin_risk.errors import InputError

DAY = "2023-12-31"
OPTIONS = ScoreOptions(n_reasons=2, lang="en", all_contributions=True)


@pytest.fixture(scope="module")
def model():
    return fr.load_model("demo")


@pytest.fixture(scope="module")
def register():
    return fr.make_register(200, random_state=4)


@pytest.fixture(scope="module")
def packed(register, tmp_path_factory):
    """The register in several partitions."""
    pytest.importorskip("duckdb", reason="packing needs DuckDB")
    root = tmp_path_factory.mktemp("named")
    fr.pack(register.to_folder(root / "files", format="parquet"), root / "packed", max_households=60)
    return root / "packed"


def test_a_packed_register_gives_what_one_in_memory_does(register, packed, model):
    """In the order asked for, with repeats and strangers, whatever partition each stands in and however many processes."""
    ids = [*register.tables["households"]["household_id"].unique()[::-7], "nobody"]
    ids.insert(3, ids[0])
    memory = score_named_households(register, model, DAY, ids, options=OPTIONS)
    assert len({name for name, part in split_register(register, max_households=60)}) > 2
    for workers in (None, 2):
        parts = score_named_households(packed, model, DAY, ids, options=OPTIONS, workers=workers)
        assert parts.keys() == memory.keys() == {"scores", "unscored", "contributions"}
        for name in memory:
            pd.testing.assert_frame_equal(parts[name], memory[name], check_exact=True)
    assert memory["scores"]["household_id"].tolist() == ids


def test_rows_are_those_of_the_model(register, model):
    """The same table as RiskModel.score gives for households."""
    ids = ["nobody", *register.tables["households"]["household_id"].unique()[:5]]
    found = score_named_households(register, model, DAY, ids, options=OPTIONS)["scores"]
    pd.testing.assert_frame_equal(
        found, model.score(register, DAY, households=ids, n_reasons=2, lang="en"), check_exact=True
    )


def test_a_packed_register_that_knows_none_gives_rows_all_the_same(packed, model):
    """Each with its reason, and the columns of all scores."""
    tables = score_named_households(packed, model, DAY, ["a", "b"], options=OPTIONS)
    assert tables["scores"]["note"].tolist() == ["not_in_register"] * 2
    assert tables["unscored"].to_numpy().tolist() == [["a", "not_in_register"], ["b", "not_in_register"]]
    assert {"risk", "reason_2", "measures"} <= set(tables["scores"].columns)
    assert not len(tables["contributions"])


def test_progress_counts_the_households_asked_for(register, packed, model):
    """Up to all that the register knows."""
    ids, seen = [*register.tables["households"]["household_id"].unique()[:90], "nobody"], []
    score_named_households(packed, model, DAY, ids, options=OPTIONS, progress=lambda *told: seen.append(told))
    assert seen[0][:2] == (0, 90)
    assert seen[-1][:2] == (90, 90)


def test_a_partition_that_cannot_be_read_is_named(packed, model, tmp_path):
    """With what to do."""
    import shutil

    broken = tmp_path / "packed"
    shutil.copytree(packed, broken)
    file = next((broken / PARTITIONS).glob("*/households.parquet"))
    file.write_bytes(b"damaged")
    with pytest.raises(InputError, match=file.parent.name):
        score_named_households(broken, model, DAY, ["a"], options=OPTIONS)
