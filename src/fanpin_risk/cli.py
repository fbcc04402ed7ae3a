"""The command line: one command is one public function; it formats, the library works.

Exit codes: 0 done; 1 done, but ``check --strict`` found rejected rows; 2 wrong usage; 3 the input cannot be used
(one line on stderr says why and what to do); 130 interrupted.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

import fanpin_risk as fr
from fanpin_risk.errors import FanpinError, InputError

if TYPE_CHECKING:
    import pandas as pd

    from fanpin_risk.cohort import Target
    from fanpin_risk.lines import MonitoringLines
    from fanpin_risk.model import RiskModel
    from fanpin_risk.register import Register

__all__ = ["main"]

Lang = Literal["zh", "en"]
Format = Literal["csv", "xlsx", "parquet"]
Missingness = Literal["none", "reported"]

EXIT_REJECTED = 1
EXIT_INPUT = 3
EXIT_INTERRUPTED = 130
OTHER_ENDINGS = (".txt", ".xls", ".json", ".tsv", ".html", ".doc", ".docx", ".pdf")  # of files that are not written
DEMO_HOUSEHOLDS = 41_609  # the register of Tieling: 41,609 households, 86,922 persons
DEMO_TRAIN_DAYS = ("2021-12-31", "2022-12-31")
DEMO_TEST_DAY = "2023-12-31"
DEMO_SCORE_DAY = "2024-12-31"

WATCHLIST_HEADERS = {
    "rank": "序号",
    "household_id": "户编号",
    "area_code": "行政区划代码",
    "as_of": "数据截止日",
    "tier": "风险等级",
    "monitored": "已是监测对象",
    "cause": "主要风险",
    "model": "模型",
}
SEVERITIES = {"rejected": "退回", "blanked": "置空", "warning": "提醒"}
TIERS = {"high": "高", "medium": "中", "low": "低"}


class Teller:
    """Says things to the user, in the chosen language, on stderr; results go to files or stdout."""

    def __init__(self, lang: Lang, *, quiet: bool = False) -> None:
        self.lang = lang
        self.quiet = quiet

    def __call__(self, zh: str, en: str) -> None:
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
                bar.set_postfix_str(label[:40], refresh=False)
                bar.update(done - bar.n)

            yield move


def _day(_context: click.Context, _parameter: click.Parameter, value: Any) -> Any:
    from datetime import date

    def one(text: str) -> str:
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            raise click.BadParameter(f"expected a day such as 2024-12-31, got {text!r}") from None

    if value is None:
        return None
    return tuple(one(text) for text in value) if isinstance(value, tuple) else one(value)


lang_option = click.option(
    "--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Language of texts and messages."
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


def _read(
    path: Path, tell: Teller, *, data_date: str | None = None, id_key: Path | None = None, encoding: str | None = None
) -> Register:
    key = id_key.read_bytes().strip() if id_key is not None else None
    with tell.progress("读取台账", "reading the register") as progress:
        register = fr.read_register(path, data_date=data_date, id_key=key, encoding=encoding, progress=progress)
    _tell_rows(register, tell)
    return register


def _tell_rows(register: Register, tell: Teller) -> None:
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


def _load(model: str, *, lines: MonitoringLines | None = None) -> RiskModel:
    from fanpin_risk.bundle import demo_model

    loaded: RiskModel = fr.load_model(demo_model() if model == "demo" else model)
    return loaded if lines is None else loaded.set_params(lines=lines)


def _lines(file: Path | None) -> MonitoringLines | None:
    return None if file is None else fr.MonitoringLines.read(file)


def _tell_model(model: RiskModel, as_of: str, tell: Teller) -> None:
    """Say what a reader of the scores must know of the model and of the monitoring line."""
    if model.synthetic_:
        tell(
            f"注意：模型“{model.name}”由模拟数据训练，仅供试用，不得用于实际决策。",
            f"note: the model {model.name!r} was trained on synthetic data: for trying out, not for decisions.",
        )
    lines = fr.MonitoringLines() if model.lines is None else model.lines
    basis = lines.basis("", int(as_of[:4]))
    if basis not in ("sourced", "user"):
        zh = basis.replace("carried forward from", "沿用").replace("carried back from", "沿用")
        for word, said in (
            ("proxy", "借用外地标准"),
            ("unverified", "未核实"),
            ("sourced", "有出处"),
            ("user", "自定"),
        ):
            zh = zh.replace(word, said)
        tell(
            f"注意：{as_of[:4]} 年未列明标准的地区所用监测线为：{zh}。请用 --lines 提供本地标准。",
            f"note: the monitoring line of {as_of[:4]} for areas without their own is: {basis}. Give your own with --lines.",
        )


def _check_ending(out: Path) -> None:
    from fanpin_risk.outputs import FORMATS

    if out.suffix not in FORMATS:
        raise InputError(f"{out.name}: expected a file that ends in {', '.join(FORMATS)}")


def _pseudonyms(ids: tuple[str, ...], id_key: Path) -> tuple[str, ...]:
    import pandas as pd

    from fanpin_risk.privacy import pseudonymise

    return tuple(pseudonymise(pd.Series(ids, dtype="str"), id_key.read_bytes().strip()))


@contextmanager
def _errors_in_one_line() -> Iterator[None]:
    try:
        yield
    except FanpinError as error:
        click.echo("fanpin-risk: " + " ".join(str(error).split()), err=True)
        sys.exit(EXIT_INPUT)
    except KeyboardInterrupt:
        click.echo("fanpin-risk: interrupted; finished files are whole, the rest was not written", err=True)
        sys.exit(EXIT_INTERRUPTED)


class Commands(click.Group):
    """A group whose commands turn errors raised on purpose into one line and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with _errors_in_one_line():
            return super().invoke(ctx)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="fanpin-risk", prog_name="fanpin-risk")
