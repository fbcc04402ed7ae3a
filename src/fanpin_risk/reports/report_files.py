"""A report as a file: in which format and language, masked or not, written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from fanpin_risk.arguments import a_path, one_of, switch
from fanpin_risk.errors import InputError, SchemaError
from fanpin_risk.files import check_target, write_text, write_whole
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.policy import Policy
from fanpin_risk.progress import Progress
from fanpin_risk.records.register import Register
from fanpin_risk.reports.contents import Contents, Per, gather
from fanpin_risk.reports.languages import REPORT_LANGUAGES, ReportLanguage

__all__ = ["REPORT_FORMATS", "report", "write_report"]

ReportFormat = Literal["xlsx", "html"]
REPORT_FORMATS: tuple[ReportFormat, ...] = ("xlsx", "html")
HOUSEHOLDS_ON_PAGE = 500  # at most, where nothing else is said


def report(
    model: RiskModel,
    register: Register,
    as_of: Any,
    path: str | os.PathLike[str],
    *,
    format: ReportFormat | None = None,  # noqa: A002  the word users expect
    lang: ReportLanguage = "zh",
    capacity: float | None = None,
    per: Per | None = None,
    n_reasons: int = 3,
    n_households: int | None = None,
    names: Mapping[str, str] | None = None,
    mask: bool | None = None,
    id_key: bytes | str | Path | None = None,
    rejects: bool = False,
    monitored_model: RiskModel | None = None,
    policy: Policy | None = None,
    groups: Sequence[str] = (),
    before: Any = None,
    model_before: RiskModel | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Path:
    """Score a register on a day and write what an office needs to act on it: a workbook or a page.

    The report proposes visits. Whether a household is monitored is decided by people, after the visit.

    Parameters
    ----------
    model : RiskModel
        A fitted model.
    register : Register
        Checked records.
    as_of : date-like
        The day; nothing recorded later is seen.
    path : path-like
        File to write, whole or not at all.
    format : {"xlsx", "html"}, optional
        Default: by the ending of `path`. ``xlsx``: sheets with the summary, the watch list with reasons, the places,
        what the register holds and what was rejected, how to read it, and the model's card. ``html``: one page that
        needs nothing else.
    lang : {"zh", "en", "both"}, default "zh"
        Of headers and texts. The page holds both and opens in this one.
    capacity : int or float, optional
        Visits, or share of the households, see :func:`fanpin_risk.watchlist`. Default: 0.02.
    per : {"county", "township", "village"}, optional
        Units that have a capacity each. Default: one list for all.
    n_reasons : int, default 3
        Reasons per household listed.
    n_households : int, optional
        Households of the list that the report shows, at most: those with the highest risks. Default: all in the
        workbook, 500 on the page.
    names : mapping of str to str, optional
        Area code -> name, see :func:`fanpin_risk.reports.gather`.
    mask : bool, optional
        Whether ids are masked and places with fewer than ten households left out. Default: not in the workbook, which
        is for the office that visits; on the page, which is easily passed on.
    id_key : bytes, str or Path, optional
        Secret key: where ids are masked, they become keyed pseudonyms instead.
    rejects : bool, default False
        Whether the workbook lists every rejected row by its number and reason.
    monitored_model : RiskModel, optional
        Of monitored households, see :func:`fanpin_risk.reports.gather`: their own list then goes by its risk.
    policy : Policy, optional
        Numbers of the rules beside the model. Default: those that ship with the package.
    groups : sequence of str, default ()
        Codes of named groups, see :func:`fanpin_risk.household_groups`: lists hold only households of any of them.
    before : date-like, optional
        An earlier day: the report then tells who is new, rising, falling or gone since, and by which facts.
    model_before : RiskModel, optional
        The model in use on the earlier day, if it was another.
    overwrite : bool, default False
        Whether to replace an earlier report that nobody filled in or changed. Any other file is kept.
    progress : callable, optional
        Called with (done, total, what).

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    InputError
        If the format is not one of those above, a file is there that is kept, or the file cannot be written.
    SchemaError
        If another parameter is not one of those described.

    Examples
    --------
    >>> import tempfile, fanpin_risk as fr
    >>> model, register = fr.load_model("demo"), fr.make_register(300, random_state=1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     fr.report(model, register, "2024-12-31", folder + "/county.xlsx", capacity=10, lang="both").name
    'county.xlsx'
    """
    target, _ = _checked_target(path, format, lang, n_households)  # before the work
    check_target(target, "report", overwrite=overwrite)
    contents = gather(
        model, register, as_of, capacity=capacity, per=per, n_reasons=n_reasons, names=names,
        monitored_model=monitored_model, policy=policy, groups=groups, before=before, model_before=model_before, progress=progress,
    )  # fmt: skip
    return write_report(
        contents,
        path,
        format=format,
        lang=lang,
        n_households=n_households,
        mask=mask,
        id_key=id_key,
        rejects=rejects,
        overwrite=overwrite,
        progress=progress,
    )


def write_report(
    contents: Contents,
    path: str | os.PathLike[str],
    *,
    format: ReportFormat | None = None,  # noqa: A002  the word users expect
    lang: ReportLanguage = "zh",
    n_households: int | None = None,
    mask: bool | None = None,
    id_key: bytes | str | Path | None = None,
    rejects: bool = False,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Path:
    """Write contents that are at hand, so that a workbook and a page cost one scoring.

    Parameters
    ----------
    contents : Contents
        From :func:`gather`.
    path, format, lang, n_households, mask, id_key, rejects, overwrite, progress
        See :func:`report`.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    InputError
        If the format is not one of those above, a file is there that is kept, or the file cannot be written.
    SchemaError
        If another parameter is not one of those described.
    """
    path, kind = _checked_target(path, format, lang, n_households)
    if mask is not None:
        switch("mask", mask)
    check_target(path, "report", overwrite=overwrite)
    if kind == "html" if mask is None else mask:
        contents = contents.masked(id_key=id_key)
    if kind == "html":
        from fanpin_risk.reports.page import page_html

        text = page_html(
            contents,
            lang=lang,
            n_households=HOUSEHOLDS_ON_PAGE if n_households is None else n_households,
            mask_ids=False,
        )
        if progress is not None:
            progress(1, 1, "")
        return write_text(text, path, kind="report")
    from fanpin_risk.reports.workbook import write_workbook

    return write_whole(
        path,
        lambda target: write_workbook(
            contents, target, lang=lang, n_households=n_households, rejects=rejects, progress=progress
        ),
    )


def _checked_target(
    path: str | os.PathLike[str], kind: ReportFormat | None, lang: ReportLanguage, n_households: int | None
) -> tuple[Path, ReportFormat]:
    """Return the path and format of a report, or say what is wrong with them."""
    path = a_path("path", path)
    if kind is not None:
        one_of("format", kind, REPORT_FORMATS)
    found = path.suffix[1:].lower() if kind is None else kind
    if found not in REPORT_FORMATS:
        raise InputError(
            "{file}: expected a file that ends in one of {endings}",
            file=path.name,
            endings=[f".{name}" for name in REPORT_FORMATS],
        )
    if path.is_dir():
        raise InputError("{folder} is a folder; expected a file that ends in .{format}", folder=path.name, format=found)
    one_of("lang", lang, REPORT_LANGUAGES, SchemaError)
    if n_households is not None and not (isinstance(n_households, int) and n_households >= 0):
        raise SchemaError(
            "n_households is {n_households!r}; expected a whole number of households, or None for the default",
            n_households=n_households,
        )
    return path, found
