"""Who is missed and who is visited in vain: the groups of an audit, fairness between them, and the cost of mending it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.errors import MissingPackageError, SchemaError, install_command
from fanpin_risk.evaluation.intervals import FEWEST, Cell, effective_number, interval, reasons_to_suppress, table_of
from fanpin_risk.evaluation.measures import Ranking, combine, quotient
from fanpin_risk.evaluation.options import check_intervals
from fanpin_risk.evaluation.predictions import check_predictions
from fanpin_risk.evaluation.results import Result
from fanpin_risk.features import disability
from fanpin_risk.records.places import UNIT_DIGITS
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import HOUSEHOLDS, MEMBERS
from fanpin_risk.watch.capacity import check_capacity
from fanpin_risk.watch.watchlist import SHARES, Shares, turns
from fanpin_risk.words import Message, join_notes, note

__all__ = ["FAIRNESS", "GROUPS", "Grouping", "audit_groups", "capacity_cost", "fairness"]

Array = NDArray[np.float64]

LARGEST_SIZE = 5
# Lower ends of the bands, and their names; the last band is open.
AGES = ((0, "under 45"), (45, "45-59"), (60, "60-74"), (75, "75+"))
DISTANCES = ((0.0, "under 0.5 km"), (0.5, "0.5-2 km"), (2.0, "2 km or more"))
HAN_NAMES = ("汉", "汉族", "han")
# Texts, and codes of digits, that name no ethnic group.
NO_ETHNICITY = ("其他", "其它", "不详", "未知", "未识别", "未填", "无", "")

ALL, UNKNOWN = "all", "unknown"
LARGEST_DIFFERENCE, LARGEST_RATIO = "largest difference", "largest ratio"
ONE_LIST, EXCLUSION_GAP = "one list", "exclusion_gap"


@dataclass(frozen=True, kw_only=True)
class Grouping:
    """A way to group households for an audit.

    Parameters
    ----------
    label : Message
        What it is called.
    codes : mapping of str to Message
        Code -> what it is called, in the order of reports; empty where codes are their own labels.
    """

    label: Message
    codes: Mapping[str, Message] = field(default_factory=lambda: MappingProxyType({}))


# What households are grouped by, in the order of `audit_groups`. None of it is thereby a feature.
GROUPS: Mapping[str, Grouping] = MappingProxyType(
    {
        "register_status": Grouping(
            label=Message("Register status"),
            codes=MappingProxyType({"ex_poor": Message("formerly poor"), "general": Message("general")}),
        ),
        "county": Grouping(label=Message("County")),
        "household_size": Grouping(
            label=Message("Household size"),
            codes=MappingProxyType(
                {str(n): Message("{count}", context="persons", count=n) for n in range(1, LARGEST_SIZE)}
                | {f"{LARGEST_SIZE}+": Message("{count} or more", context="persons", count=LARGEST_SIZE)}
            ),
        ),
        "head_sex": Grouping(
            label=Message("Sex of the head"),
            codes=MappingProxyType({"male": Message("male"), "female": Message("female")}),
        ),
        "head_age": Grouping(
            label=Message("Age of the head"),
            codes=MappingProxyType(
                {
                    "under 45": Message("under 45"),
                    "45-59": Message("45 to 59"),
                    "60-74": Message("60 to 74"),
                    "75+": Message("75 or older"),
                }
            ),
        ),
        "ethnicity": Grouping(
            label=Message("Ethnicity of the head (audits only)"),
            codes=MappingProxyType({"han": Message("Han"), "minority": Message("minority")}),
        ),
        "disability": Grouping(
            label=Message("Disabled members"),
            codes=MappingProxyType(
                {
                    "none": Message("none"),
                    "disabled": Message("yes, none of grade 1 or 2"),
                    "severely disabled": Message("of grade 1 or 2"),
                }
            ),
        ),
        "remoteness": Grouping(
            label=Message("Distance to the main road of the village"),
            codes=MappingProxyType(
                {
                    "under 0.5 km": Message("under 0.5 km"),
                    "0.5-2 km": Message("0.5 to 2 km"),
                    "2 km or more": Message("2 km or more"),
                }
            ),
        ),
    }
)

# Measures of `fairness` -> what they are called.
FAIRNESS: Mapping[str, Message] = MappingProxyType(
    {
        "visited": Message("Share visited"),
        "exclusion_error": Message("Exclusion error"),
        "inclusion_error": Message("Inclusion error"),
        "mean_risk": Message("Mean risk"),
        "base_rate": Message("Base rate"),
        "calibration_gap": Message("Mean risk less base rate"),
        "auc": Message("AUC"),
    }
)
# A ratio says something only of shares.
WITH_RATIO = ("visited", "exclusion_error", "inclusion_error", "mean_risk", "base_rate")
# Of fewer visits the share in vain is not shown.
FEWEST_VISITS = 5


def audit_groups(register: Register, as_of: Any, *, lines: MonitoringLines | None = None) -> pd.DataFrame:
    """Group the households of a day for an audit, by what was known on that day.

    Parameters
    ----------
    register : Register
        Checked records.
    as_of : date-like
        The day.
    lines : MonitoringLines, optional
        Default: the lines that ship with the package.

    Returns
    -------
    DataFrame of shape (n_households, 8)
        Indexed by ``household_id``, sorted; texts, missing where unknown. Codes and labels: :data:`GROUPS`.

        - ``register_status``: ``ex_poor``, ``general``;
        - ``county``: first six digits of the division code;
        - ``household_size``: members on the day, ``1`` to ``4``, ``5+``;
        - ``head_sex``, ``head_age`` (full years), ``ethnicity``: of the head; missing where the register has no head
          or more than one. Ethnicity is read from the text of the register: ``han``, or ``minority`` for any other
          name. It is here to find out whether a forecast fails a group, and is not a feature;
        - ``disability``: ``none``, ``disabled``, ``severely disabled`` (valid certificate of grade 1 or 2);
        - ``remoteness``: km to the main road of the village.

    Raises
    ------
    SchemaError
        If `as_of` is not a day.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> audit_groups(fr.make_register(300, random_state=0), "2023-12-31")["household_size"].value_counts().idxmax()
    '2'
    """
    h = Snapshot(register, as_of, lines=lines)
    heads, households = _heads(h)

    def of_head(values: NDArray[Any]) -> NDArray[Any]:
        result = np.full(h.n_households, None, dtype=object)
        result[households] = values
        return result

    columns: dict[str, Iterable[Any]] = {
        "register_status": _names_of(h.households.register_status, list(HOUSEHOLDS["register_status"].codes)),
        "county": [
            code[: UNIT_DIGITS["county"]] if len(code) >= UNIT_DIGITS["county"] else None for code in h.area_codes
        ],
        "household_size": _band(
            h.members.count(), [(n, f"{n}" if n < LARGEST_SIZE else f"{n}+") for n in range(1, LARGEST_SIZE + 1)]
        ),
        "head_sex": of_head(_names_of(h.members.sex[heads], list(MEMBERS["sex"].codes))),
        "head_age": of_head(_band(h.members.age[heads], AGES)),
        "ethnicity": of_head(_ethnicity(h.members.ethnicity[heads])),
        "disability": _disability(h),
        "remoteness": _band(h.households.road_km, DISTANCES),
    }
    return pd.DataFrame({name: pd.Series(list(columns[name]), dtype="str") for name in GROUPS}).set_index(
        h.household_ids
    )


def _heads(h: Snapshot) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions among the members of heads who are the only one of their household, and the households' numbers."""
    heads = np.flatnonzero(h.members.isin("relation", "head"))
    households = h.members.household[heads]
    only = np.bincount(households, minlength=h.n_households)[households] == 1
    return heads[only], households[only]