def main() -> None:
    r"""Find households at risk of returning to poverty (返贫风险), and say why.

    A register is a folder of csv, xlsx or parquet files, with English or Chinese headers. Try

    \b
        fanpin-risk demo                                  everything, on a synthetic county
        fanpin-risk check  REGISTER                       what is wrong or missing in the files
        fanpin-risk train  REGISTER --as-of 2022-12-31 --out model
        fanpin-risk score  REGISTER --as-of 2024-12-31 --model model --out scores

    The result proposes visits; people decide.

    \b
    Exit codes: 0 done, 1 'check --strict' found rejected rows, 2 wrong usage,
    3 the input cannot be used (stderr says why and what to do), 130 interrupted.
    """


@main.command()
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("fanpin_demo"),
    show_default=True,
    help="Folder for everything the demo writes.",
)
@click.option(
    "--households",
    type=click.IntRange(2000, 2_000_000),
    default=DEMO_HOUSEHOLDS,
    show_default=True,
    help="Size of the synthetic county; the default is Tieling's.",
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Seed of the synthetic county and of the model.",
)
@lang_option
@quiet_option
def demo(out: Path, households: int, seed: int, lang: Lang, quiet: bool) -> None:
    """Run the whole job on a synthetic county: make, check, train, score, explain, list.

    Writes the register as Chinese csv files (GB18030) the way offices export them, reads it back with all
    checks, trains on two years, tests on the next, scores the last day and writes the watch list with reasons.
    No person in it exists.
    """
    import time

    from fanpin_risk.outputs import write_table

    tell = Teller(lang, quiet=quiet)
    began = time.perf_counter()
    with tell.progress("1/6 生成合成台账", "1/6 making a synthetic register") as progress:
        made = fr.make_register(households, seed, progress=progress)
    folder = out / "register"
    tell(f"    写入 {folder}（中文表头 GB18030 csv）", f"    writing {folder} (Chinese headers, GB18030 csv)")
    made.to_folder(folder, format="csv", headers="zh", encoding="gb18030", wide_incomes=True)
    tell("2/6 读取并检查", "2/6 reading and checking")
    register = _read(folder, tell)
    register.source = made.source  # so that the model's card says that it was trained on a synthetic register
    _write_problems(register, out / "check")
    tell("3/6 训练", "3/6 training")
    model = _train(register, DEMO_TRAIN_DAYS, tell, horizon=12, target="newly_monitored", seed=seed, name="demo")
    fr.save_model(model, out / "model", overwrite=True)
    tell("4/6 用未见过的一年检验", "4/6 testing on a year never seen")
    _tell_test(model, register, tell)
    tell("5/6 评分并解释", "5/6 scoring and explaining")
    scores = _score(model, register, DEMO_SCORE_DAY, tell, top=3, lang=lang)
    write_table(scores, out / "scores.csv")
    write_table(model.unscored(register, DEMO_SCORE_DAY), out / "unscored.csv")
    tell("6/6 走访建议名单", "6/6 the watch list")
    listed = fr.watchlist(scores)
    write_table(_headed(listed, lang, model.horizon_months_), out / "watchlist.csv")
    _show(listed)
    seconds = time.perf_counter() - began
    tell(
        f"用时 {seconds:.0f} 秒。名单：{out / 'watchlist.csv'}；全部评分：{out / 'scores.csv'}；模型：{out / 'model'}",
        f"{seconds:.0f} s. Watch list: {out / 'watchlist.csv'}; all scores: {out / 'scores.csv'}; model: {out / 'model'}",
    )


