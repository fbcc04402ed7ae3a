"""Monthly exports become a history: what the register itself says is what they say, in whatever order they come.

Through :func:`fanpin_risk.update` it tests batch/updating/applying.py, batch/updating/exports.py and batch/updating/generations.py.
"""

import shutil

import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.batch.layout import PARTITIONS, read_manifest
from fanpin_risk.batch.packed_facts import packed_counts, packed_problems, rejected_rows_of
from fanpin_risk.batch.partition_files import read_partition
from fanpin_risk.errors import InputError, SuspiciousExportError
from fanpin_risk.files import check_target
from fanpin_risk.records.schema import TABLES
from fanpin_risk.records.typed_tables import conform

DAYS = pd.to_datetime(["2023-12-31", "2024-01-31", "2024-02-29", "2024-03-31", "2024-05-31"])
COUNTIES = ("211225", "211251", "371082")


def export_on(register, day, *, without=("recorded_at",)):
    """Return what an office would export on a day: the newest state of each, and what is on record of the past."""
    known, frames = register.known_on(day), {}
    for name in known.supplied:
        table, frame = TABLES[name], known.tables[name]
        if name != "enrolments":
            frame = frame[(frame[table.time] <= day).to_numpy()]
        key = frame.groupby(list(table.key), dropna=False, observed=True)["recorded_at"]
        frame = frame[(frame["recorded_at"] == key.transform("max")).to_numpy()]
        if table.latest_per:
            frame = frame.sort_values(table.time, kind="stable").drop_duplicates(list(table.latest_per), keep="last")
        frames[name] = frame.drop(columns=[column for column in without if column in frame]).sample(
            frac=1, random_state=1
        )
    return frames


def content_of(path):
    """Return the tables of a packed register, in one order, persons once."""
    manifest = read_manifest(path)
    parts = [read_partition(path, partition) for partition in manifest.partitions]
    tables = {}
    for name in TABLES:
        frame = pd.concat([part.tables[name].astype(object) for part in parts])
        if "household_id" not in frame or name == "members":
            copies = [
                part.tables[name].assign(n=part.tables[name].groupby(list(TABLES[name].names), dropna=False).cumcount())
                for part in parts
            ]
            frame = pd.concat([copy.astype(object) for copy in copies]).drop_duplicates().drop(columns="n")
        frame = frame.sort_values(list(frame.columns), key=lambda values: values.astype("str"), ignore_index=True)
        tables[name] = conform(name, frame)
    return fr.Register(tables, supplied=manifest.tables)


def moved(register):
    """Return a register of three counties in which households and persons move from one to another."""
    tables = dict(register.tables)
    households, members = tables["households"].copy(), tables["members"].copy()
    number = households["household_id"].str[-2:].astype(int)
    households["area_code"] = [
        COUNTIES[n % 3] + code[6:] for n, code in zip(number, households["area_code"], strict=True)
    ]
    days = {"valid_from": pd.Timestamp("2024-02-10"), "recorded_at": pd.Timestamp("2024-02-20")}
    newest = (
        households[households["valid_to"].isna()].sort_values("valid_from").drop_duplicates("household_id", keep="last")
    )
    movers = newest[(number.loc[newest.index] % 10 == 1)].assign(**days)
    movers["area_code"] = "211282" + movers["area_code"].str[6:]
    people = members[members["valid_to"].isna()].sort_values("valid_from").drop_duplicates("member_id", keep="last")
    people = people[people["household_id"].isin(newest["household_id"])].iloc[::17].assign(**days)
    others = newest.loc[~newest["household_id"].isin(people["household_id"]), "household_id"]
    people["household_id"] = others.iloc[: len(people)].to_numpy()
    more = {"households": (households, movers), "members": (members, people)}
    for name, rows in more.items():
        tables[name] = conform(name, pd.concat([one.astype(object) for one in rows], ignore_index=True))
    return fr.Register(tables, supplied=register.supplied)


@pytest.fixture(scope="module")
def truth():
    """What really was, with the days on which it was recorded."""
    return moved(fr.make_register(150, random_state=5))


@pytest.fixture(scope="module")
def packed(truth, tmp_path_factory):
    """The first export."""
    folder = tmp_path_factory.mktemp("packed")
    first = fr.Register.from_frames(export_on(truth, DAYS[0]), data_date=DAYS[0])
    first.to_folder(folder / "first")
    fr.pack(folder / "first", folder / "packed", threads=1)
    return folder / "packed"


@pytest.fixture
def register(packed, tmp_path):
    """A packed register that a test may update."""
    return shutil.copytree(packed, tmp_path / "packed")


