"""Scoring on Spark, in local mode: one task for each partition, nothing shuffled, the same bytes."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fanpin_risk.batch.score import score_register
from fanpin_risk.batch.scoring.part import score_partition
from fanpin_risk.batch.spark import _mapper, score_register_spark
from fanpin_risk.errors import InputError

sql = pytest.importorskip("pyspark.sql", reason="needs the extra [spark]")
pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="Spark on Windows needs Hadoop's tools"),
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
]


def java_home():
    """A home of Java 17, which Spark 4 needs at least: of JAVA_HOME, of the java that is found, or of those installed."""
    found = shutil.which("java")
    homes = [os.environ.get("JAVA_HOME"), found and Path(found).resolve().parents[1]]
    for home in [*homes, *sorted(Path("/usr/lib/jvm").glob("*17*"))]:
        if home and (java := Path(home, "bin/java")).exists():
            told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
            if re.search(r'version "17[."]', told):
                return str(home)
    pytest.skip("needs Java 17")


@pytest.fixture(scope="module")
def spark():
    """Two cores of this machine, which try a task up to four times."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAVA_HOME", java_home())
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        settings = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"}
        session = sql.SparkSession.builder.master("local[2,4]").config(map=settings).getOrCreate()
        yield session
        session.stop()


def test_spark_writes_the_same_bytes_and_shuffles_nothing(spark, plain_run, tmp_path):
    """One job of one stage, with a task for each partition: Spark moves no rows between them."""
    context = spark.sparkContext
    context.setJobGroup("scores", "scores")
    summary = score_register_spark(
        spark, plain_run.packed, plain_run.model, plain_run.day, tmp_path / "out", all_contributions=True
    )
    assert plain_run.content(tmp_path / "out") == plain_run.files
    assert summary["partitions"] == len(plain_run.partitions)
    assert summary["peak_mb"]["largest_other"] > 0  # other processes did the work
    tracker = context.statusTracker()
    stages = [stage for job in tracker.getJobIdsForGroup("scores") for stage in tracker.getJobInfo(job).stageIds]
    assert [tracker.getStageInfo(stage).numTasks for stage in stages] == [len(plain_run.partitions)]


def test_a_killed_process_of_spark_changes_no_byte(spark, plain_run, tmp_path):
    """Kill -9 of a process that has work: Spark gives it to another."""
    flag = str(tmp_path / "killed")

    def dies_once(job, partition, register=None):
        if not Path(flag).exists():
            Path(flag).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return score_partition(job, partition, register)

    score_register(
        plain_run.packed, plain_run.model, plain_run.day, tmp_path / "out", all_contributions=True,
        mapper=lambda _, tasks: _mapper(spark)(dies_once, tasks),
    )  # fmt: skip
    assert Path(flag).exists()
    assert plain_run.content(tmp_path / "out") == plain_run.files


def test_what_an_executor_refuses_is_told_here_and_the_next_run_goes_on(spark, plain_run, tmp_path):
    """A damaged partition is the same error as without Spark; all others are done, and kept when it is mended."""
    packed, out = tmp_path / "packed", tmp_path / "out"
    shutil.copytree(plain_run.packed, packed)
    file = packed / "partitions" / plain_run.partitions[0] / "incomes.parquet"
    whole = file.read_bytes()
    file.write_bytes(whole[:-1])
    with pytest.raises(InputError, match=r"^partition \S+: incomes\.parquet is not the file that was packed"):
        score_register_spark(spark, packed, plain_run.model, plain_run.day, out, all_contributions=True)
    file.write_bytes(whole)
    summary = score_register_spark(spark, packed, plain_run.model, plain_run.day, out, all_contributions=True)
    assert summary["kept"] == len(plain_run.partitions) - 1
    assert plain_run.content(out) == plain_run.files


def test_only_packed_registers_are_scored_on_spark(plain_run, tmp_path):
    """A folder of csv files would have to be read by one machine first."""
    (tmp_path / "households.csv").write_text("household_id\n", encoding="utf-8")
    with pytest.raises(InputError, match="Spark scores packed registers only"):
        score_register_spark(None, tmp_path, plain_run.model, plain_run.day, tmp_path / "out")
    assert not (tmp_path / "out").exists()
