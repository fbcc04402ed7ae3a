"""Pages that are written from the code itself whenever the documentation is built, so that they cannot fall behind it."""
# ruff: noqa: INP001 - no package

from __future__ import annotations

import base64
import functools
import inspect
import io
import re
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Literal

import click
import pandas as pd

import fanpin_risk as fr
from fanpin_risk import plots
from fanpin_risk.cli import main
from fanpin_risk.cli.language import command_in
from fanpin_risk.features.feature import CAUSES, DOMAINS
from fanpin_risk.records.declarations import Column

Language = Literal["zh", "en"]

ROOT = Path(__file__).resolve().parents[1]
# Evidence has pages of its own; all other benchmarks measure what something costs.
EVIDENCE = "real_panels"
CHINESE = "\u3001-\u303f\u4e00-\u9fff\uff00-\uffef"  # characters and full-width punctuation
MARKS = "\u3001-\u303f\uff00-\uff0f\uff1a-\uff20"
# A line's end between Chinese and Chinese or a link; and between a full-width mark and anything that continues the text.
LINE_END = re.compile(rf"(?<=[{CHINESE}])\n *(?=[{CHINESE}\[])|(?<=[{MARKS}])\n *(?=[`A-Za-z]|\*\*)")

DIRECTIONS = {
    1: "越高，风险不会越低 · more of it never lowers the risk",
    -1: "越高，风险不会越高 · more of it never raises the risk",
    0: "不设方向 · no direction is claimed",
}
NEEDS = {
    "key": "主键，必填 · part of the key",
    "required": "必填 · required",
    "core": "核心 · core",
    "optional": "选填 · optional",
}

# The public interface in the order of the work: heading -> names in fanpin_risk, or in the module said.
INTERFACE: dict[str, tuple[str, tuple[str, ...]]] = {
    "Records": ("", ("read_register", "Register", "make_register", "plant_faults", "MonitoringLines")),
    "Headers of an office": ("", ("describe_columns", "propose_columns", "write_columns", "write_template")),
    "Features": ("", ("compute_features", "describe_features", "make_references", "Snapshot")),
    "Rules beside the model": (
        "",
        ("screen", "household_groups", "contradictions", "monitored_type", "suspicions", "entitlements", "measures"),
    ),
    "Numbers of the rules, and what they answer": ("policy", ("*",)),
    "Outcomes and training days": ("", ("outcomes", "cohort", "training_day", "TrainingDay")),
    "Model": ("", ("RiskModel", "MonotoneBoosting", "save_model", "load_model")),
    "Models on disk": ("model.store", ("model_folder", "add_to_card", "read_card")),
    "Explanation": ("", ("Explanation", "TreeShap")),
    "Uncertainty": ("model.uncertainty", ("RiskInterval", "fit_interval")),
    "Whether enough is known": ("model.known_share", ("KnownShare", "fit_known")),
    "Ledger": ("", ("Ledger", "exit_assessment", "trace")),
    "Visits": (
        "",
        (
            "watchlist",
            "rule_list",
            "disagreements",
            "plan_visits",
            "in_words",
            "visit_sheets",
            "read_visits",
            "record_list",
            "record_visits",
            "write_corrections",
            "accept_corrections",
            "record_accepted",
            "public_notice",
        ),
    ),
    "What was recorded": ("visits", ("Recorded", "AcceptedCorrections")),
    "Learning from visits": ("", ("visit_labels", "evaluate_visits", "visit_shares")),
    "Changes, and risks over time": ("", ("changes", "risk_series")),
    "Plans of visits": ("watch.visit_plan", ("VisitPlan",)),
    "The draw at random": ("watch.draws", ("draw_households", "redrawn", "keyed_order")),
    "Registers of any size": ("", ("pack", "score_register", "screen_register")),
    "On a Spark cluster": ("batch.spark", ("score_register_spark",)),
    "Evidence": ("", ("evaluate", "Evaluation", "leak_alarms", "model_card")),
    "Measures and comparisons": ("evaluation", ("*",)),
    "Plots": ("plots", ("*",)),
    "Reports": ("", ("report",)),
    "Contents of reports": ("reports", ("*",)),
    "Privacy": ("records.ids", ("*",)),
    "Errors": ("errors", ("*",)),
}
# Public names that are not functions or classes: tables of declarations, a text, and modules, whose names are listed apart.
DATA = ("FEATURES", "TABLES", "__version__", "errors", "evaluation", "plots", "policy", "reports")