def _names_of(codes: NDArray[Any], names: Sequence[str]) -> NDArray[Any]:
    """Return the names of code numbers, None for -1."""
    return np.array([*names, None], dtype=object)[codes]


def _band(values: Array, bands: Sequence[tuple[float, str]]) -> NDArray[Any]:
    """Return the name of the band of each value, None where it is missing or below the first."""
    place = np.searchsorted([start for start, _ in bands], np.nan_to_num(values, nan=-np.inf), side="right") - 1
    return _names_of(place, [name for _, name in bands])


def _ethnicity(texts: NDArray[Any]) -> NDArray[Any]:
    written = pd.Series(texts, dtype="str").str.strip().str.lower().fillna("")
    code = np.where(written.isin(HAN_NAMES), 0, 1)
    code[written.isin(NO_ETHNICITY) | written.str.isdigit()] = -1
    return _names_of(code, ("han", "minority"))


def _disability(h: Snapshot) -> NDArray[Any]:
    persons = h.members.sum(disability.disabled(h), default=np.nan)
    severe = disability.n_severe_disability.compute(h) > 0
    code = np.where(np.isnan(persons) & ~severe, -1, (persons > 0) + 0)
    return _names_of(np.where(severe, 2, code), ("none", "disabled", "severely disabled"))


