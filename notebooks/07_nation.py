# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 07 笔记本电脑上的全国：数据比内存大得多怎么办？
#
# **07 A nation on a laptop: what if the register is far larger than memory?**
#
# 按县分包，一县一县打分，内存只需装下一个县；中途停电，再运行同一句话就接着做。
# 这里默认很小，改 `COUNTIES` 和 `HOUSEHOLDS` 就能变大。实测的时间和内存见 [performance](../docs/performance.md)。
#
# Packed by county and scored county by county, so that memory holds one county; stopped half-way, the same call goes on.
# Small by default: raise `COUNTIES` and `HOUSEHOLDS` to grow. Measured times and memory:
# [performance](../docs/performance.md).

# %% tags=["parameters"]
COUNTIES = 3  # 2,800 in the nation
HOUSEHOLDS = 300  # per county; some 10,000 in life
WORKERS = 1  # processes; each holds one county in memory

# %%
import tempfile
from pathlib import Path

import pandas as pd

import fanpin_risk as fr
from fanpin_risk import plots
from fanpin_risk.batch.lists import watchlist_of_parts
from fanpin_risk.plots.fonts import chinese_font

lang = "zh" if chinese_font() else "en"
day = "2024-12-31"
folder = Path(tempfile.mkdtemp())

# %% [markdown]
# ## 虚构几个县的文件
# Files of some made-up counties, with ids and area codes of their own.

# %%
(folder / "files").mkdir()


def write_county(number):
    """Write the tables of a county as Parquet files."""
    code = f"{900000 + number}"  # a code that no county has
    for name, frame in fr.make_register(HOUSEHOLDS, random_state=number).tables.items():
        ids = [column.name for column in fr.TABLES[name].columns if column.type == "id"]
        renamed = frame.assign(**{column: f"c{number}-" + frame[column] for column in ids})
        if "area_code" in renamed:
            renamed["area_code"] = code + renamed["area_code"].str[6:]
        renamed.to_parquet(folder / "files" / f"{name}_{code}.parquet")


for number in range(COUNTIES):
    write_county(number)
print(len(list((folder / "files").iterdir())), "个文件 files")

# %% [markdown]
# ## 分包：大文件、任意顺序，变成按县的小包，检查与读入时相同
# Pack: files of any size and order become partitions by county, with the same checks as reading.

# %%
packed = fr.pack(folder / "files", folder / "packed")
print(f"{packed.households:,} 户 households, {packed.partitions} 个包 partitions")
packed.rows

# %% [markdown]
# ## 打分，假装中途停电
# Score, and pretend that the power fails after the first county.

# %%
what = (folder / "packed", "demo", day, folder / "scores")


def power_cut(done, total, name):
    """End the run as soon as households are done."""
    if done:
        print(f"{name}: {done:,} / {total:,}")
        raise KeyboardInterrupt


try:
    fr.score_register(*what, workers=WORKERS, progress=power_cut)
except KeyboardInterrupt:
    print("停了 stopped")

# %% [markdown]
# ## 同一句话，接着做；已完成的县不再重算
# The same call goes on; counties that are done are kept.

# %%
run = fr.score_register(*what, workers=WORKERS)
{name: run[name] for name in ("households", "scored", "unscored", "partitions", "kept")}

# %% [markdown]
# ## 每个县的走访清单，一次只读一个县
# The list of visits of each county; one county is read at a time.

# %%
listed = watchlist_of_parts(folder / "scores", capacity=5, per="county")
first = fr.in_words(
    listed[listed["area"] == listed["area"].iloc[0]][["rank", "household_id", "risk", "cause", "reason_1"]]
)
first.style.format({"risk": "{:.1%}"}).hide()

# %% [markdown]
# ## 全国的分布：结果是普通的 Parquet 文件
# The distribution over all counties: results are plain Parquet files.

# %%
scores = pd.read_parquet(folder / "scores" / "parts", columns=["risk", "tier"])
limits = fr.load_model("demo").tier_thresholds_
_ = plots.risk_distribution(scores, thresholds=limits, lang=lang)

# %%
import shutil

shutil.rmtree(folder)

# %% [markdown]
# **下一步：** 命令行同样可以：`fanpin-risk pack` 与 `fanpin-risk score --workers 2`；多台机器见 [cluster](../docs/cluster.md)。
#
# **Next:** the command line does the same, `fanpin-risk pack` and `fanpin-risk score --workers 2`; for several machines see
# [cluster](../docs/cluster.md).
