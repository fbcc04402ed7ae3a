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
# # 01 Quick start: which households of a county should be visited, and why?
#
# Everything here runs on a synthetic county: no person in it exists. With your own files replace
# `fr.make_register(...)` by `fr.read_register("folder")`.

# %%
import warnings

import matplotlib.pyplot as plt

import fanpin_risk as fr

# %% [markdown]
# ## The register: ten tables, every row dated twice (when true, when recorded)

# %%
register = fr.make_register(6000, random_state=0)
register

# %% [markdown]
# ## What was known on a day, as features

# %%
references = fr.make_references(register, "2022-12-31")
table = fr.compute_features(register, "2022-12-31", references=references)
table.iloc[:3, :6].round(2)

# %% [markdown]
# ## Train on two years that are over

# %%
model = fr.RiskModel(random_state=0).fit(register, as_of=["2021-12-31", "2022-12-31"], horizon_months=12)
model

# %% [markdown]
# ## Score a later day, which the model has never seen

# %%
scores = model.score(register, "2023-12-31", top=2)
scores.sort_values("risk", ascending=False)[["household_id", "risk", "tier", "cause", "reason_1"]].head()

# %% [markdown]
# ## Was it right? Compare with what happened in the year after

# %%
happened = fr.outcomes(register, "2023-12-31", horizon_months=12)
ranked = happened.join(scores.set_index("household_id")["risk"]).sort_values("risk", ascending=False)
visited = ranked.head(len(ranked) // 20)
print(
    f"newly monitored: {ranked['outcome'].mean():.1%} of all households, {visited['outcome'].mean():.1%} of the top 5 %"
)

# %% [markdown]
# ## The list of visits

# %%
listed = fr.watchlist(scores, capacity=20)
listed[["rank", "household_id", "risk", "cause", "reason_1", "reason_2"]].head()

# %% [markdown]
# ## Why this household? In words that a village cadre can read and refute

# %%
first = listed["household_id"].iloc[0]
explanation = model.explain(register, "2023-12-31", households=[first])
print(explanation.letter(first, lang="zh"))

# %% [markdown]
# ## The same as a picture, by shap

# %%
import shap

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # shap's own plot code
    shap.plots.waterfall(explanation.to_shap(lang="en")[0], max_display=8, show=False)
plt.gcf().set_size_inches(7, 5)
plt.show()

# %% [markdown]
# ## Keep the model: data plus a card, no pickle

# %%
import tempfile
from pathlib import Path

with tempfile.TemporaryDirectory() as folder:
    fr.save_model(model, Path(folder) / "model")
    again = fr.load_model(Path(folder) / "model")
print(again.score(register, "2023-12-31", top=0)["risk"].equals(scores["risk"]))

# %% [markdown]
# **Next:** read your own files with `fr.read_register("folder")`, look at `register.problems` and
# `register.coverage()`, and train on them. The result proposes visits; people decide.
