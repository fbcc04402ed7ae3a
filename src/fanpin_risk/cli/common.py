"""What the commands share: how they talk, their options, and steps that several take."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from gettext import gettext as _
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

import fanpin_risk as fr
from fanpin_risk.errors import FanpinError, InputError
from fanpin_risk.words import LANG_VARIABLE

if TYPE_CHECKING:
    import pandas as pd

    from fanpin_risk.asof.monitoring_lines import MonitoringLines
    from fanpin_risk.asof.outcomes import Target
    from fanpin_risk.model.risk_model import RiskModel
    from fanpin_risk.records.register import Register

Lang = Literal["zh", "en"]

EXIT_REJECTED = 1
EXIT_INPUT = 3
EXIT_ALARM = 4
EXIT_INTERRUPTED = 130

OTHER_ENDINGS = (".txt", ".xls", ".json", ".tsv", ".html", ".doc", ".docx", ".pdf")  # of files that are not written
WATCHLIST_HEADERS = {
    "rank": "序号",
    "household_id": "户编号",
    "area_code": "行政区划代码",
    "as_of": "数据截止日",
    "risk_low": "风险下限（年景差）",
    "risk_high": "风险上限（年景差）",
    "tier": "风险等级",
    "known": "已知记录比重",
    "enough_known": "记录是否足够",
    "monitored": "已是监测对象",
    "cause": "主要风险",
    "model": "模型",
}
TIERS = {"high": "高", "medium": "中", "low": "低"}


# What library functions say of the step they are at; {} stands for what differs.
STEPS = {
    "features and outcomes {}": "{} 的指标与结果",
    "features {}": "{} 的指标",
    "scores {}": "{} 的评分",
    "outcomes": "实际结果",
    "fold {} of {}": "第{}折，共{}折",
    "trees on all rows": "用全部农户训练",
    "{}: features and outcomes": "{}：指标与结果",
    "{}: features of the day forecast": "{}：预测日的指标",
    "{}: newest {} day(s)": "{}：最近{}个训练日",
    "future": "当日之后的记录",
    "canaries": "特征与结果",
    "households": "农户",
    "explain": "解释",
}


def step_zh(what: str) -> str:
    """Say in Chinese which step a library function is at; names of files and days stay.

    Examples
    --------
    >>> step_zh("2022-12-31: features and outcomes"), step_zh("2022-12-31: random forest"), step_zh("lead_time")
    ('2022-12-31：指标与结果', '2022-12-31：随机森林', '提前多久列入名单')
    """
    from fanpin_risk.evaluation.report import FILES
    from fanpin_risk.evaluation.wording import feature_label, filled, model_label

    if (known := filled(what, STEPS)) is not None:
        return known
    if what in FILES:
        return FILES[what][0]
    day, colon, model = what.partition(": ")
    return f"{day}：{model_label(model, 'zh')}" if colon else feature_label(what, "zh")


class Teller:
    """Says things to the user, in the chosen language, on stderr; results go to files or stdout."""

    def __init__(self, lang: Lang, *, quiet: bool = False) -> None:
        self.lang = lang
        self.quiet = quiet

    def __call__(self, zh: str, en: str) -> None:
        """Say something, unless quiet."""
        if not self.quiet:
            click.echo(zh if self.lang == "zh" else en, err=True)

    @contextmanager
    def progress(self, zh: str, en: str) -> Iterator[Callable[[int, int, str], None] | None]:
        """Show a bar that a library function moves by calling (done, total, label)."""
        if self.quiet:
            yield None
            return
        from tqdm import tqdm

        with tqdm(desc=zh if self.lang == "zh" else en, file=sys.stderr, mininterval=0.2, leave=True) as bar:

            def move(done: int, total: int, label: str) -> None:
                bar.total = total
                bar.set_postfix_str((step_zh(label) if self.lang == "zh" else label)[:40], refresh=False)
                bar.update(done - bar.n)

            yield move


def _day(_context: click.Context, _parameter: click.Parameter, value: Any) -> Any:
    from datetime import date

    def one(text: str) -> str:
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            message = _("expected a day such as {example}, got {text!r}")
            raise click.BadParameter(message.format(example="2024-12-31", text=text)) from None

    if value is None:
        return None
    return tuple(one(text) for text in value) if isinstance(value, tuple) else one(value)


lang_option = click.option(
    "--lang",
    type=click.Choice(["zh", "en"]),
    default="zh",
    show_default=True,
    envvar=LANG_VARIABLE,
    show_envvar=True,
    help="Language of texts and messages.",
)
quiet_option = click.option("--quiet", is_flag=True, help="No progress and no summary; errors only.")
day_option = click.option(
    "--as-of",
    required=True,
    callback=_day,
    metavar="DAY",
    help="The day (YYYY-MM-DD). Only what was recorded on or before it is used.",
)
model_option = click.option(
    "--model",
    default="demo",
    show_default=True,
    metavar="FOLDER",
    help="A model saved by 'train'. 'demo' is the model that ships, trained on a synthetic county: for trying out, not for decisions.",
)
lines_option = click.option(
    "--lines",
    "lines_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Your own monitoring lines: a csv with area_prefix, year, line_cny; one row with an empty area_prefix.",
)
days_option = click.option(
    "--as-of",
    required=True,
    multiple=True,
    callback=_day,
    metavar="DAY",
    help="A training day (YYYY-MM-DD); give several for several years. What happened in the horizon after it must be on record.",
)
horizon_option = click.option(
    "--horizon", type=click.IntRange(1, 60), default=12, show_default=True, help="Months ahead."
)
target_option = click.option(
    "--target",
    type=click.Choice(["newly_monitored", "below_line"]),
    default="newly_monitored",
    show_default=True,
    help="What is forecast: being newly recognised as monitored, or net income falling below the line.",
)
register_argument = click.argument("register", metavar="REGISTER", type=click.Path(path_type=Path))


def reading_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of every command that reads a register."""
    for option in (
        click.option("--encoding", metavar="NAME", help="Encoding of csv files; default: UTF-8, else GB18030."),
        click.option(
            "--id-key",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            metavar="FILE",
            help="File with a secret; household and member ids are replaced by keyed hashes made with it.",
        ),
        click.option(
            "--data-date",
            callback=_day,
            metavar="DAY",
            help="Day of the export, for household and member sheets without 数据日期 or 年度.",
        ),
    ):
        command = option(command)
    return command