def same_rows(one, other):
    """Hold the tables of two registers against each other."""
    for name in TABLES:
        pd.testing.assert_frame_equal(one.tables[name], other.tables[name], obj=name)


def test_features_on_every_past_day_are_those_of_the_register_itself(register, truth):
    """From exports without a day of recording, across moves of households and persons between counties."""
    for day in DAYS[1:]:
        fr.update(register, export_on(truth, day), date=day)
    assert len(read_manifest(register).partitions) == 4
    found = content_of(register)
    for day in DAYS[1:]:
        here, there = (fr.compute_features(one.known_on(day), day) for one in (truth, found))
        pd.testing.assert_frame_equal(there, here)


def test_a_partition_holds_what_selecting_its_households_would(register, truth):
    """Who moved stands in both partitions with all rows, a household that moved only where it is now."""
    for day in DAYS[1:4]:
        fr.update(register, export_on(truth, day), date=day)
    whole = content_of(register)
    told = packed_counts(read_manifest(register))["records"]
    assert {name: told[name] for name in TABLES} == {name: len(whole.tables[name]) for name in TABLES}
    for partition in read_manifest(register).partitions:
        held = read_partition(register, partition)
        ids = held.tables["households"]["household_id"].astype("str").unique()
        assert partition.households == len(ids)
        wanted = whole.select(ids)
        for name in TABLES:
            assert len(held.tables[name]) == len(wanted.tables[name]), f"{partition.name} {name}"


def test_the_order_in_which_exports_come_does_not_count(register, truth, tmp_path):
    """Late, twice and shuffled: the register is the one of the days in their order."""
    other = shutil.copytree(register, tmp_path / "other")
    for day in DAYS[1:]:
        fr.update(register, export_on(truth, day), date=day)
    for number in (3, 1, 3, 4, 2, 1):
        fr.update(other, export_on(truth, DAYS[number]), date=DAYS[number])
    one, two = read_manifest(register), read_manifest(other)
    assert one.fingerprint == two.fingerprint
    assert [update["date"] for update in one.updates] == [update["date"] for update in two.updates]
    assert one.origin == two.origin == read_manifest(register, name="generations/0.json").fingerprint


def test_the_same_export_again_changes_nothing(register, truth):
    """Neither the register nor what is kept beside it."""
    fr.update(register, export_on(truth, DAYS[1]), date=DAYS[1])
    before = {file.relative_to(register) for file in register.rglob("*")}
    summary = fr.update(register, export_on(truth, DAYS[1]), date=DAYS[1])
    assert summary.known
    assert summary.changed == 0
    assert {file.relative_to(register) for file in register.rglob("*")} == before


def test_only_what_changed_is_written(register, truth):
    """A partial export of one household leaves the other partitions as they were."""
    frames = export_on(truth, DAYS[0])
    one = frames["incomes"].head(1).assign(amount_cny=lambda rows: rows["amount_cny"] + 1)
    before = {partition.name: partition for partition in read_manifest(register).partitions}
    summary = fr.update(register, {"incomes": one}, date=DAYS[1], partial=True)
    assert summary.rows.loc["incomes", ["same", "new", "changed", "read", "rejected"]].tolist() == [0, 0, 1, 1, 0]
    assert summary.changed == 1
    after = {partition.name: partition for partition in read_manifest(register).partitions}
    assert sum(after[name] == before[name] for name in before) == len(before) - 1


def test_an_export_is_taken_back(register, truth):
    """The last one, or that of a day in between; what is left is what the others give."""
    fr.update(register, export_on(truth, DAYS[1]), date=DAYS[1])
    one = read_manifest(register)
    fr.update(register, export_on(truth, DAYS[2]), date=DAYS[2])
    two = read_manifest(register)
    fr.update(register, export_on(truth, DAYS[3]), date=DAYS[3])
    assert fr.undo_update(register)["date"] == str(DAYS[3].date())
    assert read_manifest(register).fingerprint == two.fingerprint
    fr.update(register, export_on(truth, DAYS[3]), date=DAYS[3])
    assert fr.undo_update(register, date=DAYS[2])["date"] == str(DAYS[2].date())
    fr.undo_update(register, date=DAYS[3])
    assert read_manifest(register).fingerprint == one.fingerprint
    fr.undo_update(register)
    with pytest.raises(InputError, match="holds no export"):
        fr.undo_update(register)


