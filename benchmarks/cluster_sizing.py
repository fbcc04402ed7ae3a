"""What scoring a register takes on a cluster, from a run that was measured.

    python benchmarks/cluster_sizing.py                              a synthetic county, packed and scored here
    python benchmarks/cluster_sizing.py --packed P --scores S        your own: a packed register and its scores

The run should be fresh and in one process: `seconds`, `peak_mb` and `kept` are read from its run.json. Prints what one
household costs and a table, as Markdown. Assumed: cores as fast as that one, a file system that keeps up.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import fanpin_risk as fr
from fanpin_risk.batch.layout import read_manifest
from fanpin_risk.batch.pack import pack
from fanpin_risk.batch.score import score_register
from fanpin_risk.model.store import demo_model

DAY = "2023-12-31"
SIZES = (10_000_000, 29_480_000)
CORES = (2, 8, 32)


def costs(packed: Path, scores: Path) -> dict[str, float]:
    """Measured costs: processor seconds, bytes read and bytes written for each household; MB for each process."""
    run = json.loads((scores / "run.json").read_text(encoding="utf-8"))
    if run["kept"]:
        raise SystemExit(f"{run['kept']} partitions were kept from an earlier run; measure a fresh one")
    manifest = read_manifest(packed)
    read = sum(facts["bytes"] for part in manifest.partitions for facts in part.files.values())
    written = sum(file.stat().st_size for file in scores.rglob("*") if file.is_file())
    return {
        "households": run["households"],
        "largest": max(part.households for part in manifest.partitions),
        "seconds": run["seconds"]["processor"] / run["households"],
        "read": read / run["households"],
        "written": written / run["households"],
        "peak_mb": max(filter(None, run["peak_mb"].values())),
    }


def score(packed: Path, scores: Path) -> None:
    """Score once to compile and load, which each process pays once and not for each household, then to measure."""
    smallest = min(read_manifest(packed).partitions, key=lambda part: part.households).name
    with tempfile.TemporaryDirectory() as first:
        score_register(packed, demo_model(), DAY, first, partitions=[smallest])
    score_register(packed, demo_model(), DAY, scores, workers=1)


def table(cost: dict[str, float], sizes: tuple[int, ...] = SIZES, cores: tuple[int, ...] = CORES) -> str:
    """Minutes = households x seconds / cores + the last partition; memory = cores x peak; disk = households x bytes."""
    last = cost["largest"] * cost["seconds"]
    rows = ["| households | cores | minutes | memory, GB | read, GB | written, GB |", "|" + "---:|" * 6]
    for size in sizes:
        for count in cores:
            minutes = (size * cost["seconds"] / count + last) / 60
            rows.append(
                f"| {size:,} | {count} | {minutes:.1f} | {count * cost['peak_mb'] / 1024:.1f} | "
                f"{size * cost['read'] / 1e9:.2f} | {size * cost['written'] / 1e9:.2f} |"
            )
    return "\n".join(rows)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--packed", type=Path, help="a packed register")
    parser.add_argument("--scores", type=Path, help="its scores, from a fresh run in one process")
    parser.add_argument("--households", type=int, default=41_609, help="of the synthetic county")
    given = parser.parse_args(arguments)
    if (given.packed is None) != (given.scores is None):
        parser.error("--packed and --scores go together")
    with tempfile.TemporaryDirectory(prefix="cluster-sizing-") as place:
        packed, scores = given.packed or Path(place, "packed"), given.scores or Path(place, "scores")
        if given.packed is None:
            fr.make_register(given.households, random_state=0).to_folder(Path(place, "files"))
            pack(Path(place, "files"), packed)
            with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as fresh:  # its memory is of scores only
                fresh.submit(score, packed, scores).result()
        cost = costs(packed, scores)
    print(
        f"{cost['households']:,} households, the largest partition {cost['largest']:,}: "
        f"{cost['seconds'] * 1e6:.0f} microseconds of processor, {cost['read']:.0f} bytes read and "
        f"{cost['written']:.0f} bytes written for each, {cost['peak_mb']:.0f} MB for the process\n"
    )
    print(table(cost))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
