"""The command watchlist: whom to visit in a round, why, and whom at random."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

import fanpin_risk as fr
from fanpin_risk.cli.ledgers import tell_recorded
from fanpin_risk.cli.options import (
    DataDate,
    RegisterSource,
    capacity_option,
    group_option,
    lang_option,
    overwrite_option,
    planning_options,
    quiet_option,
)
from fanpin_risk.cli.reading import check_ending, own_lines, read_checked, reading_option
from fanpin_risk.cli.scoring import (
    EventForecast,
    column_of_header,
    event_forecast,
    headed,
    load,
    score_all,
    tell_model,
    tell_nobody,
)
from fanpin_risk.cli.talking import Teller
from fanpin_risk.cli.usage import wrong_usage
from fanpin_risk.errors import InputError
from fanpin_risk.words import LANGUAGES, Message, current_language, listed

if TYPE_CHECKING:
    import pandas as pd

    from fanpin_risk.records.register import Register
    from fanpin_risk.visits.lists_of_day import IfAnother
    from fanpin_risk.watch.visit_plan import OwnUnit, VisitPlan

__all__ = ["own_table", "plan_of_visits"]

BETWEEN_NAMES = re.compile(r"[;\uff1b\u3001,\uff0c]\s*")  # semicolons and commas of both scripts
TWO_COLUMNS = 2


class ScoredDay(NamedTuple):
    """Scores, and what is at hand of where they come from."""

    scores: pd.DataFrame
    register: Register | None
    event: EventForecast | None
    packed: Path | None = None  # the register of the scores, of which no row is in memory


@click.command("watchlist")
@click.argument("source", metavar="SOURCE", type=RegisterSource())
@planning_options
@capacity_option(
    "Visits that can be made in this round, in each unit of --per: a whole number, or a share such as 0.02 (the default) of "
    "the households that could be visited."
)
@group_option
@click.option(
    "--per",
    type=click.Choice(["county", "township", "village", "visitor"]),
    help="Units that have these visits each: places, or the persons responsible (with --visitors); default: one list for all.",
)
@click.option(
    "--visitors",
    "visitors_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Who is responsible for each household: a csv, xlsx or parquet with a column household_id and one with the visitor's code.",
)
@click.option(
    "--previous",
    "previous_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The list of the last round, as this command wrote it: who has not been visited comes first, and is marked after two rounds.",
)
@click.option(
    "--states",
    "states_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="What became of households: a csv, xlsx or parquet with household_id, state (such as verified, refuted, dead, moved) and "
    "since. Without it nobody is known to have been visited.",
)
@click.option(
    "--ledger",
    "ledger_place",
    type=RegisterSource(),
    metavar="LEDGER",
    help="A ledger, a file or the address of a database: where households stand by it takes the place of --states, and who is put "
    "on the list is recorded in it, with the reason and the probability. It is made where it is not there.",
)
@click.option(
    "--if-another",
    type=click.Choice(["refuse", "replace", "keep"]),
    default="refuse",
    show_default=True,
    help="What to do if LEDGER has another list of the same day and place, as with another seed or capacity. replace: its "
    "households that nobody has visited are taken back in the ledger; keep: both lists are carried out.",
)
@click.option(
    "--audit",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.1,
    show_default=True,
    metavar="SHARE",
    help="Share of the visits that goes to households drawn at random, so that one learns what the list misses; each has a known "
    "probability. At least one visit in each unit with two or more; 0: none.",
)
@click.option(
    "--by-rule",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.2,
    show_default=True,
    metavar="SHARE",
    help="Share of the other visits for households that a rule alone lists: a guarantee is not given, or the line not reached.",
)
@click.option(
    "--monitored",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.1,
    show_default=True,
    metavar="SHARE",
    help="Share of the other visits for households that are monitored already.",
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    metavar="N",
    help="Key of the draw and of the order of equal risks; it stands in the list, and with it anybody can make the draw again.",
)
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="File to write: .xlsx or .csv, in words; .parquet, in codes. Beside it: -draws, -left-out and, from a register, -measures.",
)
@overwrite_option
@lang_option
@quiet_option
def plan_of_visits(
    source: Path | str,
    lines_file: Path | None,
    data_date: DataDate,
    id_key: Path | None,
    encoding: str | None,
    model: str | None,
    as_of: str | None,
    capacity: float | None,
    groups: tuple[str, ...],
    per: OwnUnit | None,
    visitors_file: Path | None,
    previous_file: Path | None,
    states_file: Path | None,
    ledger_place: Path | str | None,
    if_another: IfAnother,
    audit: float,
    by_rule: float,
    monitored: float,
    seed: int,
    out: Path,
    overwrite: bool,
    quiet: bool,
) -> None:
    """Plan a round of visits from SOURCE: whom to visit, why, what to check there, and whom to visit at random.

    SOURCE is what 'score' wrote, a folder or a file of scores; or, with --model and --as-of, a register.

    \b
        fanpin-risk watchlist scores --capacity 20 --per township --out visits.xlsx
        fanpin-risk watchlist REGISTER --model model --as-of 2024-12-31 --capacity 8 --per visitor --visitors who.csv --out visits.xlsx
        fanpin-risk watchlist scores --capacity 20 --per township --previous visits.xlsx --ledger county.ledger --out next.xlsx

    The visits go first to households of the last list that nobody has visited; a part is for households drawn at random; of the
    others most go to the highest risks, some to households that a rule alone lists and to the monitored. The dead, moved, merged
    and dissolved are left out, and for six months those whom a visit found not to be at risk; FILE-left-out says who and why. Who
    would be on the list with a tenth more visits, or off it with a tenth fewer, is marked: there is no cliff at the cut.

    The list proposes visits; people decide.
    """  # noqa: D301  click reads the control character
    from fanpin_risk.files import check_target, write_table

    check_ending(out)
    others = {part: out.with_name(f"{out.stem}-{part}{out.suffix}") for part in ("draws", "left-out", "measures")}
    for path in (out, *others.values()):
        check_target(path, "watchlist", overwrite=overwrite)
    if per == "visitor" and visitors_file is None:
        raise wrong_usage(Message("--per visitor needs --visitors: who is responsible for each household"))
    if states_file is not None and ledger_place is not None:
        raise wrong_usage(Message("--states and --ledger both say where households stand: give one of them"))
    tell = Teller(quiet=quiet)
    visitors = None if visitors_file is None else _visitors(visitors_file)
    previous = None if previous_file is None else _last_list(previous_file, tell)
    states = None if states_file is None else own_table(states_file)
    if model is not None:
        day = _scored_now(source, model, as_of, lines_file, data_date, id_key, encoding, tell, groups)
    else:
        day = _scored_before(source, tell, asked=(as_of, lines_file, data_date, id_key, encoding))
    if groups:
        day = day._replace(scores=_of_groups(day.scores, groups))
    if ledger_place is not None:
        from fanpin_risk.visits.recording import states_with_visits

        with fr.Ledger(ledger_place) as ledger:
            states = states_with_visits(ledger)
    planned = partial(
        fr.plan_visits, day.scores, random_state=seed, capacity=capacity, per=per, visitors=visitors, previous=previous,
        states=states, audit=audit, by_rule=by_rule, monitored=monitored,
    )  # fmt: skip
    register = day.register
    if day.packed is not None:  # measures are asked of those who are listed, so that no others need be in memory
        register = fr.read_packed(day.packed, households=planned().frame["household_id"])
    plan = planned(register=register)
    if ledger_place is not None:
        _tell_other_lists(ledger_place, plan, if_another, tell)  # before anything is written
    in_codes = out.suffix.lower() == ".parquet"
    write_table(plan.draws, others["draws"], kind="watchlist")
    write_table(_with_reasons(plan.left_out), others["left-out"], kind="watchlist")
    if plan.measures is not None:
        write_table(plan.measures, others["measures"], kind="watchlist")
    # Last, so that no list is without its draws.
    write_table(plan.frame if in_codes else headed(plan.frame, day.event), out, kind="watchlist")
    _tell_plan(plan, tell)
    if ledger_place is not None:
        with fr.Ledger(ledger_place) as ledger:
            tell_recorded(fr.record_list(ledger, plan.frame, if_another=if_another), tell)
    tell(Message("list {list_id}: {count:,} visits -> {out}", list_id=plan.list_id, count=len(plan.frame), out=out))


def _scored_now(
    source: Path | str, model: str, as_of: str | None, lines_file: Path | None, data_date: DataDate, id_key: Path | None,
    encoding: str | None, tell: Teller, groups: tuple[str, ...],
) -> ScoredDay:  # fmt: skip
    """Score a day of a register."""
    from fanpin_risk.batch.layout import is_packed
    from fanpin_risk.batch.scoring.job import ScoreOptions

    if as_of is None:
        raise wrong_usage(Message("--model scores a register first: give its day with --as-of"))
    loaded = load(model, lines=own_lines(lines_file))
    tell_model(loaded, as_of, tell)
    options = ScoreOptions(lang=current_language(), groups=groups)
    if is_packed(source):
        from fanpin_risk.cli.packed import packed_as_described, score_each_part

        folder = Path(source)
        packed_as_described(folder, tell, model=loaded, given=(data_date, id_key, encoding))
        tables = score_each_part(loaded, folder, as_of, tell, options=options)
        return ScoredDay(tables["scores"], None, event_forecast(loaded), folder)
    register = read_checked(
        source, tell, data_date=data_date, id_key=id_key, encoding=encoding, days=(as_of,), model=loaded
    )
    tables = score_all(loaded, register, as_of, tell, options=options)
    return ScoredDay(tables["scores"], register, event_forecast(loaded))


def _scored_before(source: Path | str, tell: Teller, *, asked: tuple[object, ...]) -> ScoredDay:
    """Read scores."""
    from fanpin_risk.batch.score_files import read_scores

    if any(asked) or any(reading_option(name) for name in ("columns", "queries", "known_lag_days", "hidden", "flat")):
        raise wrong_usage(
            Message("without --model SOURCE is scores, which have been read: leave out --as-of and how files are read")
        )
    scores = read_scores(source)
    if not len(scores):
        tell_nobody("-", tell)
    return ScoredDay(scores, None, None)


def _of_groups(scores: pd.DataFrame, groups: tuple[str, ...]) -> pd.DataFrame:
    """Return the scores of households of any of some named groups, whether these stand in codes or in words."""
    from fanpin_risk.policy.beside_the_model import GROUP_NAMES

    if "groups" not in scores.columns:
        raise InputError(
            "the scores do not say who belongs to which group: score with --group {groups}, or plan from a register",
            groups=groups[0],
        )
    wanted = {*groups, *(GROUP_NAMES[code].shown(lang) for code in groups for lang in LANGUAGES)}
    told = [BETWEEN_NAMES.split(text) for text in scores["groups"].fillna("")]
    return scores[[not wanted.isdisjoint(names) for names in told]].reset_index(drop=True)


def own_table(file: Path) -> pd.DataFrame:
    """Read a table of the user's, its columns by their names in either language."""
    from fanpin_risk.batch.score_files import read_texts
    from fanpin_risk.records.schema import TABLES

    ids = TABLES["households"]["household_id"]
    named = dict.fromkeys((ids.zh, *ids.aliases), "household_id")
    table = read_texts(file)
    table = table.rename(
        columns={one: named.get(str(one).strip()) or column_of_header(str(one).strip()) for one in table}
    )
    if "household_id" not in table.columns:
        raise InputError("{file} has no column household_id", file=file.name)
    return table


