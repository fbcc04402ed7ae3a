"""One household over time: its income, its records, and its risk on each of the given days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import logit

from fanpin_risk.asof.counted_income import counted_year, end_of_newest_year
from fanpin_risk.asof.days import to_day
from fanpin_risk.asof.income_years import newest_end, years_back
from fanpin_risk.asof.rows import KnownRows
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.asof.welfare import line_of_year
from fanpin_risk.errors import SchemaError
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.model.tiers import TIERS
from fanpin_risk.plots.axes import AMBER, BLUE, GREY, RED, axes_for, plain
from fanpin_risk.plots.fonts import labels_lang, set_font
from fanpin_risk.records.ids import household_name
from fanpin_risk.records.register import Register
from fanpin_risk.watch.risk_series import quarter_ends
from fanpin_risk.words import Language, Message
from fanpin_risk.words.widths import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["history"]

RECORDS_BEFORE = pd.DateOffset(months=12)  # drawn before the first day
LANES_OF_SUPPORT = 5
HEIGHTS = (1.0, 1.25, 1.0)
# Codes that do not say enough by themselves.
ENGLISH_NAMES = {
    "job_loss": "lost work",
    "business_failure": "failed business",
    "price_fall": "fall of prices",
    "weather": "bad weather",
    "pest": "pests",
    "unstable_ex_poor": "formerly poor, unstable",
    "edge": "on the edge of poverty",
    "public_post": "public post",
}
MOST_AMOUNTS, AMOUNTS_APART = 4, 0.1  # amounts written above bars, and the part of the time axis each needs
RISKS_APART = 0.08  # part of the time axis that a risk written above its day needs
ROWS_OF_SHOCKS = 3  # beside each other their texts would overlap


def history(
    model: RiskModel,
    register: Register,
    household_id: str,
    *,
    days: Iterable[Any] | None = None,
    ax: Sequence[Axes] | Figure | None = None,
    lang: Language = "zh",
    whole_id: bool = False,
) -> Any:
    """Draw one household's records over time together with its risk on each day asked.

    Three panels on one time axis. Income and events are what was on record on the last day; the risk of each day is
    what the model said from what was on record on that day, so that an event reported late shows late in the risk.

    Parameters
    ----------
    model : RiskModel
        A fitted model.
    register : Register
        Checked records; those of the household are enough.
    household_id : str
        The household.
    days : iterable of date-like, optional
        Default: the quarter-ends of the three years up to the register's last record, and that day.
    ax : sequence of three matplotlib Axes, or Figure, optional
        Where to draw; a Figure is given the size that the picture needs. Default: a new figure.
    lang : {"zh", "en"}, default "zh"
        Language of the labels; English, with a warning, where no Chinese font is found.
    whole_id : bool, default False
        Whether to show the whole id; by default it is masked.

    Returns
    -------
    ndarray of matplotlib Axes, shape (3,)
        From top to bottom: net income per person against the monitoring line; medical costs, sudden events, support
        and monitoring; risk with its interval and the cut-offs of the tiers.

    Raises
    ------
    SchemaError
        If the household is not in the register, `days` is empty, or `ax` does not hold three Axes.
    MissingPackageError
        If matplotlib is not installed.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> register, model = fr.make_register(50, random_state=0), fr.load_model("demo")
    >>> panels = history(model, register, "H000000003", days=["2022-12-31", "2023-12-31"], lang="en")
    >>> panels[2].get_ylabel()
    'Risk'
    """
    one = register.select([household_id])
    asked = quarter_ends(register) if days is None else sorted({to_day(day) for day in days})
    if not asked:
        raise SchemaError("days is empty: expected one day or more")
    lang = labels_lang(lang)
    panels = axes_for(ax, (8.6, 6.6), heights=HEIGHTS)
    if len(panels) != len(HEIGHTS):
        raise SchemaError("ax holds {count} Axes; expected three, of income, events and risk", count=len(panels))
    here = Snapshot(one, asked[-1], lines=model.lines)
    span = (asked[0] - RECORDS_BEFORE, asked[-1])

    _income(panels[0], here, span, lang)
    _events(panels[1], here, span, lang)
    _risk_line(panels[2], model, one, asked, lang)
    margin = (span[1] - span[0]) * 0.02
    for panel in panels:
        panel.set_xlim(span[0] - margin, span[1] + margin)
        panel.grid(axis="x", color="0.9", lw=0.8)
        panel.set_axisbelow(True)
        plain(panel)
    title = Message(
        "Household {household}: records and risk over time (as known on {day})",
        household=household_name(household_id, whole_id=whole_id),
        day=f"{asked[-1]:%Y-%m-%d}",
    )
    panels[0].set_title(title.shown(lang))
    for panel in panels:
        set_font(panel)
    return panels


def _income(ax: Any, here: Snapshot, span: tuple[pd.Timestamp, pd.Timestamp], lang: Language) -> None:
    """Draw each accounting year as a bar from its start to its end, with the monitoring line of the area in that year."""
    rows = here.incomes
    size = here.persons
    newest = end_of_newest_year(here, rows)
    year = years_back(rows, newest)
    lines: dict[pd.Timestamp, float] = {}
    for number in np.unique(year[~np.isnan(year)]):
        own = rows.where(year == number)
        per_person = counted_year(here, own).net[0] / size[0] if size[0] > 0 else np.nan
        end = pd.Timestamp(own.period_end.max())
        begin = max(end - pd.Timedelta(days=364), span[0])
        if np.isnan(per_person) or end < span[0]:
            continue
        line = float(line_of_year(here, newest, int(number), newest_end(own))[0])
        ax.bar(begin, per_person, end - begin, align="edge", color=BLUE, edgecolor="0.3", lw=0.6)
        ax.annotate(
            f"{per_person:,.0f}", (begin + (end - begin) / 2, 0), xytext=(0, 3), textcoords="offset points", ha="center",
            fontsize="small",
        )  # fmt: skip
        ax.plot([begin, end], [line, line], color=RED, lw=1.6, ls="--")
        lines[end] = line
    if lines:
        ax.axhline(0, color="0.3", lw=0.8)
        ax.margins(y=0.15)
        last = lines[max(lines)]
        label = Message("monitoring line\n{amount:,.0f} CNY", amount=last)
        _beside(ax, label.shown(lang), last, fontsize="small", color=RED)
    else:
        _write_inside(ax, Message("no income on record").shown(lang))
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    ax.set_ylabel(Message("Net income\nper person (CNY)").shown(lang))


def _events(ax: Any, here: Snapshot, span: tuple[pd.Timestamp, pd.Timestamp], lang: Language) -> None:
    """Draw a lane for each kind of record, the first on top."""
    names: list[str] = []
    lanes: list[float] = []
    lane = 0.0
    for name, label, draw in (
        ("medical", Message("medical, own pay"), _medical),
        ("shocks", Message("sudden events"), _shocks),
        ("supports", Message("support"), _supports),
        ("monitoring", Message("monitored", context="timeline"), _monitoring),
    ):
        rows = getattr(here, name)
        height = draw(ax, rows, lane, span, lang)
        if not height:
            ax.text(
                0.01, lane - 0.5, Message("nothing on record").shown(lang), transform=ax.get_yaxis_transform(),
                va="center", color="0.45", fontsize="small",
            )  # fmt: skip
            height = 1.0
        names.append(label.shown(lang))
        lanes.append(lane - height / 2)
        lane -= height
        ax.axhline(lane, color="0.85", lw=0.8)
    ax.set_yticks(lanes, names)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(lane, 0)


def _medical(ax: Any, rows: KnownRows, top: float, span: tuple[pd.Timestamp, pd.Timestamp], lang: Language) -> float:
    """Draw what was paid out of pocket in each quarter; the largest is as high as the lane."""
    bills = rows.where((rows.event_date >= np.datetime64(span[0], "D")) & (rows.out_of_pocket_cny > 0))
    if not len(bills):
        return 0.0
    quarter = pd.Series(bills.event_date.astype("datetime64[s]")).dt.to_period("Q").dt.start_time
    quarters = pd.Series(bills.out_of_pocket_cny).groupby(quarter).sum()
    start = quarters.index
    height = 1.5
    high = (height - 0.6) * quarters.to_numpy() / quarters.max()
    ax.bar(start, high, pd.Timedelta(days=80), top - height, align="edge", color="0.45")
    labelled: list[pd.Timestamp] = []
    for number in np.argsort(-quarters.to_numpy(), kind="stable"):
        middle = start[number] + pd.Timedelta(days=40)
        if len(labelled) < MOST_AMOUNTS and all(
            abs(middle - other) > AMOUNTS_APART * (span[1] - span[0]) for other in labelled
        ):
            labelled.append(middle)
            ax.annotate(
                _amount(quarters.iloc[number]).shown(lang), (middle, top - height + high[number]),
                xytext=(0, 1), textcoords="offset points", ha="center", fontsize="small",
            )  # fmt: skip
    return height


def _shocks(ax: Any, rows: KnownRows, top: float, span: tuple[pd.Timestamp, pd.Timestamp], lang: Language) -> float:
    inside = rows.where(rows.event_date >= np.datetime64(span[0], "D"))
    if not len(inside):
        return 0.0
    order = np.argsort(inside.event_date, kind="stable")
    rows_used = min(ROWS_OF_SHOCKS, len(order))
    for turn, number in enumerate(order):
        text = _name_of(inside, "kind", int(inside.kind[number])).shown(lang)
        if not np.isnan(inside.loss_cny[number]):
            text += f" {_amount(inside.loss_cny[number]).shown(lang)}"
        day, y = pd.Timestamp(inside.event_date[number]), top - 0.5 - 0.8 * (turn % rows_used)
        ax.plot([day], [y], "X", ms=8, color=RED, mec="0.2")
        _at(ax, text, day, y, span, away=8)
    return 1.0 + 0.8 * (rows_used - 1)


def _supports(ax: Any, rows: KnownRows, top: float, span: tuple[pd.Timestamp, pd.Timestamp], lang: Language) -> float:
    """Draw measures as bars from their start to their end, a line for each kind."""
    end = np.where(np.isnat(rows.end_date), rows.on_day.as_of, rows.end_date)
    rows, end = rows.where(end >= np.datetime64(span[0], "D")), end[end >= np.datetime64(span[0], "D")]
    if not len(rows):
        return 0.0
    newest = pd.Series(rows.start_date).groupby(rows.measure).max().sort_values(ascending=False, kind="stable")
    step = 0.55
    for line, code in enumerate(newest.index[:LANES_OF_SUPPORT]):
        y = top - (line + 0.6) * step
        for number in np.flatnonzero(rows.measure == code):
            start, until = pd.Timestamp(rows.start_date[number]), pd.Timestamp(end[number])
            shown = [max(start, span[0]), until]
            ax.plot(shown, [y, y], color="#1f5f99", lw=5, alpha=0.55, solid_capstyle="butt")
            if start >= span[0]:
                ax.plot([start], [y], "|", color="0.15", ms=8)
        _beside(ax, _name_of(rows, "measure", int(code)).shown(lang), y, fontsize="x-small")
    lanes = min(len(newest), LANES_OF_SUPPORT)
    if len(newest) > lanes:
        more = Message("{count} more kinds", count=len(newest) - lanes).shown(lang)
        _beside(ax, more, top - (lanes + 0.6) * step, fontsize="x-small")
        lanes += 1
    return max(1.0, (lanes + 0.2) * step)


def _monitoring(ax: Any, rows: KnownRows, top: float, span: tuple[pd.Timestamp, pd.Timestamp], lang: Language) -> float:
    end = np.where(np.isnat(rows.eliminated_on), rows.on_day.as_of, rows.eliminated_on)
    rows, end = rows.where(end >= np.datetime64(span[0], "D")), end[end >= np.datetime64(span[0], "D")]
    if not len(rows):
        return 0.0
    for number in range(len(rows)):
        start = max(pd.Timestamp(rows.identified_on[number]), span[0])
        ax.plot(
            [start, pd.Timestamp(end[number])], [top - 0.5] * 2, color=AMBER, lw=9, solid_capstyle="butt",
        )  # fmt: skip
        _at(ax, _name_of(rows, "type", int(rows.type[number])).shown(lang), start, top - 0.5, span, away=3)
    return 1.0


def _amount(amount: float) -> Message:
    return Message("{amount:,.0f} CNY", amount=amount)


def _name_of(rows: KnownRows, column: str, code: int) -> Message:
    """Return what a code is called: in Chinese as the register writes it."""
    codes = rows.declaration[column].codes
    name = list(codes)[code]
    return Message(ENGLISH_NAMES.get(name, name.replace("_", " ")), zh=codes[name][0])


def _risk_line(ax: Any, model: RiskModel, one: Register, days: Sequence[pd.Timestamp], lang: Language) -> None:
    """Draw the risk of each day with its interval, and where the tiers begin."""
    risk = np.full(len(days), np.nan)
    for number, day in enumerate(days):
        table = model.features_of(one, day)
        if len(table):
            risk[number] = model.risk_of(table, area_code=Snapshot(one, day).area_codes)[0]
    ax.set_ylabel(Message("Risk", context="timeline").shown(lang))
    ax.yaxis.set_major_formatter(lambda share, _: f"{100 * share:g}%")
    known = ~np.isnan(risk)
    if not known.any():
        _write_inside(ax, Message("not on record on any of these days").shown(lang))
        return
    low, high = model.interval_.of(logit(risk[known]))
    at = np.array(days, dtype="datetime64[s]")
    ax.vlines(at[known], low, high, color="0.7", lw=3)
    ax.plot(at, risk, "o-", color="0.1", ms=4, lw=1.4)
    shown = np.flatnonzero(known)
    apart = RISKS_APART * (at[-1] - at[0])
    named: list[int] = []
    for number in (int(shown[-1]), int(shown[np.argmax(risk[shown])]), int(shown[0])):
        if any(abs(at[number] - at[other]) <= apart for other in named):
            continue
        named.append(number)
        ax.annotate(
            percent(risk[number]), (at[number], risk[number]), xytext=(0, 5), textcoords="offset points", ha="center",
            fontsize="small", fontweight="bold",
        )  # fmt: skip
    for tier, style, side in (("high", "-", "bottom"), ("medium", "--", "top")):
        cut = model.tier_thresholds_[tier]
        ax.axhline(cut, color=GREY, lw=1, ls=style)
        name = Message("{tier}", context="line", tier=TIERS[tier])
        _beside(ax, f"{name.shown(lang)} {percent(cut)}", cut, fontsize="small", va=side)
    ax.set_ylim(0, 1.2 * max(high.max(), model.tier_thresholds_["high"]))


def _at(
    ax: Any, text: str, day: pd.Timestamp, y: float, span: tuple[pd.Timestamp, pd.Timestamp], *, away: float
) -> None:
    """Write a text beside a mark: to its left where there is no room on its right."""
    late = day > span[0] + (span[1] - span[0]) * 0.75
    ax.annotate(
        text, (day, y), xytext=(-away if late else away, 0), textcoords="offset points", va="center",
        ha="right" if late else "left", fontsize="small",
    )  # fmt: skip


def _beside(ax: Any, text: str, y: float, **how: Any) -> None:
    """Write a text to the right of a panel, at a height of its scale."""
    ax.annotate(
        text, (1, y), xycoords=ax.get_yaxis_transform(), xytext=(4, 0), textcoords="offset points",
        annotation_clip=False, **{"va": "center"} | how,
    )  # fmt: skip


def _write_inside(ax: Any, text: str) -> None:
    """Write a text into a panel that has nothing else to show."""
    ax.text(0.5, 0.5, text, transform=ax.transAxes, ha="center", va="center", color="0.45")
    ax.set_yticks([])
