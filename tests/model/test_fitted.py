"""Models that were not fitted."""

import pytest
from sklearn.exceptions import NotFittedError

import fanpin_risk as fr
from fanpin_risk.errors import FanpinError
from fanpin_risk.model.fitted import require_fitted


def test_an_unfitted_model_is_refused_in_words_of_this_package(tmp_path):
    """Whoever catches errors of this package or of scikit-learn catches it."""
    register, model = fr.make_register(20, random_state=0, years=2), fr.RiskModel()
    for use in (
        lambda: require_fitted(model),
        lambda: model.score(register, "2023-12-31"),
        lambda: model.explain(register, "2023-12-31"),
        lambda: fr.save_model(model, tmp_path / "model"),
    ):
        with pytest.raises(FanpinError, match=r"not fitted; call fit") as found:
            use()
        assert isinstance(found.value, NotFittedError)