@main.command()
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--households", type=click.IntRange(1, 2_000_000), default=1000, show_default=True, help="Number of households."
)
@click.option(
    "--years", type=click.IntRange(2, 8), default=5, show_default=True, help="Years of records, up to the end of 2024."
)
@click.option(
    "--mean-size",
    type=click.FloatRange(1.8, 3.9),
    default=2.09,
    show_default=True,
    help="Mean number of members (Tieling 2.09; the national register of 2014 3.04).",
)
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="The same seed gives the same register."
)
@click.option(
    "--missingness",
    type=click.Choice(["none", "reported"]),
    default="none",
    show_default=True,
    help="'reported' drops fields at the rates found in a real county.",
)
@click.option(
    "--format",
    "file_format",
    type=click.Choice(["csv", "xlsx", "parquet"]),
    default="csv",
    show_default=True,
    help="Kind of files.",
)
@click.option(
    "--headers",
    type=click.Choice(["zh", "en"]),
    default="zh",
    show_default=True,
    help="Chinese or English headers and codes.",
)
@click.option(
    "--encoding",
    type=click.Choice(["utf-8-sig", "gb18030", "utf-8"]),
    default="utf-8-sig",
    show_default=True,
    help="Encoding of csv files.",
)
@click.option("--title-rows", is_flag=True, help="A title and a note above the header, as in office exports.")
@click.option("--units", is_flag=True, help="Units in brackets behind the headers, as in 金额（元）.")
@click.option("--wide-incomes", is_flag=True, help="One row per household and year, one column per income item.")
@click.option("--total-row", is_flag=True, help="A 合计 row at the end of each sheet.")
@lang_option
@quiet_option
def synth(
    out: Path,
    households: int,
    years: int,
    mean_size: float,
    seed: int,
    missingness: Missingness,
    file_format: Format,
    headers: Lang,
    encoding: str,
    title_rows: bool,
    units: bool,
    wide_incomes: bool,
    total_row: bool,
    lang: Lang,
    quiet: bool,
) -> None:
    """Write a synthetic register to the folder OUT, in any layout that offices use.

    It follows a documented process with shocks, support and monitoring decisions; no person in it exists.
    """
    tell = Teller(lang, quiet=quiet)
    with tell.progress("生成合成台账", "making a synthetic register") as progress:
        register = fr.make_register(
            households, seed, years=years, mean_size=mean_size, missingness=missingness, progress=progress
        )
    register.to_folder(
        out,
        format=file_format,
        headers=headers,
        encoding=encoding,
        title_rows=title_rows,
        units=units,
        wide_incomes=wide_incomes,
        total_row=total_row,
    )
    tell(f"已写入 {out}", f"written to {out}")


@main.command()
@register_argument
@reading_options
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for problems.csv, coverage.csv and the rejected rows, each with its reason, to mend and import again.",
)
@click.option("--strict", is_flag=True, help="Exit with 1 if any row or file was rejected.")
@lang_option
def check(
    register: Path,
    data_date: str | None,
    id_key: Path | None,
    encoding: str | None,
    out: Path | None,
    strict: bool,
    lang: Lang,
) -> None:
    """Say what is wrong and what is missing in REGISTER; nothing is changed.

    All problems are found in one go, with table, row number and column, and what was expected. Values of persons are
    never shown.
    """
    tell = Teller(lang)
    checked = _read(register, tell, data_date=data_date, id_key=id_key, encoding=encoding)
    _show_check(checked, lang)
    if out is not None:
        _write_problems(checked, out)
        tell(f"明细已写入 {out}", f"details written to {out}")
    if strict and len(checked.rejects):
        sys.exit(EXIT_REJECTED)


