"""Reports of many counties: a page for each, and one with the figures of all that links to them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import pandas as pd

from fanpin_risk.arguments import a_path
from fanpin_risk.asof.days import to_day
from fanpin_risk.batch.division import NO_COUNTY, county_of, partition_names
from fanpin_risk.batch.layout import read_manifest
from fanpin_risk.batch.packed_facts import described
from fanpin_risk.batch.unpacking import read_packed
from fanpin_risk.files import check_target, new_folder, write_table, write_text
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.policy import Policy
from fanpin_risk.progress import Progress
from fanpin_risk.records.places import UNKNOWN_PLACE
from fanpin_risk.records.register import Register
from fanpin_risk.reports.contents import Contents, Per, gather
from fanpin_risk.reports.languages import ReportLanguage
from fanpin_risk.reports.page_sections import forecast
from fanpin_risk.reports.places import SMALLEST_PLACE
from fanpin_risk.reports.rendering import HTML_LANGUAGES, content_policy, read_template, templates, trusted
from fanpin_risk.reports.report_files import write_report
from fanpin_risk.words import Message

__all__ = ["SUMMARY_PAGE", "counties_of", "county_reports"]

SUMMARY_PAGE, FIGURES_FILE, PAGES = "index.html", "counties.csv", "counties"
# Figures of the summary that can be added up, in the order shown.
ADDED_FIGURES = (
    "households", "scored", "monitored", "high", "medium", "low", "already_below_line", "listed", "expected_listed",
    "listed_by_rule", "not_enough_known",
)  # fmt: skip
NOT_SHOWN = "·"


@dataclass(frozen=True)
class _County:
    """A county on the page of all: its key, the name shown, and its figures by key, None where one is not known."""

    key: str
    name: str
    figures: Mapping[str, float | None]

    @property
    def small(self) -> bool:
        return (self.figures["households"] or 0) < SMALLEST_PLACE


def counties_of(register: Register | str | os.PathLike[str]) -> list[str]:
    """Return the keys of the counties of a register, by which :func:`county_reports` divides it.

    Parameters
    ----------
    register : Register or path-like
        Checked records, or a packed register.

    Returns
    -------
    list of str
        Codes, keys made of the names of counties without a code, and ``none`` for households without either.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> counties_of(fr.make_register(50, random_state=0))
    ['211251']
    """
    if isinstance(register, Register):
        return sorted({county_of(name) for name in _homes(register)})
    return sorted({county_of(one.name) for one in read_manifest(register).partitions if one.households})


def county_reports(
    model: RiskModel,
    register: Register | str | os.PathLike[str],
    as_of: Any,
    path: str | os.PathLike[str],
    *,
    lang: ReportLanguage = "zh",
    capacity: float | None = None,
    per: Per | None = None,
    n_reasons: int = 3,
    names: Mapping[str, str] | None = None,
    mask: bool | None = None,
    monitored_model: RiskModel | None = None,
    policy: Policy | None = None,
    groups: Sequence[str] = (),
    overwrite: bool = False,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Write a page for each county of a register, and one with the figures of all that links to them.

    Of a packed register one county is in memory at a time. Each page is that of :func:`fanpin_risk.report` of the county alone.

    Parameters
    ----------
    model : RiskModel
        A fitted model.
    register : Register or path-like
        Checked records, or a packed register.
    as_of : date-like
        The day; nothing recorded later is seen.
    path : path-like
        Folder to make: ``index.html``, ``counties.csv`` and a page for each county in ``counties``.
    capacity : int or float, optional
        Visits, or share of the households, in each county.
    lang, per, n_reasons, names, mask, monitored_model, policy, groups
        See :func:`fanpin_risk.report`.
    overwrite : bool, default False
        Whether earlier reports of counties that nobody changed are replaced.
    progress : callable, optional
        Called with (counties done, counties in all, name of the county).

    Returns
    -------
    DataFrame
        ``county``, ``name`` and the figures of each, and a last row, with an empty county, of their sums; missing where a figure is
        not known of a county.

    Raises
    ------
    InputError
        If something stands at `path` that is kept, the register cannot be read, or a county takes more memory than is free.
    SchemaError
        If an option is not one of those described.

    Examples
    --------
    >>> import tempfile, fanpin_risk as fr
    >>> model, register = fr.load_model("demo"), fr.make_register(60, random_state=1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     county_reports(model, register, "2024-12-31", folder + "/counties")["county"].tolist()
    ['211251', '']
    """
    folder = a_path("path", path)
    check_target(folder, "county reports", overwrite=overwrite)
    keys, counties = counties_of(register), []
    first: Contents | None = None
    with new_folder(folder, "county reports", overwrite=overwrite) as place:
        for done, (key, part) in enumerate(_each_county(register, keys)):
            if progress is not None:
                progress(done, len(keys), key)
            contents = gather(
                model, part, as_of, capacity=capacity, per=per, n_reasons=n_reasons, names=names,
                monitored_model=monitored_model, policy=policy, groups=groups,
            )  # fmt: skip
            (place / PAGES).mkdir(exist_ok=True)
            write_report(contents, place / PAGES / f"{key}.html", lang=lang, mask=mask)
            counties.append(_County(key, _county_name(key, contents, names), _figures_to_add(contents)))
            first = contents if first is None else first
        if progress is not None:
            progress(len(keys), len(keys), "")
        table = _table_of_counties(counties)
        write_table(table, place / FIGURES_FILE)
        whole = register if isinstance(register, Register) else described(register)
        if first is not None:
            page = _summary_page(first, counties, table, whole, lang=lang, masked=mask is None or mask)
            write_text(page, place / SUMMARY_PAGE)
    return table


