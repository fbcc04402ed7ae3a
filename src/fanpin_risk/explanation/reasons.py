"""Contributions as sentences that a village cadre can read, check on site and refute.

One reason per topic. Contributions of features about the same thing (income per person, the same in units
of the monitoring line, the worst year of three, ...) share one effect among them; three of them would fill the list
and each alone would look small. So contributions are summed by *topic*: the features of one risk category,
what *is* apart from what *changed* since last year (unit ``change``). Features of the category ``other``
have nothing in common and stand alone. Topics are ranked by their sum; each is described by the one feature of it, on
record, that pushes hardest in that direction, and the contribution given is the topic's sum. What rests on missing
records alone comes last, and names no category: it is a question for the visit, not a finding. All topics' sums add up to the
margin less the base value, so no effect is counted twice. Topics that push the other way are for
``direction="away"``. What hardly moves the risk is left out.

Every number in a sentence is the household's own, from the column of that name, rounded; rounding never makes a
number look as if it had reached 0 % or 100 % when it has not. No sentence compares two households.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fanpin_risk.arguments import one_of, whole_number
from fanpin_risk.asof.days import months_of
from fanpin_risk.errors import ExplanationError, FeatureMismatchError
from fanpin_risk.features.feature import CAUSES, UNITS, Feature
from fanpin_risk.features.wording import variants
from fanpin_risk.words import LANGUAGES, Language, Message

__all__ = ["by_cause", "describe", "format_value", "main_cause", "make_reasons", "rank_topics", "sums_by"]

Direction = Literal["toward", "away"]
Values = NDArray[np.float64]

# A topic that moves the odds by less than a fiftieth (a risk of 5.0 % to 5.1 %) is no reason for a visit: it is left out.
LEAST = 0.02
# Features are bounded where they are computed (features.feature.ratio, features.income); at the bound only "or more" is known.
RATIO_BOUND = 10.0
CHANGE_BOUND = 5.0
MONEY = ("CNY", "CNY/person")

MISSING = Message("not recorded")
NO_YES = (Message("no"), Message("yes"))
ENDING = {"toward": Message(" (raises the risk)"), "away": Message(" (lowers the risk)")}


# --- numbers ----------------------------------------------------------------------------------------------------
def _decimal(value: float, digits: int, landmarks: Sequence[float] = (0.0,)) -> str:
    """Write a number with `digits` decimals, or with as many more as keep it off a landmark that it has not reached."""
    most = digits + 4
    while digits < most and value not in landmarks and round(value, digits) in landmarks:
        digits += 1
    text = f"{value:,.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _percent(value: float, *, signed: bool = False) -> str:
    percent = 100.0 * value
    landmarks = (0.0, -100.0) if signed else (0.0, 100.0)
    text = _decimal(percent, 0 if abs(percent) >= 10 else 1, landmarks)
    plus = "+" if signed and text != "0" and not text.startswith("-") else ""
    return f"{plus}{text}%"


def _ratio(value: float, lang: Language) -> str:
    if value >= RATIO_BOUND:
        return Message("{limit} or more", limit=Message("1,000%")).shown(lang)
    if value <= -RATIO_BOUND:
        return Message("{limit} or less", limit=Message("-1,000%")).shown(lang)
    return _percent(value)


def _change(value: float, lang: Language) -> str:
    if value >= CHANGE_BOUND:
        return Message("{limit} or more", limit="+500%").shown(lang)
    if value <= -RATIO_BOUND:
        return Message("{limit} or less", limit=Message("-1,000%")).shown(lang)
    return _percent(value, signed=True)


def _level(value: float, names: tuple[str, ...]) -> str:
    if not 0 <= value <= len(names) - 1:
        return _decimal(value, 1)
    lower, upper = int(np.floor(value)), int(np.ceil(value))
    return names[lower] if lower == upper else f"{names[lower]}—{names[upper]}"


def _category(value: float, names: tuple[str, ...], lang: Language) -> str:
    """Name a category; a code without a name counts as missing, as it does for the trees."""
    return names[int(value)] if value in range(len(names)) else MISSING.shown(lang)


def _day(value: float, lang: Language) -> str:
    """Write a day; the last one of a month by its month, since records that give a month alone are read as that day."""
    number = np.datetime64(int(np.floor(value)), "D")
    day = number.item()
    if (number + 1).item().month != day.month:
        return Message("{year}-{month:02}", year=day.year, month=day.month).shown(lang)
    return Message("{year}-{month:02}-{day:02}", year=day.year, month=day.month, day=day.day).shown(lang)


def _period(value: float, lang: Language) -> str:
    """Write a period by its year where it is a calendar year, else by its first and last month."""
    (year, month), (last_year, last_month), scaled = months_of(value)
    numbers: dict[str, Any] = {"year": year, "month": month, "last_year": last_year, "last_month": last_month}
    if year == last_year and (month, last_month) == (1, 12):
        text = Message(UNITS["year"], number=year)
    elif year == last_year and month == last_month:
        text = Message("{year}-{month:02}")
    elif year == last_year:
        text = Message("{year}-{month:02}–{year}-{last_month:02}")
    else:
        text = Message("{year}-{month:02}–{last_year}-{last_month:02}")
    written = Message(text, **numbers)
    return (Message("{period} (as a full year)", period=written) if scaled else written).shown(lang)


def format_value(value: float, declared: Feature, lang: Language) -> str:
    """Write a feature's value with its unit.

    Parameters
    ----------
    value : float
        In the feature's unit; NaN is missing.
    declared : Feature
        Its declaration.
    lang : {"zh", "en"}
        Language.

    Returns
    -------
    str
        Money in yuan with thousands separators (two decimals below one yuan), shares and ratios as percentages,
        changes as signed percentages, counts as whole numbers (means with one decimal), calendar years, days and
        periods as such, levels and categories by name.

    Examples
    --------
    >>> from fanpin_risk.features.income import income_per_person, income_to_line
    >>> format_value(5012.4, income_per_person, "zh"), format_value(0.9996, income_to_line, "en")
    ('5,012元', '99.96%')
    """
    if np.isnan(value):
        return MISSING.shown(lang)
    unit = declared.unit
    if unit == "flag":
        return NO_YES[int(value >= 0.5)].shown(lang)
    if unit == "share":
        return _percent(value)
    if unit == "ratio":
        return _ratio(value, lang)
    if unit == "change":
        return _change(value, lang)
    if unit == "level":
        return _level(value, _level_names(declared, lang))
    if unit == "category":
        return _category(value, _level_names(declared, lang), lang)
    if unit == "year":
        return Message(UNITS[unit], number=f"{value:.0f}").shown(lang)
    if unit == "day":
        return _day(value, lang)
    if unit == "period":
        return _period(value, lang)
    digits = 1
    if unit in MONEY:
        digits = 0 if abs(value) >= 1 else 2
    number = _decimal(value, digits)
    written = Message(UNITS[unit], number=number).shown(lang)
    if lang == "en" and number == "1" and unit in ("months", "years"):
        written = written.removesuffix("s")
    return written


def _level_names(declared: Feature, lang: Language) -> tuple[str, ...]:
    return tuple(name.shown(lang) for name in declared.levels)


def _written(values: NDArray[np.float64], declared: Feature, lang: Language) -> list[str]:
    """Write many values, each different one once."""
    if declared.unit in MONEY:  # hardly two amounts are equal; from one yuan on they have no decimals
        form = UNITS[declared.unit].shown(lang)
        return [
            form.replace("{number}", f"{value:,.0f}") if abs(value) >= 1 else format_value(value, declared, lang)
            for value in values.tolist()
        ]
    different, which = np.unique(_rounded(values, declared.unit), return_inverse=True)  # all that are missing are equal
    texts = np.array([format_value(value, declared, lang) for value in different.tolist()], dtype=object)
    written: list[str] = texts[which].tolist()
    return written


def _rounded(values: NDArray[np.float64], unit: str) -> NDArray[np.float64]:
    """Round percentages that are written without decimals, so that those written alike are equal.

    What is near a bound, a landmark or a change of decimals is left as it is.
    """
    if unit not in ("share", "ratio", "change"):
        return values
    size = np.abs(values)
    whole = (size > 0.11) & (size < 4) & (np.abs(size - 1) > 0.02)
    return np.where(whole, np.rint(100.0 * values) / 100.0, values)


# --- sentences --------------------------------------------------------------------------------------------------
def _label(declared: Feature, lang: Language) -> str:
    label = declared.label.shown(lang)
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def describe(
    declared: Feature,
    data: pd.DataFrame | Mapping[str, NDArray[np.float64]],
    declarations: Mapping[str, Feature],
    *,
    lang: Language,
) -> list[str]:
    """Say what a feature is for each row, without its direction.

    Parameters
    ----------
    declared : Feature
        The feature.
    data : DataFrame of shape (n_rows, n_columns), or mapping of str to ndarray of shape (n_rows,)
        With its column and every column that its sentence quotes.
    declarations : mapping of str to Feature
        Declarations of these columns, by name.
    lang : {"zh", "en"}
        Language.

    Returns
    -------
    list of str, length n_rows
        Where the feature is missing, that there is no record of it.

    Raises
    ------
    FeatureMismatchError
        If a column that the sentence quotes is absent or undeclared.
    """
    sentence = declared.sentence.shown(lang)
    quoted = [name for name in declared.mentions if f"{{{name}}}" in sentence]
    absent = [name for name in (declared.name, *declared.mentions) if name not in data or name not in declarations]
    if absent:
        raise FeatureMismatchError(
            "the sentence of {declared} quotes {absent}, which the explanation does not hold; pass it as "
            "context (compute_features(..., context=True)) with its declaration",
            declared=declared.name,
            absent=tuple(absent),
        )
    held = {name: np.asarray(data[name], dtype=np.float64) for name in (declared.name, *declared.mentions)}
    value = held[declared.name]
    said = variants(sentence, declared.name, held, declared.when)
    if quoted:
        columns = [_written(held[name], declarations[name], lang) for name in quoted]
        # Names become places once, so that a row costs one call.
        places = {text: text.format_map({name: f"{{{k}}}" for k, name in enumerate(quoted)}) for text in set(said)}
        said = [places[text].format(*written) for text, *written in zip(said, *columns, strict=True)]
    nothing = Message("no record of {label}", label=_label(declared, lang)).shown(lang)
    return [nothing if unknown else text for unknown, text in zip(np.isnan(value), said, strict=True)]


# --- sums -------------------------------------------------------------------------------------------------------
def sums_by(values: Values, keys: Sequence[str], wanted: Sequence[str]) -> Values:
    """Sum the columns of `values` whose key is each of `wanted`, in column order.

    Columns are added one after the other, so that a row's sums never depend on the other rows.
    """
    sums = np.zeros((len(wanted), len(values)))
    place = {key: number for number, key in enumerate(wanted)}
    for column, key in enumerate(keys):
        sums[place[key]] += values[:, column]
    return sums.T


def _largest(rows: Values, members: Sequence[int]) -> tuple[NDArray[np.int64], Values]:
    """Return, column by column, which of some rows is largest, the first of equal ones, and how large it is."""
    which = np.full(rows.shape[1], members[0])
    largest = rows[members[0]].copy()
    for position in members[1:]:
        larger = rows[position] > largest
        which[larger] = position
        np.maximum(largest, rows[position], out=largest)
    return which, largest


def by_cause(values: Values, features: Sequence[Feature]) -> Values:
    """Sum contributions by risk category, in the order of ``CAUSES``; shape (n_rows, n_causes)."""
    return sums_by(values, [declared.cause for declared in features], list(CAUSES))


def main_cause(values: Values, features: Sequence[Feature]) -> list[str]:
    """Return the code of the risk category with the largest sum for each row; ``""`` where none raises the risk.

    Low income is a state and no official risk category: it is named only where no other category raises the risk by
    at least ``LEAST``. Of equal ones the first in the order of ``CAUSES`` is named.
    """
    sums = by_cause(values, features).T
    state = list(CAUSES).index("low_income")
    largest, size = _largest(sums, [number for number in range(len(sums)) if number != state])
    # The last place is for -1: no category.
    named = np.where(size >= LEAST, largest, np.where(sums[state] >= LEAST, state, -1))
    main: list[str] = np.array([*CAUSES, ""], dtype=object)[named].tolist()
    return main


def _recorded(data: pd.DataFrame, features: Sequence[Feature]) -> NDArray[np.bool_]:
    """Say which features have a value, shape (n_rows, n_features)."""
    return data[[declared.name for declared in features]].notna().to_numpy()


def _topic(declared: Feature) -> str:
    if declared.cause == "other":
        return declared.name
    return f"{declared.cause}/{'change' if declared.unit == 'change' else 'state'}"


def rank_topics(
    values: Values,
    data: pd.DataFrame,
    features: Sequence[Feature],
    *,
    n_reasons: int,
    direction: Direction = "toward",
    least: float = LEAST,
) -> tuple[NDArray[np.int64], Values]:
    """Find each household's strongest topics and the feature that describes each of them.

    Parameters
    ----------
    values, data, features, n_reasons, direction, least
        See :func:`make_reasons`.

    Returns
    -------
    describing : ndarray of int, shape (n_households, n_reasons)
        Position in `features` of the feature that describes the topic; -1 where there are fewer topics.
    contribution : ndarray of shape (n_households, n_reasons)
        The topic's signed sum in log-odds, NaN where there are fewer.
    """
    n = len(values)
    push = np.ascontiguousarray((values if direction == "toward" else -values).T)  # a row for each feature
    recorded = _recorded(data, features).T
    topic_of = [_topic(declared) for declared in features]
    topics = list(dict.fromkeys(topic_of))
    sums = np.ascontiguousarray(sums_by(push.T, topic_of, topics).T)
    strongest_of = np.full((len(topics), n), -1)
    on_record = np.zeros((len(topics), n), dtype=bool)
    for number, topic in enumerate(topics):
        members = [position for position, other in enumerate(topic_of) if topic == other]
        strongest_of[number], _ = _largest(push, members)
        known, strongest = _largest(np.where(recorded[members], push[members], -np.inf), range(len(members)))
        on_record[number] = strongest > 0
        strongest_of[number] = np.where(on_record[number], np.asarray(members)[known], strongest_of[number])

    large = (sums > 0) & (sums >= least)
    # Topics on record go first, then the larger sum, then the one declared first.
    rank = [np.where(large & of_kind, sums, -np.inf) for of_kind in (on_record, ~on_record)]
    describing, contribution = np.full((n, n_reasons), -1), np.full((n, n_reasons), np.nan)
    households = np.arange(n)
    for place in range(min(n_reasons, len(topics))):
        (first, best), (second, next_best) = (_largest(sums_of, range(len(topics))) for sums_of in rank)
        chosen = np.where(best > 0, first, second)
        found = np.maximum(best, next_best) > 0
        describing[:, place] = np.where(found, strongest_of[chosen, households], -1)
        signed = sums[chosen, households]
        contribution[:, place] = np.where(found, signed if direction == "toward" else -signed, np.nan)
        for sums_of in rank:
            sums_of[chosen, households] = -np.inf
    return describing, contribution


def make_reasons(
    values: Values,
    data: pd.DataFrame,
    features: Sequence[Feature],
    *,
    declarations: Mapping[str, Feature],
    lang: Language = "zh",
    n_reasons: int = 3,
    direction: Direction = "toward",
    least: float = LEAST,
    with_direction: bool = True,
) -> pd.DataFrame:
    """Describe each household's strongest topics in sentences; see the head of this module for what a topic is.

    Parameters
    ----------
    values : ndarray of shape (n_households, n_features)
        Contributions in log-odds.
    data : DataFrame of shape (n_households, n_columns)
        The features and the columns quoted beside them, indexed by ``household_id``.
    features : sequence of Feature
        Declarations of the columns of `values`, in order.
    declarations : mapping of str to Feature
        Declarations of the columns of `data`, by name.
    lang : {"zh", "en"}, default "zh"
        Language of the sentences.
    n_reasons : int, default 3
        Most reasons for each household; 0 gives the category only.
    direction : {"toward", "away"}, default "toward"
        Topics that raise the risk, largest sum first, or topics that lower it, most negative sum first; of equal
        ones the topic declared first.
    least : float, default 0.02
        Topics whose sum is smaller than this, in log-odds, are left out; 0 gives all that are not zero.
    with_direction : bool, default True
        Whether each sentence ends by saying that it raises or lowers the risk.

    Returns
    -------
    DataFrame of shape (n_households, 2 * n_reasons + 2)
        ``household_id``, ``reason_1`` ... (``""`` when there are fewer), ``contribution_1`` ... (the topic's signed
        sum in log-odds, NaN when there are fewer), ``cause`` (main risk category, a code of ``CAUSES``).

    Raises
    ------
    ExplanationError
        If `lang` or `direction` is not one of the above.
    FeatureMismatchError
        If a sentence quotes a column that `data` does not hold.
    """
    one_of("lang", lang, LANGUAGES, ExplanationError)
    one_of("direction", direction, ("toward", "away"), ExplanationError)
    whole_number("n_reasons", n_reasons, 0)
    n = len(values)
    describing, contribution = rank_topics(
        values, data, features, n_reasons=n_reasons, direction=direction, least=least
    )
    said = np.full((n, n_reasons), "", dtype=object)
    for number in np.unique(describing[describing >= 0]):
        rows, places = np.nonzero(describing == number)
        declared = features[number]
        quoted = [name for name in dict.fromkeys((declared.name, *declared.mentions)) if name in data.columns]
        text = describe(declared, {name: data[name].to_numpy()[rows] for name in quoted}, declarations, lang=lang)
        ending = ENDING[direction].shown(lang) if with_direction else ""
        said[rows, places] = [sentence + ending for sentence in text]
    columns: dict[str, object] = {"household_id": data.index.to_numpy()}
    columns |= {f"reason_{k + 1}": pd.Series(said[:, k], dtype="str") for k in range(n_reasons)}
    columns |= {f"contribution_{k + 1}": contribution[:, k] for k in range(n_reasons)}
    on_record = np.where(_recorded(data, features).T, values.T, 0.0).T
    cause = pd.Series(main_cause(on_record, features), dtype="str")
    return pd.DataFrame({**columns, "cause": cause})
