"""One partition: what a process refuses to do, and the columns that it reads."""

from dataclasses import replace
from importlib.metadata import version

import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.batch.score import score_register
from fanpin_risk.batch.scoring import part
from fanpin_risk.batch.scoring.part import score_partition
from fanpin_risk.errors import InputError
from fanpin_risk.features import FEATURES
from fanpin_risk.model.boosting import MonotoneBoosting
from fanpin_risk.model.store import demo_model
from fanpin_risk.policy import PARAMETERS, Policy
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES

DAY = "2023-12-31"


def test_a_process_that_outlived_its_run_writes_nothing(content, read_job, packed, finished):
    """When another run has taken over the folder, a left-over process stops before it writes."""
    job = replace(read_job(finished, packed), identity="0" * 64)
    before = content(finished)
    with pytest.raises(InputError, match="out belongs to another run by now; nothing was written"):
        score_partition(job, "520422")
    assert content(finished) == before


def test_a_process_with_other_packages_or_other_folders_writes_nothing(
    content, read_job, packed, finished, tmp_path, monkeypatch
):
    """A machine of a cluster that is not set up like the others must not mix its results with theirs."""
    job, before = read_job(finished, packed), content(finished)
    with pytest.raises(InputError, match=r"elsewhere/job\.json cannot be read by a process that is to write there"):
        score_partition(replace(job, out=str(tmp_path / "elsewhere")), "520422")
    monkeypatch.setattr(part, "version", lambda package: "9.9" if package == "numpy" else version(package))
    with pytest.raises(
        InputError, match=r"other packages than the run: numpy 9\.9, not [^;]+; install the same everywhere"
    ):
        score_partition(job, "520422")
    assert content(finished) == before


def test_a_replaced_model_and_a_damaged_partition_are_refused(pack, read_job, register, finished, tmp_path):
    """What the job was begun with is what every part is made of."""
    packed = pack(register, tmp_path / "packed")
    job = replace(read_job(finished, packed), label="demo:000000000000")
    with pytest.raises(InputError, match="expected demo:000000000000: it was replaced meanwhile"):
        score_partition(job, "520422")
    file = packed / "partitions/520422/incomes.parquet"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(InputError, match=r"partition 520422: incomes\.parquet is not the file that was packed"):
        score_register(packed, demo_model(), DAY, tmp_path / "new")


@pytest.fixture(scope="module")
def rich(pack, tmp_path_factory):
    """A register with gaps as in a real county, packed; and models of it with all, some and few features."""
    made = fr.make_register(1500, random_state=2, missingness="reported")
    fitted = {}
    known = [feature for feature in FEATURES if not feature.targets]
    for name, features in (("all", None), ("every fifth", known[::5]), ("few", known[:3])):
        small = MonotoneBoosting(max_iter=20, max_depth=3)
        names = None if features is None else [feature.name for feature in features]
        fitted[name] = fr.RiskModel(classifier=small, features=names, n_folds=2, name="small", n_jobs=1).fit(
            made, ["2021-12-31", "2022-12-31"]
        )
    return pack(made, tmp_path_factory.mktemp("rich"), max_households=800), fitted


@pytest.mark.parametrize("which", ["demo", "all", "every fifth", "few"])
@pytest.mark.parametrize("day", ["2021-06-30", "2024-12-31"])
def test_reading_only_the_columns_that_count_changes_no_byte(content, rich, tmp_path, monkeypatch, which, day):
    """Scores, reasons, contributions and who has no score are those of a whole read, whatever the model asks for."""
    packed, models = rich
    model = models.get(which, demo_model())
    read, real = [], part.read_partition

    def wholly(folder, partition, **how):
        read.append(how)
        return real(folder, partition)

    score_register(packed, model, day, tmp_path / "some", all_contributions=True, n_reasons=5, workers=1)
    monkeypatch.setattr(part, "read_partition", wholly)
    score_register(packed, model, day, tmp_path / "whole", all_contributions=True, n_reasons=5, workers=1)
    assert content(tmp_path / "some") == content(tmp_path / "whole")
    columns = read[0]["columns"]
    assert len(read) == 2
    assert sum(map(len, columns.values())) < 0.8 * sum(len(table.columns) for table in TABLES.values())
    contributions = pd.read_parquet(tmp_path / "some/contributions").drop(columns=["household_id", "base"])
    assert (contributions.std() > 0).sum() > 1


def test_households_that_do_not_add_up_stop_the_run(register, model, tmp_path):
    """A household that would be scored twice is never written."""
    frame = register.tables["households"]
    twice = frame[frame["household_id"] == model.score(register, DAY)["household_id"].iloc[-1]]
    tables = {**register.tables, "households": pd.concat([frame, twice], ignore_index=True)}
    with pytest.raises(InputError, match=r"households, but \d+ scored and \d+ not; the register holds several records"):
        score_register(Register(tables), demo_model(), DAY, tmp_path / "out")


def test_numbers_that_an_office_gives_ask_for_no_other_columns(monkeypatch):
    """Whatever number a rule is given, it reads what it reads without: partitions are read by columns."""
    shipped = part.columns_read()
    rows = [(name, "", "2000-01-01", (one.low + one.high) / 2) for name, one in PARAMETERS.items()]
    every = Policy(pd.DataFrame(rows, columns=["name", "area_prefix", "valid_from", "value"]))
    real = part.beside_the_model
    monkeypatch.setattr(part, "beside_the_model", lambda here: real(here, policy=every))
    monkeypatch.setattr(part, "Policy", lambda: every)
    assert part.columns_read.__wrapped__() == shipped