def features() -> str:
    """Return the catalogue of features as Markdown, one entry for each declaration, by domain."""
    table = fr.describe_features()
    parts = [f"全部 {len(table)} 项 · {len(table)} in all.\n"]
    for domain, name in DOMAINS.items():
        parts.append(f"\n## {name.shown('zh')} · {domain}\n")
        for row in table[table["domain"] == domain].itertuples():
            cause = CAUSES[str(row.cause)]
            parts.append(
                _entry(
                    f"`{row.name}` {row.zh} · {row.en}",
                    f"{cause.shown('zh')} · {cause.shown('en')}；单位 · unit `{row.unit}`",
                    f"{DIRECTIONS[int(str(row.monotone))]}。{row.reason}",
                    f"来源 · source: {row.source}",
                )
            )
    return "\n".join(parts)


def records() -> str:
    """Return the ten record tables as Markdown: every column with its headers, type, codes and need."""
    parts = []
    for table in fr.TABLES.values():
        parts.append(f"\n## {table.zh} · {table.name}\n")
        parts.append(f"主键 · key: {_codes(table.key)}；发生时间 · time: `{table.time}`；")
        parts.append(
            f"缺少登记时间时按滞后 {table.lag_days} 天 · without `recorded_at` known after {table.lag_days} days\n"
        )
        parts += [_entry(f"`{column.name}` {column.zh}", *_facts(column)) for column in table.columns]
    return "\n".join(parts)


def _facts(column: Column) -> Iterable[str]:
    unit = f"，`{column.unit}`" if column.unit else ""
    sensitive = "；敏感 · sensitive" if column.sensitive else ""
    yield f"{NEEDS[column.need]}；`{column.type}`{unit}{sensitive}"
    if column.aliases:
        yield f"其他表头 · other headers: {'、'.join(column.aliases)}"
    if column.codes:
        yield "、".join(f"`{code}` {texts[0]}" for code, texts in column.codes.items())
    if column.note:
        yield column.note


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _entry(term: str, *facts: str) -> str:
    """Return one entry of a definition list."""
    lines = "\\\n  ".join(_plain(fact) for fact in facts)
    return f"{_plain(term)}\n: {lines}\n"


def _plain(text: str) -> str:
    """Keep text of the declarations from being read as Markdown; code stays as it is."""
    parts = re.split("(`[^`]*`)", text)
    parts[::2] = [re.sub(r"([*\[\]<>$|])", r"\\\1", part) for part in parts[::2]]
    return "".join(parts)


def commands(lang: Language) -> str:
    """Return what every command does and takes, as Markdown, in the order of the work."""
    with command_in(lang, main) as translated:
        parts = [_command(translated, "fanpin-risk")]
        for name, command in translated.commands.items():
            parts.append(_command(command, f"fanpin-risk {name}"))
            within = command.commands if isinstance(command, click.Group) else {}
            parts += [_command(one, f"fanpin-risk {name} {below}") for below, one in within.items()]
    return "\n".join(parts)


def _command(command: click.Command, path: str) -> str:
    context = click.Context(command, info_name=path, **main.context_settings)
    records = (option.get_help_record(context) for option in command.get_params(context))
    options = [record for record in records if record and record[1]]
    usage = " ".join([path, *command.collect_usage_pieces(context)])
    parts = [f"\n## {path}\n", f"```text\n{usage}\n```\n", _help(command.help or "")]
    return "\n".join([*parts, *(_entry(f"`{name}`", _options(text)) for name, text in options)])


def _help(text: str) -> str:
    """Return the help of a command; paragraphs that click keeps as they are become blocks."""
    parts = []
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        kept = paragraph.startswith("\b\n")
        parts.append(f"```text\n{paragraph[2:]}\n```\n" if kept else f"{_options(paragraph)}\n")
    return "\n".join(parts)


def _options(text: str) -> str:
    """Mark the options in a text."""
    return re.sub(r"(?<![\w-])(--[a-z-]+)", r"`\1`", text)


def benchmarks() -> str:
    """Return directives that include the page of every benchmark of cost, with its pictures."""
    pages = sorted(path for path in (ROOT / "benchmarks").glob("*/README.md") if path.parent.name != EVIDENCE)
    return "\n".join(
        f"```{{include}} ../benchmarks/{page.parent.name}/README.md\n:heading-offset: 1\n:relative-images:\n```\n"
        for page in pages
    )


def interface() -> str:
    """Return directives that document every public name; those that no heading claims stand under the last one."""
    named: set[str] = set(DATA)
    parts = []
    for heading, (module, names) in INTERFACE.items():
        path = f"fanpin_risk.{module}".rstrip(".")
        home = import_module(path)
        every = _public(home) if names == ("*",) else names
        shown = [name for name in every if name not in named]
        named.update(shown)
        parts.append(_directives(heading, path, shown))
    rest = [name for name in fr.__all__ if name not in named]
    return "\n".join([*parts, _directives("Further", "fanpin_risk", rest)] if rest else parts)


def _public(module: ModuleType) -> list[str]:
    """Return the names of the functions and classes that a module offers."""
    own = [
        name
        for name, value in vars(module).items()
        if inspect.isclass(value) and value.__module__ == module.__name__ and not name.startswith("_")
    ]
    return [name for name in getattr(module, "__all__", own) if callable(getattr(module, name))]


