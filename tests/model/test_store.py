"""Models on disk: the same model comes back, and nothing that was damaged, forged or made for other features does.

Tests what a model on disk is made of as well: model/card_contents.py, model/check_rows.py, model/model_folders.py and
model/stored_files.py.
"""

from __future__ import annotations

import errno
import hashlib
import io
import json
import pickle
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError

from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.errors import FeatureMismatchError, InputError, ModelFileError, SchemaError
from fanpin_risk.features import FEATURES
from fanpin_risk.model import card_contents, stored_files
from fanpin_risk.model.boosting import MonotoneBoosting
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.model.store import add_to_card, demo_model, load_model, read_card, save_model
from fanpin_risk.records.register import Register
from fanpin_risk.synthetic import make_register

DAYS = ["2021-12-31", "2022-12-31"]
DAY = "2023-12-31"


@pytest.fixture(scope="module")
def register() -> Register:
    """A synthetic register, large enough for some dozens of events."""
    return make_register(2000, random_state=0)


@pytest.fixture(scope="module")
def model(register) -> RiskModel:
    """One fitted model for all tests."""
    return RiskModel(classifier=MonotoneBoosting(max_iter=25, max_depth=3), n_folds=2).fit(register, DAYS)


@pytest.fixture(scope="module")
def saved(model, tmp_path_factory) -> Path:
    """The model's folder; tests that change it work on a copy."""
    return save_model(model, tmp_path_factory.mktemp("models") / "county", notes="for the tests")


@pytest.fixture
def folder(saved, tmp_path) -> Path:
    """A copy of the model's folder, to be damaged."""
    return Path(shutil.copytree(saved, tmp_path / "copy"))


def reseal(folder: Path) -> None:
    """Put the digests of changed files into the card, as a forger would."""
    card = json.loads((folder / "card.json").read_text("utf-8"))
    for name in card["files"]:
        data = (folder / name).read_bytes()
        card["files"][name] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    write_card(folder, card)


def write_card(folder: Path, card: dict) -> None:
    (folder / "card.json").write_text(json.dumps(card), "utf-8")


def card_of(folder: Path) -> dict:
    return json.loads((folder / "card.json").read_text("utf-8"))


# --- there and back ---------------------------------------------------------------------------------------------
def test_a_loaded_model_scores_the_same_to_the_bit(model, saved, register):
    """Saving and loading changes no score, reason, cut-off or fingerprint."""
    loaded = load_model(saved)
    assert loaded.fingerprint_ == model.fingerprint_
    some = register.select(register.tables["households"]["household_id"].unique()[:200])
    pd.testing.assert_frame_equal(loaded.score(some, DAY), model.score(some, DAY), check_exact=True)
    assert loaded.oof_metrics_ == model.oof_metrics_
    assert loaded.tier_thresholds_ == model.tier_thresholds_
    pd.testing.assert_frame_equal(loaded.references_, model.references_, check_exact=True)
    pd.testing.assert_frame_equal(loaded.training_, model.training_)
    pd.testing.assert_frame_equal(loaded.profile_, model.profile_, check_exact=True)
    assert loaded.tables_ == model.tables_
    assert repr(loaded) == repr(model)
    assert loaded.lines is None
    assert loaded.horizon_months_ == 12
    assert loaded.synthetic_ is True


def test_a_loaded_model_can_be_saved_and_fitted_again(saved, tmp_path, model, register):
    """A loaded model has its parameters: saved again it is the same, fitted again it becomes the same."""
    loaded = load_model(saved)
    again = load_model(save_model(loaded, tmp_path / "again"))
    assert again.fingerprint_ == model.fingerprint_
    assert (tmp_path / "again" / "trees.npz").read_bytes() == (saved / "trees.npz").read_bytes()
    assert loaded.fit(register, DAYS).fingerprint_ == model.fingerprint_


def test_own_lines_travel_with_the_model(model, tmp_path):
    """A model trained with other monitoring lines brings them along."""
    lines = MonitoringLines(pd.DataFrame({"area_prefix": ["", "21"], "year": 2022, "line_cny": [6000.1, 6500.7]}))
    own = load_model(save_model(model, tmp_path / "first"))
    own.set_params(lines=lines)
    loaded = load_model(save_model(own, tmp_path / "own"))
    pd.testing.assert_frame_equal(loaded.lines.frame, lines.frame, check_exact=True)
    assert loaded.fingerprint_ == own.fingerprint_ != model.fingerprint_


