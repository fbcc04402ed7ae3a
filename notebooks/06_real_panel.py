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
# # 06 真实面板：在真实住户上，能预测谁会跌到线下吗？
#
# **06 A real panel: on real households, can it be forecast who falls below the line?**
#
# 两个公开的住户面板（不是中国的登记数据），经公开接口变成登记册。数据不随本项目提供，也不得提交带有其结果的笔记本。
# 环境变量 `FANPIN_DATA` 指向数据文件夹时才运行，否则跳过。完整的检验和数字见 [evidence](../docs/evidence.md)。
#
# Two open household panels, which are no Chinese registers, made into registers through the public interface. The data
# are not part of the project, and a notebook with results of them is not to be committed: it runs where the environment
# variable `FANPIN_DATA` names their folder, and skips everything otherwise. The full protocol and its figures:
# [evidence](../docs/evidence.md).

# %%
import os
import sys
from pathlib import Path

import IPython
import pandas as pd

import fanpin_risk as fr
from fanpin_risk.plots.fonts import chinese_font

sys.path.insert(0, str(Path("../benchmarks/real_panels").resolve()))
import panels

lang = "zh" if chinese_font() else "en"
data = os.environ.get("FANPIN_DATA", "")
there = [folder for folder in panels.PANELS if data and (Path(data) / folder).is_dir()]
studies = [panels.PANELS[folder](Path(data)) for folder in there]
if not studies:
    print("跳过：环境变量 FANPIN_DATA 没有指向面板数据的文件夹，需要哪些文件见 benchmarks/real_panels/README.md")
    print("skipped: FANPIN_DATA names no folder with a panel; that README says which files are needed")

# %% [markdown]
# ## 登记册，和它不是什么
# The registers, and what they are not.

# %%
for study in studies:
    print(study.title, *study.limits, sep="\n- ")
    IPython.display.display(study.register)

# %% [markdown]
# ## 少量树、几千户，只为看个大概
# Few trees and some thousands of households: an impression only. For figures run `benchmarks/real_panels/run.py`.

# %%
evaluations = []
for study in studies:
    ids = study.register.tables["households"]["household_id"].drop_duplicates()
    keep = pd.util.hash_array(ids.to_numpy(dtype=object)) % max(1, len(ids) // 7000) == 0
    some = study.register.select(ids[keep])
    small = fr.MonotoneBoosting(max_iter=60, learning_rate=0.1)
    model = fr.RiskModel(classifier=small, n_folds=3, target=study.target, lines=study.lines)
    evaluations.append(
        fr.evaluate(
            some,
            study.days,
            models={"fanpin_risk": model},
            baselines=("pmt",),
            test_days=study.test_days[-1:],
            target=study.target,
            lines=study.lines,
            household_folds=1,
        )
    )
    IPython.display.display(evaluations[-1])

# %% [markdown]
# ## 校准
# Calibration.

# %%
for evaluation in evaluations:
    fr.plots.draw(evaluation.calibration(n_bins=5), lang=lang)

# %% [markdown]
# ## 走访多少，找到多少
# How many visits find how many events.

# %%
for evaluation in evaluations:
    fr.plots.draw(evaluation.capacity(), lang=lang)

# %% [markdown]
# **下一步：** 换成自己的面板：在 `benchmarks/real_panels/panels.py` 加一个函数。提交前清除本笔记本的输出。
#
# **Next:** for a panel of your own add one function to `benchmarks/real_panels/panels.py`. Clear the outputs of this
# notebook before a commit.
