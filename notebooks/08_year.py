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
# # 08 名单用一年：走访带回什么，下一份名单和模型怎样用上？
#
# **08 A year with the list: what do visits bring back, and how do the next list and the model use it?**
#
# 三个月，每月一轮：评分、排名单、填走访表、读回、记入工作台账；年底再看走访结果能教给模型什么。县是虚构的，走访由一段程序代填：
# 台账后来确有新纳入监测的户，填“属实”。真实工作中，填表的是走访人，其余各步原样照做。
#
# Three months, a round in each: score, plan, fill in the sheets, read them back, record them in the ledger; at the end of the
# year, what visits can teach the model. The county is made up, and a few lines of code play the visitors: they write
# “true” for households that the register later recognises. In life visitors fill in the sheets; all other steps are the same.

# %%
import itertools
import tempfile
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd

import fanpin_risk as fr
from fanpin_risk import plots
from fanpin_risk.plots.fonts import chinese_font

lang = "zh" if chinese_font() else "en"
folder = Path(tempfile.mkdtemp())
register, model = fr.make_register(2000, random_state=8, base_rate=0.06), fr.load_model("demo")
ledger = fr.Ledger(folder / "county.ledger")

# %% [markdown]
# ## 第一个月：评分，排出走访名单
# 每个走访人 20 户，其中四成随机抽查；这里每个乡镇一个走访人。抽中的概率写在名单里，年底要用。
#
# Month 1: score and plan. Each visitor has 20 visits, four in ten of them drawn at random; here each township has one
# visitor. The probability of the draw stands in the list and is needed at the end of the year.


# %%
def planned(day, **earlier):
    """Score the county on a day and plan a round of visits."""
    scores = model.score(register, day, n_reasons=3)
    visitors = "V" + scores.set_index("household_id")["area_code"].str[7:9]
    how = {"capacity": 20, "per": "visitor", "visitors": visitors, "audit": 0.4, "random_state": 8}
    return fr.plan_visits(scores, register=register, **how, **earlier)


january = planned("2024-01-31")
fr.in_words(january.frame, lang=lang).groupby("section", sort=False).agg(
    households=("risk", "size"), mean_risk=("risk", "mean"), mean_probability=("draw_probability", "mean")
).round(3)

# %% [markdown]
# ## 名单记入工作台账，走访表交给走访人
# 记下每户为什么列入、概率多少；名单上已是监测对象的，先按“已纳入”记一条。每个走访人一个工作簿。
#
# The list goes into the ledger: why each household is on it, and with what probability; who is monitored already is first
# taken over as such. Each visitor gets a workbook.

# %%
print("新记入 new events:", fr.record_list(ledger, january.frame).new)
sheets = fr.visit_sheets(january.frame, register, model, folder / "2024-01-31", per="visitor")
[path.name for path in sheets]

# %% [markdown]
# ## 走访（这里由程序代填），读回，记入台账
# 十户中约一户外出；名单上第一户的日期忘了填。读回时写明哪个文件、哪一行有问题，这一户不记入台账，下月再去。同一份表记两遍，不会多出什么。
#
# The visits (played by code here), read back and recorded. One household in ten is away, and the visitor of the first one
# forgot the date: reading names the file and the row, and the household is not recorded but visited next month. The
# same sheets recorded twice add nothing.

# %%
recognised = fr.outcomes(register, "2023-12-31", horizon_months=12)["event_date"]


