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
# # 02 数据：我的数据能用吗，某一天知道些什么？
#
# **02 The data: can mine be used, and what was known on a day?**
#
# 先虚构一个县，写成中文表头的文件，故意弄坏几行，再像读真实数据那样读进来。
#
# A county is made up, written as files with Chinese headers, a few rows are spoiled on purpose, and all is read as real
# files would be.

# %%
import shutil
import tempfile
from pathlib import Path

import pandas as pd

import fanpin_risk as fr

pd.set_option("display.max_colwidth", None)
folder = Path(tempfile.mkdtemp())
made_up = fr.make_register(1000, random_state=2, missingness="reported")
made_up.to_folder(folder, format="csv", headers="zh")
print(*sorted(file.name for file in folder.glob("*.csv")), sep="、")

# %% [markdown]
# ## 弄坏几行
# Spoil some rows: an amount in words, a day that does not exist, a person who is in no household, a row twice.

# %%
file = folder / "医疗费用.csv"
bills = pd.read_csv(file, dtype="str")
bills.loc[0, "个人自付"] = "两千多"
bills.loc[1, "结算日期"] = "2023-02-30"
bills.loc[2, "人编号"] = "没有这个人"
bills = pd.concat([bills, bills.iloc[[5]]])
bills.to_csv(file, index=False, encoding="utf-8-sig")

# %% [markdown]
# ## 读入：所有问题一次报告，不会读到一半停下
# Read: all problems are reported at once, nothing stops half-way. 读入行 = 保留 + 拒收 (rows read = kept + rejected). A value
# that cannot be read is left empty and the row kept, unless the row cannot do without it.

# %%
register = fr.read_register(folder)
shutil.rmtree(folder)
register

# %% [markdown]
# ## 有什么问题
# What was wrong. `register.rejected_rows` holds those rows as read, with the reason, to be mended and read again.

# %%
counts = register.counts
assert (counts["rows_read"] == counts["rows_kept"] + counts["rows_rejected"]).all()
problems = register.problems
spoiled = problems[problems["table"] == "medical"]
spoiled[["row", "column", "severity", "message_zh", "message"]].style.hide()

# %% [markdown]
# ## 哪些项目填得少
# Which columns are thinly filled: what nobody wrote down the model cannot know. Some are empty because nothing happened
# (`valid_to`, `eliminated_on`), others because nobody asked. Columns that the register does not have at all are left out.

# %%
coverage = register.coverage()
thin = coverage[(coverage["filled"] > 0) & (coverage["share"] < 0.9)].sort_values("share")
shown = thin[["rows", "filled", "share"]].reset_index().head(12)
shown.style.format({"rows": "{:,}", "filled": "{:,}", "share": "{:.0%}"}).hide()

# %% [markdown]
# ## 某一天的特征：只用当天已录入、已发生的
# Features as of a day: only what had happened and had been recorded by then. What is written down later changes nothing.

# %%
day = "2023-12-31"
features = fr.compute_features(register, day)
then = register.known_on(day)
as_it_stood = fr.compute_features(then, day)
now, known = (len(r.tables["supports"]) for r in (register, then))
print(f"{features.shape[0]} 户 households, {features.shape[1]} 项特征 features")
print(f"帮扶记录 rows of support: 现有 now {now:,}, 当天已知 known on the day {known:,}")
print("后来录入的不影响 what was recorded later changes nothing:", features.equals(as_it_stood))

# %% [markdown]
# ## 每项特征是什么
# What each feature is: name in both languages, risk category, unit, direction and where its definition comes from.

# %%
described = fr.describe_features()
described[["name", "zh", "en", "cause", "unit", "monotone"]].head(8)

# %% [markdown]
# ## 特征有多少是未登记
# How many values are not recorded. Missing stays missing: it is never filled in with a guess.

# %%
gaps = features.isna().mean().sort_values(ascending=False).head(8).rename("share")
gaps.to_frame().join(described.set_index("name")[["zh", "en"]]).style.format({"share": "{:.0%}"})

# %% [markdown]
# **下一步：** 把被拒收的行改好再读一遍；填得少的项目先补录，再训练（[03](03_train.ipynb)）。
#
# **Next:** mend the rejected rows and read again; complete thin columns before training ([03](03_train.ipynb)).