def test_shipped_lines_of_another_version_do_not_change_a_model(saved, model, register, monkeypatch):
    """When the shipped lines change, a saved model keeps the ones it was trained with."""
    register = register.select(register.tables["households"]["household_id"].unique()[:200])
    expected = model.score(register, DAY, explain=False)
    shipped = MonitoringLines().frame.assign(line_cny=lambda frame: frame["line_cny"] + 100)
    original = MonitoringLines.__init__
    monkeypatch.setattr(
        MonitoringLines, "__init__", lambda self, frame=None: original(self, shipped if frame is None else frame)
    )
    loaded = load_model(saved)
    assert loaded.lines is not None
    pd.testing.assert_frame_equal(loaded.score(register, DAY, explain=False), expected, check_exact=True)


def test_the_card_says_what_the_model_is(saved, model):
    """The card holds name, fingerprint, training, metrics, features, cut-offs, versions and limits of use."""
    card = read_card(saved)
    assert card["name"] == "fanpin-risk"
    assert card["notes"] == "for the tests"
    assert card["fingerprint"] == model.fingerprint_
    assert card["event"] == {"target": "newly_monitored", "horizon_months": 12}
    assert [row["as_of"] for row in card["training"]] == DAYS
    assert card["metrics"] == model.oof_metrics_
    assert card["base_rate"] == model.base_rate_
    assert [f["name"] for f in card["features"]] == [f.name for f in FEATURES if not f.optional]
    assert card["tiers"]["least_risk"] == model.tier_thresholds_
    assert card["recalibration"]["slope"] == model.slope_
    assert set(card["versions"]) >= {"fanpin-risk", "scikit-learn", "numpy"}
    assert any("people decide" in limit for limit in card["limits"])
    assert card["limits"][0].startswith("Trained on synthetic data: not for decisions")


def test_a_model_of_real_data_is_not_called_synthetic(model, tmp_path):
    """The warning about synthetic data stands only where it is true."""
    real = load_model(save_model(model, tmp_path / "a"))
    real.synthetic_ = False
    card = read_card(save_model(real, tmp_path / "b"))
    assert not any("synthetic" in limit for limit in card["limits"])


def test_a_name_can_be_given(model, tmp_path):
    """The name given when saving is the name in the column `model` from then on."""
    loaded = load_model(save_model(model, tmp_path / "m", name="tieling-2024"))
    assert loaded.label == f"tieling-2024:{model.fingerprint_}"


def test_no_person_is_in_the_files(saved, register):
    """No id of a household or member is anywhere in the saved files."""
    with zipfile.ZipFile(saved / "trees.npz") as archive:
        content = b"".join(archive.read(name) for name in archive.namelist())
    content += b"".join(path.read_bytes() for path in saved.iterdir())
    ids = [*register.tables["households"]["household_id"].unique(), *register.tables["members"]["member_id"].unique()]
    assert not [i for i in ids if i.encode() in content]


# --- writing ----------------------------------------------------------------------------------------------------
def test_a_model_is_replaced_only_on_request(model, folder):
    """An existing model is replaced whole with overwrite=True and not otherwise."""
    with pytest.raises(
        InputError, match="already holds a model; choose another folder, or replace it with --overwrite"
    ):
        save_model(model, folder)
    save_model(model, folder, name="second", overwrite=True)
    assert load_model(folder).name == "second"
    assert [entry.name for entry in folder.parent.iterdir()] == ["copy"]


def test_what_is_no_model_is_never_replaced(model, tmp_path):
    """Neither a file nor a folder that holds something else is overwritten."""
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "diary.txt").write_text("keep me")
    (tmp_path / "file").write_text("keep me")
    for name, message in (("notes", r"holds other files or folders \(1: diary\.txt\)"), ("file", "is a file")):
        with pytest.raises(InputError, match=f"{name} {message}"):
            save_model(model, tmp_path / name, overwrite=True)
    assert (tmp_path / "notes" / "diary.txt").read_text() == "keep me"


