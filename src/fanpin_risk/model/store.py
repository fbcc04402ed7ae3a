"""A model on disk: plain data plus a promise.

A model is a folder of five files, and the mark by which a change of one is seen: ``card.json`` (what it is, what it
promises, and the SHA-256 of the others), ``trees.npz`` (plain numeric arrays), ``references.csv`` and ``lines.csv``
(what areas were like on the training days, and the monitoring lines the model was trained with: both go into features,
so both travel with the model), and ``profile.csv`` (shares of the training rows in bins of every feature, by which
drift is seen).
Nothing in it is ever executed: no pickle, no class names, no code. Every array is checked before trees are built
from it, because prediction walks trees without looking out for bad indices.

The card records the versions it was made with, but they do not decide whether it can be read: the file also holds
some rows of made-up features with the margins they had, and a model that does not reproduce them is refused.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fanpin_risk.arguments import of_type, type_of
from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.asof.outcomes import TARGETS
from fanpin_risk.errors import FanpinError, FeatureMismatchError, InputError, ModelFileError, SchemaError
from fanpin_risk.features import FEATURES
from fanpin_risk.files import MARK, check_target
from fanpin_risk.model.boosting import MonotoneBoosting
from fanpin_risk.model.known_share import KnownShare
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.model.stored_files import (
    CARD,
    DATA_FILES,
    LINES,
    PROFILE,
    REFERENCES,
    TREES,
    array_bytes,
    arrays_in,
    lines_in,
    profile_in,
    read_checked,
    read_file,
    references_in,
    write_folder,
)
from fanpin_risk.model.tiers import TIERS
from fanpin_risk.model.uncertainty import RiskInterval
from fanpin_risk.words import Message

__all__ = ["add_to_card", "demo_model", "load_model", "model_folder", "read_card", "save_model"]

Array = NDArray[Any]

DEMO = "demo"
FORMAT = "fanpin-risk model 3"
OLD_FORMATS = ("fanpin-risk model 1", "fanpin-risk model 2")  # without categories; without interval and profile
# Arrays that lie beside those of the trees: the interval of risks and what is usually known of a household.
BESIDE_TREES = ("interval_", "known_weights", "known_least")
CHECK_ROWS = 64
# A share of missing values at which most branches for missing are walked by some check row.
CHECK_MISSING = 0.2
CHECK_TOLERANCE = 1e-12
PACKAGES = ("fanpin-risk", "scikit-learn", "numpy", "pandas", "scipy")

# Said on every card, in both languages.
LIMITS = (
    Message("It proposes households to visit; people decide, after the visit."),
    Message("The risk is meant for households on record and not yet monitored."),
    Message("Contributions say what moved the score, not what causes poverty."),
)
SYNTHETIC = Message("Trained on synthetic data: not for decisions.")


def save_model(
    model: RiskModel,
    path: str | os.PathLike[str],
    *,
    name: str | None = None,
    notes: str | None = None,
    evaluation: Any = None,
    alarms: Any = None,
    overwrite: bool = False,
) -> Path:
    """Write a fitted model to a folder, whole or not at all.

    Parameters
    ----------
    model : RiskModel
        Fitted.
    path : path-like
        The folder to make.
    name : str, optional
        Name of the model from now on. Default: the model's own.
    notes : str, optional
        Free text for the card.
    evaluation : Evaluation or dict, optional
        How the forecast fared on past days, from :func:`fanpin_risk.evaluate`; its aggregated tables go into the card,
        nothing about single households. Default: what a loaded model brought along.
    alarms : DataFrame or list of dict, optional
        Findings of :func:`fanpin_risk.leak_alarms`. Default: what a loaded model brought along.
    overwrite : bool, default False
        Whether to replace a model that stands there as it was saved. Any other folder is kept.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        If something stands at `path` that is kept; if it is the text ``demo``, which names the model that ships; if the
        files cannot be written.
    ModelFileError
        If the model has parameters that are not plain data, or `path` is not a path.
    SchemaError
        If `model` is not a RiskModel.
    UnfittedModelError
        If the model is not fitted.

    Examples
    --------
    >>> import tempfile, fanpin_risk as fr
    >>> register = fr.make_register(2000, random_state=0)
    >>> model = fr.RiskModel().fit(register, ["2021-12-31", "2022-12-31"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     again = fr.load_model(fr.save_model(model, folder + "/model"))
    >>> again.fingerprint_ == model.fingerprint_
    True
    """
    if not isinstance(model, RiskModel):
        raise SchemaError(
            "expected a fitted RiskModel to save, got the type {got}; save other models with their own means",
            got=type(model).__name__,
        )
    for argument, text in (("name", name), ("notes", notes)):
        of_type(argument, text, (str, type(None)), Message("a text"))
    target = _own_folder(path).absolute()
    check_target(path, "model", overwrite=overwrite)
    fingerprint = model.fingerprint_  # raises if not fitted
    lines = MonitoringLines() if model.lines is None else model.lines
    files = {
        TREES: array_bytes(
            {
                **model.classifier_.to_arrays(),
                **_check_arrays(model.classifier_),
                **model.interval_.to_arrays(),
                **model.known_.to_arrays(),
            }
        ),
        REFERENCES: model.references_.to_csv(index=False, lineterminator="\n", na_rep="nan").encode(),
        LINES: lines.frame.to_csv(index=False, lineterminator="\n").encode(),
        PROFILE: model.profile_.to_csv(index=False, lineterminator="\n", na_rep="nan").encode(),
    }
    card = _card(model, fingerprint, name=name, notes=notes)
    card["evaluation"] = model.evaluation_ if evaluation is None else plain_evaluation(evaluation)
    card["alarms"] = model.alarms_ if alarms is None else plain_alarms(alarms)
    card["files"] = {
        file: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} for file, data in files.items()
    }
    write_folder(target, {**files, CARD: _card_bytes(card)})
    return Path(path)


def add_to_card(path: str | os.PathLike[str], *, evaluation: Any = None, alarms: Any = None) -> Path:
    """Put an evaluation or the findings of the leak check into the card of a saved model; the model stays as it is.

    Parameters
    ----------
    path : path-like
        The model's folder.
    evaluation, alarms
        As for :func:`save_model`; what is not given stays as it is.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        If `path` is the text ``demo``, or the files cannot be written.
    ModelFileError
        If there is no model that can be loaded, or the evaluation is of another event or horizon.
    """
    folder = _own_folder(path)
    model = load_model(folder)
    card = read_card(folder)
    if evaluation is not None:
        plain = plain_evaluation(evaluation)
        judged = {"target": plain.get("target"), "horizon_months": plain.get("horizon_months")}
        if judged != {"target": model.target, "horizon_months": model.horizon_months_}:
            raise ModelFileError(
                "the evaluation is of {target} within {horizon_months} months; the model forecasts "
                "{target_2} within {horizon_months_2} months: evaluate the same event and horizon",
                target=judged["target"],
                horizon_months=judged["horizon_months"],
                target_2=model.target,
                horizon_months_2=model.horizon_months_,
            )
        card["evaluation"] = plain
    if alarms is not None:
        card["alarms"] = plain_alarms(alarms)
    files = {file: read_checked(folder, file, card) for file in DATA_FILES}
    write_folder(folder.absolute(), {**files, CARD: _card_bytes(card)})
    return folder


def plain_evaluation(evaluation: Any) -> dict[str, Any]:
    """Return the aggregated tables of an evaluation as plain data; a dict is taken to be that already."""
    if isinstance(evaluation, Mapping):
        return dict(evaluation)
    if not callable(getattr(evaluation, "summary", None)) or isinstance(evaluation, type):
        raise InputError(
            "evaluation is of the type {type}; expected what evaluate() returns, or its summary()",
            type=type_of(evaluation),
        )
    return dict(evaluation.summary())


def plain_alarms(alarms: Any) -> list[dict[str, Any]]:
    """Return the findings of a leak check as plain data."""
    if not isinstance(alarms, pd.DataFrame):
        if not isinstance(alarms, Sequence) or not all(isinstance(row, Mapping) for row in alarms):
            raise InputError(
                "alarms is of the type {type}; expected what leak_alarms() returns, or a list of its rows",
                type=type_of(alarms),
            )
        return [dict(row) for row in alarms]
    missing = [name for name in ("level",) if name not in alarms.columns]
    if missing:
        raise InputError("alarms has no column {missing}; expected what leak_alarms() returns", missing=missing)
    rows = alarms.astype({"level": "str"}).to_dict("records")
    return [
        {str(k): None if isinstance(v, float) and not np.isfinite(v) else v for k, v in row.items()} for row in rows
    ]


def _card_bytes(card: Mapping[str, Any]) -> bytes:
    try:
        text = json.dumps(card, ensure_ascii=False, indent=1, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ModelFileError(
            "the model has parameters that cannot be written as plain data: {error}", error=error
        ) from error
    return (text + "\n").encode()


def load_model(path: str | os.PathLike[str]) -> RiskModel:
    """Read a model that :func:`save_model` wrote, after checking all of it.

    Parameters
    ----------
    path : path-like
        Its folder; or the text ``demo`` for the model that ships, trained on a synthetic county, to try things out and
        not to decide. A folder of that name is loaded as ``./demo``.

    Returns
    -------
    RiskModel
        It scores to the bit like the one that was saved, and has its fingerprint.

    Raises
    ------
    ModelFileError
        If a file is absent, unexpected, changed or damaged, does not describe trees, or does not give the margins
        that the saved model had.
    FeatureMismatchError
        If this installation declares the features otherwise than the one that trained the model; the message says
        what differs.

    Examples
    --------
    >>> load_model("demo").synthetic_
    True
    """
    folder = model_folder(path)
    card = read_card(folder)
    data = {file: read_checked(folder, file, card) for file in DATA_FILES}
    _check_features(card["features"])
    lines, profile = lines_in(data[LINES]), profile_in(data[PROFILE])
    arrays = arrays_in(data[TREES])
    rows, margins = arrays.pop("check_rows", None), arrays.pop("check_margins", None)
    names = [feature["name"] for feature in card["features"]]
    parameters = card["parameters"]
    beside = {name: arrays.pop(name) for name in list(arrays) if name.startswith(BESIDE_TREES)}
    try:
        classifier = MonotoneBoosting.from_arrays(arrays, feature_names=names, **parameters["fitted_classifier"])
        _self_check(classifier, rows, margins)
        model = RiskModel(
            classifier=None if parameters["classifier"] is None else MonotoneBoosting(**parameters["classifier"]),
            features=parameters["features"],
            target=card["event"]["target"],
            recalibration=parameters["recalibration"],
            n_folds=parameters["n_folds"],
            tier_shares=tuple(parameters["tier_shares"]),
            lines=None if lines.frame.equals(MonitoringLines().frame) else lines,
            name=card["name"],
            random_state=parameters["random_state"],
        )
        model.classifier_ = classifier
        model.interval_ = RiskInterval.from_arrays(beside)
        model.known_ = KnownShare.from_arrays(beside, names)
        model.slope_ = float(card["recalibration"]["slope"])
        model.intercept_ = float(card["recalibration"]["intercept"])
        model.recalibration_note_ = str(card["recalibration"]["note"])
        model.feature_names_in_ = np.array(names, dtype=object)
        model.horizon_months_ = int(card["event"]["horizon_months"])
        model.references_ = references_in(data[REFERENCES], card["references"])
        model.tier_thresholds_ = {tier: float(card["tiers"]["least_risk"][tier]) for tier in ("high", "medium")}
        model.training_ = _training_frame(card["training"])
        model.oof_metrics_ = dict(card["metrics"])
        model.base_rate_ = float(card["base_rate"])
        model.synthetic_ = bool(card["synthetic"])
        model.tables_ = tuple(str(name) for name in card["tables"])
        model.profile_ = profile
        model.known_lag_days_ = None if card.get("known_lag_days") is None else int(card["known_lag_days"])
        model.evaluation_, model.alarms_ = card.get("evaluation"), card.get("alarms")
        model.n_trees_ = classifier.n_trees_
        fingerprint = model.fingerprint_
    except SchemaError as error:
        raise ModelFileError("{folder}: {trees}: {error}", folder=folder.name, trees=TREES, error=error) from error
    except FanpinError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelFileError(
            "{folder}: {card} is not as save_model writes it ({error!r})", folder=folder.name, card=CARD, error=error
        ) from error
    if fingerprint != card["fingerprint"]:
        raise ModelFileError(
            "{folder}: its content has the fingerprint {fingerprint}, but {card} says {fingerprint_2}; "
            "it was changed after it was saved",
            folder=folder.name,
            fingerprint=fingerprint,
            card=CARD,
            fingerprint_2=card["fingerprint"],
        )
    return model


def model_folder(path: str | os.PathLike[str]) -> Path:
    """Return the folder of a model: for the text ``demo`` that of the model that ships, else the path itself.

    Parameters
    ----------
    path : path-like
        As for :func:`load_model`.

    Returns
    -------
    Path

    Raises
    ------
    ModelFileError
        If `path` is not a path, or this installation came without the model that ships.

    Examples
    --------
    >>> model_folder("demo") == demo_model(), model_folder("./demo").name
    (True, 'demo')
    """
    if not isinstance(path, (str, os.PathLike)):
        raise ModelFileError(
            "expected the folder of a saved model, or 'demo' for the one that ships; got the type {got}",
            got=type_of(path),
        )
    return demo_model() if path == DEMO else Path(path)


def _own_folder(path: str | os.PathLike[str]) -> Path:
    """Return the folder to write a model to: the model that ships stays as it is."""
    if isinstance(path, str) and path == DEMO:
        raise InputError("'demo' names the model that ships; write './demo' for a folder of that name")
    return model_folder(path)


def demo_model() -> Path:
    """Return the folder of the model that ships: trained on a synthetic county, to try things out, not to decide.

    Returns
    -------
    Path
        For :func:`load_model`.

    Raises
    ------
    ModelFileError
        If this installation came without it.

    Examples
    --------
    >>> load_model(demo_model()).name
    'demo'
    """
    package = Path(__file__).parents[1]
    places = (package / "models" / "demo", package.parents[1] / "models" / "demo")  # installed; in the sources
    for place in places:
        if (place / CARD).is_file():
            return place
    raise ModelFileError("the demo model was not installed with the package; train one: fanpin-risk train --help")


def read_card(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read the card of a saved model: what it is, how it was trained and what it is not for.

    Parameters
    ----------
    path : path-like
        The model's folder, or ``demo``.

    Returns
    -------
    dict
        ``format, name, fingerprint, created, notes, synthetic, limits, event, base_rate, metrics, training,
        recalibration, tiers, features, references, tables, uncertainty, parameters, evaluation, alarms, versions,
        files``; ``evaluation`` and ``alarms`` are None where none was made.

    Raises
    ------
    ModelFileError
        If there is no model, or its card cannot be read.
    """
    folder = model_folder(path)
    if not (folder / CARD).is_file():
        raise ModelFileError(
            "{folder} is not a model folder; expected one with {card}, as save_model makes it",
            folder=folder.name,
            card=CARD,
        )
    present = {entry.name for entry in folder.iterdir()} - {MARK}
    missing, extra = sorted({CARD, *DATA_FILES} - present), sorted(present - {CARD, *DATA_FILES})
    if missing or extra:
        raise ModelFileError(
            "{folder}: files missing: {value}; not part of a model: {value_2}",
            folder=folder.name,
            value=", ".join(missing) or "none",
            value_2=", ".join(extra) or "none",
        )
    try:
        card = json.loads(read_file(folder, CARD).decode("utf-8"), parse_constant=_refuse_constant)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise ModelFileError(
            "{folder}: {card} is not readable JSON; it is damaged or was cut off", folder=folder.name, card=CARD
        ) from error
    if not isinstance(card, dict) or card.get("format") != FORMAT:
        got = card.get("format") if isinstance(card, dict) else None
        if got in OLD_FORMATS:
            raise ModelFileError(
                "{folder}: format is {got!r}, of an older version; expected {format!r}. Train the model "
                "again, or install the version that wrote it",
                folder=folder.name,
                got=got,
                format=FORMAT,
            )
        raise ModelFileError(
            "{folder}: format is {got!r}, expected {format!r}; install the version that wrote it",
            folder=folder.name,
            got=got,
            format=FORMAT,
        )
    missing = sorted(set(CARD_FIELDS) - set(card))
    wrong = sorted(key for key, kind in CARD_FIELDS.items() if key in card and not isinstance(card[key], kind))
    if missing or wrong:
        raise ModelFileError(
            "{folder}: {card} lacks {value}; of a wrong type: {value_2}",
            folder=folder.name,
            card=CARD,
            value=", ".join(missing) or "nothing",
            value_2=", ".join(wrong) or "none",
        )
    if card["event"].get("target") not in TARGETS:
        raise ModelFileError(
            "{folder}: {card} names an unknown event; expected one of {targets}",
            folder=folder.name,
            card=CARD,
            targets=tuple(TARGETS),
        )
    return card


def read_lines(path: str | os.PathLike[str]) -> MonitoringLines:
    """Read the monitoring lines that a saved model was trained with.

    Raises
    ------
    ModelFileError
        If there is no model, or its lines are not those that were saved.
    """
    folder = model_folder(path)
    return lines_in(read_checked(folder, LINES, read_card(folder)))


CARD_FIELDS: Mapping[str, type | tuple[type, ...]] = {
    "format": str,
    "name": str,
    "fingerprint": str,
    "created": str,
    "notes": str,
    "synthetic": bool,
    "limits": list,
    "event": dict,
    "base_rate": float,
    "metrics": dict,
    "training": list,
    "recalibration": dict,
    "tiers": dict,
    "features": list,
    "references": dict,
    "tables": list,
    "uncertainty": dict,
    "parameters": dict,
    "evaluation": (dict, type(None)),
    "alarms": (list, type(None)),
    "versions": dict,
    "files": dict,
}


def _card(model: RiskModel, fingerprint: str, *, name: str | None, notes: str | None) -> dict[str, Any]:
    training = model.training_.reset_index().astype({"as_of": "str", "until": "str"})
    return {
        "format": FORMAT,
        "name": model.name if name is None else name,
        "fingerprint": fingerprint,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "notes": notes or "",
        "synthetic": model.synthetic_,
        "limits": [
            f"{limit.shown('en')} {limit.shown('zh')}"
            for limit in (*([SYNTHETIC] if model.synthetic_ else []), *LIMITS)
        ],
        "event": {"target": model.target, "horizon_months": model.horizon_months_},
        "base_rate": model.base_rate_,
        "metrics": model.oof_metrics_,
        "training": [
            {key: value if isinstance(value, str) else int(value) for key, value in row.items()}
            for row in training.to_dict("records")
        ],
        "recalibration": {
            "slope": model.slope_,
            "intercept": model.intercept_,
            "note": model.recalibration_note_,
        },
        "tiers": {"least_risk": model.tier_thresholds_, "shares": list(model.tier_shares), "order": list(TIERS)},
        "features": model.declarations_,
        "references": {name: str(kind) for name, kind in model.references_.dtypes.items()},
        "tables": list(model.tables_),
        **({} if model.known_lag_days_ is None else {"known_lag_days": model.known_lag_days_}),
        "uncertainty": {
            "level": model.interval_.level,
            "half_width": model.interval_.half_width,
            "years": model.interval_.observed_years,
            "least_known": model.known_.least,
        },
        "parameters": {
            "classifier": None if model.classifier is None else _plain(model.classifier.get_params()),
            "fitted_classifier": _plain(model.classifier_.get_params()),
            "features": None if model.features is None else list(model.features),
            "recalibration": model.recalibration,
            "n_folds": model.n_folds,
            "tier_shares": list(model.tier_shares),
            "random_state": model.random_state,
        },
        "versions": {package: _version(package) for package in PACKAGES},
    }


def _plain(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters with arrays and mappings as lists and dicts."""
    return {key: _plain_value(value) for key, value in parameters.items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    return dict(value) if isinstance(value, Mapping) else value


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed as a package"


# --- features -------------------------------------------------------------------------------------------------------
def _check_features(promised: Sequence[Any]) -> None:
    """Raise FeatureMismatchError, naming what differs, unless the installed declarations are the promised ones."""
    if not promised or not all(isinstance(f, dict) and isinstance(f.get("name"), str) for f in promised):
        raise ModelFileError("{card} does not declare the features", card=CARD)
    installed = {feature.name: feature.declaration() for feature in FEATURES}
    missing = [f["name"] for f in promised if f["name"] not in installed]
    changed = [
        f"{f['name']}.{key}: {f.get(key)!r} in the model, {installed[f['name']].get(key)!r} here"
        for f in promised
        if f["name"] in installed
        for key in sorted({*f, *installed[f["name"]]})
        if f.get(key) != installed[f["name"]].get(key)
    ]
    if missing or changed:
        raise FeatureMismatchError(
            "the model was trained on features that this installation declares otherwise; missing here: "
            "{value}; changed: {value_2}. Train the model again, or install the version named in its card",
            value=", ".join(missing) or "none",
            value_2="; ".join(changed) or "none",
        )


# --- trees ----------------------------------------------------------------------------------------------------------
def _check_arrays(classifier: MonotoneBoosting) -> dict[str, Array]:
    """Make up rows that walk many branches, with the margins they get.

    Values are thresholds of the trees, so that the comparison at the threshold itself is checked, codes of categories
    (one of them unknown), or missing.
    """
    arrays = classifier.to_arrays()
    rng = np.random.default_rng(0)
    rows = np.full((CHECK_ROWS, classifier.n_features_in_), np.nan)
    inner = arrays["is_leaf"] == 0
    for j in range(classifier.n_features_in_):
        thresholds = arrays["num_threshold"][inner & (arrays["feature_idx"] == j)]
        thresholds = np.unique(thresholds[np.isfinite(thresholds)])
        values = np.concatenate([thresholds, thresholds + 1.0, [0.0, 1.0]])
        if classifier.is_categorical_[j]:
            largest = np.flatnonzero(np.unpackbits(arrays["known_categories"][j].view("|u1"), bitorder="little")).max()
            values = np.arange(largest + 2.0)
        rows[:, j] = rng.choice(values, CHECK_ROWS)
        rows[rng.random(CHECK_ROWS) < CHECK_MISSING, j] = np.nan
    rows[0] = np.nan
    names = getattr(classifier, "feature_names_in_", None)
    margins = classifier.decision_function(pd.DataFrame(rows, columns=names) if names is not None else rows)
    return {"check_rows": rows.astype("<f8"), "check_margins": margins.astype("<f8")}


def _self_check(classifier: MonotoneBoosting, rows: Array | None, margins: Array | None) -> None:
    if rows is None or margins is None:
        raise ModelFileError("{trees} lacks the rows by which the model is checked", trees=TREES)
    if rows.ndim != 2 or rows.shape[1] != classifier.n_features_in_ or margins.shape != rows.shape[:1] or not len(rows):
        raise ModelFileError("{trees}: the rows by which the model is checked have the wrong shape", trees=TREES)
    if rows.dtype != np.float64 or margins.dtype != np.float64 or np.isinf(rows).any():
        raise ModelFileError("{trees}: the rows by which the model is checked are not finite numbers", trees=TREES)
    again = classifier.decision_function(pd.DataFrame(rows, columns=classifier.feature_names_in_))
    difference = np.abs(again - margins).max()
    if not difference <= CHECK_TOLERANCE:
        raise ModelFileError(
            "the model does not give the margins it had when it was saved (they differ by "
            "{difference:.2g}); install the versions named in its card, or train it again",
            difference=difference,
        )


def _training_frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows).astype({"as_of": "datetime64[s]", "until": "datetime64[s]"})
    return frame.set_index("as_of")


def _refuse_constant(text: str) -> float:
    raise ValueError(f"{text} is not a number of JSON")
