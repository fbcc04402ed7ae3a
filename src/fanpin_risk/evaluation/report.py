"""An evaluation as tables, pictures and a page to read first; nothing in it is about a single household."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from fanpin_risk.errors import MissingPackageError, SchemaError, install_command
from fanpin_risk.evaluation.documents import Document
from fanpin_risk.evaluation.groups import GROUPS
from fanpin_risk.evaluation.options import check_lang
from fanpin_risk.evaluation.results import Result
from fanpin_risk.evaluation.wording import EVENTS, Lang, label, model_label, translated
from fanpin_risk.files import write_table, write_text
from fanpin_risk.progress import Progress

if TYPE_CHECKING:
    from fanpin_risk.evaluation.evaluation import Evaluation

__all__ = [
    "BY_FOLD",
    "Tables",
    "comparison_rows",
    "measure_rows",
    "measured",
    "report_tables",
    "summary_of",
    "write_report",
]

Row = Mapping[str, Any]
Tables = dict[str, Result]

BY_FOLD = ("auc", "average_precision", "log_loss", "calibration_error", "mean_risk", "base_rate")
GROUP_MEASURES = ("auc", "mean_risk", "base_rate")
SHOWN = ("auc", "average_precision", "log_loss", "calibration_error", "precision", "recall", "lift")
# What the comparison shows; precision, lift and the errors say the same as recall where the visits are the same.
PAIRED = ("auc", "average_precision", "log_loss", "calibration_error", "recall")
# How figures are written; three decimals where nothing is said.
FORMATS: Mapping[str, str] = {
    "brier": ".4f", "log_loss": ".4f", "calibration_error": ".4f", "lift": ".1f", "precision": ".1%", "recall": ".1%",
    "exclusion_error": ".1%", "inclusion_error": ".1%", "base_rate": ".2%", "mean_risk": ".2%", "visited": ".1%",
    "calibration_gap": ".2%",
}  # fmt: skip
# Tables in the order of the page -> what each holds, in both languages.
FILES: Mapping[str, tuple[str, str]] = {
    "measures": ("各模型的指标及区间", "Measures of every model, with intervals"),
    "by_fold": ("按预测日分列的指标", "Measures by day forecast"),
    "comparison": ("与首个模型的成对比较", "Paired comparison with the first model"),
    "folds": ("各预测日用了哪些训练日", "Which days were learnt from for each day forecast"),
    "choices": ("各参数在更早日期上的对数损失", "Settings tried on earlier days"),
    "calibration": ("校准：预测风险与实际发生率", "Calibration: risk forecast and share observed"),
    "capacity": (
        "走访能力与查准、查全（含并列时的最好最坏情形）",
        "What so many visits find, with best and worst case of ties",
    ),
    "decision": ("决策曲线：净收益", "Decision curve: net benefit"),
    "gains": ("增益曲线", "Gains curve"),
    "lead_time": ("提前多久列入名单", "Months from the list to the event"),
    "groups": ("首个模型在各类农户中的表现", "The first model in groups of households"),
    "fairness": ("同一名单下各类农户的漏评与错评", "Who is missed and who is visited in vain, one list for all"),
    "learning_curve": ("训练日数与指标", "Measures by number of training days"),
}
PICTURES = ("calibration", "capacity", "comparison", "decision", "gains", "lead_time", "learning_curve")


def report_tables(
    evaluation: Evaluation,
    *,
    capacity: float = 0.05,
    n_bootstrap: int = 300,
    random_state: int = 0,
    progress: Progress | None = None,
) -> Tables:
    """Compute all tables of an evaluation.

    Parameters
    ----------
    evaluation : Evaluation
        From :func:`fanpin_risk.evaluate`.
    capacity : int or float, default 0.05
        Visits on each day forecast, or their share of the households.
    n_bootstrap : int, default 300
        Draws of villages for the intervals.
    random_state : int, default 0
        Seed of the draws.
    progress : callable, optional
        Called with (done, total, what).

    Returns
    -------
    dict of str to Result
        Those of ``measures, by_fold, comparison, folds, choices, calibration, capacity, decision, gains, lead_time,
        groups, fairness, learning_curve`` that can be made: the last but one needs fairlearn, the last was asked for.
    """
    how: dict[str, Any] = {"n_bootstrap": n_bootstrap, "random_state": random_state}
    grouped = [name for name in GROUPS if name in evaluation.groups.columns]

    def groups() -> Result:
        parts = [_named(evaluation.by_group(name, measures=GROUP_MEASURES, **how), name) for name in grouped]
        return Result(pd.concat(parts, ignore_index=True), kind="summary")

    def fairness() -> Result | None:
        try:
            parts = [_named(evaluation.fairness(name, capacity=capacity, **how), name) for name in grouped]
        except MissingPackageError:
            return None
        return Result(pd.concat(parts, ignore_index=True))

    make: dict[str, Callable[[], Any]] = {
        "measures": lambda: evaluation.measures(capacity=capacity, **how),
        "by_fold": lambda: evaluation.measures(by=("model", "fold"), measures=BY_FOLD, capacity=capacity, **how),
        "comparison": lambda: evaluation.compare(capacity=capacity, **how) if len(evaluation.models) > 1 else None,
        "folds": lambda: Result(evaluation.folds),
        "choices": lambda: Result(evaluation.choices),
        "calibration": evaluation.calibration,
        "capacity": evaluation.capacity,
        "decision": evaluation.decision,
        "gains": evaluation.gains,
        "lead_time": lambda: evaluation.lead_time(capacity=capacity, **how),
        "groups": groups,
        "fairness": fairness,
        "learning_curve": lambda: None if evaluation.curve is None else evaluation.learning_curve(**how),
    }
    tables: Tables = {}
    for number, (name, table_of) in enumerate(make.items()):
        if progress is not None:
            progress(number, len(make), name)
        table = table_of()
        if table is not None:
            tables[name] = table
    if progress is not None:
        progress(len(make), len(make), "")
    return tables


def _named(table: Result, group: str) -> pd.DataFrame:
    """Return a table of one grouping with the columns group and category."""
    frame = pd.DataFrame(table).rename(columns={group: "category"})
    frame.insert(list(frame.columns).index("category"), "group", group)
    return frame


def summary_of(evaluation: Evaluation, tables: Tables, *, capacity: float = 0.05) -> dict[str, Any]:
    """Return what goes into a model's card: aggregated tables as plain data.

    Parameters
    ----------
    evaluation : Evaluation
        From :func:`fanpin_risk.evaluate`.
    tables : dict
        From :func:`report_tables`.
    capacity : int or float, default 0.05
        Visits that the tables were made for.

    Returns
    -------
    dict
        ``target, horizon_months, synthetic, capacity, models, note_zh, note_en, folds, measures, by_fold, comparison, calibration``
        (of the first model), ``groups, fairness``; tables as lists of rows.
    """
    first = evaluation.models[0]
    calibration = tables["calibration"]
    return {
        "target": evaluation.target,
        "horizon_months": evaluation.horizon_months,
        "synthetic": evaluation.synthetic,
        "capacity": capacity,
        "models": evaluation.models,
        "note_zh": evaluation.note("zh"),
        "note_en": evaluation.note("en"),
        "folds": _plain(tables["folds"]),
        "measures": _plain(tables["measures"]),
        "by_fold": _plain(tables["by_fold"][tables["by_fold"]["model"] == first]),
        "comparison": _plain(tables.get("comparison")),
        "calibration": _plain(calibration[calibration["model"] == first]),
        "groups": _plain(tables["groups"]),
        "fairness": _plain(tables.get("fairness")),
    }


def _plain(table: pd.DataFrame | None) -> list[dict[str, Any]]:
    if table is None:
        return []
    return [{str(key): _value(value) for key, value in row.items()} for row in pd.DataFrame(table).to_dict("records")]


def _value(value: Any) -> Any:
    if isinstance(value, pd.Timestamp):
        return str(value.date())
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (float, np.floating)):
        return float(value) if np.isfinite(value) else None
    return int(value) if isinstance(value, (int, np.integer)) else str(value)


# --- figures in words -------------------------------------------------------------------------------------------------


def measured(row: Row, value: str = "value") -> str:
    """Write a figure with its interval, "—" where it was suppressed or does not exist."""
    how = FORMATS.get(str(row.get("measure")), ".3f")
    figures = [row.get(name) for name in (value, "low", "high")]
    shown = [format(float(x), how) for x in figures if isinstance(x, (int, float)) and np.isfinite(x)]
    if not shown or not isinstance(figures[0], (int, float)):
        return "—"
    return shown[0] if len(shown) < 3 else f"{shown[0]} ({shown[1]} – {shown[2]})"


def measure_rows(
    rows: Iterable[Row], lang: Lang, *, key: str = "model", measures: Sequence[str] = SHOWN
) -> tuple[list[str], list[list[str]]]:
    """Return headers and lines of a table with a line per model (or other key) and a column per measure."""
    lines: dict[str, dict[str, str]] = {}
    for row in rows:
        name = model_label(str(row[key]), lang) if key == "model" else str(row[key])
        lines.setdefault(name, {})[str(row["measure"])] = measured(row)
    present = [name for name in measures if any(name in line for line in lines.values())]
    headers = [label(key, lang), *(label(name, lang) for name in present)]
    return headers, [[name, *(line.get(m, "—") for m in present)] for name, line in lines.items()]


def comparison_rows(rows: Iterable[Row], lang: Lang) -> tuple[list[str], list[list[str]]]:
    """Return headers and lines of the comparison of the first model with the others."""
    headers = (
        ["模型", "指标", "差异（大于0：首个模型更好）", "结论"]
        if lang == "zh"
        else ["Model", "Measure", "Difference (above 0: the first model is better)", "Verdict"]
    )
    lines = []
    for row in rows:
        if row["measure"] not in PAIRED:
            continue
        shown = measured(row, "difference")
        name, verdict = label(str(row["measure"]), lang), label(str(row["verdict"]), lang)
        lines.append([model_label(str(row["model"]), lang), name, shown, verdict])
    return headers, lines


# --- files ------------------------------------------------------------------------------------------------------------


def write_report(
    evaluation: Evaluation,
    path: str | os.PathLike[str],
    *,
    tables: Tables | None = None,
    alarms: pd.DataFrame | None = None,
    lang: Lang = "zh",
) -> Path:
    """Write tables as csv files, pictures as png files and README.md, the page to read first.

    Parameters
    ----------
    evaluation : Evaluation
        From :func:`fanpin_risk.evaluate`.
    path : path-like
        Folder; files of an earlier report are replaced.
    tables : dict, optional
        From :func:`report_tables`. Default: made here.
    alarms : DataFrame, optional
        From :func:`fanpin_risk.leak_alarms`: what was found stands on the page. Default: the page says nothing of leaks.
    lang : {"zh", "en"}
        Language of the page, the tables and the pictures. English tables hold the names by which Python knows models,
        measures and groups.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    SchemaError
        If `lang` is not one of those above.
    """
    check_lang(lang)
    folder = Path(path)
    made = report_tables(evaluation) if tables is None else tables
    for name in FILES:
        if name in made:
            write_table(translated(made[name], lang), folder / f"{name}.csv")
        else:
            (folder / f"{name}.csv").unlink(missing_ok=True)  # of an earlier run
    drawn = _pictures(made, folder, lang)
    write_text(_page(evaluation, made, drawn, lang, alarms).markdown(), folder / "README.md")
    return folder


def _pictures(tables: Tables, folder: Path, lang: Lang) -> list[str] | None:
    """Draw what can be drawn; None if matplotlib is not there."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return None
    from fanpin_risk.plots.fonts import chinese_font

    if lang == "zh" and chinese_font() is None:
        lang = "en"
    wanted = {name: tables[name] for name in PICTURES if name in tables}
    if "comparison" in wanted:
        wanted["comparison"] = wanted["comparison"][wanted["comparison"]["measure"].isin(PAIRED)]
    if "fairness" in tables:
        for group, part in pd.DataFrame(tables["fairness"]).groupby("group", sort=False):
            table = part.drop(columns="group").rename(columns={"category": str(group)})
            wanted[f"fairness_{group}"] = Result(table, kind="fairness")
    drawn = []
    for old in folder.glob("fairness_*.png"):
        old.unlink()
    for name, table in wanted.items():
        figure = Figure()
        try:
            table.plot(figure, lang=lang)
        except SchemaError:  # nothing in it, or all of it suppressed
            (folder / f"{name}.png").unlink(missing_ok=True)
            continue
        figure.savefig(folder / f"{name}.png", dpi=150, metadata={"Software": None})
        drawn.append(f"{name}.png")
    return drawn