# --- fairness -----------------------------------------------------------------------------------------------------
def fairness(
    predictions: pd.DataFrame,
    group: str,
    *,
    capacity: float = 0.05,
    fewest: tuple[int, int] = FEWEST,
    level: float = 0.95,
    n_bootstrap: int = 300,
    random_state: int = 0,
) -> Result:
    """Tell how a group fares when the highest risks of all households are visited.

    In each fold there is one list for all, as :func:`fanpin_risk.watchlist` makes it: equal risks are visited by
    ``household_id``. The measures are computed with fairlearn (Bird et al. 2020), intervals by drawing villages as in
    :func:`fanpin_risk.evaluation.summarise`; who is on the list is held fixed in the draws.

    - ``visited``: share of the households that are visited;
    - ``exclusion_error`` (漏评): share of the events that are not visited;
    - ``inclusion_error`` (错评): share of the visits without event;
    - ``mean_risk``, ``base_rate`` and ``calibration_gap``, the first less the second: above 0, the risk of the group
      is exaggerated;
    - ``auc``: within the group and fold, averaged over folds.

    Groups differ in their true risk, so equal shares of visits are no aim in themselves, and not all of these measures
    can be equal at once (Kleinberg, Mullainathan, Raghavan 2017). What weighs most here is the exclusion error: an
    event that nobody came to see.

    Parameters
    ----------
    predictions : DataFrame
        Forecasts of one model, see :func:`fanpin_risk.evaluation.predictions.check_predictions`, with the column
        `group`, such as one of :func:`audit_groups`.
    group : str
        Its name. Households without a value are a group ``"unknown"``.
    capacity : int or float, default 0.05
        Visits in each fold: a whole number, or a share of the households. With weights, a visited row stands for as
        many visits as households.
    fewest : (int, int), default (50, 5)
        Households and events below which a group is suppressed, as in :func:`fanpin_risk.evaluation.summarise`; with
        only one such group, so is the smallest other one, which else would give it away.
    level : float, default 0.95
        Level of the intervals.
    n_bootstrap : int, default 300
        Draws; 0 leaves the intervals out.
    random_state : int, default 0
        Seed.

    Returns
    -------
    Result
        Kind ``"fairness"``: the column `group`, ``measure``, ``value``, ``low``, ``high``, ``difference`` (to all),
        ``difference_low``, ``difference_high``, ``households`` (different ones), ``events``, ``note``. Besides the
        groups there are rows for ``"all"``, for the ``"largest difference"`` and the ``"largest ratio"`` between
        groups that are shown and known; chance makes these larger in small groups, which their interval allows for.

    Raises
    ------
    MissingPackageError
        If fairlearn is not installed.
    SchemaError
        If an argument or the table is not as described.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> risk = rng.uniform(0, 0.4, 2000)
    >>> predictions = pd.DataFrame(
    ...     {
    ...         "model": "m",
    ...         "household_id": [f"h{i:04}" for i in range(2000)],
    ...         "cluster": [f"v{i % 40:02}" for i in range(2000)],
    ...         "risk": risk,
    ...         "outcome": (rng.random(2000) < risk).astype(int),
    ...         "head_sex": rng.choice(["female", "male"], 2000, p=[0.3, 0.7]),
    ...     }
    ... )
    >>> table = fairness(predictions, "head_sex", n_bootstrap=0)
    >>> table[table["measure"] == "exclusion_error"].round(2)[["head_sex", "value", "difference"]].values.tolist()[:2]
    [['all', 0.87, nan], ['male', 0.86, -0.01]]
    """
    audit = _Audit(predictions, group, fewest)
    check_intervals(level, n_bootstrap, fewest)
    visited = audit.visited(capacity)
    found = audit.measured(visited)
    draws = audit.draws(visited, n_bootstrap, random_state)
    rows: list[dict[str, Any]] = []
    for key in (ALL, *audit.names):
        for name in FAIRNESS:
            row: dict[str, Any] = {group: key, "measure": name, "note": audit.why[key]}
            if not audit.why[key]:
                value, drawn = found[key, name], draws[key, name]
                row |= {"households": audit.cells[key].households, "events": audit.cells[key].events}
                row |= {"value": value, "note": audit.note(value)} | _interval_of(value, drawn, level)
                if key != ALL and not audit.why[ALL]:
                    difference = value - found[ALL, name]
                    row |= {"difference": difference}
                    row |= _interval_of(difference, drawn - draws[ALL, name], level, "difference_")
            rows.append(row)
    differences, ratios = audit.spread(visited)
    for label, values, of in (
        (LARGEST_DIFFERENCE, differences, _largest_difference),
        (LARGEST_RATIO, ratios, _largest_ratio),
    ):
        for name, value in values.items():
            drawn = of([draws[key, name] for key in audit.compared])
            row = {group: label, "measure": name, "value": value, "note": audit.note(value)}
            rows.append(row | _interval_of(value, drawn, level, least=0.0 if of is _largest_difference else 1.0))
    columns = [
        group, "measure", "value", "low", "high", "difference", "difference_low", "difference_high",
        "households", "events", "note",
    ]  # fmt: skip
    result = table_of(rows, columns, "fairness")
    result.attrs = {"capacity": capacity, "level": level, "n_bootstrap": n_bootstrap, "fewest": tuple(fewest)}
    return result


