"""Contributions as sentences that a village cadre can read, check on site and refute.

One reason per topic. Contributions of features about the same thing (income per person, the same in units
of the monitoring line, the worst year of three, ...) share one effect among them; three of them would fill the list
and each alone would look small. So contributions are summed by *topic*: the features of one risk category,
what *is* apart from what *changed* since last year (unit ``change``). Features of the category ``other``
have nothing in common and stand alone. Topics of causes of which a fact is on record (:mod:`.causes`) go first, in
the order of the causes, then the others, by their sum; each is described by the one feature of it, on record, that
pushes hardest in that direction, one with a declared direction before those without, and the contribution given is the
topic's sum. Topics that only features without a declared direction speak for come later, what rests on missing records
alone last: it is a question for the visit, not a finding. All topics' sums add up to the margin less the base value, so
no effect is counted twice. Topics that push the other way are for ``direction="away"``. What hardly moves the risk is
left out.

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

__all__ = ["by_cause", "describe", "format_value", "make_reasons", "rank_topics", "sums_by", "topic_of"]

Direction = Literal["toward", "away"]
Values = NDArray[np.float64]

# A topic that moves the odds by less than a fiftieth (a risk of 5.0 % to 5.1 %) is no reason for a visit: it is left out.
LEAST = 0.02
APART = 1e6  # more than any sum of contributions
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


def topic_of(declared: Feature) -> str:
    """Return the topic of reasons that a feature belongs to."""
    if declared.cause == "other":
        return declared.name
    return f"{declared.cause}/{'change' if declared.unit == 'change' else 'state'}"


def _describable(
    data: pd.DataFrame, features: Sequence[Feature], sign: Values
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Say which features can describe a topic by what is on record, and which by what is missing; a row for each.

    A rise of income is no reason for a risk, even where it is too small for the model: a change against the declared
    direction describes nothing. What does not apply is not missing.
    """
    known, missing = np.empty((2, len(features), len(data)), dtype=bool)
    for number, declared in enumerate(features):
        value = data[declared.name].to_numpy(dtype=np.float64)
        unknown = np.isnan(value)
        known[number] = ~unknown
        if declared.unit == "change" and declared.monotone:
            known[number] &= value * declared.monotone * sign > 0
        missing[number] = unknown & declared.applies(data)
    return known, missing


def rank_topics(
    values: Values,
    data: pd.DataFrame,
    features: Sequence[Feature],
    *,
    n_reasons: int,
    direction: Direction | NDArray[np.bool_] = "toward",
    least: float = LEAST,
    causes: NDArray[np.int64] | None = None,
    without: Sequence[str] = (),
) -> tuple[NDArray[np.int64], Values]:
    """Find each household's strongest topics and the feature that describes each of them.

    Parameters
    ----------
    values, data, features, n_reasons, direction, least, causes, without
        See :func:`make_reasons`.

    Returns
    -------
    describing : ndarray of int, shape (n_households, n_reasons)
        Position in `features` of the feature that describes the topic; -1 where there are fewer topics.
    contribution : ndarray of shape (n_households, n_reasons)
        The topic's signed sum in log-odds, NaN where there are fewer.
    """
    n = len(values)
    sign = np.where(_toward(direction, n), 1.0, -1.0)
    push = np.ascontiguousarray((values * sign[:, None]).T)  # a row for each feature
    known, missing = _describable(data, features, sign)
    of_feature = [topic_of(declared) for declared in features]
    every = list(dict.fromkeys(of_feature))
    topics = [topic for topic in every if topic not in without]
    sums = np.ascontiguousarray(sums_by(push.T, of_feature, every).T[[every.index(topic) for topic in topics]])
    strongest_of = np.full((len(topics), n), -1)
    # 0: of a cause on record, 1: on record, 2: on record without a claim, 3: missing, -1: cannot be described
    kind = np.full((len(topics), n), -1)
    claimed = np.array([[declared.monotone != 0] for declared in features])
    for number, topic in enumerate(topics):
        members = [position for position, other in enumerate(of_feature) if topic == other]
        for of_kind, eligible in ((3, missing), (2, known & ~claimed), (1, known & claimed)):
            which, strongest = _largest(np.where(eligible[members], push[members], -np.inf), range(len(members)))
            strongest_of[number] = np.where(strongest > 0, np.asarray(members)[which], strongest_of[number])
            kind[number] = np.where(strongest > 0, of_kind, kind[number])
        cause = features[members[0]].cause
        if causes is not None:
            kind[number][(kind[number] == 1) & (sign > 0) & (causes[:, list(CAUSES).index(cause)] >= 0)] = 0

    large = (sums > 0) & (sums >= least)
    # By kind, causes in their order, then the larger sum, then the one declared first.
    rank = [np.where(large & (kind == of_kind), sums, -np.inf) for of_kind in range(4)]
    if causes is not None:
        for number, topic in enumerate(topics):
            cause = features[of_feature.index(topic)].cause
            rank[0][number] += APART * (len(CAUSES) - causes[:, list(CAUSES).index(cause)])
    describing, contribution = np.full((n, n_reasons), -1), np.full((n, n_reasons), np.nan)
    households = np.arange(n)
    for place in range(min(n_reasons, len(topics))):
        chosen, best = _largest(rank[0], range(len(topics)))
        for sums_of in rank[1:]:
            which, next_best = _largest(sums_of, range(len(topics)))
            chosen, best = np.where(best > 0, chosen, which), np.where(best > 0, best, next_best)
        describing[:, place] = np.where(best > 0, strongest_of[chosen, households], -1)
        contribution[:, place] = np.where(best > 0, sums[chosen, households] * sign, np.nan)
        for sums_of in rank:
            sums_of[chosen, households] = -np.inf
    return describing, contribution