def learning_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what every command takes that learns from past days of a register."""
    for option in (reading_options, days_option, lines_option, register_argument):
        command = option(command)
    return command


def scoring_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what every command takes that applies a model to a day of a register."""
    for option in (model_option, reading_options, day_option, lines_option, register_argument):
        command = option(command)
    return command


def read_checked(
    path: Path, tell: Teller, *, data_date: str | None = None, id_key: Path | None = None, encoding: str | None = None
) -> Register:
    """Read a register and tell how many rows were kept."""
    key = id_key.read_bytes().strip() if id_key is not None else None
    with tell.progress("读取台账", "reading the register") as progress:
        register = fr.read_register(path, data_date=data_date, id_key=key, encoding=encoding, progress=progress)
    tell_rows(register, tell)
    return register


def tell_rows(register: Register, tell: Teller) -> None:
    """Tell that rows read are rows kept plus rows rejected."""
    read, kept, rejected = (int(register.counts[name].sum()) for name in ("rows_read", "rows_kept", "rows_rejected"))
    tell(
        f"读入 {read:,} 行 = 采用 {kept:,} 行 + 退回 {rejected:,} 行",
        f"{read:,} rows read = {kept:,} kept + {rejected:,} rejected",
    )
    unread = _unread_files(register)
    if len(unread):
        tell(
            f"    另有 {len(unread)} 个文件（工作表）未能读取：{'、'.join(unread)}",
            f"    {len(unread)} file(s) or sheet(s) could not be read: {', '.join(unread)}",
        )


def _unread_files(register: Register) -> list[str]:
    """Name the files or sheets of which no row was taken in."""
    problems = register.problems
    whole = problems[(problems["severity"] == "rejected") & problems["row"].isna()]
    return sorted({str(source) for source in whole["source"]})


def load(model: str, *, lines: MonitoringLines | None = None) -> RiskModel:
    """Load a model, or the one that ships, with own monitoring lines if they are given."""
    from fanpin_risk.model.store import demo_model

    loaded: RiskModel = fr.load_model(demo_model() if model == "demo" else model)
    return loaded if lines is None else loaded.set_params(lines=lines)


def own_lines(file: Path | None) -> MonitoringLines | None:
    """Read own monitoring lines, if a file was named."""
    return None if file is None else fr.MonitoringLines.read(file)