def capacity_cost(
    predictions: pd.DataFrame,
    group: str,
    capacity: float = 0.05,
    *,
    fewest: tuple[int, int] = FEWEST,
    level: float = 0.95,
    n_bootstrap: int = 300,
    random_state: int = 0,
) -> Result:
    """Tell what it costs to let groups share the visits, and what it mends.

    One list for all finds the most events that a forecast can find. Lists on which groups have visits of their own,
    by the `shares` of :func:`fanpin_risk.watchlist`, find fewer, and may leave the groups less unequal. Shares look at
    forecast risks only, never at outcomes, as on the day of a real list; so equal *expected* recall becomes equal recall
    only as far as risks are right in each group.

    Parameters
    ----------
    predictions, group, capacity, fewest, level, n_bootstrap, random_state
        As for :func:`fairness`.

    Returns
    -------
    Result
        Kind ``"capacity_cost"``: ``scheme`` (``"one list"``, ``"households"``, ``"risk"``, ``"recall"``), ``measure``
        (``recall``, ``precision`` and ``exclusion_gap``, the largest difference of the exclusion error between groups
        that are shown and known), ``value``, ``low``, ``high``, ``difference`` (to one list), ``difference_low``,
        ``difference_high``, ``note``. A recall 0.02 lower costs 2 of 100 events; the interval of the difference is over
        the same draws.

    Raises
    ------
    MissingPackageError
        If fairlearn is not installed.
    SchemaError
        If an argument or the table is not as described.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> sex = rng.choice(["female", "male"], 2000, p=[0.3, 0.7])
    >>> risk = rng.uniform(0, np.where(sex == "male", 0.4, 0.2))
    >>> predictions = pd.DataFrame(
    ...     {
    ...         "model": "m",
    ...         "household_id": [f"h{i:04}" for i in range(2000)],
    ...         "risk": risk,
    ...         "outcome": (rng.random(2000) < risk).astype(int),
    ...         "head_sex": sex,
    ...     }
    ... )
    >>> table = capacity_cost(predictions, "head_sex", 0.2, n_bootstrap=0)
    >>> table.pivot(index="scheme", columns="measure", values="value").round(2).loc["one list"].to_dict()
    {'exclusion_gap': 0.46, 'precision': 0.34, 'recall': 0.39}
    """
    audit = _Audit(predictions, group, fewest)
    check_intervals(level, n_bootstrap, fewest)
    lists = {ONE_LIST: audit.visited(capacity)} | {name: audit.visited(capacity, name) for name in SHARES}
    found: dict[str, dict[str, float]] = {}
    draws: dict[str, dict[str, Array]] = {}
    for scheme, visited in lists.items():
        measured = audit.measured(visited)
        found[scheme] = {
            "recall": 1 - measured[ALL, "exclusion_error"],
            "precision": 1 - measured[ALL, "inclusion_error"],
            EXCLUSION_GAP: audit.spread(visited)[0]["exclusion_error"],
        }
        if audit.why[ALL]:
            continue
        drawn = audit.draws(visited, n_bootstrap, random_state, auc=False)
        draws[scheme] = {
            "recall": 1 - drawn[ALL, "exclusion_error"],
            "precision": 1 - drawn[ALL, "inclusion_error"],
            EXCLUSION_GAP: _largest_difference([drawn[key, "exclusion_error"] for key in audit.compared]),
        }
    rows: list[dict[str, Any]] = []
    for scheme, values in found.items():
        for name, value in values.items():
            row: dict[str, Any] = {"scheme": scheme, "measure": name, "note": audit.why[ALL]}
            if not audit.why[ALL]:
                least = 0.0 if name == EXCLUSION_GAP else None
                row |= {"value": value, "note": audit.note(value)}
                row |= _interval_of(value, draws[scheme][name], level, least=least)
                if scheme != ONE_LIST:
                    difference = value - found[ONE_LIST][name]
                    row |= {"difference": difference}
                    row |= _interval_of(difference, draws[scheme][name] - draws[ONE_LIST][name], level, "difference_")
            rows.append(row)
    columns = ["scheme", "measure", "value", "low", "high", "difference", "difference_low", "difference_high", "note"]
    result = table_of(rows, columns, "capacity_cost")
    result.attrs = {
        "group": group,
        "capacity": capacity,
        "level": level,
        "n_bootstrap": n_bootstrap,
        "fewest": tuple(fewest),
    }
    return result