def _visitors(file: Path) -> pd.Series:
    """Read who is responsible for each household."""
    table = own_table(file)
    others = [name for name in table.columns if name != "household_id"]
    name = "visitor" if "visitor" in others else others[0] if len(table.columns) == TWO_COLUMNS else None
    if name is None:
        raise InputError("{file} has no column visitor; expected household_id and visitor", file=file.name)
    table = table[table["household_id"].astype("str") != ""]
    repeated = int(table["household_id"].duplicated().sum())
    if repeated:
        raise InputError(
            "{file}: {count} rows repeat a household_id; expected one visitor for each", file=file.name, count=repeated
        )
    return table.set_index("household_id")[name]


def _last_list(file: Path, tell: Teller) -> pd.DataFrame:
    """Read the last list, and who was waiting beside it."""
    import pandas as pd

    previous = own_table(file)
    previous.attrs = {}  # who was waiting stands in the file beside it
    left_out = file.with_name(f"{file.stem}-left-out{file.suffix}")
    if left_out.is_file():
        waiting = own_table(left_out)
        if "reason" in waiting.columns:
            waiting = waiting[waiting["reason"] == "waiting"]
            previous = pd.concat([previous, waiting.reindex(columns=previous.columns)], ignore_index=True)
    else:
        tell(Message("    note: no {file} beside the list: who was waiting then is not known", file=left_out.name))
    return previous


