"""Kill a run of score_register again and again, at random moments, and compare what it ends with to a run left alone.

    python benchmarks/kill_restart.py                         100 kills, one process
    python benchmarks/kill_restart.py --workers 2 --kills 30  the run's own processes outlive it, or are killed with it

Each kill is SIGKILL, which a process cannot notice. A run that ends before its kill is compared, byte by byte, and a
new one is begun. Each run is given the model either as a folder or in memory, by chance: in memory, a copy is laid
beside the results, and the run that takes up the work may have it the other way. Runs are forks of one process that has
loaded all modules, so most kills hit the run, not its start.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import shutil
import signal
import tempfile
import time
from pathlib import Path

import fanpin_risk as fr
from fanpin_risk.batch.score import score_register
from fanpin_risk.batch.scoring.job import LOCK, RUN
from fanpin_risk.model.store import demo_model

DAY = "2023-12-31"


def content(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of the results, but the lock and how long the run took."""
    files = (file for file in sorted(folder.rglob("*")) if file.is_file() and file.name not in (LOCK, RUN))
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def start(register: fr.Register, model: fr.RiskModel | Path, out: Path, *, workers: int, parts: int) -> int:
    """Start a run in a process group of its own and return its process id."""
    process = os.fork()
    if process:
        return process
    os.setpgid(0, 0)
    code = 1
    try:
        largest = -(-len(register.tables["households"]["household_id"].unique()) // parts)
        score_register(register, model, DAY, out, workers=workers, max_households=largest, all_contributions=True)
        code = 0
    finally:
        os._exit(code)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--households", type=int, default=1000)
    parser.add_argument("--parts", type=int, default=12)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(arguments)
    chance = random.Random(given.seed)
    register = fr.make_register(given.households, random_state=given.seed)
    models = (demo_model(), fr.load_model(demo_model()))
    place = Path(tempfile.mkdtemp(prefix="kill-restart-"))
    try:
        alone, out = place / "alone", place / "killed"
        score_register(fr.make_register(20, random_state=1), demo_model(), DAY, place / "first")  # loads all modules
        began = time.perf_counter()
        _, status = os.waitpid(start(register, models[0], alone, workers=given.workers, parts=given.parts), 0)
        whole = time.perf_counter() - began
        if status:
            print("the run left alone failed")
            return 1
        wanted = content(alone)
        kills = completed = halves = resumed = different = laid = 0
        while kills < given.kills or not completed:
            done_before = len(list(out.glob("records/*.json")))
            process = start(register, chance.choice(models), out, workers=given.workers, parts=given.parts)
            seconds = chance.uniform(0, whole / 2 if given.workers == 1 else 1) if kills < given.kills else 600
            ended, status = 0, 0
            end = time.perf_counter() + seconds
            while not ended and time.perf_counter() < end:
                ended, status = os.waitpid(process, os.WNOHANG)
                time.sleep(0.001)
                if given.workers > 1 and len(list(out.glob("records/*.json"))) == done_before:
                    end = time.perf_counter() + seconds  # processes are slow to start: count from their first part
            if ended and status:
                print(f"a run failed after {kills} kills")
                return 1
            if ended:
                completed += 1
                different += content(out) != wanted
                shutil.rmtree(out)
                continue
            if chance.random() < 0.5:
                os.killpg(process, signal.SIGKILL)
            else:
                os.kill(process, signal.SIGKILL)  # its own processes live on for a while
            os.waitpid(process, 0)
            kills += 1
            laid += any(out.glob(".*model*"))
            halves += any(file.name.startswith(".") and file.name != LOCK for file in out.rglob("*") if file.is_file())
            resumed += done_before > 0
        print(
            f"{kills} kills, {resumed} of them in runs taken up again, {halves} left unfinished files, {laid} a copy of the "
            f"model; {completed} runs ended, {different} of them with other bytes; a run left alone takes {whole:.2f} s, "
            f"{len(wanted)} files"
        )
        return 1 if different else 0
    finally:
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    raise SystemExit(main())