class _Audit:
    """Forecasts of one model, cut into groups.

    Attributes
    ----------
    frame : DataFrame
        From :func:`fanpin_risk.evaluation.predictions.check_predictions`.
    label : ndarray of str, shape (n_rows,)
        Group of each row.
    names : list of str
        Groups in the order of reports.
    cells : dict of str to Cell
        Of all rows and of each group.
    why : dict of str to str
        Note why a cell is suppressed, "" where it is shown.
    compared : list of str
        Groups that are shown and known.
    """

    def __init__(self, predictions: pd.DataFrame, group: str, fewest: tuple[int, int]) -> None:
        _fairlearn()
        if group not in predictions.columns:
            raise SchemaError(
                "predictions has no column {group!r}; expected the group of each household there", group=group
            )
        self.frame = check_predictions(predictions, by=())
        if self.frame.empty:
            raise SchemaError("predictions has no rows; expected one per household")
        if self.frame.duplicated(["fold", "as_of", "household_id"]).any():
            raise SchemaError("predictions repeats households of the same fold and day; expected one row for each")
        self.label = self.frame[group].astype("str").fillna(UNKNOWN).to_numpy(dtype=object)
        taken = sorted({ALL, LARGEST_DIFFERENCE, LARGEST_RATIO} & set(self.label))
        if taken:
            raise SchemaError(
                "{group} has groups named {taken}, which name other rows here; rename them",
                group=group,
                taken=tuple(taken),
            )
        known = list(GROUPS[group].codes) if group in GROUPS else []
        order = {name: number for number, name in enumerate(known)} | {UNKNOWN: np.inf}
        self.names = sorted(set(self.label), key=lambda name: (order.get(name, len(known)), name))
        parts = {name: Cell(self.frame[self.label == name]) for name in self.names}
        hidden = reasons_to_suppress({(name,): cell for name, cell in parts.items()}, (group,), fewest)
        whole = Cell(self.frame)
        self.cells = {ALL: whole, **parts}
        self.why = {name: hidden[(name,)] for name in self.names}
        self.why[ALL] = reasons_to_suppress({(): whole}, (), fewest)[()]
        self.compared = [name for name in self.names if not self.why[name] and name != UNKNOWN]

    def rows(self, key: str) -> NDArray[np.int64]:
        """Positions of the rows of a group, or of all."""
        return np.arange(len(self.frame)) if key == ALL else np.flatnonzero(self.label == key)

    def note(self, value: float) -> str:
        """Return the notes on a value and its interval."""
        return join_notes([*self.cells[ALL].notes, "" if np.isfinite(value) else note("not_defined")])

    def visited(self, capacity: float, shares: Shares | None = None) -> NDArray[np.bool_]:
        """Whether each row is visited: in each fold the highest risks, or those of groups that share the visits."""
        capacity = check_capacity(capacity)
        result = np.zeros(len(self.frame), dtype=bool)
        for rows in self.frame.groupby("fold", sort=True).indices.values():
            part = self.frame.iloc[rows]
            risk, weight = part["risk"].to_numpy(dtype="float64"), part["weight"].to_numpy(dtype="float64")
            order = np.lexsort((part["household_id"].to_numpy(dtype=object), -risk))
            if shares is not None:
                order = order[turns(risk[order], self.label[rows][order], shares, weight=weight[order])]
            visits = float(capacity)
            if isinstance(capacity, float):
                visits = capacity * weight.sum()
                if (weight == np.round(weight)).all():
                    visits = np.ceil(np.round(visits, 9))
            before = np.cumsum(weight[order]) - weight[order]
            result[rows[order]] = before < visits * (1 - 1e-12)
        return result

    def _frame(self, visited: NDArray[np.bool_], rows: NDArray[Any]) -> Any:
        """Return fairlearn's MetricFrame of all measures for some rows."""
        part = self.frame.iloc[rows]
        weight = {"sample_weight": part["weight"].to_numpy(dtype="float64")}
        risk = {"risk": part["risk"].to_numpy(dtype="float64")}
        fold = {"fold": part["fold"].to_numpy(dtype=object)}
        return _fairlearn().MetricFrame(
            metrics=_METRICS,
            y_true=part["outcome"].to_numpy(dtype="int64"),
            y_pred=visited[rows].astype("int64"),
            sensitive_features=pd.Series(self.label[rows], name="group", dtype=object),
            sample_params={
                name: weight | (risk if name in WITH_RISK else {}) | (fold if name == "auc" else {})
                for name in _METRICS
            },
        )

    def measured(self, visited: NDArray[np.bool_]) -> dict[tuple[str, str], float]:
        """Return every measure of all and of each group."""
        frame = self._frame(visited, self.rows(ALL))
        found = {(ALL, name): float(frame.overall[name]) for name in FAIRNESS}
        return found | {(key, name): float(frame.by_group[name][key]) for key in self.names for name in FAIRNESS}

    def spread(self, visited: NDArray[np.bool_]) -> tuple[dict[str, float], dict[str, float]]:
        """Return the largest differences and ratios between the groups that are compared."""
        if len(self.compared) < 2:
            return dict.fromkeys(FAIRNESS, np.nan), dict.fromkeys(WITH_RATIO, np.nan)
        frame = self._frame(visited, np.flatnonzero(np.isin(self.label, self.compared)))
        difference, quotient = frame.difference(method="between_groups"), frame.ratio(method="between_groups")
        return (
            {name: float(difference[name]) for name in FAIRNESS},
            {name: 1 / float(quotient[name]) if quotient[name] > 0 else np.nan for name in WITH_RATIO},
        )

    def draws(
        self, visited: NDArray[np.bool_], n_bootstrap: int, random_state: int, *, auc: bool = True
    ) -> dict[tuple[str, str], Array]:
        """Return every measure of all and of each group that is shown, in every draw of villages."""
        found: dict[tuple[str, str], list[Array]] = {}
        outcome, risk = self.frame["outcome"].to_numpy(), self.frame["risk"].to_numpy(dtype="float64")
        keys = [key for key in self.cells if not self.why[key]]
        rows = {key: self.rows(key) for key in keys}
        places = {key: self._places(key) for key in keys}
        own = self.frame["weight"].to_numpy(dtype="float64")
        few = {key: effective_number((own * visited)[rows[key]]) < FEWEST_VISITS for key in keys}
        for weights in self._weights(n_bootstrap, random_state):
            for key in keys:
                w, y, v, p = weights[:, rows[key]], outcome[rows[key]], visited[rows[key]], risk[rows[key]]
                total, events, visits, hits = w.sum(axis=1), w @ y, w @ v, w @ (v & (y == 1))
                values = {
                    "visited": quotient(visits, total),
                    "exclusion_error": 1 - quotient(hits, events),
                    "inclusion_error": np.full(len(w), np.nan) if few[key] else 1 - quotient(hits, visits),
                    "mean_risk": quotient(w @ p, total),
                    "base_rate": quotient(events, total),
                }
                values["calibration_gap"] = values["mean_risk"] - values["base_rate"]
                if auc:
                    folds = zip(self.cells[key].rankings, places[key], strict=True)
                    ranked = [ranking.weighted(weights[:, place]) for ranking, place in folds]
                    values["auc"] = combine(ranked, ["auc"])["auc"]
                for name, value in values.items():
                    found.setdefault((key, name), []).append(value)
        if not found:
            return {(key, name): np.zeros(0) for key in keys for name in FAIRNESS}
        return {key: np.concatenate(parts) for key, parts in found.items()}

    def _places(self, key: str) -> list[NDArray[np.int64]]:
        """Per fold, the rows of the frame in the order of the cell's ranking."""
        parts = self.frame.iloc[self.rows(key)].groupby("fold", sort=True)
        return [
            part.index.to_numpy()[ranking.order]
            for (_, part), ranking in zip(parts, self.cells[key].rankings, strict=True)
        ]

    def _weights(self, n_bootstrap: int, random_state: int) -> Iterator[Array]:
        """Yield draws of villages, some at a time: weights of shape (n_draws, n_rows)."""
        places = self._places(ALL)
        for parts in self.cells[ALL].weights(n_bootstrap, random_state):
            weights = np.empty((len(parts[0]), len(self.frame)))
            for place, part in zip(places, parts, strict=True):
                weights[:, place] = part
            yield weights