def test_after_purging_an_earlier_day_is_refused(register, truth):
    """And the newest still is taken."""
    fr.update(register, export_on(truth, DAYS[2]), date=DAYS[2])
    before = read_manifest(register).fingerprint
    assert fr.purge_updates(register) == 1
    assert read_manifest(register).fingerprint == before
    assert not (register / "exports" / "1" / PARTITIONS).exists()
    assert (register / "exports" / "1" / "problems.parquet").exists()  # with the reasons of what was rejected
    with pytest.raises(InputError, match="were purged"):
        fr.update(register, export_on(truth, DAYS[1]), date=DAYS[1])
    fr.update(register, export_on(truth, DAYS[3]), date=DAYS[3])
    assert {folder.name for folder in (register / PARTITIONS).iterdir()} >= {
        partition.folder for partition in read_manifest(register).partitions
    }


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda frames: frames | {"households": frames["households"].iloc[::2]}, "are not in it"),
        (lambda frames: frames | {"members": frames["members"].iloc[::2]}, "are not in it"),
        (
            lambda frames: frames | {"incomes": frames["incomes"].assign(amount_cny=frames["incomes"]["amount_cny"] * 10_000)},
            "ten times",
        ),
        (
            lambda frames: {
                name: frame.assign(household_id="x" + frame["household_id"]) if "household_id" in frame else frame
                for name, frame in frames.items()
            },
            "not in it|not on record",
        ),
    ],
)  # fmt: skip
def test_an_export_that_looks_wrong_is_refused(register, truth, spoil, words):
    """And leaves nothing; forced, it is taken."""
    frames = spoil(export_on(truth, DAYS[1]))
    before = read_manifest(register)
    with pytest.raises(SuspiciousExportError, match=words):
        fr.update(register, frames, date=DAYS[1])
    assert read_manifest(register) == before
    assert not [folder for folder in (register / PARTITIONS).iterdir() if ".g" in folder.name]
    fr.update(register, frames, date=DAYS[1], force=True)
    assert read_manifest(register).generation == 1


def test_columns_that_an_export_lacks_stay_as_they_are(register, truth):
    """And rows of an export are counted: same, new, changed, rejected."""
    frames = export_on(truth, DAYS[0])
    members = frames["members"][["member_id", "household_id", "health"]].copy()
    changed = members.index[:5]
    members["health"] = members["health"].astype("str")
    members.loc[changed, "health"] = "serious"
    wrong = pd.DataFrame({"member_id": ["zz"], "household_id": ["nobody"], "health": ["healthy"]})
    n_changed = int((frames["members"].loc[changed, "health"].astype("str") != "serious").sum())
    summary = fr.update(register, {"members": pd.concat([members, wrong])}, date=DAYS[1])
    assert packed_problems(register)["code"].eq("unknown_household").sum() == 1
    assert len(rejected_rows_of(register)["members"]) == 1
    told = summary.rows.loc["members"]
    assert (told["changed"], told["new"], told["rejected"], told["ended"]) == (n_changed, 0, 1, 0)
    assert told["same"] + told["new"] + told["changed"] + told["rejected"] == told["read"]
    found = content_of(register).known_on(DAYS[1]).tables["members"]
    newest = found.sort_values("recorded_at").drop_duplicates("member_id", keep="last").set_index("member_id")
    before = frames["members"].set_index("member_id")
    pd.testing.assert_series_equal(
        newest["birth_date"].sort_index(), before["birth_date"].reindex(newest.index).sort_index(), check_dtype=False
    )


def test_who_is_gone_has_ended_on_the_day_and_comes_back(register, truth):
    """A household and a person that a whole export lacks, but not a township that it says nothing of."""
    frames = export_on(truth, DAYS[0])
    gone = frames["households"]["household_id"].iloc[0]
    rest = {
        name: frame[frame["household_id"] != gone] if "household_id" in frame else frame
        for name, frame in frames.items()
    }
    summary = fr.update(register, rest, date=DAYS[1])
    assert summary.rows.loc["households", "ended"] == 1
    ids = fr.Snapshot(content_of(register), DAYS[1]).household_ids
    assert gone not in set(ids)
    assert gone in set(fr.Snapshot(content_of(register), DAYS[0]).household_ids)
    fr.update(register, frames, date=DAYS[2])
    assert gone in set(fr.Snapshot(content_of(register), DAYS[2]).household_ids)
    place = frames["households"]["area_code"].str[:9].iloc[1]
    there = frames["households"][frames["households"]["area_code"].str[:9] != place]
    left = {
        name: frame[frame["household_id"].isin(there["household_id"])] if "household_id" in frame else frame
        for name, frame in frames.items()
    }
    if place[:6] in set(there["area_code"].str[:6]):
        assert fr.update(register, left, date=DAYS[3]).left[place] > 0