@main.command()
@register_argument
@lines_option
@day_option
@reading_options
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write: .csv, .parquet or .xlsx.",
)
@click.option(
    "--model",
    metavar="FOLDER",
    help="Model whose references of the areas to use; default: those of this register on the day.",
)
@lang_option
@quiet_option
def features(
    register: Path,
    lines_file: Path | None,
    as_of: str,
    data_date: str | None,
    id_key: Path | None,
    encoding: str | None,
    out: Path,
    model: str | None,
    lang: Lang,
    quiet: bool,
) -> None:
    """Compute the features of every household of REGISTER on a day.

    One row per household, one column per feature, empty where it is not known. What each means, its unit and its
    source: fanpin_risk.describe_features() in Python.
    """
    from fanpin_risk.outputs import write_table

    _check_ending(out)
    tell = Teller(lang, quiet=quiet)
    read = _read(register, tell, data_date=data_date, id_key=id_key, encoding=encoding)
    lines = _lines(lines_file)
    references = fr.make_references(read, as_of, lines=lines) if model is None else _load(model).references_
    with tell.progress("计算指标", "computing features") as progress:
        table = fr.compute_features(read, as_of, references=references, lines=lines, progress=progress)
    write_table(table.reset_index(), out)
    tell(
        f"{len(table):,} 户 × {table.shape[1]} 项指标 → {out}",
        f"{len(table):,} households x {table.shape[1]} features -> {out}",
    )


@main.command()
@register_argument
@lines_option
@click.option(
    "--as-of",
    required=True,
    multiple=True,
    callback=_day,
    metavar="DAY",
    help="A training day (YYYY-MM-DD); give several for several years. What happened in the horizon after it must be on record.",
)
@reading_options
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder for the model.")
@click.option("--horizon", type=click.IntRange(1, 60), default=12, show_default=True, help="Months ahead.")
@click.option(
    "--target",
    type=click.Choice(["newly_monitored", "below_line"]),
    default="newly_monitored",
    show_default=True,
    help="What is forecast: being newly recognised as monitored, or net income falling below the line.",
)
@click.option("--name", default="fanpin-risk", show_default=True, help="Name of the model, written beside every score.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of the model.")
@click.option("--overwrite", is_flag=True, help="Replace a model that is already in the folder.")
@lang_option
@quiet_option
def train(
    register: Path,
    lines_file: Path | None,
    as_of: tuple[str, ...],
    data_date: str | None,
    id_key: Path | None,
    encoding: str | None,
    out: Path,
    horizon: int,
    target: Target,
    name: str,
    seed: int,
    overwrite: bool,
    lang: Lang,
    quiet: bool,
) -> None:
    """Train a model on REGISTER, from what was known on past days and what happened after them."""
    if (out / "card.json").exists() and not overwrite:
        raise InputError(f"{out} holds a model already; --overwrite replaces it")
    lines = _lines(lines_file)
    tell = Teller(lang, quiet=quiet)
    read = _read(register, tell, data_date=data_date, id_key=id_key, encoding=encoding)
    model = _train(read, as_of, tell, horizon=horizon, target=target, seed=seed, name=name, lines=lines)
    fr.save_model(model, out, overwrite=overwrite)
    tell(f"模型已写入 {out}", f"model written to {out}")