def _homes(register: Register) -> pd.Series:
    """Name the county of every household, by id."""
    households = register.tables["households"]
    return partition_names(households, max_households=max(1, len(households)))


def _each_county(register: Register | str | os.PathLike[str], keys: Sequence[str]) -> Iterator[tuple[str, Register]]:
    if isinstance(register, Register):
        homes = _homes(register)
        homes = homes.str.partition("-")[0]
        for key in keys:
            yield key, register.select(homes.index[homes == key])
    else:
        for key in keys:
            yield key, read_packed(register, partitions=[key])


def _county_name(key: str, contents: Contents, names: Mapping[str, str] | None) -> str:
    """Return the name of a county: as it is given, else that of most of its households."""
    given = {} if names is None else names
    told = given.get(key) or given.get(key.ljust(12, "0"))
    if told:
        return told
    places = contents.places[contents.places["level"] == "county"].sort_values("households", ascending=False)
    mine = places[places["area"] == key] if key.isdecimal() else places[places["area"] != ""]
    named = mine["name"].iloc[0] if len(mine) else ""
    if named or key == NO_COUNTY:
        return str(named)
    return key if key.isdecimal() else ""


def _figures_to_add(contents: Contents) -> dict[str, float | None]:
    """Return the figures of a county that can be added to those of others."""
    found = contents.summary.set_index("key")["value"]
    return {key: found[key] for key in ADDED_FIGURES if key in found.index}


def _table_of_counties(counties: Sequence[_County]) -> pd.DataFrame:
    """Put the figures of counties below each other, and their sums below them."""
    keys = [key for key in ADDED_FIGURES if counties and key in counties[0].figures]
    lines = [[one.key, one.name, *(one.figures[key] for key in keys)] for one in counties]
    sums = [_added_up([one.figures[key] for one in counties]) for key in keys]
    table = pd.DataFrame([*lines, ["", "", *sums]], columns=["county", "name", *keys])
    kinds = {key: "float64" if key == "expected_listed" else "Int64" for key in keys}
    return table.astype({"county": "str", "name": "str", **kinds})


def _added_up(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _summary_page(
    contents: Contents, counties: Sequence[_County], table: pd.DataFrame, whole: Register, *, lang: ReportLanguage,
    masked: bool,
) -> str:  # fmt: skip
    """Lay the figures of all counties out as a page; masked, without those of small ones."""
    labels = contents.summary.set_index("key")["label"]
    keys = list(table.columns[2:])
    hidden = _hidden_counties(counties) if masked else set()
    rows = [
        {
            "page": f"{PAGES}/{one.key}.html",
            "name": one.name or UNKNOWN_PLACE,
            "texts": [NOT_SHOWN if one.key in hidden else _figure_shown(key, one.figures[key]) for key in keys],
        }
        for one in counties
    ]
    read, kept, rejected = (int(whole.counts[kind].sum()) for kind in ("rows_read", "rows_kept", "rows_rejected"))
    style, unscripted = read_template("style.css"), read_template("unscripted.css")
    page = templates(lang).get_template("counties.html")
    said = Message(
        "{read:,} rows read = {kept:,} kept + {rejected:,} rejected", read=read, kept=kept, rejected=rejected
    )
    return str(
        page.render(
            policy=content_policy(styles=(style, unscripted), scripts=()),
            style=trusted(style),
            unscripted=trusted(unscripted),
            start=forecast(contents.as_of, contents.horizon_months, contents.event),
            day=f"{to_day(contents.as_of):%Y-%m-%d}",
            labels=[labels[key] for key in keys],
            rows=rows,
            totals=[_figure_shown(key, _added_up([one.figures[key] for one in counties])) for key in keys],
            hidden=bool(hidden),
            read=said,
            model_label=contents.model_label,
            version=version("fanpin-risk"),
            html_lang=HTML_LANGUAGES["en" if lang == "en" else "zh"],
        )
    )


def _figure_shown(key: str, value: float | None) -> Message:
    if value is None:
        return Message("not known")
    text = f"{value:,.1f}" if key == "expected_listed" else f"{int(value):,}"
    return Message(text, zh=text)


def _hidden_counties(counties: Sequence[_County]) -> set[str]:
    """Name small counties, and beside a single one the next smaller, from which its figures could be worked out."""
    small = {one.key for one in counties if one.small}
    others = [one for one in counties if not one.small]
    if len(small) == 1 and others:
        small.add(min(others, key=lambda one: one.figures["households"] or 0).key)
    return small