def test_a_failed_write_leaves_the_old_model(model, folder, monkeypatch):
    """If writing fails half-way, the old model stays and nothing is left behind."""
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(stored_files.os, "fsync", full)
    with pytest.raises(InputError, match=r"cannot write .*copy: the disk is full"):
        save_model(model, folder, overwrite=True)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert [entry.name for entry in folder.parent.iterdir()] == ["copy"]


def test_a_failed_exchange_brings_the_old_model_back(model, folder, monkeypatch):
    """If the new folder cannot take the old one's place, the old one comes back."""
    rename = Path.rename

    def refuse(self, target):
        if self.name == "new":
            raise PermissionError(errno.EACCES, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(InputError, match=r"cannot write .*copy: permission denied"):
        save_model(model, folder, overwrite=True)
    monkeypatch.undo()
    assert load_model(folder).fingerprint_ == model.fingerprint_
    assert [entry.name for entry in folder.parent.iterdir()] == ["copy"]


def test_a_place_where_no_folder_can_be_made_is_refused(model, tmp_path):
    """A file among the folders of the path is an error of the package, not of the system, and stays."""
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError, match=r"cannot write .*m: (it exists already|part of the path is a file)"):
        save_model(model, tmp_path / "file" / "m")
    assert (tmp_path / "file").read_text() == "mine"


def test_an_unfitted_model_is_not_saved(tmp_path):
    """Only a fitted model can be saved; nothing is written otherwise."""
    with pytest.raises(NotFittedError):
        save_model(RiskModel(), tmp_path / "m")
    assert list(tmp_path.iterdir()) == []


def test_parameters_must_be_plain(saved, tmp_path):
    """A parameter that is no plain data, such as a random state object, is refused instead of pickled."""
    odd = load_model(saved)
    odd.classifier.set_params(random_state=np.random.RandomState(0))
    with pytest.raises(ModelFileError, match="cannot be written as plain data"):
        save_model(odd, tmp_path / "m")
    assert not (tmp_path / "m").exists()


# --- damage -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["trees.npz", "references.csv", "lines.csv", "profile.csv"])
@pytest.mark.parametrize("change", ["cut", "flip", "empty"])
def test_a_changed_file_is_refused(folder, name, change):
    """A file that was cut off, changed in one bit or emptied is named and refused."""
    data = bytearray((folder / name).read_bytes())
    if change == "flip":
        data[len(data) // 2] ^= 1
    (folder / name).write_bytes({"cut": data[:-7], "flip": data, "empty": b""}[change])
    with pytest.raises(ModelFileError, match=f"{name} is not the one that was saved"):
        load_model(folder)


@pytest.mark.parametrize("name", ["trees.npz", "references.csv", "lines.csv", "profile.csv"])
def test_missing_and_extra_files_are_refused(folder, name):
    """A folder with a file too few or too many is not read."""
    (folder / name).rename(folder / "model.pkl")
    with pytest.raises(ModelFileError, match=f"files missing: {name}; not part of a model: model.pkl"):
        load_model(folder)


def test_an_extra_file_is_refused(folder):
    """A file that is no part of a model is not silently carried along."""
    (folder / "notes.txt").write_text("n")
    with pytest.raises(ModelFileError, match=r"files missing: none; not part of a model: notes\.txt"):
        load_model(folder)


def test_a_folder_without_card_is_no_model(tmp_path, saved):
    """What is not there, not a folder, or has no card is refused."""
    for path in (tmp_path / "nowhere", tmp_path, saved / "trees.npz"):
        with pytest.raises(ModelFileError, match="is not a model folder"):
            load_model(path)


def test_links_are_not_followed(folder, tmp_path):
    """A file of a model that is a link to elsewhere is refused."""
    (folder / "lines.csv").rename(tmp_path / "elsewhere.csv")
    (folder / "lines.csv").symlink_to(tmp_path / "elsewhere.csv")
    with pytest.raises(ModelFileError, match=r"lines\.csv is not a plain file"):
        load_model(folder)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not readable JSON"),
        ('{"format": "fanpin', "not readable JSON"),
        ("[" * 100_000, "not readable JSON"),
        ('{"format": NaN}', "not readable JSON"),
        ("[1]", "format is None"),
        ('{"format": "fanpin-risk model 99"}', "format is 'fanpin-risk model 99', expected 'fanpin-risk model 3'"),
        (
            '{"format": "fanpin-risk model 1"}',
            "of an older version; expected 'fanpin-risk model 3'. Train the model again",
        ),
        ('{"format": "fanpin-risk model 3"}', "lacks alarms, base_rate"),
    ],
)
def test_a_damaged_card_is_refused(folder, text, message):
    """A card that is no JSON, of another format or incomplete is refused."""
    (folder / "card.json").write_text(text, "utf-8")
    with pytest.raises(ModelFileError, match=message):
        load_model(folder)


