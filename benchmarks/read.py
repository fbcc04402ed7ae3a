"""What reading a county costs, with all checks, beside pandas, polars and DuckDB on the same files.

    python benchmarks/read.py [--households N] [--columns N N N] [--rounds N] [--out folder]

Prints markdown; --out also writes it to README.md in the folder. Three inputs: the tables of a county as csv; the same
number of households as one workbook in the layout of the national export (a row for each member, 100 columns, the
figures of the household repeated), written with xlsxwriter; and a csv of that layout with columns that nobody knows.
The others only read cells: they guess types and check nothing. Every measurement is a process of its own, which has read
a small input of the same kind before; rounds are in turns and the quickest counts. Peers that are not installed are
named: pip install --group benchmark (of pyproject.toml).
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from figures import Targets, load, machine, markdown_table, peer, say

import fanpin_risk as fr

COUNTY = 41_609  # households
MEMBERS = 86_922  # rows of the export of such a county
DAY = "2023-12-31"
SMALL = 300  # households that a process reads first
MEGABYTE = 2**20

OURS, SCORES = "fanpin_risk", "fanpin_risk, to scores with reasons"
PANDAS, POLARS, DUCKDB = "pandas", "polars", "DuckDB"
LIBRARIES = ("numpy", "pandas", "pyarrow", "python-calamine", "polars", "fastexcel", "duckdb")

# --- the layout of the national export --------------------------------------------------------------------------------

PLACE = ("省", "市", "县", "乡", "村")
OF_HOUSEHOLD = ("户编号", "户类型", "是否军烈属", "当前家庭人口数")
OF_MEMBER = (
    "人口编号", "与户主关系", "性别", "出生日期", "民族", "文化程度", "在校生状况", "健康状况", "劳动技能", "务工所在地",
    "务工时间（月）", "公益性岗位", "公益性岗位(月数)", "政治面貌", "是否会讲普通话", "是否参加城乡居民基本医疗保险",
    "是否参加城镇职工基本医疗保险", "是否参加大病保险", "是否参加商业补充医疗保险", "是否参加城乡居民基本养老保险",
    "是否参加城镇职工基本养老保险", "是否享受农村居民最低生活保障", "是否特困供养人员", "是否国外务工", "是否接受医疗救助",
)  # fmt: skip
PARTS = (  # of income: total, its parts
    ("工资性收入", ("公益性岗位收入", "其他工资性收入")),
    ("生产经营性收入", ()),
    ("财产性收入", ("资产收益扶贫分红收入", "其他财产性收入")),
    (
        "转移性收入",
        ("计划生育金", "最低生活保障金", "特困人员救助供养金", "养老金或离退休金", "生态补偿金", "其他转移性收入"),
    ),
)
COST, NET, PER_PERSON = "生产经营性支出", "纯收入（元）", "人均纯收入（元）"
AREAS = ("耕地面积（亩）", "林地面积（亩）", "林果面积（亩）", "退耕还林面积（亩）", "牧草地面积", "水面面积")
FLAGS = (
    "是否有卫生厕所", "是否通生活用电", "是否通生产用电", "是否通广播电视", "是否危房户", "是否解决安全饮用水",
    "是否加入农民专业合作组织", "是否有龙头企业带动", "是否有创业致富带头人带动",
)  # fmt: skip
HOUSE = ("住房面积", "与村主干路距离", "主要燃料类型", "入户路类型")
MONITORING = ("监测对象类别", "识别监测时间", "消除监测时间", "致贫/返贫风险1", "致贫/返贫风险2", "数据日期", "年度")
WIDTH = 100


def header() -> list[str]:
    """Name the columns of the export; what is not known by name stands for the rest of the 100."""
    names = [*PLACE, *OF_HOUSEHOLD, *OF_MEMBER]
    for total, parts in PARTS:
        names += [total, *parts]
    names += [COST, NET, PER_PERSON, *AREAS, *FLAGS, *HOUSE, *MONITORING]
    return names + [f"备用{number}" for number in range(1, WIDTH - len(names) + 1)]


def rows_of_export(households: int, members: int, seed: int) -> Iterator[list[Any]]:
    """Yield the rows of the export, for each household as many members as it has, its figures on each of them."""
    rng = np.random.default_rng(seed)
    sizes = np.full(households, members // households)
    sizes[: members - sizes.sum()] += 1
    spare = WIDTH - len([name for name in header() if not name.startswith("备用")])
    for number, size in enumerate(sizes.tolist()):
        village = number // 150
        place = ["某省", "某市", "某县", f"第{village // 12 + 1}乡", f"第{village + 1}村"]
        household = [f"2112{number:012d}", "脱贫户" if number % 9 else "一般农户", "否", size]
        incomes, net = [], 0
        for _, parts in PARTS:
            each = [int(amount) for amount in rng.integers(0, 9_000, len(parts) or 1) * (rng.random() < 0.7)]
            incomes += [sum(each), *(each if parts else ())]
            net += sum(each)
        cost = int(rng.integers(0, 1_000))
        figures = [*incomes, cost, net - cost, round((net - cost) / size, 2)]
        house = [
            *rng.integers(0, 9, len(AREAS)).tolist(),
            *["是"] * 4,
            "否",
            "是",
            "否",
            "否",
            "否",
            90,
            0.5,
            "电",
            "水泥路",
        ]
        monitored = number % 40 == 0
        watched = ["边缘易致贫户", "2022-05-16", "", "因病", ""] if monitored else [""] * 5
        for person in range(size):
            yield [
                *place, *household, f"{household[0]}{person + 1:02d}", "户主" if person == 0 else "之子", "男" if person % 2 else "女",
                f"{1950 + int(rng.integers(0, 60))}-03-0{1 + person % 9}", "汉族", "初中", "非在校生", "健康", "普通劳动力", "", 6, "", 0,
                "群众", "是", "是", "否", "是", "否", "是", "否", "否", "否", "否", "否",
                *figures, *house, *watched, "2023-06-30", 2022, *[""] * spare,
            ]  # fmt: skip


def write_workbook(path: Path, households: int, members: int) -> None:
    """Write the export as one sheet."""
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("全县全字段")
        sheet.write_row(0, 0, header())
        for number, row in enumerate(rows_of_export(households, members, seed=0), start=1):
            sheet.write_row(number, 0, row)


def write_wide(folder: Path, columns: int, households: int) -> None:
    """Write the export as csv with columns that nobody knows beside its own."""
    folder.mkdir(parents=True)
    extra = max(columns - WIDTH, 0)
    with (folder / "export.csv").open("w", encoding="utf-8-sig", newline="") as stream:
        write = csv.writer(stream)
        write.writerow([*header(), *(f"指标{number}" for number in range(extra))])
        for row in rows_of_export(households, 2 * households, seed=1):
            write.writerow([*row, *["12"] * extra])


# --- ways to read -----------------------------------------------------------------------------------------------------


def by_package(path: Path) -> int:
    """Read with all checks; rows that were kept or rejected, of all tables."""
    register = fr.read_register(path)
    return sum(map(len, register.tables.values())) + len(register.rejects)


def by_package_to_scores(path: Path) -> int:
    """Read, score and give reasons; households scored."""
    return len(fr.load_model("demo").score(fr.read_register(path), DAY))


def each_file(read: Callable[[Path], Any]) -> Callable[[Path], int]:
    """Make a way to read one file a way to read an input: a file, or all csv files of a folder."""

    def read_all(path: Path) -> int:
        return sum(len(read(file)) for file in (sorted(path.rglob("*.csv")) if path.is_dir() else [path]))

    return read_all


def by_duckdb(file: Path) -> Any:
    return peer("duckdb").sql(f"SELECT * FROM read_csv('{file}', sample_size=-1)").to_arrow_table()


CSV: dict[str, Callable[[Path], int]] = {
    OURS: by_package,
    SCORES: by_package_to_scores,
    PANDAS: each_file(lambda file: peer("pandas").read_csv(file, low_memory=False)),
    POLARS: each_file(lambda file: peer("polars").read_csv(file, infer_schema_length=None)),
    DUCKDB: each_file(by_duckdb),
}
WORKBOOK: dict[str, Callable[[Path], int]] = {
    OURS: by_package,
    SCORES: by_package_to_scores,
    PANDAS: each_file(lambda file: peer("pandas").read_excel(file, engine="calamine")),
    POLARS: each_file(lambda file: peer("polars").read_excel(file)),
}
NEEDS = {PANDAS: ("pandas",), POLARS: ("polars",), DUCKDB: ("duckdb",)}
WAYS = {"csv": CSV, "workbook": WORKBOOK, "wide": {OURS: by_package}}


def absent(kind: str, way: str) -> str:
    """Name the library that a way lacks here."""
    needed = (*NEEDS.get(way, ()), *(("fastexcel",) if (kind, way) == ("workbook", POLARS) else ()))
    return next((name for name in needed if isinstance(peer(name), str)), "")


def in_process(kind: str, way: str, path: Path, small: Path) -> dict[str, float]:
    """Read in a process of its own: seconds by the clock and of the processor, rows, and the most memory it ever held."""
    import psutil

    task = json.dumps({"kind": kind, "way": way, "path": str(path), "small": str(small)})
    peak = 0
    with subprocess.Popen([sys.executable, __file__, "--task", task], stdout=subprocess.PIPE, text=True) as process:
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            try:
                peak = max(peak, watched.memory_info().rss)
            except psutil.NoSuchProcess:
                continue
            time.sleep(0.02)
        answer = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise RuntimeError(f"{way} could not read the {kind}")
    found = {**json.loads(answer.splitlines()[-1]), "peak_mb": peak / MEGABYTE}
    say(f"{kind}, {way}: {json.dumps(found)}")
    return found


def child(task: dict[str, str]) -> dict[str, float]:
    """Read the small input, then the one that counts."""
    read = WAYS[task["kind"]][task["way"]]
    read(Path(task["small"]))
    clock, processor = time.perf_counter(), time.process_time()
    rows = read(Path(task["path"]))
    return {"clock": time.perf_counter() - clock, "processor": time.process_time() - processor, "rows": rows}


def measure(kind: str, path: Path, small: Path, rounds: int) -> dict[str, dict[str, float]]:
    """Measure every way that is installed, in turns; of each the round that was the quickest by the clock."""
    found: dict[str, dict[str, float]] = {}
    for _ in range(rounds):
        for way in WAYS[kind]:
            if not absent(kind, way):
                one = in_process(kind, way, path, small)
                found[way] = min(found.get(way, one), one, key=lambda each: each["clock"])
    return found


# --- the page ---------------------------------------------------------------------------------------------------------


def table(kind: str, found: dict[str, dict[str, float]]) -> str:
    """Seconds, memory and how many times those of the package."""
    ours = found[OURS]["clock"]
    lines = []
    for way in WAYS[kind]:
        if way not in found:
            lines.append([way, f"{absent(kind, way)} is not installed", "", "", ""])
            continue
        one = found[way]
        lines.append(
            [way, *(f"{one[which]:.2f}" for which in ("clock", "processor")), f"{one['clock'] / ours:.2f}", f"{one['peak_mb']:,.0f}"]
        )  # fmt: skip
    return markdown_table(["", "s by the clock", "s of the processor", "times fanpin_risk", "peak, MB"], lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--households", type=int, default=COUNTY)
    parser.add_argument("--columns", type=int, nargs="+", default=[1_000, 2_000, 4_000], help="widths of the wide csv")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--task", type=json.loads, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.task:
        print(json.dumps(child(options.task)))
        return
    households = options.households
    members = round(households * MEMBERS / COUNTY)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        say("writing")
        for into, n in (("csv", households), ("small-csv", min(SMALL, households))):
            fr.make_register(n, random_state=0).to_folder(folder / into, format="csv", headers="zh")
        write_workbook(folder / "county.xlsx", households, members)
        write_workbook(folder / "small.xlsx", min(SMALL, households), 2 * min(SMALL, households))
        wide_households = max(households // 40, 20)
        for columns in (WIDTH, *options.columns):
            write_wide(folder / f"wide-{columns}", columns, wide_households)
        found = {
            "csv": measure("csv", folder / "csv", folder / "small-csv", options.rounds),
            "workbook": measure("workbook", folder / "county.xlsx", folder / "small.xlsx", options.rounds),
        }
        small = folder / f"wide-{WIDTH}"
        wide = {
            columns: measure("wide", folder / f"wide-{columns}", small, options.rounds)[OURS]
            for columns in options.columns
        }
    targets = Targets()
    ours = found["csv"][OURS]
    targets.at_most("csv to scores with reasons", 8, found["csv"][SCORES]["clock"], " s")
    targets.at_least("csv with all checks, rows a second", 400_000, ours["rows"] / ours["clock"])
    targets.at_most("workbook to scores with reasons", 25, found["workbook"][SCORES]["clock"], " s")
    targets.at_most("workbook, peak", 1_500, found["workbook"][SCORES]["peak_mb"], " MB")
    narrow, broad = min(wide), max(wide)
    growth = (wide[broad]["clock"] / wide[narrow]["clock"]) / (broad / narrow)
    targets.at_most(f"{broad:,} columns, time of a column, in times that with {narrow:,}", 1.1, growth)
    command = f"python benchmarks/read.py --households {households} --rounds {options.rounds}"
    page = "\n".join(
        [
            "# Reading a county\n",
            f"`{command} --out benchmarks/read`, {datetime.now(UTC):%Y-%m-%d}. {machine(LIBRARIES)}; load {load()}. Each figure is the",
            f"quickest of {options.rounds} rounds in turns. The others read cells, guess types and check nothing.\n",
            "## Targets\n",
            str(targets),
            f"## csv: {households:,} households in ten tables, {ours['rows']:,.0f} rows\n",
            table("csv", found["csv"]),
            f"## One workbook in the national layout: {households:,} households, {members:,} rows of {WIDTH} columns\n",
            table("workbook", found["workbook"]),
            f"## Wide csv: {wide_households:,} households, {2 * wide_households:,} rows\n",
            markdown_table(
                ["columns", "s by the clock", "peak, MB"],
                [[f"{n:,}", f"{one['clock']:.2f}", f"{one['peak_mb']:,.0f}"] for n, one in wide.items()],
            ),
        ]
    )
    print(page)
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "README.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
