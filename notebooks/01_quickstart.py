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
# # 01 快速开始：一个县先走访哪些户，为什么？
#
# **01 Quick start: which households of a county should be visited, and why?**
#
# 本笔记本用虚构的县，户和人都不存在。用自己的数据时，把 `fr.make_register(...)` 换成 `fr.read_register("文件夹")`。
# 虚构时有意多放了些返贫事件（`base_rate=0.03`），好让小县也看得出结果。
#
# Everything here runs on a made-up county: no person in it exists. With your own files replace `fr.make_register(...)`
# by `fr.read_register("folder")`. Events are made more frequent than in life, so that a small county shows something.

# %%
import fanpin_risk as fr
from fanpin_risk import plots
from fanpin_risk.plots.fonts import chinese_font

lang = "zh" if chinese_font() else "en"  # pictures speak Chinese where a font has it

# %% [markdown]
# ## 十张表，每行两个日期：何时发生，何时录入
# Ten tables; every row is dated twice: when it was true, and when it was recorded.

# %%
register = fr.make_register(3000, random_state=0, base_rate=0.03)
register

# %% [markdown]
# ## 某一天已知的情况，算成特征
# What was known on a day, as features.

# %%
references = fr.make_references(register, "2022-12-31")
table = fr.compute_features(register, "2022-12-31", references=references)
table.iloc[:3, :4].round(2)

# %% [markdown]
# ## 用已经过去的两年训练
# Train on two years that are over.

# %%
model = fr.RiskModel(random_state=0)
model.fit(register, as_of=["2021-12-31", "2022-12-31"], horizon_months=12)

# %% [markdown]
# ## 给后来的一天打分，模型从未见过这一天
# Score a later day, which the model has never seen.

# %%
scores = model.score(register, "2023-12-31", n_reasons=2)
_ = plots.risk_distribution(scores, thresholds=model.tier_thresholds_, lang=lang)

# %% [markdown]
# ## 准不准？与此后一年实际发生的对照
# Was it right? Compare with what happened in the year after.

# %%
happened = fr.outcomes(register, "2023-12-31", horizon_months=12)
risk = scores.set_index("household_id")["risk"]
ranked = happened.join(risk).sort_values("risk", ascending=False)
visited = ranked.head(len(ranked) // 20)
print("此后一年新纳入监测 newly monitored in the year after")
print(f"  所有户 of all households: {ranked['outcome'].mean():.1%}")
print(f"  风险最高的5% of the top 5 %: {visited['outcome'].mean():.1%}")

# %% [markdown]
# ## 走访清单
# The list of visits.

# %%
listed = fr.watchlist(scores, capacity=20)
shown = fr.in_words(listed[["rank", "household_id", "risk", "cause", "reason_1"]].head())
shown.style.format({"risk": "{:.1%}"}).hide()

# %% [markdown]
# ## 为什么是这一户？村干部读得懂、农户可以反驳的话
# Why this household? In words that a village cadre can read and the family can refute.

# %%
first = listed["household_id"].iloc[0]
explanation = model.explain(register, "2023-12-31", households=[first])
print(explanation.letter(first, lang="zh"))

# %% [markdown]
# ## 同样的理由，画成图
# The same reasons as a picture.

# %%
_ = plots.reasons(explanation, first, lang=lang)

# %% [markdown]
# ## 保存模型：数据加说明卡，不用 pickle
# Keep the model: data plus a card, no pickle.

# %%
import tempfile
from pathlib import Path

with tempfile.TemporaryDirectory() as folder:
    fr.save_model(model, Path(folder) / "model")
    again = fr.load_model(Path(folder) / "model")
again.score(register, "2023-12-31", n_reasons=0)["risk"].equals(scores["risk"])

# %% [markdown]
# **下一步：** 用 `fr.read_register("文件夹")` 读自己的数据，先看 [02](02_data.ipynb)。结果只建议先走访谁，由人来决定。
#
# **Next:** read your own files with `fr.read_register("folder")`; [02](02_data.ipynb) shows how to check them. The
# result proposes visits; people decide.
