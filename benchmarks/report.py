"""How long the report of a county takes, and how much memory, beside pandas writing the list alone.

    python benchmarks/report.py --households 41609 --rounds 3

Makes a synthetic county, scores it and lists every household that is not monitored yet, with three reasons. Then writes, in turns:
the workbook (all sheets), the page (the 500 with the highest risks), and the bare list by pandas.to_excel with openpyxl
and with xlsxwriter. Prints seconds of processor time (median), the ratio to the workbook, memory on top of what the process held before
(Linux only), and megabytes of the file.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd

import fanpin_risk as fr
from fanpin_risk.model.store import demo_model
from fanpin_risk.reports import gather, write_report

DAY = "2024-12-31"


def memory(name: str) -> float:
    """Return an entry of the process's memory in MB: VmRSS (now) or VmHWM (most so far)."""
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    return next(int(line.split()[1]) / 1024 for line in status.read_text().splitlines() if line.startswith(f"{name}:"))


def measured(write: Callable[[], object]) -> tuple[float, float]:
    """Return seconds of processor time and the most memory in MB that writing took on top."""
    gc.collect()
    forget = Path("/proc/self/clear_refs")
    if forget.exists():
        forget.write_text("5")  # the most so far is what is held now
    before = memory("VmRSS")
    start = time.process_time()
    write()
    return time.process_time() - start, memory("VmHWM") - before


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--households", type=int, default=41_609, help="of the county; Tieling's register has 41,609")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    model, register = fr.load_model(demo_model()), fr.make_register(options.households, random_state=0)
    start = time.process_time()
    contents = gather(model, register, DAY, capacity=options.households)
    print(f"{options.households:,} households scored, explained and put together: {time.process_time() - start:.1f} s")
    reasons = contents.explanation.reasons(n_reasons=contents.n_reasons).drop(columns=["household_id", "cause"])
    bare = contents.watchlist.join(reasons)
    print(f"{len(bare):,} of them listed with {contents.n_reasons} reasons")

    def by_pandas(path: Path, engine: str) -> None:
        with pd.ExcelWriter(path, engine=engine) as writer:  # type: ignore[call-overload]
            bare.to_excel(writer, index=False)

    with tempfile.TemporaryDirectory() as folder:
        ways: dict[str, tuple[Path, Callable[[Path], object]]] = {
            "workbook, all sheets": (Path(folder) / "r.xlsx", lambda path: write_report(contents, path)),
            "page, 500 households": (Path(folder) / "r.html", lambda path: write_report(contents, path)),
            "bare list, pandas with openpyxl": (Path(folder) / "o.xlsx", lambda path: by_pandas(path, "openpyxl")),
            "bare list, pandas with xlsxwriter": (Path(folder) / "x.xlsx", lambda path: by_pandas(path, "xlsxwriter")),
        }
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
        for _ in range(options.rounds):
            for name, (path, write) in ways.items():
                found[name].append(measured(lambda write=write, path=path: write(path)))
        first = statistics.median(seconds for seconds, _ in found["workbook, all sheets"])
        for name, (path, _) in ways.items():
            seconds = statistics.median(seconds for seconds, _ in found[name])
            most = max(extra for _, extra in found[name])
            print(
                f"{name:<36}{seconds:>7.1f} s{seconds / first:>7.2f} x{most:>8,.0f} MB on top{path.stat().st_size / 1e6:>7.1f} MB file"
            )


if __name__ == "__main__":
    main()