def _directives(heading: str, path: str, names: Iterable[str]) -> str:
    lines = [f"\n## {heading}\n", "```{eval-rst}"]
    for name in names:
        kind = "class" if inspect.isclass(getattr(import_module(path), name)) else "function"
        lines += [f".. auto{kind}:: {path}.{name}", *(["   :members:"] if kind == "class" else []), ""]
    return "\n".join([*lines, "```"])


def notebooks(lang: Language) -> str:
    """Return the list of notebooks with the question of each: the title in Chinese, and in bold type in English."""
    lines = []
    for path in sorted((ROOT / "notebooks").glob("*.py")):
        text = path.read_text(encoding="utf-8")
        title = re.search(r"^# # \d+ (.+)$", text, re.MULTILINE)
        english = re.search(r"^# \*\*\d+ (.+)\*\*$", text, re.MULTILINE)
        question = title if lang == "zh" else english or title
        lines.append(f"- `{path.stem}`: {question[1] if question else ''}")
    return "\n".join(lines)


# Page -> what is written at its end.
PAGES: dict[str, Callable[[], str]] = {
    "en/commands": lambda: commands("en"),
    "zh/commands": lambda: commands("zh"),
    "en/notebooks": lambda: notebooks("en"),
    "zh/notebooks": lambda: notebooks("zh"),
    "reference/features": features,
    "reference/records": records,
    "reference/api": interface,
    "performance": benchmarks,
}
# What the pictures show, for those who do not see them.
PICTURES: dict[str, dict[Language, str]] = {
    "risk_distribution": {
        "zh": "各种风险的户数，标出三个等级",
        "en": "How many households have which risk, with the three tiers",
    },
    "reasons": {"zh": "一户的风险从何而来，逐条相加", "en": "How one household's risk adds up, reason by reason"},
    "weak_points": {"zh": "各乡镇的各类风险", "en": "Which risk categories weigh in which townships"},
    "history": {"zh": "一户几年来的收入、事件和风险", "en": "One household's income, events and risk over the years"},
}
DAY = "2024-12-31"
# Links of pages that also stand in the repository -> where they lead here.
LINKS = {"../benchmarks/real_panels/README.md": "panels.md"}


def complete(page: str, text: str) -> str:
    """Return the source of a page with what the code says, and with links that lead somewhere."""
    for there, here in LINKS.items():
        text = text.replace(f"]({there})", f"]({here})")
    lang: Language = "zh" if page.startswith("zh/") else "en"
    text = re.sub(r"^<!-- picture: (\w+) -->$", lambda mark: picture(mark[1], lang), text, flags=re.MULTILINE)
    return join_lines(text + (f"\n{PAGES[page]()}\n" if page in PAGES else ""))


def picture(name: str, lang: Language) -> str:
    """Return one of the pictures of the package, drawn of a synthetic county, as an image within the page."""
    from matplotlib.figure import Figure

    model, register, scores, explanation, first = _county(lang)
    figure = Figure()
    if name == "risk_distribution":
        plots.risk_distribution(scores, thresholds=model.tier_thresholds_, ax=figure, lang=lang)
    elif name == "reasons":
        plots.reasons(explanation, first, ax=figure, lang=lang)
    elif name == "weak_points":
        where = scores.set_index("household_id")["area_code"]
        plots.weak_points(explanation, by=where, unit="township", ax=figure, lang=lang)
    elif name == "history":
        plots.history(model, register.select([first]), first, ax=figure, lang=lang)
    else:
        raise ValueError(f"no picture {name!r}")
    content = io.BytesIO()
    figure.savefig(content, dpi=110, bbox_inches="tight", metadata={"Software": None})
    code = base64.b64encode(content.getvalue()).decode("ascii")
    return f'<div class="picture"><img alt="{PICTURES[name][lang]}" src="data:image/png;base64,{code}"></div>'


@functools.cache
def _county(lang: Language) -> tuple[fr.RiskModel, fr.Register, pd.DataFrame, fr.Explanation, str]:
    """Return the model that ships and a synthetic county with its scores, and the first of its watch list."""
    model, register = fr.load_model("demo"), fr.make_register(1500, random_state=1)
    scores = model.score(register, DAY, lang=lang)
    first = str(fr.watchlist(scores, capacity=1)["household_id"].iloc[0])
    return model, register, scores, model.explain(register, DAY), first


def join_lines(text: str) -> str:
    """Join lines of Chinese outside of code: a line's end would become a blank between two characters."""
    parts = re.split(r"(^```.*?^```$)", text, flags=re.MULTILINE | re.DOTALL)
    parts[::2] = [LINE_END.sub("", part) for part in parts[::2]]
    return "".join(parts)
