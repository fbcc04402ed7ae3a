"""The monitored households as a list of their own: since when, as what, for which risks and with which measures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from fanpin_risk.asof.monitored_households import CODE_MARK, monitored_households
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.explanation import Explanation
from fanpin_risk.explanation.letter import percent
from fanpin_risk.features.feature import CAUSES
from fanpin_risk.features.shocks import MEASURE_NAMES
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.model.tiers import MONITORED_TYPES, doubts_in_words
from fanpin_risk.records.register import Register
from fanpin_risk.reports.sheet_writer import BAR, SheetColumn
from fanpin_risk.words import Message, listed

__all__ = ["MonitoredList", "monitored_columns", "monitored_list", "monitored_note", "monitored_rows"]

MEASURE_WORDS = {code: Message(en, zh=zh) for code, (zh, en) in MEASURE_NAMES.items()}
NOT_RECORDED, NO_WORDS = Message("not recorded"), Message("")
# Of the scores by the model of all others; the columns about the event to come are not theirs.
OF_SCORES = ("household_id", "enough_known", "doubts", "area_code", "area_name", "model")


class MonitoredList(NamedTuple):
    """Who is monitored on a day, in the order of the list.

    Attributes
    ----------
    households : DataFrame
        ``household_id``; ``risk`` and ``tier`` (missing without a model of theirs); ``monitored_type``,
        ``identified_on``, ``days_monitored``, ``risks``, ``n_measures``, ``measures`` of
        :func:`fanpin_risk.asof.monitored_households.monitored_households`; ``enough_known``, ``doubts``, ``area_code``,
        ``area_name`` and ``model``.
    explanation : Explanation or None
        Of their risk, row by row.
    """

    households: pd.DataFrame
    explanation: Explanation | None

    def of(self, household_ids: pd.Series) -> MonitoredList:
        """Return the list of some households alone."""
        mine = self.households["household_id"].isin(household_ids).to_numpy()
        return MonitoredList(
            self.households[mine].reset_index(drop=True),
            None if self.explanation is None else self.explanation[np.flatnonzero(mine)],
        )

    def first(self, n_households: int | None) -> MonitoredList:
        """Return the first households of the list; None: all."""
        if n_households is None:
            return self
        return MonitoredList(
            self.households.head(n_households), None if self.explanation is None else self.explanation[:n_households]
        )


def monitored_list(
    scores: pd.DataFrame, register: Register, as_of: pd.Timestamp, *, model: RiskModel | None = None
) -> MonitoredList:
    """List the households that are monitored on a day.

    Parameters
    ----------
    scores : DataFrame
        Of all households of the register on the day, from :meth:`fanpin_risk.RiskModel.score`.
    register : Register
        Checked records.
    as_of : Timestamp
        The day.
    model : RiskModel, optional
        Of monitored households (``target="not_eliminated"``): the list then goes by its risk, the highest first. Default: by
        type, and in each by days since recognition, the longest first.

    Returns
    -------
    MonitoredList

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> register, model = fr.make_register(500, random_state=0), fr.load_model("demo")
    >>> scores = model.score(register, "2023-12-31", explain=False)
    >>> found = monitored_list(scores, register, pd.Timestamp("2023-12-31"))
    >>> len(found.households) == int(scores["monitored"].sum()), found.explanation is None
    (True, True)
    """
    found = monitored_households(Snapshot(register, as_of))
    of_scores = scores.set_index("household_id").loc[found.index, [*OF_SCORES[1:]]]
    frame = pd.concat([found, of_scores], axis=1).reset_index()
    frame.insert(1, "risk", np.nan)
    frame.insert(2, "tier", pd.Series([None] * len(frame), dtype="object"))
    explanation = None
    if model is not None and len(frame):
        own, _, explanation = model.score_all(register.select(frame["household_id"]), as_of, n_reasons=0)
        rows = pd.Index(own["household_id"]).get_indexer(pd.Index(frame["household_id"]))
        frame["risk"] = own["risk"].to_numpy()[rows]
        frame["tier"] = own["tier"].astype("object").to_numpy()[rows]
        frame["model"] = model.label
        explanation = explanation[rows]
    order = _order(frame)
    return MonitoredList(frame.iloc[order].reset_index(drop=True), None if explanation is None else explanation[order])


def _order(frame: pd.DataFrame) -> np.ndarray:
    """Return the rows in the order of the list: by risk where there is one, else by type and days, then by id."""
    kinds = {code: number for number, code in enumerate(MONITORED_TYPES)}
    kind = frame["monitored_type"].map(kinds).fillna(len(kinds)).to_numpy(dtype="float64")
    days = frame["days_monitored"].fillna(-1.0).to_numpy(dtype="float64")
    ids = frame["household_id"].to_numpy(dtype=object)
    risk = frame["risk"].to_numpy(dtype="float64")
    if np.isfinite(risk).any():
        return np.lexsort((ids, -risk))
    return np.lexsort((ids, -days, kind))


def monitored_columns(
    monitored: pd.DataFrame, say: Callable[..., str], *, event: Message | None, horizon_months: int
) -> Iterator[SheetColumn]:
    """Yield the columns of a sheet of monitored households.

    Parameters
    ----------
    monitored : DataFrame
        As of :class:`MonitoredList`.
    say : callable
        Shows a message in the language of the sheet.
    event : Message or None
        What their risk is of; None where there is none.
    horizon_months : int
        Months after the day that it is about.
    """
    if event is not None:
        header = Message("Probability of {event} in {months} months", event=event, months=horizon_months)
        yield SheetColumn(header, 13, "share1", monitored["risk"], bar=BAR)
    kinds = (say(_type_name(code)) for code in monitored["monitored_type"])
    yield SheetColumn(Message("Type of monitoring"), 13, "text", kinds)
    yield SheetColumn(Message("Monitored since"), 10.5, "day", monitored["identified_on"])
    yield SheetColumn(Message("Days monitored"), 9, "count", monitored["days_monitored"])
    risks = (say(_codes_in_words(codes, CAUSES)) for codes in monitored["risks"])
    yield SheetColumn(Message("Risks at recognition"), 16, "text", risks)
    yield SheetColumn(Message("Measures since"), 9, "count", monitored["n_measures"])
    measures = (say(_codes_in_words(codes, MEASURE_WORDS)) for codes in monitored["measures"])
    yield SheetColumn(Message("Kinds of measures since"), 22, "text", measures)


def monitored_rows(monitored: pd.DataFrame, reasons: Sequence[Sequence[tuple[Message, float]]]) -> list[dict[str, Any]]:
    """Return what each line of the monitored households shows on the page.

    Parameters
    ----------
    monitored : DataFrame
        As of :class:`MonitoredList`, with ``number`` and ``place``.
    reasons : sequence
        Of each household what raises its risk; empty where there is none.
    """
    own = reasons or [()] * len(monitored)
    return [
        {
            "number": str(row["number"]),
            "id": str(row["household_id"]),
            "place": str(row["place"] or ("" if pd.isna(row["area_code"]) else row["area_code"])),
            "type": _type_name(row["monitored_type"]),
            "since": None if pd.isna(row["identified_on"]) else f"{row['identified_on']:%Y-%m-%d}",
            "days": None if pd.isna(row["days_monitored"]) else f"{int(row['days_monitored']):,}",
            "risks": _codes_in_words(row["risks"], CAUSES),
            "measures": None if pd.isna(row["n_measures"]) else f"{int(row['n_measures']):,}",
            "kinds": _codes_in_words(row["measures"], MEASURE_WORDS),
            "risk": None if pd.isna(row["risk"]) else percent(float(row["risk"])),
            "reasons": [reason for reason, _ in said],
            "thin": not row["enough_known"],
            "doubts": doubts_in_words(row["doubts"]) if row["doubts"] else None,
        }
        for row, said in zip(monitored.to_dict("records"), own, strict=True)
    ]


def monitored_note(shown: int, monitored: pd.DataFrame, event: Message | None) -> Message:
    """Say who is on the list of the monitored, in which order, and what it decides: nothing."""
    order = (
        Message("by type, and in each those longest monitored first; no model of theirs was given, so no risk is shown")
        if event is None
        else Message("by the probability of {event}, the highest first", event=event)
    )
    part = Message("This page shows the first {shown:,}, the workbook all.", shown=shown)
    return Message(
        "{count:,} households are monitored on the day: {order}. Whether a risk counts as eliminated, and who is taken off the list, "
        "is decided by people, by the official procedure. {part}",
        count=len(monitored), order=order, part=part if shown < len(monitored) else NO_WORDS,
    )  # fmt: skip


def _type_name(code: Any) -> Message:
    return NOT_RECORDED if pd.isna(code) else MONITORED_TYPES[str(code)]


def _codes_in_words(codes: Any, names: dict[str, Message]) -> Message:
    """Return several codes of a cell in words; nothing for none."""
    if pd.isna(codes) or not codes:
        return NO_WORDS
    return listed([names[code] for code in str(codes).split(CODE_MARK)], between="; ")