def tell_model(model: RiskModel, as_of: str, tell: Teller) -> None:
    """Say what a reader of the scores must know of the model and of the monitoring line."""
    if model.synthetic_:
        tell(
            f"注意：模型“{model.name}”由模拟数据训练，仅供试用，不得用于实际决策。",
            f"note: the model {model.name!r} was trained on synthetic data: for trying out, not for decisions.",
        )
    lines = fr.MonitoringLines() if model.lines is None else model.lines
    basis = lines.basis("", int(as_of[:4]))
    if basis not in ("sourced", "user"):
        zh = lines.basis("", int(as_of[:4]), lang="zh")
        tell(
            f"注意：{as_of[:4]} 年未列明标准的地区所用监测线为：{zh}。请用 --lines 提供本地标准。",
            f"note: the monitoring line of {as_of[:4]} for areas without their own is: {basis}. Give your own with --lines.",
        )


def visits_of(text: str, *, least: int, example: str) -> float:
    """Read a capacity: a share of the households, or a whole number of visits."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not (0 < number < 1 or (number >= least and text.strip().isdecimal())):  # 1.0 may be meant as a share: all
        message = _("expected a share such as {example}, or a whole number of visits, got {text!r}")
        raise click.BadParameter(message.format(example=example, text=text))
    return number if 0 < number < 1 else int(number)


def check_ending(out: Path) -> None:
    """Refuse a file of a kind that tables are not written to."""
    from fanpin_risk.files import FORMATS

    if out.suffix.lower() not in FORMATS:
        message = _("{name}: expected a file that ends in {endings}")
        raise InputError(message.format(name=out.name, endings=", ".join(FORMATS)))


def check_text_ending(out: Path | None, endings: tuple[str, str]) -> None:
    """Refuse a file of a kind that a text is not written to; None is the screen."""
    if out is not None and out.suffix.lower() not in endings:
        one, other = (ending.removeprefix(".") for ending in endings)
        message = _("{name}: expected a file that ends in .{one} or .{other}")
        raise InputError(message.format(name=out.name, one=one, other=other))


def deliver(text: str, out: Path | None, tell: Teller, zh: str, en: str) -> None:
    """Show a text, or write it to a file and tell so."""
    from fanpin_risk.files import write_text

    if out is None:
        click.echo(text, nl=False)
    else:
        write_text(text, out)
        tell(f"{zh} {out}", f"{en} {out}")


def pseudonyms(ids: tuple[str, ...], id_key: Path) -> tuple[str, ...]:
    """Replace ids as reading with the key does."""
    import pandas as pd

    from fanpin_risk.records.ids import pseudonymise

    return tuple(pseudonymise(pd.Series(ids, dtype="str"), id_key.read_bytes().strip()))


def _show_warning(message: Warning | str, *_where: Any) -> None:
    click.echo("fanpin-risk: note: " + " ".join(str(message).split()), err=True)


@contextmanager
def errors_in_one_line() -> Iterator[None]:
    """Turn errors raised on purpose, warnings and interrupts into one line each."""
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning  # type: ignore[assignment]  # the rest of its arguments is not shown
            yield
    except FanpinError as error:
        click.echo("fanpin-risk: " + " ".join(str(error).split()), err=True)
        sys.exit(EXIT_INPUT)
    except KeyboardInterrupt:
        click.echo("fanpin-risk: " + _("interrupted; finished files are whole, the rest was not written"), err=True)
        sys.exit(EXIT_INTERRUPTED)


def fit(
    register: Register,
    days: tuple[str, ...],
    tell: Teller,
    *,
    horizon: int,
    target: Target,
    seed: int,
    name: str,
    lines: MonitoringLines | None = None,
    leak_check: bool = True,
) -> tuple[RiskModel, pd.DataFrame | None]:
    """Train a model and look for leaks in what it learnt from; None if that was not wanted."""
    model: RiskModel = fr.RiskModel(target=target, random_state=seed, name=name, lines=lines)
    with tell.progress("各训练日的指标与结果", "features and outcomes of the training days") as progress:
        past = []
        for number, day in enumerate(sorted(set(days))):
            if progress is not None:
                progress(number, len(set(days)), day)
            past.append(fr.past_day(register, day, horizon_months=horizon, target=target, lines=lines))
        if progress is not None:
            progress(len(past), len(past), "")
    with tell.progress("训练", "training") as progress:
        model.fit_days(past, horizon_months=horizon, progress=progress)
    metrics = model.oof_metrics_
    tell(
        f"    训练日 {', '.join(days)}；基础发生率 {model.base_rate_:.2%}；折外 AUC {metrics['auc']:.3f}，"
        f"平均精度 {metrics['average_precision']:.3f}",
        f"    training days {', '.join(days)}; base rate {model.base_rate_:.2%}; out-of-fold AUC {metrics['auc']:.3f}, "
        f"average precision {metrics['average_precision']:.3f}",
    )
    if not leak_check:
        return model, None
    with tell.progress("检查信息泄露", "looking for leaks") as progress:
        alarms = fr.leak_alarms(register, days=past, model=model, progress=progress)
    tell_alarms(alarms, tell)
    return model, alarms


def tell_alarms(alarms: pd.DataFrame, tell: Teller) -> None:
    """Print every warning and alarm, the worst first, even when quiet; or that there is none."""
    found = alarms[alarms["level"] != "ok"]
    if not len(found):
        checks = alarms["alarm"].nunique()
        tell(f"    {checks}项泄露检查：无警报", f"    {checks} checks for leaks: no leak alarm")
        return
    from fanpin_risk.evaluation.wording import ALARMS

    for row in found.to_dict("records"):
        named = ALARMS.get(row["alarm"], row["alarm"])
        zh = f"    [{'泄露警报' if row['level'] == 'alarm' else '泄露提醒'}] {named}：{row['message_zh']}"
        click.echo(
            zh if tell.lang == "zh" else f"    [leak {row['level']}] {row['alarm']}: {row['message_en']}", err=True
        )


def any_alarm(alarms: pd.DataFrame | None) -> bool:
    """Tell whether a leak alarm rang; warnings do not count."""
    return alarms is not None and bool((alarms["level"] == "alarm").any())


def score_all(model: RiskModel, register: Register, as_of: str, tell: Teller, *, top: int, lang: Lang) -> pd.DataFrame:
    """Score a register and account for its households."""
    tell_lacking(model, register, tell)
    with tell.progress("评分", "scoring") as progress, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="the register lacks", category=UserWarning)  # told above
        scores = model.score(register, as_of, top=top, lang=lang, progress=progress)
    unscored = len(model.unscored(register, as_of))
    if not len(scores):
        tell(
            f"    注意：{as_of} 当日没有任何在册农户，请核对日期",
            f"    note: no household is on record on {as_of}; check the day",
        )
    tell(
        f"    台账 {len(scores) + unscored:,} 户 = 评分 {len(scores):,} 户 + 当日不在册 {unscored:,} 户",
        f"    {len(scores) + unscored:,} households = {len(scores):,} scored + {unscored:,} not on record on the day",
    )
    return scores


def tell_lacking(model: RiskModel, register: Register, tell: Teller) -> None:
    """Say which whole tables are not there that the model was trained with, even when quiet."""
    from fanpin_risk.records.schema import TABLES

    lacking = model.lacking_tables(register)
    if lacking and tell.lang == "zh":
        listed = "、".join(TABLES[name].zh for name in lacking)
        click.echo(
            f"注意：台账缺少模型训练时所用的表：{listed}。各户在这些方面看起来都一样，落入中间等级的户会过多；请用现有的表重新训练模型。",
            err=True,
        )
    elif lacking:
        click.echo(
            f"note: the register lacks tables that the model was trained with: {', '.join(lacking)}. Households look alike in "
            "what these tell, and too many land in the middle tier; train a model on the tables you have.",
            err=True,
        )


def write_problems(register: Register, folder: Path) -> None:
    """Write what a check found, and the rejected rows."""
    from fanpin_risk.files import write_table

    write_table(register.problems, folder / "problems.csv")
    write_table(register.coverage().reset_index(), folder / "coverage.csv")
    write_table(register.counts.reset_index(), folder / "counts.csv")
    for old in (folder / "rejected").glob("*.csv"):  # of an earlier run
        old.unlink()
    for name, rows in register.rejected_rows.items():
        if len(rows):
            write_table(rows, folder / "rejected" / f"{name}.csv")


def headed(listed: pd.DataFrame, lang: Lang, horizon_months: int) -> pd.DataFrame:
    """Put the watch list under the headers of the language, with as many decimals as a reader can use."""
    listed = listed.round({name: 4 if str(name).startswith("risk") else 2 for name in listed.select_dtypes("float64")})
    if lang != "zh":
        return listed
    headers = WATCHLIST_HEADERS | {"risk": f"{horizon_months}个月内返贫致贫风险"}
    for name in listed.columns:
        for stem, zh in (("reason_", "原因"), ("contribution_", "原因贡献")):
            if name.startswith(stem):
                headers[name] = zh + name.removeprefix(stem)
    shown = listed.rename(columns=headers)
    shown[headers["tier"]] = listed["tier"].map(TIERS)
    for name in ("monitored", "enough_known"):
        shown[headers[name]] = listed[name].map({True: "是", False: "否"})
    return shown