def test_a_writer_that_is_killed_leaves_the_register_as_it_was(register, truth, monkeypatch):
    """Whatever was written does not count until the manifest has its name, and is swept away by the next update."""
    from fanpin_risk.batch.updating import generations

    before = read_manifest(register)

    def die(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(generations, "write_manifest", die)
    with pytest.raises(KeyboardInterrupt):
        fr.update(register, export_on(truth, DAYS[1]), date=DAYS[1])
    assert read_manifest(register) == before
    assert len(content_of(register).tables["households"])
    monkeypatch.undo()
    fr.update(register, export_on(truth, DAYS[1]), date=DAYS[1])
    named = {partition.folder for state in (before, read_manifest(register)) for partition in state.partitions}
    assert {folder.name for folder in (register / PARTITIONS).iterdir()} == named


def test_a_folder_of_files_is_read_out_of_core(register, truth, tmp_path):
    """The same as frames give."""
    other = shutil.copytree(register, tmp_path / "other")
    folder = tmp_path / "export"
    folder.mkdir()
    for name, frame in export_on(truth, DAYS[1]).items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    fr.update(register, folder, date=DAYS[1], threads=1)
    fr.update(other, export_on(truth, DAYS[1]), date=DAYS[1])
    same_rows(content_of(register), content_of(other))


def test_scores_are_made_anew_only_where_the_register_changed(register, truth, tmp_path):
    """Without being told to overwrite; in the end every byte is that of a run from the beginning."""
    day, out = "2024-06-30", tmp_path / "scores"
    fr.score_register(register, "demo", day, out)
    frames = export_on(truth, DAYS[0])
    one = frames["incomes"].head(1).assign(amount_cny=lambda rows: rows["amount_cny"] + 1_000)
    fr.update(register, {"incomes": one}, date=DAYS[1], partial=True)
    run = fr.score_register(register, "demo", day, out)
    assert (run["kept"], run["partitions"]) == (len(COUNTIES) - 1, len(COUNTIES))
    fr.score_register(register, "demo", day, tmp_path / "anew")
    assert content(out) == content(tmp_path / "anew")
    other = shutil.copytree(register, tmp_path / "other")
    fr.undo_update(other)
    assert fr.score_register(other, "demo", day, out)["kept"] == len(COUNTIES) - 1


def content(folder):
    """Return the bytes of results, without what says how long they took."""
    files = {file.relative_to(folder): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    return {name: data for name, data in files.items() if name.name not in ("run.json", ".lock")}


def test_a_refused_export_leaves_a_register_that_can_be_packed_anew(register, truth):
    """No lock and no empty folder stays behind, which nobody would know as the register's."""
    frames = export_on(truth, DAYS[1])
    with pytest.raises(SuspiciousExportError):
        fr.update(register, frames | {"households": frames["households"].iloc[::2]}, date=DAYS[1])
    assert {entry.name for entry in register.iterdir()}.isdisjoint({".lock", "exports", "generations"})
    assert check_target(register, "register", overwrite=True) == register


def test_the_first_export_is_packed_and_says_nothing_of_what_was(truth, tmp_path):
    """There is nothing on record that it could lack."""
    folder = tmp_path / "export"
    folder.mkdir()
    for name, frame in export_on(truth, DAYS[0]).items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    rows = fr.update(tmp_path / "packed", folder, date=DAYS[0], threads=1).rows
    assert not rows[["same", "changed", "ended", "kept"]].to_numpy().any()
    assert (rows["new"] > 0).all()


def test_what_is_in_doubt_stays_in_doubt_where_an_export_says_nothing_of_it(register, truth):
    """A list of members does not clear incomes."""
    frames = export_on(truth, DAYS[1])
    one = frames["incomes"]["household_id"].iloc[0]
    doubtful = frames["incomes"].assign(amount_cny=frames["incomes"]["amount_cny"].astype(object))
    place = doubtful.index[doubtful["household_id"] == one][0]
    doubtful.loc[place, "amount_cny"] = "many"
    fr.update(register, frames | {"incomes": doubtful}, date=DAYS[1])
    assert one in doubts_in(register).index
    fr.update(register, {name: frames[name] for name in ("households", "members")}, date=DAYS[2])
    assert one in doubts_in(register).index
    fr.update(register, frames, date=DAYS[3])
    assert one not in doubts_in(register).index


def doubts_in(path):
    """Return what is in doubt of the households of a packed register."""
    return pd.concat([read_partition(path, partition).doubts for partition in read_manifest(path).partitions])
