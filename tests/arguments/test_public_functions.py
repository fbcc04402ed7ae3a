"""Whatever a public function is given, what comes back is a result or an error of this package that says what to give."""

from __future__ import annotations

import inspect

import numpy as np
import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import FanpinError

DAY = "2023-12-31"
ODD = {
    "object": object(),
    "nan": float("nan"),
    "bytes": b"zz",
    "list": [1],
    "dict": {"a": 1},
    "frame": pd.DataFrame({"a": [1]}),
    "array": np.array([1]),
}
# Arguments that take anything by their nature, or nearly so.
FREE = {("leak_alarms", "compute"), ("score_register", "mapper"), ("report", "rejects")}


@pytest.fixture(scope="module")
def calls(tmp_path_factory):
    """Each function with arguments that are right; a function among them makes a new value for each call."""
    folder = tmp_path_factory.mktemp("arguments")
    register, model = fr.make_register(20, random_state=1, years=2), fr.load_model("demo")
    written = register.to_folder(folder / "register", format="csv")
    scores = model.score(register, DAY)
    numbers = iter(range(1_000_000))

    def out():
        return folder / f"out{next(numbers)}"

    def page():
        return folder / f"out{next(numbers)}.html"

    past = {"register": register, "as_of": "2022-12-31"}
    return {
        "cohort": (fr.cohort, past),
        "compute_features": (fr.compute_features, {"register": register, "as_of": DAY}),
        "explain": (model.explain, {"register": register, "as_of": DAY}),
        "in_words": (fr.in_words, {"scores": scores}),
        "known_on": (register.known_on, {"day": DAY}),
        "leak_alarms": (fr.leak_alarms, {**past, "horizon_months": 12}),
        "load_model": (fr.load_model, {"path": "demo"}),
        "make_references": (fr.make_references, {"register": register, "as_of": DAY}),
        "make_register": (fr.make_register, {"n_households": 5, "years": 2}),
        "model_card": (fr.model_card, {"model": model}),
        "outcomes": (fr.outcomes, past),
        "pack": (fr.pack, {"source": written, "out": out, "threads": 1}),
        "read_register": (fr.read_register, {"source": written}),
        "report": (fr.report, {"model": model, "register": register, "as_of": DAY, "path": page}),
        "save_model": (fr.save_model, {"model": model, "path": out}),
        "score": (model.score, {"register": register, "as_of": DAY}),
        "score_register": (fr.score_register, {"path": register, "model": model, "as_of": DAY, "out": out}),
        "select": (register.select, {"household_ids": scores["household_id"][:2]}),
        "to_folder": (register.to_folder, {"path": out}),
        "watchlist": (fr.watchlist, {"scores": scores}),
        "MonitoringLines": (fr.MonitoringLines, {}),
        "Snapshot": (fr.Snapshot, {"register": register, "as_of": DAY}),
    }


@pytest.mark.parametrize("name", ["cohort", "compute_features", "explain", "in_words", "known_on", "leak_alarms", "load_model",
                                  "make_references", "make_register", "model_card", "outcomes", "pack", "read_register",
                                  "report", "save_model", "score", "score_register", "select", "to_folder", "watchlist",
                                  "MonitoringLines", "Snapshot"])  # fmt: skip
@pytest.mark.filterwarnings("ignore")
def test_a_wrong_type_is_refused_by_an_error_of_this_package(calls, name, monkeypatch, tmp_path):
    """No TypeError or KeyError from within, for any argument; what happens to be right gives a result."""
    monkeypatch.chdir(tmp_path)  # "zz" is a name that may be written to
    function, right = calls[name]
    wrong = []
    for argument in inspect.signature(function).parameters:
        if argument == "progress" or (name, argument) in FREE:
            continue
        for kind, value in ODD.items():
            given = {key: made() if inspect.isfunction(made) else made for key, made in right.items()}
            try:
                function(**given | {argument: value})
            except FanpinError:
                continue
            except Exception as error:  # noqa: BLE001  whatever it is, it is named
                wrong.append(f"{argument}={kind}: {type(error).__name__}: {error}")
    assert wrong == []
