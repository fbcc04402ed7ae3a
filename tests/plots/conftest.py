"""What the pictures are drawn from: the demo model on a small register, scored and explained on one day."""

import pytest

import fanpin_risk as fr

DAY = "2024-12-31"


@pytest.fixture(scope="session")
def model():
    return fr.load_model("demo")


@pytest.fixture(scope="session")
def register():
    return fr.make_register(400, random_state=1)


@pytest.fixture(scope="session")
def scores(model, register):
    return model.score(register, DAY).sort_values("risk", ascending=False, ignore_index=True)


@pytest.fixture(scope="session")
def explanation(model, register):
    return model.explain(register, DAY)


@pytest.fixture(scope="session")
def areas(scores):
    return scores.set_index("household_id")["area_code"]


@pytest.fixture(scope="session")
def texts():
    """Return all texts of a picture that say something."""

    def found(ax):
        from matplotlib.text import Text

        return [text.get_text() for text in ax.figure.findobj(Text) if text.get_text()]

    return found