def _with_reasons(left_out: pd.DataFrame) -> pd.DataFrame:
    """Say in words why households are left out, beside the codes."""
    result = left_out.copy()
    said = {code: _why_left_out(code).shown(current_language()) for code in result["reason"].unique()}
    result.insert(2, "says", result["reason"].map(said).astype("str"))
    return result


def _why_left_out(code: str) -> Message:
    from fanpin_risk.asof.outcomes import LEFT_OUT
    from fanpin_risk.watch.last_round import LEFT_OUT_OF_PLAN

    return LEFT_OUT_OF_PLAN[code] if code in LEFT_OUT_OF_PLAN else LEFT_OUT[code]


def _tell_other_lists(place: Path | str, plan: VisitPlan, if_another: IfAnother, tell: Teller) -> None:
    """Refuse a second list of a day and place, or say what becomes of the first one."""
    from fanpin_risk.visits.lists_of_day import lists_of_same_day

    with fr.Ledger(place) as ledger:
        others = lists_of_same_day(ledger, plan.frame, if_another=if_another)
    told = {
        "replace": Message("it is taken back that the others were listed"),
        "keep": Message("it stays, and both are carried out"),
    }
    for one in others.itertuples():
        tell(
            Message(
                "    another list of the day is on record: {list_id}, {count:,} households, {visited:,} of them visited; {what}",
                list_id=one.list_id, count=one.households, visited=one.visited, what=told[if_another],
            )
        )  # fmt: skip


