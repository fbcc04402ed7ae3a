"""What measures, models, events, groups and findings are called, and the sentences that notes stand for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd

from fanpin_risk.evaluation.groups import ALL, FAIRNESS, GROUPS, LARGEST_DIFFERENCE, LARGEST_RATIO, UNKNOWN
from fanpin_risk.evaluation.measures import MEASURES
from fanpin_risk.features.feature import CAUSES
from fanpin_risk.features.labels import feature_label
from fanpin_risk.model.tiers import TIERS
from fanpin_risk.policy.signals import SIGNAL_STATES, sender_in_words
from fanpin_risk.words import Language, Message, listed, note_message

__all__ = [
    "ALARMS",
    "ALSO_VISITS",
    "MODELS",
    "NOTES",
    "OF_VISITS",
    "READING_NOTES",
    "WAY_NAMES",
    "WORDS",
    "alarm_label",
    "category_label",
    "group_label",
    "label",
    "model_label",
    "translated",
]

# Behind the name of a model: the same one, which learns from visits as well.
ALSO_VISITS = "+visits"
# What a reader must know before the figures: where outcomes come from.
READING_NOTES: Mapping[str, Message] = {
    "newly_monitored": Message(
        "The outcome is entry into monitoring: who is not visited is not entered, and who is helped relapses less. So "
        "missed households may be undercounted, and help that worked looks like a false alarm. Where visits were drawn "
        "at random, evaluate on them with weights (one over the probability of being drawn)."
    ),
    "below_line": Message(
        "The outcome is an income on record below the monitoring line a year on: households without one are left out, "
        "and who is helped earns more, so help that worked looks like a false alarm."
    ),
    "not_eliminated": Message(
        "The outcome is still being monitored: officials decide when a risk counts as eliminated, so the forecast follows their "
        "practice, and a risk that is low may be one that is taken off the list too early."
    ),
    "relapse": Message(
        "The outcome is being monitored again: who is not visited any more is not recognised again, so relapses may be undercounted."
    ),
}
# Models that `make_baselines` names; LightGBM, XGBoost and CatBoost are called so in every language.
MODELS: Mapping[str, Message] = {
    name: Message(name)
    for name in (
        "rule: income below 1.5 lines",
        "rule: any trigger",
        "rule: number of triggers",
        "proxy means test",
        "logistic regression",
        "random forest",
        "explainable boosting machine",
    )
}
# Ways in which households come to be visited.
WAY_NAMES: Mapping[str, Message] = {
    "model": Message("by the model's risk"),
    "rules": Message("by the number of guarantees and line not met"),
    "triggers": Message("by the number of triggers"),
    "rules_then_model": Message("by guarantees and line, then by risk"),
    "triggers_then_model": Message("by triggers, then by risk"),
    "either_rules": Message("on the list by risk or that by guarantees and line"),
    "both_rules": Message("on the list by risk and that by guarantees and line"),
    "either_triggers": Message("on the list by risk or that by triggers"),
    "both_triggers": Message("on the list by risk and that by triggers"),
}
# Checks for leaks.
ALARMS: Mapping[str, Message] = {
    "future_read": Message("features read records of after the day"),
    "outcomes_read": Message("features read the tables of the outcomes"),
    "shuffled_labels": Message("swapped outcomes can still be forecast"),
    "too_good": Message("too good to be true"),
    "single_feature": Message("a single feature is too strong"),
    "missing_values": Message("what is missing gives the outcome away"),
    "pure_value": Message("a value only of households with the event"),
    "pure_records": Message("a recorded value only of households with the event"),
    "horizon_cliff": Message("sharp within the horizon, blind after it"),
    "twins": Message("one household under two ids (same features)"),
    "duplicates": Message("one household under two ids (same members)"),
    "recorded_missing": Message("no day of recording"),
    "recorded_once": Message("recorded on one and the same day"),
    "recorded_derived": Message("the day of recording looks derived"),
    "overwritten": Message("past states may be overwritten"),
    "recorded_before": Message("recorded before it happened"),
    "outcome_on_record": Message("the outcome was on record on the day"),
    "dates_ahead": Message("dates on record lie after the day"),
    "recorded_unlike": Message("recorded differently depending on the outcome"),
    "back_filled": Message("entered later depending on the outcome"),
}
# Further words of the tables.
LABELS: Mapping[str, Message] = {
    "model": Message("Model"),
    "fold": Message("Day forecast"),
    "better": Message("the first model is better"),
    "worse": Message("the first model is worse"),
    "no difference shown": Message("no difference shown"),
    "ahead_3": Message("Share of events on the list 3 months ahead"),
    "ahead_6": Message("Share of events on the list 6 months ahead"),
}
# Columns of the tables that are written. In English they keep the names by which Python knows them; measures are
# called as they are elsewhere.
HEADERS: Mapping[str, Message] = {
    name: Message(name, context="column")
    for name in (
        "measure",
        "low",
        "high",
        "households",
        "events",
        "note",
        "reference_value",
        "value",
        "difference",
        "difference_low",
        "difference_high",
        "p_adjusted",
        "days",
        "days_better",
        "verdict",
        "train_days",
        "test_day",
        "until",
        "train_households",
        "train_events",
        "test_households",
        "test_events",
        "unobserved",
        "setting",
        "chosen",
        "bin",
        "visits",
        "visited",
        "visit_all",
        "visit_none",
        "found_ideal",
        "group",
        "category",
        "feature",
        "chance",
        "level",
        "jensen_shannon",
        "level_low",
        "level_high",
        "level_held",
        "shift",
        "calibration_error_level_right",
        "learnt_until",
        "level_from",
        "level_error_before",
        "level_error_after",
        "log_loss_before",
        "log_loss_after",
        "missing_before",
        "missing_after",
        "rows_before",
        "rows_after",
        "as_of",
        "promised",
        "kept",
        "way",
        "events_found",
        "recall_low",
        "recall_high",
        "sender",
        "state",
        "hit_rate",
        "against",
        "weighting",
        "effective",
        "by_list",
        "at_random",
        "month",
        "how",
        "told",
        "verified",
        "share_verified",
        "learnt",
        "largest_weight",
        "cut",
        "trees",
        "share_verified_weighted",
        "share_recognised",
        "known_later",
    )
}
# What figures of visits are held against, how they are weighted, how households came to be visited, and by what.
OF_VISITS: Mapping[str, Mapping[str, Message]] = {
    "against": {"visits": Message("what visits found"), "register": Message("official recognition")},
    "weighting": {
        "weighted": Message("weighted by one over the probability of the visit"),
        "unweighted": Message("without weights: only those visited"),
        "everybody": Message("all households"),
    },
    "how": {"by_list": Message("by the list"), "at_random": Message("drawn at random")},
    "group": {
        "tier": Message("Tier"),
        "cause": Message("Main cause"),
        "department": Message("Department of the signal"),
        "township": Message("Township"),
    },
    "trees": {
        "official": Message("grown on recognition"),
        "both": Message("mean of recognition and visits"),
        "visits": Message("grown on visits"),
    },
}
WORDS: Mapping[str, Message] = {
    "mean_risk": Message("Forecast risk"),
    "observed": Message("Share with the event"),
    "perfect": Message("perfectly calibrated"),
    "share": Message("Share of households visited"),
    "share_value": Message("Share"),
    "threshold": Message("Risk from which a visit is worth while"),
    "visit_all": Message("visit all"),
    "visit_none": Message("visit none"),
    "found": Message("Share of events found"),
    "chance": Message("visits at random"),
    "ideal": Message("perfect order"),
    "difference": Message("Difference (above 0: the reference is better)"),
    "months": Message("Months ahead"),
    "value": Message("Value"),
    "all": Message("all"),
    "exclusion_gap": Message("Largest gap in exclusion error"),
    "psi": Message("Population stability index"),
    "stable": Message("stable"),
    "moderate": Message("moderate"),
    "large": Message("large"),
    "drift_chance": Message("up to here by chance"),
    "risk": Message("Scores of the model"),
    "missing": Message("missing {before} → {after}"),
    "lead_p10": Message("10 % quantile"),
    "lead_p25": Message("25 % quantile"),
    "lead_median": Message("median"),
    "lead_p75": Message("75 % quantile"),
    "lead_p90": Message("90 % quantile"),
}

# Notes in the tables: code -> sentence, with the numbers of the note in order.
NOTES: Mapping[str, Message] = {
    "villages_unknown": Message("villages unknown: households resampled"),
    "few_villages": Message("fewer than {count} villages: households resampled, interval may be too narrow"),
    "no_village": Message("{count} households without a village resampled alone"),
    "suppressed_few": Message("suppressed: fewer than {households} households or {events} events"),
    "suppressed_weights": Message(
        "suppressed: the weights leave fewer than {households} households or {events} events"
    ),
    "suppressed_visits": Message("suppressed: fewer than {count} visits with a known result"),
    "visits_none": Message(
        "no visit with a known result was on record by the day: forecast as from the register alone"
    ),
    "visits_few": Message(
        "too few visits verified, refuted or drawn at random to learn from: forecast as from the register alone"
    ),
    "visits_cut": Message("{count} weights were cut to {bound} times the mean for learning"),
    "uneven_weights": Message(
        "uneven weights: as much as {effective} visits that count alike, the largest {times} times the mean"
    ),
    "suppressed_total": Message("suppressed: else the one cell left out could be worked out from the total"),
    "suppressed_undated": Message("suppressed: fewer than {count} dated events"),
    "undated": Message("{count} events without a date left out"),
    "not_defined": Message("not defined here"),
}
_CATEGORIES: Mapping[str, Message] = {
    ALL: Message("all"),
    UNKNOWN: Message("unknown"),
    LARGEST_DIFFERENCE: Message("largest difference"),
    LARGEST_RATIO: Message("largest ratio"),
}


# Categories by which the shares of visits are told.
CODES_OF_VISITS: Mapping[str, Mapping[str, Message]] = {"tier": TIERS, "cause": CAUSES}


def label(name: str, lang: Language) -> str:
    """Return the label of a measure, or of a word of the tables; what has none is its own."""
    if name in MEASURES:
        return MEASURES[name].label.shown(lang)
    for labels in (FAIRNESS, LABELS, WORDS):
        if name in labels:
            return labels[name].shown(lang)
    return name


def model_label(name: str, lang: Language) -> str:
    """Return what a model is called: baselines by the words of the language, others by their own name, and what they learn from."""
    if name.endswith(ALSO_VISITS):
        return Message("{model}, learning from visits", model=name.removesuffix(ALSO_VISITS)).shown(lang)
    return MODELS[name].shown(lang) if name in MODELS else name


def alarm_label(name: str, lang: Language) -> str:
    """Return what a check for leaks is called; one that is not known by its own name."""
    return ALARMS[name].shown(lang) if name in ALARMS else name


def group_label(group: str, lang: Language) -> str:
    """Return what a grouping of an audit is called."""
    return GROUPS[group].label.shown(lang) if group in GROUPS else _word_of_visits("group", group, lang)


def category_label(group: str, category: str, lang: Language) -> str:
    """Return what a group of a grouping is called."""
    if group == "department" and category not in _CATEGORIES:
        return sender_in_words(category).shown(lang)
    words = {**_CATEGORIES, **(GROUPS[group].codes if group in GROUPS else CODES_OF_VISITS.get(group, {}))}
    return words[category].shown(lang) if category in words else category


def translated(table: pd.DataFrame, lang: Language) -> pd.DataFrame:
    """Return a table as it is written for readers of a language.

    Parameters
    ----------
    table : DataFrame
        A result, or a table with the columns of one.
    lang : {"zh", "en"}
        Language.

    Returns
    -------
    DataFrame
        The same rows and columns, with sentences for notes; in Chinese the headers, names and yes or no are Chinese,
        in English they are those that Python knows.

    Examples
    --------
    >>> translated(pd.DataFrame({"model": ["proxy means test"], "measure": ["recall"], "value": [0.3]}), "zh")
           模型   指标   数值
    0  代理家计调查  查全率  0.3
    """
    shown = pd.DataFrame(table).copy()
    if "note" in shown.columns:
        notes = shown["note"].astype("str")
        shown["note"] = notes.map(lambda note: note_message(note, NOTES).shown(lang), na_action="ignore")
    if lang == "en":
        return shown
    if {"group", "category"} <= set(shown.columns):
        pairs = zip(shown["group"].astype("str"), shown["category"].astype("str"), strict=True)
        shown["category"] = [category_label(group, category, lang) for group, category in pairs]
    say: dict[str, Any] = {
        "model": model_label,
        "measure": label,
        "verdict": label,
        "level": label,
        "group": group_label,
        "feature": feature_label,
        "way": lambda name, lang: WAY_NAMES[name].shown(lang) if name in WAY_NAMES else name,
        "sender": lambda name, lang: sender_in_words(name).shown(lang),
        "state": lambda name, lang: SIGNAL_STATES[name].shown(lang) if name in SIGNAL_STATES else label(name, lang),
    }
    say |= {name: partial(_word_of_visits, name) for name in ("against", "weighting", "how", "trees")}
    for name, word in say.items():
        if name in shown.columns:
            names = shown[name].astype("str")
            shown[name] = names.map({one: word(one, lang) for one in names.dropna().unique()}, na_action="ignore")
    for name in ("chosen", "kept", "level_held", "learnt"):
        if name in shown.columns:
            shown[name] = shown[name].map({True: Message("yes").shown(lang), False: Message("no").shown(lang)})
    headers = {str(name): _header(str(name), lang) for name in shown.columns}
    if "train_days" in shown.columns and pd.api.types.is_numeric_dtype(shown["train_days"].dtype):
        headers["train_days"] = Message("number of training days").shown(lang)
    return shown.rename(columns=headers)


def _word_of_visits(column: str, codes: str, lang: Language) -> str:
    """Return the words of a code, or of several with commas between them."""
    words = OF_VISITS[column]
    return listed([words.get(code, code) for code in codes.split(", ")]).shown(lang)


def _header(name: str, lang: Language) -> str:
    return HEADERS[name].shown(lang) if name in HEADERS else label(name, lang)
