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
# # 05 公平与校准：有没有哪类户总被漏掉？
#
# **05 Fairness and calibration: is any group of households missed more often?**
#
# 分组只用于检查，不进入模型；民族永远不是特征。人数少的组不显示。
#
# Groups are for the audit only and never enter the model; ethnicity is never a feature. Small groups are not shown.

# %%
import pandas as pd

import fanpin_risk as fr
from fanpin_risk.plots.fonts import chinese_font

lang = "zh" if chinese_font() else "en"
register = fr.make_register(2500, random_state=3, base_rate=0.04)
small = fr.RiskModel(classifier=fr.MonotoneBoosting(max_iter=80, learning_rate=0.1), n_folds=3)
days = ["2020-12-31", "2021-12-31", "2022-12-31", "2023-12-31"]
ours = {"fanpin_risk": small}
evaluation = fr.evaluate(register, days, models=ours, baselines=(), household_folds=1)
evaluation

# %% [markdown]
# ## 有哪些组，各有多少户
# Which groups there are, and how many households in each.

# %%
groups = evaluation.groups
audited = ("head_sex", "household_size", "register_status", "disability")
counted = {name: groups[name].fillna("unknown").value_counts(normalize=True) for name in audited}
counted = pd.concat(counted, names=["by", "group"]).rename("share").reset_index()
counted.style.format({"share": "{:.0%}"}).hide()

# %% [markdown]
# ## 同一份清单，各组漏掉多少（漏评）、白跑多少（错评）
# One list for all: who is missed (exclusion error) and who is visited in vain (inclusion error), with intervals.

# %%
how = {"capacity": 0.08, "n_bootstrap": 50}
fairness = {name: evaluation.fairness(name, **how) for name in audited}
_ = fr.plots.draw(fairness["household_size"], lang=lang)

# %% [markdown]
# ## 各组差多少，差别是不是偶然
# How far groups differ from all, and whether chance could do it: only an interval that leaves out 0 says something.

# %%
parts = []
for name, table in fairness.items():
    missed = (table["measure"] == "exclusion_error") & table["difference"].notna()
    parts.append(table[missed].rename(columns={name: "group"}).assign(by=name))
missed = pd.concat(parts)
missed["clear"] = (missed["difference_low"] > 0) | (missed["difference_high"] < 0)
columns = ["by", "group", "events", "value", "difference", "difference_low", "difference_high", "clear"]
missed[columns].style.format(precision=2).hide()

# %% [markdown]
# ## 校准：各组说的风险，与实际发生的比例是否一致
# Calibration: is the risk that groups are given the share that happens?

# %%
both = ("mean_risk", "base_rate")
_ = fr.plots.draw(evaluation.by_group("household_size", measures=both, n_bootstrap=50), lang=lang)

# %% [markdown]
# ## 全体的校准曲线
# The calibration of all.

# %%
_ = fr.plots.draw(evaluation.calibration(), lang=lang)

# %% [markdown]
# ## 如果让各组分享走访名额，要付出什么
# What it costs to let groups share the visits: fewer events found in all, for a smaller gap between groups.

# %%
cost = evaluation.capacity_cost("household_size", **how)
_ = fr.plots.draw(cost, lang=lang)

# %% [markdown]
# ## 按组分配名额的清单
# A list on which the groups share the visits. Whether they may is a question of law and policy, not of this program.

# %%
model = small.fit(register, days[-2:])
scores = model.score(register, "2024-12-31", n_reasons=1)
sizes = groups.xs(pd.Timestamp(days[-1]), level="as_of")["household_size"]
shared = fr.watchlist(scores, capacity=20, group=sizes, shares="recall")
shared["group"].value_counts().rename("visits").to_frame().T

# %% [markdown]
# **下一步：** 差别明显的组，先查登记是否较少、较晚，再考虑分配名额。把这里的表放进模型卡：
# `fr.save_model(model, folder, evaluation=evaluation)`。
#
# **Next:** where a group differs clearly, look first whether its records are thinner or later, then at sharing visits. Put
# the tables into the model's card: `fr.save_model(model, folder, evaluation=evaluation)`.