def fill_in(sheets, plan, seed):
    """Play the visitors: write into the cell to the right of each question, and save the workbooks."""
    rng, found = np.random.default_rng(seed), {}
    for one in plan.frame.itertuples():
        away, chance, days = rng.random() < 0.1, rng.random() < 0.01, int(rng.integers(3, 15))
        true = one.monitored or chance or recognised.get(one.household_id, pd.NaT) > pd.Timestamp(one.as_of)
        found[one.household_id] = {
            "走访方式": "未见到" if away else "入户",
            "联系结果": "外出" if away else "见到户主",
            "核实结果": None if away else "属实" if true else "不属实",
            "日期": (pd.Timestamp(one.as_of) + pd.Timedelta(days=days)).strftime("%Y-%m-%d"),
            "走访人": one.visitor,
        }
    found[plan.frame["household_id"].iloc[0]]["日期"] = None
    for path in sheets:
        book, answers = openpyxl.load_workbook(path), {}
        for row in (row for sheet in book.worksheets for row in sheet.iter_rows()):
            for cell, right in itertools.pairwise(row):
                answers = found.get(right.value, {}) if cell.value == "户编号" else answers
                if cell.value in answers:
                    right.value = answers[cell.value]
        book.save(path)


fill_in(sheets, january, seed=1)
visits = fr.read_visits(sheets, list=january.frame)
for problem in visits.attrs["problems"]:
    print("有问题 problem:", problem["text"].shown(lang))
for _ in range(2):
    new, known, refused = fr.record_visits(ledger, visits, plan=january.frame)
    print(f"新记入 new: {new}, 已有 known: {known}, 不能记 refused: {len(refused)}")
visits.groupby(["event", "result"]).size().to_frame("households")

# %% [markdown]
# ## 台账：各户到了哪一步，什么到期
# `verify` 核对整条哈希链。还没见到的户，核实已经逾期；核实属实的户，15 天内该认定而没有认定。名单带进台账的监测对象，
# 名单不知识别之日，期限按农户档案所记的识别之日起算；档案也不知道的，没有期限。
#
# The ledger: where households stand, and what is due by whom. `verify` checks the whole chain of hashes. Who was not met is
# overdue for verification; who was verified should have been recognised within 15 days. The list does not know since when
# those are monitored whom it brought in: their deadlines run from the day of recognition that the register knows, and there are none
# where it does not.

# %%
_ = ledger.verify()
print(ledger.state("2024-02-29")["state"].value_counts().to_string())
due = ledger.due("2024-02-29", register=register)
due.groupby(["due", "by"])["days_overdue"].agg(["size", "max"])

# %% [markdown]
# ## 二月、三月：同样的几句
# 没见到的户先去；正在识别的、刚查过不属实的不再列。二月核实属实的户，县里隔一户纳入一户，好看出台账怎样催办另一半。
#
# February and March: the same lines again. Who was not met comes first; who is being recognised, or was found untrue lately,
# is left out. Of those verified in February the county enters every second one, to show how the ledger asks for the others.

# %%
verified = ledger.state("2024-02-29").query("state == 'verified'")["household_id"].iloc[::2]
ledger.extend(pd.DataFrame({"household_id": verified, "event": "entered", "on": "2024-02-26", "who": "county"}))
plans = {"2024-01-31": january}
for seed, day in enumerate(["2024-02-29", "2024-03-31"], start=2):
    last = list(plans.values())[-1].of_last_round()
    plan = plans[day] = planned(day, previous=last, states=ledger.state(day))
    fr.record_list(ledger, plan.frame)
    sheets = fr.visit_sheets(plan.frame, register, model, folder / day, per="visitor")
    fill_in(sheets, plan, seed)
    fr.record_visits(ledger, fr.read_visits(sheets, list=plan.frame), plan=plan.frame)
overdue = ledger.due("2024-04-30", register=register).query("days_overdue > 0")
print(overdue.groupby(["due", "by"]).size().to_string())
told = [plan.summary().set_index(["about", "code"])["households"].rename(day) for day, plan in plans.items()]
pd.concat(told, axis=1).fillna(0).astype(int)

# %% [markdown]
# ## 两个月里谁的风险变了，为什么
# Whose risk changed between January and March, and which facts moved it.

# %%
changed = fr.changes(model, register, "2024-01-31", "2024-03-31")
print(changed)
rising = changed.frame.query("not_at_risk_after == ''").nlargest(3, "log_odds_change")
why = rising.merge(changed.reasons(lang=lang, n_reasons=1))[["household_id", "risk_before", "risk_after", "change_1"]]
why.style.format({"risk_before": "{:.1%}", "risk_after": "{:.1%}"}).hide()

