"""Scoring on a Dask cluster, by joblib's backend: workers may die, the bytes stay the same."""

import os
import shutil
import signal
import sys

import joblib
import pytest

from fanpin_risk.batch.score import score_register
from fanpin_risk.errors import InputError

distributed = pytest.importorskip("distributed", reason="needs the extra [dask]")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="os.kill with SIGKILL")


@pytest.fixture(scope="module")
def client():
    """A cluster of two processes on this machine."""
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, memory_limit=0
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def test_a_killed_worker_changes_no_byte(client, plain_run, tmp_path):
    """Kill -9 of a worker that has work: others do it, and the output is that of one undisturbed process."""
    pids, killed = client.run(os.getpid), []

    def progress(done, total, _):
        busy = [worker for worker, tasks in client.processing().items() if tasks]
        if 0 < done < total and busy and not killed:
            killed.append(pids[busy[0]])
            os.kill(killed[0], signal.SIGKILL)

    with joblib.parallel_config(backend="dask"):
        summary = score_register(
            plain_run.packed,
            plain_run.model,
            plain_run.day,
            tmp_path / "out",
            all_contributions=True,
            progress=progress,
        )
    assert len(killed) == 1
    assert killed[0] not in client.run(os.getpid).values()
    assert plain_run.content(tmp_path / "out") == plain_run.files
    assert summary["kept"] == 0
    assert summary["peak_mb"]["largest_other"] > 0  # other processes did the work


def test_what_a_worker_refuses_is_told_here_and_the_next_run_goes_on(client, plain_run, tmp_path):
    """A damaged partition is the same error as without a cluster; mended, the run ends with the same bytes."""
    packed, out = tmp_path / "packed", tmp_path / "out"
    shutil.copytree(plain_run.packed, packed)
    file = packed / "partitions" / plain_run.partitions[-2] / "incomes.parquet"
    whole = file.read_bytes()
    file.write_bytes(whole[:-1])
    assert len(client.ncores()) > 0
    with joblib.parallel_config(backend="dask"):
        with pytest.raises(InputError, match=r"incomes\.parquet is not the file that was packed"):
            score_register(packed, plain_run.model, plain_run.day, out, all_contributions=True)
        file.write_bytes(whole)
        score_register(packed, plain_run.model, plain_run.day, out, all_contributions=True)
    assert plain_run.content(out) == plain_run.files


def test_one_worker_is_this_process_also_beside_a_cluster(client, plain_run, tmp_path):
    """Who asks for one process does not find the folders of a laptop missing on a cluster."""
    assert len(client.ncores()) > 0
    with joblib.parallel_config(backend="dask"):
        summary = score_register(
            plain_run.packed, plain_run.model, plain_run.day, tmp_path, workers=1, partitions=plain_run.partitions[:2]
        )
    assert summary["peak_mb"]["largest_other"] is None
