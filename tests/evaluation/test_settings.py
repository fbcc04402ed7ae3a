"""Settings that are tried on earlier days, and the one that these choose."""

import numpy as np
import pytest

from fanpin_risk.errors import NotEnoughDataError
from fanpin_risk.evaluation import forecasts
from fanpin_risk.evaluation.settings import SETTING_NAMES, SETTINGS, select_setting, settings_to_try
from fanpin_risk.features import FEATURES
from fanpin_risk.model.boosting import MonotoneBoosting
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.model.training_day import training_day
from fanpin_risk.synthetic import make_register

SMALL = RiskModel(classifier=MonotoneBoosting(max_iter=8), n_folds=2, target="below_line", ensemble="none", place=False)


@pytest.fixture(scope="module")
def days():
    """Two days to learn from."""
    register = make_register(2500, random_state=0)
    return [training_day(register, day, target="below_line") for day in ("2021-12-31", "2022-12-31")]


def test_settings_are_what_they_are_called(days):
    """Trees without constraints have none, several seeds are several; all else is the model's own."""
    tried = settings_to_try(SMALL)
    assert list(tried) == list(SETTINGS) == list(SETTING_NAMES)
    assert all(
        (m.target, m.n_folds, m.ensemble, m.classifier.max_iter) == ("below_line", 2, "none", 8) for m in tried.values()
    )
    fitted = {name: model.fit_days(days) for name, model in tried.items()}
    declared = np.array([f.monotone for f in FEATURES if not f.optional])
    np.testing.assert_array_equal(fitted["default"].classifier_.monotonic_cst_, declared)
    assert not fitted["no_constraints"].classifier_.monotonic_cst_.any()
    assert fitted["three_seeds"].classifier_.n_seeds == 3
    assert SMALL.classifier.n_seeds == 1


def test_the_setting_of_least_log_loss_is_taken(days, monkeypatch):
    """Judged on households of the newest day that none of them saw; the others are learnt from."""
    asked, original = [], forecasts._risk_from

    def watched(model, day, rows=slice(None)):
        asked.append((model, day))
        return original(model, day, rows)

    monkeypatch.setattr(forecasts, "_risk_from", watched)
    found = select_setting(SMALL, days)
    assert found.setting == min(found.log_loss, key=found.log_loss.get)
    assert list(found.log_loss) == list(SETTINGS)
    assert len(set(found.log_loss.values())) == 3
    assert {day.as_of for _, day in asked} == {days[1].as_of}
    assert all(model.training_["households"].sum() < len(days[0].table) for model, _ in asked)
    assert not hasattr(found.model, "classifier_")


def test_too_few_events_to_choose_by_are_said(days):
    """A day of a handful of households decides nothing."""
    few = days[0]._replace(
        **{
            name: getattr(days[0], name)[:30] for name in ("table", "outcome", "event_on", "area_code", "later_to_line")
        },
        counts=None,
    )
    with pytest.raises(NotEnoughDataError):
        select_setting(SMALL, [few])


def test_an_earlier_day_of_few_events_is_no_hindrance(days):
    """Where the days before the newest have too few events to learn from, the other households of all days are learnt from."""
    outcome = days[0].outcome.copy()
    outcome[np.flatnonzero(outcome)[3:]] = 0
    found = select_setting(SMALL, [days[0]._replace(outcome=outcome), days[1]])
    assert np.isfinite(list(found.log_loss.values())).all()
