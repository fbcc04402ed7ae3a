"""Who computes the partitions does not matter."""

import joblib
import numpy as np
import pytest

from fanpin_risk.batch.score import score_register
from fanpin_risk.model.store import demo_model

DAY = "2023-12-31"


def test_the_number_of_processes_does_not_matter(content, packed, alone, tmp_path):
    """Two processes write the same bytes as one, the manifest included."""
    summary = score_register(packed, demo_model(), DAY, tmp_path / "out", all_contributions=True, workers=2)
    assert content(tmp_path / "out") == alone[1]
    assert summary["peak_mb"]["largest_other"] is None or summary["peak_mb"]["largest_other"] > 0


@pytest.mark.parametrize("seed", [0, 1])
def test_who_maps_the_partitions_does_not_matter(content, packed, alone, tmp_path, seed):
    """An engine that works in any order, and does parts of it twice, changes no byte."""

    def mapper(function, tasks):
        tasks = list(tasks)
        for number in np.random.default_rng(seed).permutation(len(tasks)):
            if number % 2:
                function(*tasks[number])
            yield function(*tasks[number])

    summary = score_register(packed, demo_model(), DAY, tmp_path / "out", all_contributions=True, mapper=mapper)
    assert content(tmp_path / "out") == alone[1]
    assert summary["households"] == 150


def test_what_a_worker_that_died_had_begun_is_gone_at_the_end(content, packed, alone, tmp_path):
    """A process killed within a file leaves half of it under a hidden name; others do the work, the half is removed."""

    def mapper(function, tasks):
        for task in tasks:
            result = function(*task)
            (tmp_path / "out/contributions" / f".{task[1].name}-x7.parquet").write_bytes(b"half")
            yield result

    score_register(packed, demo_model(), DAY, tmp_path / "out", all_contributions=True, mapper=mapper)
    assert content(tmp_path / "out") == alone[1]


def test_the_processes_are_those_joblib_is_set_to(content, packed, alone, tmp_path):
    """Without workers the backend of parallel_config does the work; one worker is this process in any case."""
    with joblib.parallel_config(backend="loky", n_jobs=2):
        there = score_register(packed, demo_model(), DAY, tmp_path / "there", all_contributions=True)
        here = score_register(packed, demo_model(), DAY, tmp_path / "here", all_contributions=True, workers=1)
    assert there["peak_mb"]["largest_other"] is None or there["peak_mb"]["largest_other"] > 0
    assert there["seconds"]["processor"] > 0
    assert here["peak_mb"]["largest_other"] is None
    assert content(tmp_path / "there") == content(tmp_path / "here") == alone[1]
