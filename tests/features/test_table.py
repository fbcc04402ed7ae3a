"""The list of features: nothing declared is left out, and no name stands for two things."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable, Mapping
from importlib import import_module
from types import ModuleType

import pytest

import fanpin_risk.features
from fanpin_risk.errors import SchemaError
from fanpin_risk.features import (
    CONTEXT,
    DOMAINS,
    FEATURES,
    Feature,
    describe_features,
    feature,
    feature_named,
)
from fanpin_risk.features.table import check_needs

LISTED = FEATURES + CONTEXT
MODULES = [
    import_module(f"fanpin_risk.features.{found.name}") for found in pkgutil.iter_modules(fanpin_risk.features.__path__)
]


def declared_in(namespace: Mapping[str, object], module: str) -> list[Feature]:
    """Return the features that a module declares itself, not those it takes from another."""
    return [value for value in namespace.values() if isinstance(value, Feature) and value.compute.__module__ == module]


def unlisted(namespace: Mapping[str, object], module: str, listed: Iterable[Feature]) -> list[str]:
    """Return the names of features that a module declares and that are missing in a list."""
    known = {id(one) for one in listed}
    return [declared.name for declared in declared_in(namespace, module) if id(declared) not in known]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_every_declared_feature_is_listed(module: ModuleType):
    """A feature that is declared but not listed would be in no model, and nobody would notice."""
    own = unlisted(vars(module), module.__name__, getattr(module, "FEATURES", ()))
    assert own == [], f"add them to FEATURES at the end of {module.__name__}"
    everywhere = unlisted(vars(module), module.__name__, LISTED)
    assert everywhere == [], f"add *{module.__name__.rpartition('.')[2]}.FEATURES to _DECLARED in features/table.py"
    lost = [name for name, value in vars(module).items() if isinstance(value, Feature) and value.name != name]
    assert lost == [], "a feature is called like its function"


def test_a_forgotten_feature_is_noticed():
    """The test above sees a feature that a list lacks, and only that one."""

    @feature(
        zh="新", en="new", domain="education", cause="schooling", unit="persons", monotone=0, reason="No claim: new.",
        source="a document", says_zh="有{new}", says_en="is {new}",
    )  # fmt: skip
    def new(snapshot):
        return snapshot.members.count()

    assert unlisted({"new": new, "listed": FEATURES[0]}, __name__, LISTED) == ["new"]
    assert unlisted({"new": new}, __name__, (new,)) == []


@pytest.mark.parametrize("declared", LISTED, ids=lambda declared: declared.name)
def test_a_feature_stands_in_the_file_of_its_domain(declared):
    """Who looks for a feature finds it in the file of its domain, a column that sentences quote there or beside it.

    The facts that causes rest on have a file of their own, and so has what only surveys ask, with what is quoted of it, and what
    only forecasts of monitored households may know.
    """
    homes = {f"fanpin_risk.features.{declared.domain}"}
    of_surveys = {"fanpin_risk.features.consumption", "fanpin_risk.features.living"}
    if declared.optional:
        homes = {"fanpin_risk.features.monitoring"} if declared.targets else of_surveys
    if not declared.model:
        homes |= {f"fanpin_risk.features.{declared.domain}_context", "fanpin_risk.features.facts", *of_surveys}
    assert declared.compute.__module__ in homes
    assert feature_named(declared.name) is declared


def test_there_are_at_least_sixty_features_over_all_domains():
    """The library promises at least 60 features; a domain left out would leave a cause without a voice."""
    assert len(FEATURES) >= 60
    assert {f.domain for f in FEATURES} == set(DOMAINS)


def test_names_and_labels_are_unique():
    """A name or label that stands for two things would make a reason ambiguous."""
    for attribute in ("name", "zh", "en"):
        values = [getattr(f, attribute) for f in LISTED]
        assert len(set(values)) == len(values), attribute


def test_features_are_told_from_context():
    """The model sees the features and never the context columns, which claim no direction."""
    assert all(f.model for f in FEATURES)
    assert not any(f.model for f in CONTEXT)
    assert {f.monotone for f in CONTEXT} <= {0}


def test_describe_features_lists_them_in_model_order():
    """The printed table is made from the declarations and has one row for each feature of the model."""
    table = describe_features()
    assert table["name"].tolist() == [f.name for f in FEATURES]
    assert table.notna().all(axis=None)


@pytest.mark.parametrize(
    ("needs", "good"),
    [("household_size", True), (None, True), ("new", False), ("income_per_person", False), ("n_dragons", False)],
)
def test_a_feature_needs_a_column_that_counts(needs, good):
    """A feature that needs a column which is not there, is no count or is itself would silently apply to everyone."""

    @feature(
        zh="新", en="new", domain="education", cause="schooling", unit="persons", monotone=0, reason="No claim: new.",
        source="a document", says_zh="有{new}", says_en="is {new}", needs=needs,
    )  # fmt: skip
    def new(snapshot):
        return snapshot.members.count()

    if good:
        check_needs([*LISTED, new])
    else:
        with pytest.raises(
            SchemaError, match=f"feature new: needs is '{needs}'; expected the name of another declared"
        ):
            check_needs([*LISTED, new])
