"""How fast a shuffled register is packed, and how much memory that takes.

    python benchmarks/pack.py --households 100000 400000 --format csv --memory 1GB

Makes synthetic registers, writes them as files whose rows are shuffled, packs each in a process of its own and prints
rows per second, processor time per household by stage, the peak memory of the process and the most that lay on the temporary disk.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from fanpin_risk import Register, make_register
from fanpin_risk.batch.pack import pack

BLOCK = 50_000  # households made at a time


def write_shuffled(folder: Path, n_households: int, form: str) -> int:
    """Write a register in blocks, each with ids of its own and all rows shuffled; return the number of rows."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    n_rows = 0
    for number, first in enumerate(range(0, n_households, BLOCK)):
        register = make_register(min(BLOCK, n_households - first), number)
        tables = {}
        for name, frame in register.tables.items():
            mixed = frame.iloc[rng.permutation(len(frame))].reset_index(drop=True)
            ids = {key: f"B{number}" + mixed[key] for key in ("household_id", "member_id") if key in mixed}
            if name == "households":  # every block in another county
                ids["area_code"] = f"{211200 + number}" + mixed["area_code"].str.slice(6)
            tables[name] = mixed.assign(**ids)
            n_rows += len(mixed)
        part = Register(tables).to_folder(folder / f"block{number}", format=form)
        for file in part.iterdir():
            if file.suffix == f".{form}":
                file.rename(folder / f"{file.stem}{number}.{form}")
    return n_rows


def run_one(source: str, out: str, memory: str, max_households: int, workers: int) -> None:
    """Pack in this process and print what it took as JSON."""
    start = time.perf_counter()
    summary = pack(source, out, memory=memory, threads=workers, workers=workers, max_households=max_households)
    print(
        json.dumps(
            {
                "seconds": dict(summary.seconds) | {"all": round(time.perf_counter() - start, 1)},
                "processor": {
                    stage: f"{seconds / summary.households * 1e6:.0f} µs"
                    for stage, seconds in summary.processor.items()
                },
                "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
                "temporary_mb": round(summary.temporary_bytes / 1e6),
                "rows": int(summary.rows["read"].sum()),
                "rejected": int(summary.rows["rejected"].sum()),
                "partitions": summary.partitions,
                "households": summary.households,
            }
        )
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--households", type=int, nargs="+", default=[20_000])
    parser.add_argument("--format", choices=["csv", "parquet"], default="csv")
    parser.add_argument("--memory", default="1GB")
    parser.add_argument("--max-households", type=int, default=20_000)
    parser.add_argument(
        "--workers", type=int, default=1, help="processes that check partitions, and threads of sorting"
    )
    parser.add_argument("--one", nargs=2, metavar=("SOURCE", "OUT"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        run_one(*options.one, options.memory, options.max_households, options.workers)
        return
    for n_households in options.households:
        with tempfile.TemporaryDirectory() as folder:
            files = Path(folder) / "files"
            n_rows = write_shuffled(files, n_households, options.format)
            size = sum(file.stat().st_size for file in files.rglob("*") if file.is_file())
            command = [sys.executable, __file__, "--one", str(files), str(Path(folder) / "packed")]
            command += ["--memory", options.memory, "--max-households", str(options.max_households)]
            command += ["--workers", str(options.workers)]
            result = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            rate = n_rows / result["seconds"]["all"]
            print(
                f"{n_households:,} households, {n_rows:,} rows, {size / 1e6:,.0f} MB {options.format}: {rate:,.0f} rows/s"
            )
            print(f"  {json.dumps(result)}", flush=True)


if __name__ == "__main__":
    main()