@main.command()
@register_argument
@lines_option
@day_option
@reading_options
@model_option
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="Folder for the results, or one file (.csv, .parquet, .xlsx) with a folder of the same name for the rest.",
)
@click.option("--top", type=click.IntRange(0, 20), default=3, show_default=True, help="Reasons per household.")
@click.option(
    "--capacity", type=click.IntRange(1), metavar="N", help="Visits on the watch list; default: 2 % of the households."
)
@lang_option
@quiet_option
def score(
    register: Path,
    lines_file: Path | None,
    as_of: str,
    data_date: str | None,
    id_key: Path | None,
    encoding: str | None,
    model: str,
    out: Path,
    top: int,
    capacity: int | None,
    lang: Lang,
    quiet: bool,
) -> None:
    """Score every household of REGISTER on a day, with reasons, and write the watch list.

    Results: scores (one row per household: risk, tier, main cause, reasons with their contributions), watchlist,
    unscored (households not on record on the day, with the reason), problems and rejected rows. The result proposes
    visits; people decide.
    """
    from fanpin_risk.outputs import FORMATS, write_table

    tell = Teller(lang, quiet=quiet)
    one_file = out.suffix in FORMATS
    if out.suffix in OTHER_ENDINGS:
        _check_ending(out)
    loaded = _load(model, lines=_lines(lines_file))
    _tell_model(loaded, as_of, tell)
    read = _read(register, tell, data_date=data_date, id_key=id_key, encoding=encoding)
    scores = _score(loaded, read, as_of, tell, top=top, lang=lang)
    folder = out.with_suffix("") if one_file else out
    write_table(loaded.unscored(read, as_of), folder / "unscored.csv")
    _write_problems(read, folder)
    listed = fr.watchlist(scores, capacity=capacity)
    write_table(_headed(listed, lang, loaded.horizon_months_), folder / "watchlist.csv")
    written = write_table(scores, out if one_file else out / "scores.csv")
    tell(
        f"评分：{written}；名单：{folder / 'watchlist.csv'}",
        f"scores: {written}; watch list: {folder / 'watchlist.csv'}",
    )


@main.command()
@register_argument
@lines_option
@day_option
@reading_options
@model_option
@click.option(
    "--household",
    "households",
    required=True,
    multiple=True,
    metavar="ID",
    help="Household id; give several for several.",
)
@lang_option
def explain(
    register: Path,
    lines_file: Path | None,
    as_of: str,
    data_date: str | None,
    id_key: Path | None,
    encoding: str | None,
    model: str,
    households: tuple[str, ...],
    lang: Lang,
) -> None:
    """Explain the risk of single households of REGISTER in plain words: what speaks for it, what against, what is unknown."""
    loaded = _load(model, lines=_lines(lines_file))
    _tell_model(loaded, as_of, Teller(lang))
    read = _read(register, Teller(lang, quiet=True), data_date=data_date, id_key=id_key, encoding=encoding)
    if id_key is not None:
        households = _pseudonyms(households, id_key)
    explanation = loaded.explain(read, as_of, households=list(households))
    for number, household in enumerate(households):
        if number:
            click.echo()
        click.echo(explanation.letter(household, lang=lang))


# --- shared steps -----------------------------------------------------------------------------------------------------
def _train(
    register: Register,
    days: tuple[str, ...],
    tell: Teller,
    *,
    horizon: int,
    target: Target,
    seed: int,
    name: str,
    lines: MonitoringLines | None = None,
) -> RiskModel:
    model: RiskModel = fr.RiskModel(target=target, random_state=seed, name=name, lines=lines)
    with tell.progress("训练", "training") as progress:
        model.fit(register, as_of=list(days), horizon_months=horizon, progress=progress)
    metrics = model.oof_metrics_
    tell(
        f"    训练日 {', '.join(days)}；基础发生率 {model.base_rate_:.2%}；折外 AUC {metrics['auc']:.3f}，"
        f"平均精度 {metrics['average_precision']:.3f}",
        f"    training days {', '.join(days)}; base rate {model.base_rate_:.2%}; out-of-fold AUC {metrics['auc']:.3f}, "
        f"average precision {metrics['average_precision']:.3f}",
    )
    return model


def _score(model: RiskModel, register: Register, as_of: str, tell: Teller, *, top: int, lang: Lang) -> pd.DataFrame:
    with tell.progress("评分", "scoring") as progress:
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


def _tell_test(model: RiskModel, register: Register, tell: Teller) -> None:
    from sklearn.metrics import average_precision_score, roc_auc_score

    happened = fr.outcomes(register, DEMO_TEST_DAY, 12)
    scores = model.score(register, DEMO_TEST_DAY, top=0, explain=False).set_index("household_id")
    risk = scores["risk"].reindex(happened.index).to_numpy()
    label = happened["outcome"].to_numpy(dtype=int)
    k = max(1, round(len(label) * 0.05))
    # ties are broken by household id, so that the figure is the same on every machine
    listed = happened.assign(risk=risk).sort_values(["risk"], ascending=False, kind="stable").head(k)
    found = int(listed["outcome"].sum())
    auc, precision = roc_auc_score(label, risk), average_precision_score(label, risk)
    tell(
        f"    {DEMO_TEST_DAY} 评分，其后12个月新纳入 {label.sum():,}/{len(label):,} 户：AUC {auc:.3f}，平均精度 {precision:.3f}；"
        f"走访前5%（{k:,}户）可发现 {found / max(1, label.sum()):.0%}，其中 {found / k:.1%} 确被纳入（随机走访为 {label.mean():.1%}）",
        f"    scored on {DEMO_TEST_DAY}; newly monitored in the next 12 months {label.sum():,} of {len(label):,}: AUC {auc:.3f}, "
        f"average precision {precision:.3f}; visiting the top 5 % ({k:,}) finds {found / max(1, label.sum()):.0%} of them, "
        f"{found / k:.1%} of visits are right (at random {label.mean():.1%})",
    )


