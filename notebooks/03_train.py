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
# # 03 训练：预测有多准，一年走访多少户合适？
#
# **03 Train: how good is the forecast, and how many households should be visited?**
#
# 检验的办法：站在过去的某一天，只用当天以前知道的去学，预测此后一年，再与实际对照。
#
# The check: stand on a past day, learn only from what was known by then, forecast the year after, and compare.

# %%
import fanpin_risk as fr
from fanpin_risk.plots.fonts import chinese_font

lang = "zh" if chinese_font() else "en"
register = fr.make_register(3000, random_state=0, base_rate=0.03)
small = fr.MonotoneBoosting(max_iter=80, learning_rate=0.1)  # few trees: this notebook is to be quick
model = fr.RiskModel(classifier=small, n_folds=3)

# %% [markdown]
# ## 逐年向前检验，与现有规则并排
# Validate forwards in time, beside the rules an office uses and a proxy means test.

# %%
days = ["2020-12-31", "2021-12-31", "2022-12-31", "2023-12-31"]
evaluation = fr.evaluate(
    register,
    days,
    models={"fanpin_risk": model},
    baselines=("rules", "pmt"),
    test_days=days[2:],
    household_folds=1,
)
evaluation.folds[["train_days", "test_day", "train_events", "test_households", "test_events"]]

# %% [markdown]
# ## 各项指标，带区间
# Measures with their intervals. AUC 0.5 is a coin; recall is the share of events among the 5 % visited.

# %%
measures = evaluation.measures(measures=("auc", "recall"), capacity=0.05, n_bootstrap=100)
_ = fr.plots.draw(measures, lang=lang)

# %% [markdown]
# ## 说5%就是5%吗
# Is 5 % really 5 %? Points on the line: of the households given that risk, that share had the event.

# %%
calibration = evaluation.calibration()
_ = fr.plots.draw(calibration[calibration["model"] == "fanpin_risk"], lang=lang)

# %% [markdown]
# ## 走访多少户：走访越多，找到的越多，落空的也越多
# How many visits: more of them find more events, and more of them are in vain.

# %%
capacity = evaluation.capacity()
_ = fr.plots.draw(capacity[capacity["model"] == "fanpin_risk"], lang=lang)

# %% [markdown]
# ## 选定走访数
# Choose: the fewest visits that find two events in five, say.

# %%
ours = capacity[capacity["model"] == "fanpin_risk"].set_index("share")[["precision", "recall", "lift"]]
enough = ours[ours["recall"] >= 0.4].index.min()
print(f"走访 visit {enough:.1%}: 查全 recall {ours.loc[enough, 'recall']:.0%}")
ours.style.format("{:.2f}").format_index("{:.1%}")

# %% [markdown]
# ## 值不值得：净收益
# Is it worth it: net benefit, for an office that would visit from a given risk on.

# %%
thresholds = [number / 100 for number in range(1, 16)]
_ = fr.plots.draw(evaluation.decision(thresholds=thresholds), lang=lang)

# %% [markdown]
# ## 用全部年份训练最后的模型，并查有没有偷看未来
# Train the final model on all years, and look for knowledge of the future in the data.

# %%
model.fit(register, days[-3:])
alarms = fr.leak_alarms(register, days[-1:])
print(evaluation.note(lang=lang))
alarms["level"].value_counts().to_frame("alarms")

# %% [markdown]
# ## 模型
# The model. `fr.save_model(model, folder, evaluation=evaluation)` keeps it with these results on its card.

# %%
model

# %% [markdown]
# **下一步：** 报警先查清；用选定的走访数列清单 `fr.watchlist(scores, capacity=...)`，再看某一户为什么在上面（[04](04_why.ipynb)）。
#
# **Next:** settle any alarm first; list with the capacity chosen, `fr.watchlist(scores, capacity=...)`, and see why a
# household is on the list ([04](04_why.ipynb)).