# --- measures, as fairlearn calls them ------------------------------------------------------------------------------
def _fairlearn() -> Any:
    """Return fairlearn.metrics."""
    try:
        from fairlearn import metrics
    except ImportError as error:
        raise MissingPackageError(
            "fairness is computed with fairlearn, which is not installed; install it with: {command}",
            command=install_command("evaluate"),
        ) from error
    return metrics


def _visited(y_true: Array, y_pred: Array, sample_weight: Array) -> float:
    return float(_fairlearn().selection_rate(y_true, y_pred, sample_weight=sample_weight))


def _exclusion_error(y_true: Array, y_pred: Array, sample_weight: Array) -> float:
    if not (sample_weight * y_true).any():
        return np.nan
    return float(_fairlearn().false_negative_rate(y_true, y_pred, sample_weight=sample_weight, pos_label=1))


def _inclusion_error(y_true: Array, y_pred: Array, sample_weight: Array) -> float:
    if effective_number(sample_weight * y_pred) < FEWEST_VISITS:
        return np.nan
    from sklearn.metrics import precision_score

    return 1 - float(precision_score(y_true, y_pred, sample_weight=sample_weight))


def _mean_risk(y_true: Array, _: Array, risk: Array, sample_weight: Array) -> float:
    return float(_fairlearn().mean_prediction(y_true, risk, sample_weight=sample_weight))