def _tell_plan(plan: VisitPlan, tell: Teller) -> None:
    """Say how many households stand in each section, are left out and why, are near the cut, and were drawn."""
    from fanpin_risk.model.tiers import SECTIONS

    counts = plan.summary()
    by_code = {about: rows.set_index("code")["households"] for about, rows in counts.groupby("about", sort=False)}
    left_out = by_code.get("left_out")
    out = 0 if left_out is None else int(left_out.sum())
    tell(
        Message(
            "    {all:,} households = {listed:,} to be visited + {out:,} left out + {others:,} not listed",
            all=plan.households, listed=len(plan.frame), out=out, others=int(by_code["not_listed"].iloc[0]),
        )
    )  # fmt: skip
    for code, name in SECTIONS.items():
        tell(Message("    {section}: {count:,}", section=name, count=int(by_code["section"][code])))
    if left_out is not None:
        parts = [
            Message("{count:,} {reason}", count=int(count), reason=_why_left_out(str(code)))
            for code, count in left_out.items()
        ]
        tell(Message("    left out: {parts}", parts=listed(parts, between="; ")))
    band = by_code["band"]
    tell(
        Message(
            "    near the cut: {more:,} would be listed with a tenth more visits, {fewer:,} not with a tenth fewer",
            more=int(band["in_with_more"]), fewer=int(band["out_with_fewer"]),
        )
    )  # fmt: skip
    drawn = int(plan.draws["drawn"].sum())
    tell(
        Message(
            "    drawn at random: {drawn:,} of {candidates:,}, in {strata:,} strata; who could have been drawn, and with what "
            "probability, stands beside the list",
            drawn=drawn, candidates=len(plan.draws), strata=plan.draws["draw_stratum"].nunique(),
        )
    )  # fmt: skip
    escalated = int(by_code["escalated"].iloc[0])
    if escalated:
        tell(
            Message(
                "    {count:,} households have waited for two rounds or more: see to it that they are visited",
                count=escalated,
            )
        )
