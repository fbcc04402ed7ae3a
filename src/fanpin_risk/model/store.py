"""A model on disk: plain data plus a promise.

A model is a folder of five files, or six, and the mark by which a change of one is seen: ``card.json`` (what it is, what it
promises, and the SHA-256 of the others), ``trees.npz`` (plain numeric arrays), ``references.csv`` and ``lines.csv``
(what areas were like on the training days, and the monitoring lines the model was trained with: both go into features,
so both travel with the model), ``profile.csv`` (shares of the training rows in bins of every feature, by which
drift is seen), and where places have effects ``places.csv`` (what happened in areas of 30 households or more).
Nothing in it is ever executed: no pickle, no class names, no code. Every array is checked before trees are built
from it, because prediction walks trees without looking out for bad indices.

The card records the versions it was made with, but they do not decide whether it can be read: the file also holds
some rows of made-up features with the margins they had, and a model that does not reproduce them is refused.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.arguments import of_type
from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.errors import FanpinError, ModelFileError, SchemaError
from fanpin_risk.files import check_target
from fanpin_risk.model.boosting import MonotoneBoosting
from fanpin_risk.model.card_contents import (
    card_bytes,
    card_of,
    check_declarations,
    plain_alarms,
    plain_evaluation,
    read_card,
)
from fanpin_risk.model.check_rows import check_arrays, check_margins
from fanpin_risk.model.known_share import KnownShare
from fanpin_risk.model.model_folders import demo_model, model_folder, own_folder
from fanpin_risk.model.place import PlaceEffects
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.model.stored_files import (
    CARD,
    LINES,
    PLACES,
    PROFILE,
    REFERENCES,
    TREES,
    array_bytes,
    arrays_in,
    data_files_of,
    lines_in,
    places_in,
    profile_in,
    read_checked,
    references_in,
    write_folder,
)
from fanpin_risk.model.uncertainty import RiskInterval
from fanpin_risk.words import Message

__all__ = ["add_to_card", "demo_model", "load_model", "model_folder", "read_card", "read_lines", "save_model"]

# Arrays that lie beside those of the trees: the interval of risks and what is usually known of a household.
BESIDE_TREES = ("interval_", "known_weights", "known_least")


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
    target = own_folder(path).absolute()
    check_target(path, "model", overwrite=overwrite)
    fingerprint = model.fingerprint_  # raises if not fitted
    lines = MonitoringLines() if model.lines is None else model.lines
    files = {
        TREES: array_bytes(
            {
                **model.classifier_.to_arrays(),
                **check_arrays(model.classifier_),
                **model.interval_.to_arrays(),
                **model.known_.to_arrays(),
            }
        ),
        REFERENCES: model.references_.to_csv(index=False, lineterminator="\n", na_rep="nan").encode(),
        LINES: lines.frame.to_csv(index=False, lineterminator="\n", na_rep="nan").encode(),
        PROFILE: model.profile_.to_csv(index=False, lineterminator="\n", na_rep="nan").encode(),
    }
    if model.place_ is not None:
        files[PLACES] = model.place_.table.to_csv(index=False, lineterminator="\n").encode()
    card = card_of(model, fingerprint, name=name, notes=notes)
    card["evaluation"] = model.evaluation_ if evaluation is None else plain_evaluation(evaluation)
    card["alarms"] = model.alarms_ if alarms is None else plain_alarms(alarms)
    card["files"] = {
        file: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} for file, data in files.items()
    }
    write_folder(target, {**files, CARD: card_bytes(card)})
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
    folder = own_folder(path)
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
    files = {file: read_checked(folder, file, card) for file in data_files_of(card)}
    write_folder(folder.absolute(), {**files, CARD: card_bytes(card)})
    return folder


def load_model(path: str | os.PathLike[str]) -> RiskModel:
    """Read a model that :func:`save_model` wrote, after checking all of it.

    Parameters
    ----------
    path : path-like
        Its folder; or the text ``demo`` for the model that ships, trained on a synthetic county, to try things out and
        not to decide; or ``demo-monitored``, of who of the monitored will still be monitored. A folder of such a name is
        loaded as ``./demo``.

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
    data = {file: read_checked(folder, file, card) for file in data_files_of(card)}
    check_declarations(card["features"])
    lines, profile = lines_in(data[LINES]), profile_in(data[PROFILE])
    arrays = arrays_in(data[TREES])
    rows, margins = arrays.pop("check_rows", None), arrays.pop("check_margins", None)
    names = [feature["name"] for feature in card["features"]]
    parameters = card["parameters"]
    beside = {name: arrays.pop(name) for name in list(arrays) if name.startswith(BESIDE_TREES)}
    try:
        classifier = MonotoneBoosting.from_arrays(arrays, feature_names=names, **parameters["fitted_classifier"])
        check_margins(classifier, rows, margins)
        model = RiskModel(
            classifier=None if parameters["classifier"] is None else MonotoneBoosting(**parameters["classifier"]),
            features=parameters["features"],
            target=card["event"]["target"],
            recalibration=parameters["recalibration"],
            place=parameters.get("place", "auto"),
            ensemble=parameters.get("ensemble", "auto"),
            n_folds=parameters["n_folds"],
            tier_shares=tuple(parameters["tier_shares"]),
            lines=None if lines.frame.equals(MonitoringLines().frame) else lines,
            name=card["name"],
            random_state=parameters["random_state"],
        )
        model.classifier_ = classifier
        model.interval_ = RiskInterval.from_arrays(beside)
        model.known_ = KnownShare.from_arrays(beside, names)
        model.place_facts_, model.ensemble_facts_ = card.get("place"), card.get("ensemble")
        model.place_ = None
        if PLACES in data:
            model.place_ = PlaceEffects.from_table(
                places_in(data[PLACES]), card["place"]["tau"], float(card["place"]["share"])
            )
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
        model.visits_ = card.get("visits")
        model.drawn_ = card.get("drawn")
        model.unobserved_, model.level_ = card.get("unobserved"), card.get("level")
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


def read_lines(path: str | os.PathLike[str]) -> MonitoringLines:
    """Read the monitoring lines that a saved model was trained with.

    Raises
    ------
    ModelFileError
        If there is no model, or its lines are not those that were saved.
    """
    folder = model_folder(path)
    return lines_in(read_checked(folder, LINES, read_card(folder)))


def _training_frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows).astype({"as_of": "datetime64[s]", "until": "datetime64[s]"})
    return frame.set_index("as_of")