def _write_problems(register: Register, folder: Path) -> None:
    from fanpin_risk.outputs import write_table

    write_table(register.problems, folder / "problems.csv")
    write_table(register.coverage().reset_index(), folder / "coverage.csv")
    write_table(register.counts.reset_index(), folder / "counts.csv")
    for old in (folder / "rejected").glob("*.csv"):  # of an earlier run
        old.unlink()
    for name, rows in register.rejected_rows.items():
        if len(rows):
            write_table(rows, folder / "rejected" / f"{name}.csv")


def _show_check(register: Register, lang: Lang) -> None:
    from fanpin_risk.schema import TABLES

    zh = lang == "zh"
    counts = register.counts.reset_index()
    click.echo("表 | 读入 | 采用 | 退回" if zh else "table | read | kept | rejected")
    for name, read, kept, rejected in counts[["table", "rows_read", "rows_kept", "rows_rejected"]].to_numpy().tolist():
        shown = f"{TABLES[name].zh} ({name})" if zh else name
        absent = "" if name in register.supplied else ("  （未提供）" if zh else "  (not given)")
        click.echo(f"{shown} | {read:,} | {kept:,} | {rejected:,}{absent}")
    problems = register.problems
    click.echo()
    if len(problems):
        click.echo("问题（每类举一例）" if zh else "problems (one example of each kind)")
        grouped = problems.groupby(["table", "column", "code", "severity"], dropna=False, sort=False)
        for _, same in sorted(grouped, key=lambda item: -len(item[1])):
            text = same["message_zh" if zh else "message"].iloc[0]
            first = same.iloc[0]
            place = first["source"] or first["table"]
            severity = SEVERITIES[first["severity"]] if zh else first["severity"]
            text = text if text.startswith(place) else f"{place}: {text}"
            click.echo(f"{len(same):>7,} × [{severity}] {text}")
    else:
        click.echo("没有发现问题" if zh else "no problems found")
    coverage = register.coverage().reset_index()
    lacking = coverage[(coverage["share"] < 1.0) & coverage["need"].isin(["key", "required", "core"])]
    if len(lacking):
        click.echo()
        click.echo("重要字段的填写率" if zh else "filled share of the columns that matter most")
        for row in lacking.itertuples():
            click.echo(f"  {row.table}.{row.column}: {row.share:.1%}")


def _headed(listed: pd.DataFrame, lang: Lang, horizon_months: int) -> pd.DataFrame:
    """Put the watch list under the headers of the language, with as many decimals as a reader can use."""
    listed = listed.round({name: 4 if name == "risk" else 2 for name in listed.select_dtypes("float64")})
    if lang != "zh":
        return listed
    headers = WATCHLIST_HEADERS | {"risk": f"{horizon_months}个月内返贫致贫风险"}
    for name in listed.columns:
        for stem, zh in (("reason_", "原因"), ("contribution_", "原因贡献")):
            if name.startswith(stem):
                headers[name] = zh + name.removeprefix(stem)
    shown = listed.rename(columns=headers)
    shown[headers["tier"]] = listed["tier"].map(TIERS)
    shown[headers["monitored"]] = listed["monitored"].map({True: "是", False: "否"})
    return shown


def _show(listed: pd.DataFrame) -> None:
    for row in listed.head(5).to_dict("records"):
        reasons = [
            text for name, text in row.items() if str(name).startswith("reason_") and isinstance(text, str) and text
        ]
        click.echo(f"{row['rank']:>4}  {row['household_id']}  {row['risk']:.1%}  {row['cause']}")
        for text in reasons:
            click.echo(f"        - {text}")


if __name__ == "__main__":
    main()
