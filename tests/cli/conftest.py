"""A county's files, a model of it, and the command line in this process."""

from functools import partial

import pytest
from click.testing import CliRunner

import fanpin_risk as fr
from fanpin_risk.cli import main
from fanpin_risk.model.boosting import MonotoneBoosting


@pytest.fixture(scope="session")
def run():
    """Run a command and return what it ended with."""
    return lambda *arguments: CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="session")
def succeed(run):
    """Run a command that must end well."""

    def succeeding(*arguments):
        result = run(*arguments)
        assert result.exit_code == 0, result.output
        return result

    return succeeding


@pytest.fixture(scope="session")
def register():
    """A register with many events, so that few households are enough to learn from."""
    return fr.make_register(500, random_state=3, base_rate=0.1)


@pytest.fixture(scope="session")
def county(register, tmp_path_factory):
    """The files of the register; tests do not write to this folder."""
    return register.to_folder(tmp_path_factory.mktemp("cli") / "county", format="parquet")


@pytest.fixture(scope="session")
def small_model():
    """What makes models that are trained in no time."""
    return partial(fr.RiskModel, classifier=MonotoneBoosting(max_iter=60), n_folds=3)


@pytest.fixture
def _small_models(monkeypatch, small_model):
    """Let commands train such models; what a full one is worth is tested elsewhere."""
    monkeypatch.setattr(fr, "RiskModel", small_model)


@pytest.fixture(scope="session")
def model(county, small_model, tmp_path_factory):
    """The folder of a small model of the county; tests do not write to it."""
    small = small_model(name="test")
    small.fit(fr.read_register(county), as_of=["2021-12-31", "2022-12-31"])
    return fr.save_model(small, tmp_path_factory.mktemp("cli") / "model")