# %% [markdown]
# ## 长期跟踪风险系数
# 一月按风险列入的前五户，每个点只用当日已登记的内容；空心点表示当日已是监测对象或已低于监测线。
#
# The risk of the first five that January's list has by risk, each point from what was on record on its day. Hollow marks:
# monitored or below the line already.

# %%
highest = january.frame.query("section == 'model'").nlargest(5, "risk")["household_id"]
days = ["2023-03-31", "2023-06-30", "2023-09-30", "2023-12-31", *plans]
series = fr.risk_series(model, register, days=days, households=highest)
_ = plots.risks_over_time(series, model=model, lang=lang)

# %% [markdown]
# ## 到了年底：名单准不准？加权和不加权
# 三个月有结果的走访共 210 次，抽查 96 次，其中属实的只有 6 户，所以加权占比的区间很宽。不加权的占比只是去看过的户的，
# 明显偏高；加权的才是全体农户的，可与台账此后认定的占比（`everybody`）对照。
#
# At the end of the year: was the list right? Of 210 visits with a result 96 were drawn, and only 6 of these verified: so few
# that the weighted share has a wide interval. The unweighted share is that of those looked at, and much too high; the
# weighted one is that of everybody, to be held against what the register recognised in the end (`everybody`).

# %%
day = "2023-12-31"
labels = fr.visit_labels(ledger, day)
print(labels.groupby("at_random")["verified"].agg(["size", "sum"]).to_string())
shares = fr.visit_shares(ledger, by=["tier"]).query("month == 'all'")
print(shares[["how", "category", "told", "verified", "share_verified", "low", "high"]].round(2).to_string(index=False))
asked = {"measures": ["base_rate", "auc"], "register": register}
found = fr.evaluate_visits(model.score(register, day, n_reasons=0), ledger, **asked)
shown = found.query("against == 'visits' or weighting == 'everybody'").sort_values("measure", ascending=False)
columns = ["measure", "against", "weighting", "value", "low", "high", "effective"]
shown[columns].style.format(precision=3, na_rep="").hide()

# %% [markdown]
# ## 用走访结果重新训练
# 至少要有 20 次属实、20 次不属实、20 次随机抽查。只用一月的，不够，会说明缺什么；三个月的够了，但仍很少，
# 多半仍用按认定生成的树，只校正总体水平。
#
# Learning from the visits takes at least 20 verified, 20 refuted and 20 drawn at random. January alone is refused, and the
# message says why; three months are enough, but few: the trees grown on recognition are kept, only the level is mended.

# %%
settings = {"classifier": fr.MonotoneBoosting(max_iter=60, learning_rate=0.1), "n_folds": 3}
years = ["2022-12-31", day]
only_january = ledger.events().query("list_id == @january.list_id")
try:
    fr.RiskModel(**settings).fit(register, as_of=years, visits=only_january)
except fr.errors.NotEnoughDataError as error:
    print(error.message.shown(lang))
learnt = fr.RiskModel(**settings).fit(register, as_of=years, visits=ledger)
ledger.close()
told = ["by_list", "at_random", "verified_by_list", "verified_at_random", "effective", "trees"]
told += ["share_verified", "share_verified_weighted", "share_recognised"]
pd.Series({name: learnt.visits_[name] for name in told})

# %% [markdown]
# **下一步：** 用自己的数据照做，命令行的次序见[从名单到走访再回收](../docs/zh/visits.md)；权重的道理和局限见
# [从走访结果中学习](../docs/zh/visits-learning.md)。名单只建议去哪里，属实不属实由走访的人定，纳入与否按程序由人决定。
#
# **Next:** do the same with your own data; [from the list to the visit and back](../docs/en/visits.md) gives the commands in
# their order, [learning from visits](../docs/en/visits-learning.md) what the weights do and cannot do. The list proposes whom
# to visit; visitors find what is true, and people decide by the procedure.
