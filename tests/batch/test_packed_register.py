"""A packed register is learnt from a partition at a time, with the same result to the bit as in memory."""

import pickle

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import InputError, NotEnoughDataError
from fanpin_risk.model.day_parts import DayAsked, days_of_parts
from fanpin_risk.model.register_parts import gathered
from fanpin_risk.records.register import Register

DAYS = ["2021-12-31", "2022-12-31"]


def same(one, other):
    """Hold two values to each other, frames and arrays to the bit."""
    if isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other, check_exact=True)
    elif isinstance(one, np.ndarray):
        np.testing.assert_array_equal(one, other)
    elif isinstance(one, tuple) and hasattr(one, "_fields"):
        for name, a, b in zip(one._fields, one, other, strict=True):
            assert type(a) is type(b), name
            same(a, b)
    else:
        assert one == other


@pytest.mark.parametrize("target", ["newly_monitored", "below_line", "relapse"])
@pytest.mark.parametrize("max_households", [40, 100_000])
def test_days_of_many_partitions_are_those_of_the_register(register, pack, tmp_path, target, max_households):
    """Features, outcomes, references and counts are the same to the bit, whoever has moved, also as known on another day."""
    packed = fr.PackedRegister(pack(register, tmp_path, max_households=max_households, more=["999999"]))
    first, second = map(pd.Timestamp, DAYS)
    asked = [DayAsked(first, known_on=second), DayAsked(first), DayAsked(second, references_of=first)]
    how = {"target": target, "horizon_months": 12}
    days, found = days_of_parts(
        packed, asked, **how, beside=lambda part, days: (len(part.tables["members"]), len(days))
    )
    whole = [fr.training_day(register, first, known_on=second, **how), fr.training_day(register, first, **how)]
    references = whole[1].references.assign(as_of=pd.Series([second] * len(whole[1].references), dtype="datetime64[s]"))
    table = fr.compute_features(register, second, references=references)
    whole.append(fr.training_day(register, second, table=table, references=references, **how))
    for one, other in zip(days, whole, strict=True):
        same(one, other)
    assert [told[1] for told in found] == [3] * sum(one.households > 0 for one in packed.manifest.partitions)


@pytest.fixture(scope="module")
def counties():
    """Return households of three counties, enough to learn from."""
    made = fr.make_register(1500, random_state=2)
    frame = made.tables["households"].copy()
    number = pd.factorize(frame["household_id"])[0]
    frame["area_code"] = np.array(["211251", "520422", "530381"], dtype=object)[number % 3] + frame["area_code"].str[6:]
    tables = made.tables | {"households": frame.astype({"area_code": "str"})}
    return Register(tables, supplied=made.supplied, source="made up")


@pytest.mark.parametrize("target", ["newly_monitored", "below_line"])
def test_a_model_of_many_partitions_is_that_of_the_register(counties, pack, tmp_path, target):
    """Trees, calibration and all numbers of the card are the same to the bit."""
    packed = fr.PackedRegister(pack(counties, tmp_path, max_households=300))
    assert len(packed.manifest.partitions) > 5
    own = fr.MonotoneBoosting(max_iter=15, min_samples_leaf=20)
    model = fr.RiskModel(target=target, classifier=own, n_folds=2, n_jobs=1)
    one, other = (fr.RiskModel(**model.get_params(deep=False)).fit(source, DAYS) for source in (counties, packed))
    fitted = [
        {k: v for k, v in vars(m).items() if k.endswith("_") and k not in ("classifier_", "place_")}
        for m in (one, other)
    ]
    assert fitted[0].keys() == fitted[1].keys()
    for name, value in fitted[0].items():
        assert pickle.dumps(str(value)) == pickle.dumps(str(fitted[1][name])), name
        if isinstance(value, pd.DataFrame):
            pd.testing.assert_frame_equal(value, fitted[1][name], check_exact=True)
    assert one.fingerprint_ == other.fingerprint_


def test_a_day_that_is_not_over_is_refused_as_in_memory(register, pack, tmp_path):
    """The message of the whole register, before any feature is computed."""
    packed = fr.PackedRegister(pack(register, tmp_path))
    with pytest.raises(NotEnoughDataError) as whole:
        fr.training_days(register, "2024-12-31")
    with pytest.raises(NotEnoughDataError) as parts:
        fr.training_days(packed, "2024-12-31")
    assert str(whole.value) == str(parts.value)


def test_what_is_not_packed_is_refused(tmp_path):
    """A folder of files is named as what it is not."""
    with pytest.raises(InputError, match="is not a packed register"):
        fr.PackedRegister(tmp_path)


def test_households_are_gathered_out_of_all_partitions(register, pack, tmp_path):
    """With every row of their members once, also of those who moved between partitions."""
    packed = fr.PackedRegister(pack(register, tmp_path, more=["999999"]))
    ids = register.tables["households"]["household_id"].unique()[::3]
    found, wanted = gathered(packed, pd.Index([*ids, "nobody"])), register.select(ids)
    assert found.supplied == wanted.supplied
    for name, frame in wanted.tables.items():
        keys = list(frame.columns)
        one, other = (table[keys].sort_values(keys, ignore_index=True) for table in (found.tables[name], frame))
        pd.testing.assert_frame_equal(one, other, check_dtype=False)


def test_processes_give_what_one_does(register, pack, tmp_path):
    """Partitions are spread over processes and come back in their order."""
    folder = pack(register, tmp_path)
    one, two = (fr.training_days(fr.PackedRegister(folder, workers=n), DAYS[0]) for n in (None, 2))
    same(one[0], two[0])


def test_what_is_known_of_the_whole_stands_beside_the_parts(register, pack, tmp_path):
    """The newest day on record, and where it came from."""
    packed = fr.PackedRegister(pack(register, tmp_path, max_households=40, more=["999999"]))
    assert str(packed.observed_until.date()) == packed.manifest.observed_until
    assert sum(packed.each(lambda part: part.tables["households"]["household_id"].nunique())) == len(packed)