def _base_rate(y_true: Array, _: Array, sample_weight: Array) -> float:
    return float(_fairlearn().mean_prediction(y_true, y_true, sample_weight=sample_weight))


def _calibration_gap(y_true: Array, _: Array, risk: Array, sample_weight: Array) -> float:
    return float(_fairlearn().mean_prediction(y_true, risk - y_true, sample_weight=sample_weight))


def _auc(y_true: Array, _: Array, risk: Array, fold: NDArray[Any], sample_weight: Array) -> float:
    rankings = [
        Ranking(y_true[fold == one], risk[fold == one], sample_weight[fold == one]).weighted()
        for one in np.unique(fold)
    ]
    return float(combine(rankings, ["auc"])["auc"][0])


_METRICS = {
    "visited": _visited,
    "exclusion_error": _exclusion_error,
    "inclusion_error": _inclusion_error,
    "mean_risk": _mean_risk,
    "base_rate": _base_rate,
    "calibration_gap": _calibration_gap,
    "auc": _auc,
}
WITH_RISK = ("mean_risk", "calibration_gap", "auc")


def _largest_difference(draws: Sequence[Array]) -> Array:
    """Largest difference between groups in every draw in which all are defined."""
    return _over_groups(draws, lambda table: table.max(axis=0) - table.min(axis=0))


def _largest_ratio(draws: Sequence[Array]) -> Array:
    """Largest ratio between groups in every draw in which all are defined and above 0."""
    return _over_groups(draws, lambda table: quotient(table.max(axis=0), table.min(axis=0)))


def _over_groups(draws: Sequence[Array], function: Callable[[Array], Array]) -> Array:
    table = np.array([drawn for drawn in draws if np.isfinite(drawn).any()])
    return function(table) if len(table) > 1 else np.zeros(0)


def _interval_of(
    value: float, draws: Array, level: float, prefix: str = "", *, least: float | None = None
) -> dict[str, float]:
    """Return an interval as columns; with `least`, of a value that is never less and that chance makes larger."""
    low, high = interval(value - (least or 0.0), draws - (least or 0.0), level, biased=least is not None)
    return {f"{prefix}low": low + (least or 0.0), f"{prefix}high": high + (least or 0.0)}