def edit(*keys, value):
    """Return a function that sets one place of a card."""

    def apply(card):
        place = card
        for key in keys[:-1]:
            place = place[key]
        place[keys[-1]] = value

    return apply


EDITS = {
    "slope": (edit("recalibration", "slope", value=2.0), "it was changed after it was saved"),
    "cut-off": (edit("tiers", "least_risk", "high", value=0.5), "it was changed after it was saved"),
    "horizon": (edit("event", "horizon_months", value=24), "it was changed after it was saved"),
    "fingerprint": (edit("fingerprint", value="0" * 12), "it was changed after it was saved"),
    "event": (edit("event", "target", value="death"), "unknown event"),
    "slope as text": (edit("recalibration", "slope", value="steep"), "not as save_model writes it"),
    "no intercept": (lambda card: card["recalibration"].pop("intercept"), "not as save_model writes it"),
    "unknown parameter": (edit("parameters", "fitted_classifier", "exec", value="rm"), "not as save_model writes it"),
    "features as text": (edit("features", value=["a"]), "does not declare the features"),
    "files as list": (edit("files", value=[]), "of a wrong type: files"),
    "no digests": (edit("files", value={}), "trees.npz is not the one that was saved"),
    "column type": (edit("references", "n_households", value="object"), "is to be of type 'object'"),
    "column name": (lambda card: card["references"].pop("n_households"), "references.csv does not hold references"),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edited_card_is_refused(folder, name):
    """A card whose numbers were changed by hand no longer fits the fingerprint or the files."""
    apply, message = EDITS[name]
    card = card_of(folder)
    apply(card)
    write_card(folder, card)
    with pytest.raises(ModelFileError, match=message):
        load_model(folder)


# --- forged arrays, with digests put right ----------------------------------------------------------------------
def forge(folder: Path, **changes) -> None:
    """Write the trees again with some arrays replaced (None: left out) and put the digests right."""
    with np.load(folder / "trees.npz", allow_pickle=False) as file:
        arrays = dict(file)
    for name, change in changes.items():
        if change is None:
            del arrays[name]
        else:
            arrays[name] = change(arrays[name].copy()) if callable(change) else change
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    (folder / "trees.npz").write_bytes(buffer.getvalue())
    reseal(folder)


def first_inner(value):
    """Set the root of the first tree, which is no leaf."""

    def change(array):
        array[0] = value
        return array

    return change


FORGERIES = {
    "child out of range": ({"left": first_inner(10**6)}, "child is out of range"),
    "loop": ({"right": first_inner(0)}, "not after its parent"),
    "feature out of range": ({"feature_idx": first_inner(10**6)}, "feature out of range"),
    "threshold missing": ({"num_threshold": first_inner(np.nan)}, "threshold is not a number"),
    "threshold moved": ({"num_threshold": lambda a: np.nextafter(a, -np.inf)}, "does not give the margins it had"),
    "leaf moved": ({"value": lambda a: a + 1e-9}, "does not give the margins it had"),
    "missing sent elsewhere": ({"missing_go_to_left": lambda a: 1 - a}, "does not give the margins it had"),
    "no check rows": ({"check_rows": None}, "lacks the rows"),
    "check rows cut": ({"check_rows": lambda a: a[:, :-1]}, "wrong shape"),
    "check rows empty": ({"check_rows": lambda a: a[:0], "check_margins": lambda a: a[:0]}, "wrong shape"),
    "check rows infinite": ({"check_rows": lambda a: np.full_like(a, np.inf)}, "not finite numbers"),
    "check margins missing": ({"check_margins": lambda a: a * np.nan}, "does not give the margins it had"),
    "one feature more": (
        {"monotonic_cst": lambda a: np.append(a, a[:1]), "known_categories": lambda a: np.vstack([a, 0 * a[:1]])},
        "feature names for trees of",
    ),
    "constraint more": ({"monotonic_cst": lambda a: np.append(a, a[:1])}, "known_categories has shape"),
    "unknown array": ({"payload": np.zeros(3)}, r"not expected: \[payload\]"),
    "text": ({"classes": np.array(["a", "b"])}, "only plain numbers are read"),
    "complex": ({"value": lambda a: a.astype(complex)}, "only plain numbers are read"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_forged_trees_are_refused(folder, name):
    """Trees whose digests were put right still have to be trees, and to give the margins they had."""
    changes, message = FORGERIES[name]
    forge(folder, **changes)
    with pytest.raises(ModelFileError, match=message):
        load_model(folder)


def test_forged_trees_and_margins_still_miss_the_fingerprint(folder):
    """Whoever changes a leaf and the margins as well still has another fingerprint."""
    forge(folder, value=lambda a: a * 2, baseline=lambda a: a * 2, check_margins=lambda a: a * 2)
    with pytest.raises(ModelFileError, match="it was changed after it was saved"):
        load_model(folder)


class Attack:
    """An object that, unpickled, leaves a trace."""

    def __reduce__(self):
        return (Path.touch, (Path("unpickled"),))


def test_nothing_is_ever_unpickled(folder, tmp_path, monkeypatch):
    """Pickled objects, as an array or instead of the file, are refused and not run."""
    monkeypatch.chdir(tmp_path)
    buffer = io.BytesIO()
    np.savez(buffer, value=np.array([Attack()], dtype=object))
    for data, message in [
        (buffer.getvalue(), "only plain numbers"),
        (pickle.dumps(Attack()), "damaged or was cut off"),
    ]:
        (folder / "trees.npz").write_bytes(data)
        reseal(folder)
        with pytest.raises(ModelFileError, match=message):
            load_model(folder)
    assert not (tmp_path / "unpickled").exists()


def zipped(**entries) -> bytes:
    """Return a zip file of entries."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name.replace("__", "."), data)
    return buffer.getvalue()


def array_header(shape) -> bytes:
    """Return an npy header of a shape, without the numbers."""
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, {"shape": shape, "fortran_order": False, "descr": "<f8"})
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (zipped(value__npy=array_header((10**15,))), "does not agree with its 0 bytes"),
        (zipped(value__npy=array_header((2,)) + b"1234"), "does not agree with its 4 bytes"),
        (zipped(value__npy=b"no array"), "no readable header"),
        (zipped(value__py=b"import os"), "an entry that is not an array"),
        (zipped(**{f"a{i}__npy": array_header((0,)) for i in range(101)}), "more than any model holds"),
        (zipped(value__npy=bytes(1000))[:-10], "damaged or was cut off"),
    ],
)
def test_hostile_archives_are_refused(folder, data, message):
    """Headers that promise more than is there, other entries, too many of them and cut archives are refused."""
    (folder / "trees.npz").write_bytes(data)
    reseal(folder)
    with pytest.raises(ModelFileError, match=message):
        load_model(folder)


def test_files_that_unpack_to_too_much_are_refused(folder, monkeypatch):
    """Neither a file nor what it unpacks to may be larger than any model's."""
    monkeypatch.setitem(stored_files.LARGEST_BYTES, "trees.npz", 2000)
    with pytest.raises(ModelFileError, match=r"trees\.npz is larger than any model's"):
        load_model(folder)
    (folder / "trees.npz").write_bytes(zipped(value__npy=bytes(100_000)))
    reseal(folder)
    with pytest.raises(ModelFileError, match="more than any model holds"):
        load_model(folder)


@pytest.mark.parametrize(
    ("name", "text"),
    [("references.csv", "a,b\n1,2\n"), ("lines.csv", "a\n1\n"), ("lines.csv", ""), ("profile.csv", "a\n1\n")],
)
def test_forged_tables_are_refused(folder, name, text):
    """Tables with other columns, or none, are refused."""
    (folder / name).write_text(text, "utf-8")
    reseal(folder)
    with pytest.raises(ModelFileError, match=f"{name} does not hold"):
        load_model(folder)


# --- features ---------------------------------------------------------------------------------------------------
def test_other_declarations_are_refused_with_the_difference(saved, monkeypatch):
    """A feature that is gone, or means something else here, is named with what differs."""
    changed = replace(FEATURES[2], monotone=0 if FEATURES[2].monotone else 1, unit="km")
    here = (FEATURES[0], changed, *FEATURES[3:])
    monkeypatch.setattr(card_contents, "FEATURES", here)
    with pytest.raises(FeatureMismatchError) as caught:
        load_model(saved)
    text = str(caught.value)
    assert f"missing here: {FEATURES[1].name};" in text
    assert f"{FEATURES[2].name}.monotone: {FEATURES[2].monotone!r} in the model, {changed.monotone!r} here" in text
    assert f"{FEATURES[2].name}.unit: {FEATURES[2].unit!r} in the model, 'km' here" in text


def test_a_feature_added_later_does_not_matter(saved, model, monkeypatch):
    """A model trained before a feature was added still loads: it does not use it."""
    monkeypatch.setattr(card_contents, "FEATURES", (*FEATURES, replace(FEATURES[0], name="added_later")))
    assert load_model(saved).fingerprint_ == model.fingerprint_


def test_demo_is_the_model_that_ships_whatever_stands_in_the_folder(saved, tmp_path, monkeypatch):
    """The text demo is never taken for a folder of the current directory; ./demo is."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(saved, tmp_path / "demo")
    shipped, own = load_model("demo"), load_model("./demo")
    assert shipped.fingerprint_ == load_model(demo_model()).fingerprint_
    assert own.fingerprint_ == load_model(saved).fingerprint_ != shipped.fingerprint_
    assert load_model(Path("demo")).fingerprint_ == own.fingerprint_
    assert read_card("demo")["name"] == "demo"
    for write in (lambda: save_model(own, "demo", overwrite=True), lambda: add_to_card("demo", alarms=[])):
        with pytest.raises(InputError, match=r"'demo' names a model that ships; write '\./demo' for a folder"):
            write()
    assert save_model(own, "./demo", overwrite=True) == Path("demo")


@pytest.mark.parametrize("path", [None, 3, ["a", "b"]])
def test_what_is_not_a_path_is_no_model(path):
    """Something else in the place of a folder is an error that says what to give."""
    with pytest.raises(ModelFileError, match="expected the folder of a saved model, or 'demo' for the one that ships"):
        load_model(path)


def test_only_risk_models_are_saved(tmp_path):
    """Another estimator is an error that says so."""
    with pytest.raises(SchemaError, match="expected a fitted RiskModel to save, got the type MonotoneBoosting"):
        save_model(MonotoneBoosting(), tmp_path / "model")


def test_the_demo_model_has_every_feature():
    """Who adds, changes or removes a feature makes the demo model anew; its scores would not know of it.

    Not of what only surveys ask: the invented register that it is trained on knows nothing of it.
    """
    trained = read_card(demo_model())["features"]
    declared = [feature.declaration() for feature in FEATURES if not feature.optional]
    lacking = [one["name"] for one in declared if one not in trained]
    gone = [one["name"] for one in trained if one not in declared]
    assert lacking == gone == [], (
        f"the demo model lacks the features {lacking} as they are declared now, and has {gone}: python models/make_demo.py"
    )


def test_lines_that_change_within_a_year_travel_with_the_model(model, tmp_path):
    """The day from which each holds comes along."""
    frame = pd.DataFrame({"area_prefix": "", "year": 2022, "valid_from": ["", "2022-07-01"], "line_cny": [6000, 6500]})
    own = load_model(save_model(model, tmp_path / "first"))
    own.set_params(lines=MonitoringLines(frame))
    loaded = load_model(save_model(own, tmp_path / "own"))
    pd.testing.assert_frame_equal(loaded.lines.frame, own.lines.frame, check_exact=True)
    assert loaded.lines.at([""], 2022, on="2022-06-30").tolist() == [6000]
    assert loaded.fingerprint_ == own.fingerprint_ != model.fingerprint_
