"""What is missing of all that is asked of a household, whether or not the model uses it."""

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.errors import SchemaError
from fanpin_risk.features import DOMAINS
from fanpin_risk.model.needed_counts import needed_counts
from fanpin_risk.model.record_gaps import ASKED, households_by_gap, record_gaps
from fanpin_risk.model.tiers import in_words

DAY = "2023-12-31"


@pytest.fixture(scope="module")
def register():
    return fr.make_register(600, random_state=4)


def test_each_feature_counts_once_by_domain():
    """Half of a domain is not little, less is; a feature that does not apply is asked of nobody."""
    names = {code: [f.name for f in ASKED if f.domain == code] for code in DOMAINS}
    full = pd.DataFrame(1.0, index=range(4), columns=[f.name for f in ASKED])
    work = names["work"]
    assert len(work) == 10
    full.loc[1, work[:5]] = np.nan
    full.loc[2, work[:6]] = np.nan
    full.loc[3, [name for group in names.values() for name in group]] = np.nan
    found = record_gaps(full)
    assert found["little_known"].tolist() == ["", "", "work", ";".join(DOMAINS)]
    np.testing.assert_allclose(found["known_of_all"], [1, 1 - 5 / len(ASKED), 1 - 6 / len(ASKED), 0])
    needing = [f.name for f in ASKED if f.needs == "n_able_labour"]
    assert len(needing) == 2
    assert set(needing) <= set(work)
    gone = full.loc[[2]].assign(**dict.fromkeys(work, 1.0)).assign(**dict.fromkeys([*needing, *work[:3]], np.nan))
    counts = pd.DataFrame({"n_able_labour": [0.0]}, index=gone.index)
    missing = len({*needing, *work[:3]} - set(needing))
    expected = 1 - missing / (len(ASKED) - 2)
    assert record_gaps(gone, counts)["known_of_all"].iloc[0] == pytest.approx(expected)


def test_a_model_that_asks_little_does_not_hide_what_is_missing(register):
    """Learnt from incomes alone, `known` is near 1; what the domain asks besides is said, alone as in the county."""
    few = fr.Register({name: register.tables[name] for name in ("households", "members", "incomes")})
    model = fr.RiskModel(classifier=fr.MonotoneBoosting(max_iter=10), n_folds=2, target="below_line")
    scores = model.fit(few, ["2021-12-31", "2022-12-31"]).score(few, DAY, n_reasons=0).set_index("household_id")
    assert scores["known"].median() > 0.9
    assert scores["enough_known"].mean() > 0.95
    assert scores["known_of_all"].between(0.3, 0.7).all()
    assert scores["little_known"].str.contains("health;disability").all()
    assert scores["little_known"].str.contains("shocks").all()
    own = fr.compute_features(few, DAY)
    asked = needed_counts(Snapshot(few, DAY))
    one = scores.index[7]
    applies = [f.needs is None or asked.loc[one, f.needs] != 0 for f in ASKED]
    # The median of the area, which a table computed alone does not have, travels with the model.
    there = [name == "income_to_area_median" or not np.isnan(own.loc[one, name]) for name in own.columns]
    names = [f.name for f in ASKED]
    told = sum(there[list(own.columns).index(name)] for name, asks in zip(names, applies, strict=True) if asks)
    assert scores.loc[one, "known_of_all"] == told / sum(applies)
    alone = model.score(few.select([one]), DAY, n_reasons=0).set_index("household_id")
    assert alone.loc[one, ["known_of_all", "little_known"]].equals(scores.loc[one, ["known_of_all", "little_known"]])
    full = model.score(register, DAY, n_reasons=0)
    assert full["known_of_all"].median() > 0.9
    counts = households_by_gap(scores["little_known"])
    assert counts["shocks"] == counts["health"] == len(scores)
    assert set(counts) <= set(DOMAINS)
    assert households_by_gap(full["little_known"]).get("health", 0) == 0


def test_domains_are_said_in_words():
    """A code that is none is refused; nothing stays nothing."""
    scores = pd.DataFrame({"little_known": ["", "health;shocks"]})
    assert in_words(scores, lang="en")["little_known"].tolist() == ["", "health; shocks"]
    assert in_words(scores, lang="zh")["little_known"].iloc[1].startswith("健康")
    assert in_words(pd.DataFrame({"little_known": [np.nan]}))["little_known"].tolist() == [""]
    with pytest.raises(SchemaError, match="little_known: 1 value"):
        in_words(pd.DataFrame({"little_known": ["health;weather"]}))
