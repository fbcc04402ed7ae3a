"""The manifest of a packed register, and what else may stand beside it."""

import json

import pytest

import fanpin_risk as fr
from fanpin_risk.batch.division import split_register
from fanpin_risk.batch.layout import Manifest, Partition, is_packed, read_manifest, write_manifest
from fanpin_risk.batch.partition_files import write_partition
from fanpin_risk.errors import InputError
from fanpin_risk.records.schema import TABLES

COUNTS = {"read": 3, "kept": 2, "rejected": 1, "copies": 0}


@pytest.fixture(scope="module")
def register():
    return fr.make_register(120, random_state=3)


@pytest.fixture
def packed(register, tmp_path):
    written = [
        write_partition(tmp_path, name, part.tables, part.supplied)
        for name, part in split_register(register, max_households=50)
    ]
    write_manifest(tmp_path, Manifest(tuple(TABLES), {"households": COUNTS}, "made up", "2023-12-31", tuple(written)))
    return tmp_path


def test_the_manifest_is_read_as_it_was_written(packed):
    """Nothing is lost, and the fingerprint is that of the partitions."""
    assert is_packed(packed)
    assert not is_packed(packed / "partitions")
    manifest = read_manifest(packed)
    assert manifest.rows == {"households": COUNTS}
    assert (manifest.source, manifest.observed_until, manifest.households) == ("made up", "2023-12-31", 120)
    other = Manifest(manifest.tables, {}, "", "", (*manifest.partitions[1:], Partition("none-00", 0, {})))
    assert other.fingerprint != manifest.fingerprint
    assert Manifest(manifest.tables, {}, "", "", manifest.partitions).fingerprint == manifest.fingerprint


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda plain: plain.update(format="fanpin-risk register 9"), "format 'fanpin-risk register 9'"),
        (lambda plain: plain["partitions"][0].update(households=1), "was changed after it was written"),
        (lambda plain: plain.update(observed_until="2030-12-31"), "was changed after it was written"),
        (lambda plain: plain.update(source="elsewhere"), "was changed after it was written"),
        (lambda plain: plain["tables"].pop(), r"\(\d+ partitions or tables that cannot be"),
        (lambda plain: plain["rows"]["households"].update(copies=7), "was changed after it was written"),
        (lambda plain: plain.update(fingerprint="0" * 64), "was changed after it was written"),
        (lambda plain: plain.pop("digest"), "not as it was written"),
        (lambda plain: plain["partitions"][0].update(name="../x"), r"\(1 partitions or tables that cannot be"),
        (lambda plain: plain["partitions"].append(plain["partitions"][0]), "cannot be, or one twice"),
        (lambda plain: plain["rows"]["households"].update(rejected=99), "rows of households do not add up"),
        (lambda plain: plain.pop("rows"), "not as it was written"),
    ],
)
def test_a_manifest_that_makes_no_sense_is_refused(packed, change, message):
    """What was changed by hand, or could lead outside the folder, is not used."""
    plain = json.loads((packed / "manifest.json").read_text(encoding="utf-8"))
    change(plain)
    (packed / "manifest.json").write_text(json.dumps(plain), encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_manifest(packed)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[: len(data) // 2],
        lambda data: data[:0],
        lambda data: b"\0" * len(data),
        lambda data: b"[" * 99 * len(data),
    ],
    ids=["cut off", "empty", "zeros", "nested"],
)
def test_a_packed_register_with_a_damaged_manifest_is_called_that(packed, damage):
    """Whatever became of the manifest, the folder is known by its partitions, and the message says what to do."""
    file = packed / "manifest.json"
    file.write_bytes(damage(file.read_bytes()))
    assert is_packed(packed)
    with pytest.raises(
        InputError,
        match=r"is a packed register whose manifest\.json is damaged .*; move the folder away and pack its files again",
    ):
        read_manifest(packed)


def test_a_lost_manifest_is_told_from_a_folder_that_is_no_packed_register(packed):
    """Only what has partitions is taken for a packed register."""
    (packed / "manifest.json").unlink()
    assert is_packed(packed)
    with pytest.raises(InputError, match=r"is a packed register whose manifest\.json cannot be read \(no such file"):
        read_manifest(packed)
    (packed / "partitions").rename(packed / "parts")
    assert not is_packed(packed)
    with pytest.raises(InputError, match=r"is not a packed register: it has no readable manifest\.json; pack it"):
        read_manifest(packed)
