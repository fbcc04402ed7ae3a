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
# # 04 为什么标出这一户，什么会改变结果？
#
# **04 Why is this household flagged, and what would change it?**
#
# 用随软件附带的演示模型和虚构的县。理由说的是模型怎样得出这个数，是走访的线索，不是认定，也不是因果。
#
# With the demo model that ships with the package and a made-up county. Reasons tell how the model came to its number: a
# lead for a visit, neither a finding nor a cause.

# %%
import pandas as pd

import fanpin_risk as fr
from fanpin_risk import plots
from fanpin_risk.plots.fonts import chinese_font

lang = "zh" if chinese_font() else "en"
day = "2024-12-31"
register, model = fr.make_register(2000, random_state=1), fr.load_model("demo")
scores, explanation = model.score(register, day, n_reasons=1), model.explain(register, day)
listed = fr.watchlist(scores, capacity=20)
explanation

# %% [markdown]
# ## 清单上的一户：主要因病
# A household of the list whose main risk is illness.

# %%
chosen = listed.loc[listed["cause"] == "illness", "household_id"].iloc[0]
print(explanation.letter(chosen, lang="zh", n_reasons=3))

# %% [markdown]
# ## 从一般水平到这一户的风险，一步一步
# From what is usual to the risk of this household, step by step.

# %%
_ = plots.reasons(explanation, chosen, n_reasons=6, lang=lang)

# %% [markdown]
# ## 这一户几年来的登记，和每个季度末的风险
# Its records over the years, and its risk at the end of each quarter.

# %%
_ = plots.history(model, register, chosen, lang=lang)

# %% [markdown]
# ## 什么会改变结果：改一条登记，重新打分
# What would change it: change a record and score again.

# %%
tables = register.select([chosen]).tables


def rescored(what, **changed):
    """Score the household with some of its tables changed."""
    risk = model.score(fr.Register(tables | changed), day, n_reasons=0)["risk"].iloc[0]
    return {"如果 if": what, "风险 risk": risk}


medical, incomes = tables["medical"], tables["incomes"]
last_year = medical["event_date"] > "2023-12-31"
half_paid = medical["out_of_pocket_cny"].where(~last_year, medical["out_of_pocket_cny"] / 2)
wage = incomes.iloc[[incomes["period_end"].argmax()]].assign(item="wage", amount_cny=6000.0)
with_wage = pd.concat([incomes, wage], ignore_index=True).astype(incomes.dtypes)
what_if = pd.DataFrame(
    [
        rescored("照原样 as it is"),
        rescored("近一年自付减半 half the own pay", medical=medical.assign(out_of_pocket_cny=half_paid)),
        rescored("近一年没有看病 no bills in the year", medical=medical[~last_year]),
        rescored("工资多6000元 6,000 CNY more wage", incomes=with_wage),
    ]
)
what_if.style.format({"风险 risk": "{:.1%}"}).hide()

# %% [markdown]
# **这说明什么、不说明什么。** 这里改的是登记，看的是模型怎么计算；不是“补助6000元，风险就会降这么多”。
# 现实中一项帮扶会牵动许多事，登记的数字也可能是别的困难的影子。要知道帮扶有没有用，需要对照，不是靠模型。
#
# **What this says and what it does not.** A record was changed, to see what the model counts. It does not say that paying
# 6,000 CNY lowers the risk by so much: in life one thing moves many, and a figure on record may be the shadow of another
# trouble. Whether help works takes a comparison of who got it and who did not.

# %% [markdown]
# ## 全县来看：一项特征的每个值把风险推向哪边
# In the whole county: where each value of a feature pushes the risk.

# %%
_ = plots.feature_effect(explanation, "out_of_pocket_to_income", lang=lang)

# %% [markdown]
# ## 薄弱环节：哪里主要是什么风险
# Weak points: which risk weighs where.

# %%
areas = scores.set_index("household_id")["area_code"]
_ = plots.weak_points(explanation, by=areas, unit="township", lang=lang)

# %% [markdown]
# ## shap 的图也能用
# shap's own pictures work as well, in Chinese where a font has it.

# %%
import warnings

from matplotlib import pyplot as plt

values = explanation.to_shap(lang=lang)
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of shap's own drawing
    import shap

    with plots.chinese_text():
        shap.plots.beeswarm(values, max_display=8, show=False, plot_size=(9, 4.5))
        plt.show()

# %% [markdown]
# **下一步：** 带着这封说明去走访，核对其中的数；登记有误就改登记，再打分。对各类户是否公平，见 [05](05_fairness.ipynb)。
#
# **Next:** take the letter to the visit and check its figures; mend records that are wrong and score again. Whether the
# forecast serves all groups alike is the question of [05](05_fairness.ipynb).