def _toward(direction: Direction | NDArray[np.bool_], n: int) -> NDArray[np.bool_]:
    """Say for each household whether reasons toward the risk are asked for."""
    return np.full(n, direction == "toward") if isinstance(direction, str) else direction


def make_reasons(
    values: Values,
    data: pd.DataFrame,
    features: Sequence[Feature],
    *,
    declarations: Mapping[str, Feature],
    lang: Language = "zh",
    n_reasons: int = 3,
    direction: Direction | NDArray[np.bool_] = "toward",
    least: float = LEAST,
    with_direction: bool = True,
    causes: NDArray[np.int64] | None = None,
    without: Sequence[str] = (),
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
        Most reasons for each household.
    direction : {"toward", "away"} or ndarray of bool, shape (n_households,), default "toward"
        Topics that raise the risk, largest sum first, or topics that lower it, most negative sum first; of equal
        ones the topic declared first. For each household its own: True for what raises.
    least : float, default 0.02
        Topics whose sum is smaller than this, in log-odds, are left out; 0 gives all that are not zero.
    with_direction : bool, default True
        Whether each sentence ends by saying that it raises or lowers the risk.
    causes : ndarray of int, shape (n_households, n_causes), optional
        Place of each category, in the order of ``CAUSES``, among the household's causes on record, 0 the main one, -1 for
        none: what they are about goes first among what raises the risk, in their order.
    without : sequence of str, optional
        Topics that are said elsewhere.

    Returns
    -------
    DataFrame of shape (n_households, 2 * n_reasons + 1)
        ``household_id``, ``reason_1`` ... (``""`` when there are fewer), ``contribution_1`` ... (the topic's signed
        sum in log-odds, NaN when there are fewer).

    Raises
    ------
    ExplanationError
        If `lang` or `direction` is not one of the above.
    FeatureMismatchError
        If a sentence quotes a column that `data` does not hold.
    """
    one_of("lang", lang, LANGUAGES, ExplanationError)
    if not isinstance(direction, np.ndarray):
        one_of("direction", direction, ("toward", "away"), ExplanationError)
    whole_number("n_reasons", n_reasons, 0)
    n = len(values)
    describing, contribution = rank_topics(
        values, data, features, n_reasons=n_reasons, direction=direction, least=least, causes=causes, without=without
    )
    said = np.full((n, n_reasons), "", dtype=object)
    toward = _toward(direction, n)
    for number in np.unique(describing[describing >= 0]):
        rows, places = np.nonzero(describing == number)
        declared = features[number]
        quoted = [name for name in dict.fromkeys((declared.name, *declared.mentions)) if name in data.columns]
        text = describe(declared, {name: data[name].to_numpy()[rows] for name in quoted}, declarations, lang=lang)
        endings = [ENDING[way].shown(lang) if with_direction else "" for way in ("away", "toward")]
        said[rows, places] = [sentence + endings[up] for sentence, up in zip(text, toward[rows].tolist(), strict=True)]
    columns: dict[str, object] = {"household_id": data.index.to_numpy()}
    columns |= {f"reason_{k + 1}": pd.Series(said[:, k], dtype="str") for k in range(n_reasons)}
    columns |= {f"contribution_{k + 1}": contribution[:, k] for k in range(n_reasons)}
    return pd.DataFrame(columns)