def _page(
    evaluation: Evaluation,
    tables: Tables,
    drawn: list[str] | None,
    lang: Lang,
    alarms: pd.DataFrame | None = None,
) -> Document:
    zh = lang == "zh"
    page = Document(lang)
    months = evaluation.horizon_months
    page.title("预测效果评估" if zh else "Evaluation of the forecast")
    if evaluation.synthetic:
        page.important(
            "台账为模拟数据：以下数字只说明程序如何工作，不说明真实效果。"
            if zh
            else "The register is made up: these figures show how the program works, not how well it would do."
        )
    if alarms is not None and (alarms["level"] == "alarm").any():
        page.important(
            "有泄露警报：下列数字好于实际，核实前不可采信（见“泄露检查”）。"
            if zh
            else "A leak alarm rang: the figures are better than the forecast is; do not believe them before it is cleared up "
            "(see the leak check)."
        )
    page.important(evaluation.note(lang))
    days = ("、" if zh else ", ").join(str(day.date()) for day in evaluation.folds["test_day"])
    event = EVENTS[evaluation.target][lang == "en"]
    page.text(
        f"事件：{months}个月内{event}。预测日：{days}。每个预测日只用当日已知的记录和当日已登记的结果训练；括号内为按村"
        "自助法的95%区间；小样本格不显示。"
        if zh
        else f"Event: {event} within {months} months. Days forecast: {days}. For each of them the models learnt from what "
        "was on record by then, outcomes included. In brackets 95 % intervals by drawing villages; small cells are left out."
    )
    page.heading("指标" if zh else "Measures")
    page.table(*measure_rows(_plain(tables["measures"]), lang))
    if "comparison" in tables:
        first = model_label(evaluation.models[0], lang)
        page.heading(f"{first}与其他模型的比较" if zh else f"{first} compared with the others")
        page.text(f"“首个模型”指{first}。" if zh else f"The first model is {first}.")
        page.table(*comparison_rows(_plain(tables["comparison"]), lang))
    if alarms is not None:
        page.heading("泄露检查" if zh else "Leak check")
        found = alarms.loc[alarms["level"] != "ok", "message_zh" if zh else "message_en"].tolist()
        checks = alarms["alarm"].nunique()
        page.list(found)
        if not found:
            page.text(
                f"{checks}项检查，无警报。没有警报不等于没有泄露。"
                if zh
                else f"{checks} checks, no alarm. Silence is no proof that there is no leak."
            )
    page.heading("文件" if zh else "Files")
    page.table(
        ["文件", "内容"] if zh else ["File", "What it holds"],
        [[f"{name}.csv", FILES[name][lang == "en"]] for name in FILES if name in tables],
    )
    if drawn is None:
        page.text(
            f"未画图：没有安装 matplotlib（{install_command('evaluate')}）。"
            if zh
            else f"No pictures: matplotlib is not installed ({install_command('evaluate')})."
        )
    elif drawn:
        page.text(("图：" if zh else "Pictures: ") + ("、" if zh else ", ").join(drawn))
    if "fairness" not in tables:
        page.text(
            f"未做公平性审计：没有安装 fairlearn（{install_command('evaluate')}）。"
            if zh
            else f"No audit of fairness: fairlearn is not installed ({install_command('evaluate')})."
        )
    return page
