"""What is scored in parts: packed, files, or some partitions of it."""

import pandas as pd
import pytest

from fanpin_risk.batch.score import score_register
from fanpin_risk.errors import InputError
from fanpin_risk.model.store import demo_model
from fanpin_risk.records.read import read_register
from fanpin_risk.records.register import Register

DAY = "2023-12-31"


def test_some_partitions_or_counties_are_scored_alone(content, packed, alone, tmp_path):
    """A county names all its buckets; names that are not there are refused, not passed over."""
    summary = score_register(
        packed, demo_model(), DAY, tmp_path / "out", all_contributions=True, partitions=["211251", "none-00"]
    )
    files = content(tmp_path / "out")
    parts = sorted(name for name in files if name.startswith("parts/"))
    assert parts == [f"parts/{name}.parquet" for name in ("211251-00", "211251-01", "none-00")]
    assert all(files[name] == alone[1][name] for name in parts)
    assert summary["partitions"] == 3
    with pytest.raises(InputError, match="1 of 2 names are neither a partition nor a county"):
        score_register(packed, demo_model(), DAY, tmp_path / "other", partitions=["211251", "110101"])


def test_a_database_is_scored_as_its_files_are(register, content, tmp_path):
    """By its address; the results are the same to the last byte."""
    sqlalchemy = pytest.importorskip("sqlalchemy", reason="databases are opened with SQLAlchemy")
    engine = sqlalchemy.create_engine(f"sqlite:///{tmp_path}/county.db", poolclass=sqlalchemy.NullPool)
    folder = register.to_folder(tmp_path / "county", format="csv", headers="zh")
    for file in folder.glob("*.csv"):
        pd.read_csv(file, dtype=str).to_sql(file.stem, engine, index=False)
    for name, source in (("files", folder), ("database", f"sqlite:///{tmp_path}/county.db")):
        score_register(source, demo_model(), DAY, tmp_path / name)
    parts = [
        {file: digest for file, digest in content(tmp_path / name).items() if file.startswith("parts/")}
        for name in ("files", "database")
    ]
    assert len(parts[0]) > 0
    assert parts[0] == parts[1]


def test_another_register_is_refused(pack, again, register, finished, tmp_path):
    """Also one that differs in a single amount."""
    frame = register.tables["incomes"].copy()
    frame.loc[0, "amount_cny"] += 1
    other = Register({**register.tables, "incomes": frame}, supplied=register.supplied)
    with pytest.raises(InputError, match=r"register fingerprint: [0-9a-f]{12}\.\.\. there, [0-9a-f]{12}\.\.\. now"):
        again(pack(other, tmp_path / "other"), finished)
    score_register(register, demo_model(), DAY, tmp_path / "memory")
    with pytest.raises(InputError, match="register fingerprint"):
        score_register(other, demo_model(), DAY, tmp_path / "memory")
    doubts = pd.Series(["size_differs"], index=pd.Index(frame["household_id"].astype("str").iloc[:1]), dtype="str")
    doubted = Register(register.tables, supplied=register.supplied, doubts=doubts)
    with pytest.raises(InputError, match="register fingerprint"):
        score_register(doubted, demo_model(), DAY, tmp_path / "memory")


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_folder_of_files_is_scored_like_the_packed_register(together, register, alone, tmp_path, kind):
    """One call serves the files of a county and the packed register of a nation."""
    register.to_folder(tmp_path / "files", format=kind, headers="zh")
    summary = score_register(tmp_path / "files", demo_model(), DAY, tmp_path / "out")
    scored, packed = together(tmp_path / "out"), together(alone[0])
    doubts = scored.set_index("household_id")["doubts"]
    pd.testing.assert_frame_equal(scored.drop(columns="doubts"), packed.drop(columns="doubts"), check_exact=True)
    assert summary["rejected"] == {}
    # Tables that never were in files are in no doubt.
    assert set(packed["doubts"]) == {""}
    assert (
        doubts[doubts != ""].to_dict()
        == read_register(tmp_path / "files").doubts.reindex(doubts.index).dropna().to_dict()
    )
    assert (doubts != "").any()
