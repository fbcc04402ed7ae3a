"""What the card of a model says of its training: days, households and events, who was left out, and how it fared out of fold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fanpin_risk.asof.outcomes import LEFT_OUT
from fanpin_risk.features.labels import feature_message
from fanpin_risk.model.ensemble_facts import ENSEMBLE_OFF, PARTS
from fanpin_risk.model.place_facts import PLACE_OFF
from fanpin_risk.model.vanished import unobserved_note
from fanpin_risk.reports.documents import Document
from fanpin_risk.reports.figures import count_text
from fanpin_risk.words import Message, listed

__all__ = ["training_section"]

# Digits of a division code -> what it names.
LEVELS = {
    "2": Message("province"),
    "4": Message("prefecture"),
    "6": Message("county"),
    "9": Message("township"),
    "12": Message("village"),
}


def training_section(document: Document, card: Mapping[str, Any]) -> None:
    """Write the sections on the training days and on the risks out of fold.

    Parameters
    ----------
    document : Document
        Takes them.
    card : mapping
        As from :func:`fanpin_risk.model.store.read_card`.
    """
    _training_days(document, card)
    _out_of_fold(document, card)
    if card.get("visits"):
        _learnt_from_visits(document, card["visits"])
    if card.get("ensemble"):
        _ensemble(document, card["ensemble"])
    if card.get("place"):
        _places(document, card["place"])


def _training_days(document: Document, card: Mapping[str, Any]) -> None:
    rows = card["training"]
    document.heading(Message("Training data"))
    fixed = ("as_of", "until", "households", "events")
    reasons = [key for key in rows[0] if key not in fixed]
    document.table(
        [
            Message("Training day"),
            Message("Until"),
            Message("Households at risk"),
            Message("Events"),
            Message("Left out (reason: households)"),
        ],
        [
            [
                str(row["as_of"]),
                str(row["until"]),
                count_text(row["households"]),
                count_text(row["events"]),
                listed(
                    [
                        Message("{reason}: {count:,}", reason=LEFT_OUT.get(key, key), count=int(row[key]))
                        for key in reasons
                        if int(row[key])
                    ],
                    between="; ",
                ),
            ]
            for row in rows
        ],
    )
    vanished = unobserved_note(card.get("unobserved"), card["event"]["target"])
    if vanished is not None:
        document.text(vanished)
    drawn = card.get("drawn")
    if drawn is not None:
        document.text(
            Message(
                "Learnt from {rows:,} of these rows: a draw of households, those with the event apart, weighted so that all figures are "
                "of all households.",
                rows=int(drawn["rows"]),
            )
        )
    names = [str(name) for name in card["tables"]]
    document.text(
        Message(
            "Tables that features were made of: {tables}. For a register that lacks a whole one of them, train another "
            "model.",
            tables=[feature_message(name) for name in names] or Message("unknown"),
        )
    )


def _out_of_fold(document: Document, card: Mapping[str, Any]) -> None:
    metrics = card["metrics"]
    document.heading(Message("Out of fold, on the training days"))
    document.text(
        Message(
            "Every household is scored by trees that saw it on no day; still of the years trained on, so kinder than a "
            "later year."
        )
    )
    document.table(
        [
            Message("Household-days"),
            Message("Events"),
            Message("Base rate"),
            Message("AUC"),
            Message("Average precision"),
            Message("Brier (of the base rate)"),
            Message("Log loss (of the base rate)"),
        ],
        [
            [
                count_text(metrics["households"]),
                count_text(metrics["events"]),
                f"{float(metrics['base_rate']):.2%}",
                f"{float(metrics['auc']):.3f}",
                f"{float(metrics['average_precision']):.3f}",
                f"{float(metrics['brier']):.4f} ({float(metrics['brier_base']):.4f})",
                f"{float(metrics['log_loss']):.4f} ({float(metrics['log_loss_base']):.4f})",
            ]
        ],
    )


# Which trees a model that learnt from visits took.
TREES_OF_VISITS = {
    "official": Message("those grown on official recognition"),
    "both": Message("the mean of those grown on official recognition and those grown on visits"),
    "visits": Message("those grown on visits"),
}


def _learnt_from_visits(document: Document, facts: Mapping[str, Any]) -> None:
    document.heading(Message("What visits found"))
    document.text(
        Message(
            "The risk is that of being found in need at a visit, of everybody at risk; not only of being officially recognised. "
            "{visits:,} visits with a known result: {by_list:,} by the list, {at_random:,} drawn at random. Each counts one over "
            "its probability, so they tell as much as {effective:,.0f} visits that count alike; {trimmed} weights were cut.",
            **{name: facts[name] for name in ("visits", "by_list", "at_random", "effective", "trimmed")},
        )
    )
    if "heaviest" in facts:  # not on older cards
        document.text(
            Message(
                "The largest weight was {heaviest:,.1f} times the mean; more than {bound:g} times is cut for learning.",
                heaviest=float(facts["heaviest"]),
                bound=float(facts["largest_weight"]),
            )
        )
    document.text(
        Message(
            "Found in need: {weighted:.2%} of everybody (weighted), {plain:.2%} of the visited; officially recognised: "
            "{recognised:.2%}. Figures out of fold above are weighted; without weights the AUC would be {auc:.3f}, and "
            "against what the register says {auc_register:.3f}. Trees: {trees}.",
            weighted=float(facts["share_verified_weighted"]),
            plain=float(facts["share_verified"]),
            recognised=float(facts["share_recognised"]),
            auc=float(facts["metrics_unweighted"]["auc"]),
            auc_register=float(facts["metrics_register"]["auc"]),
            trees=TREES_OF_VISITS.get(str(facts["trees"]), str(facts["trees"])),
        )
    )


def _ensemble(document: Document, facts: Mapping[str, Any]) -> None:
    document.heading(Message("What the trees learnt"))
    if facts["why"]:
        why = ENSEMBLE_OFF.get(str(facts["why"]), str(facts["why"]))
        document.text(
            Message("The trees learnt from households at risk only, whether the event happened: {why}.", why=why)
        )
        return
    document.text(
        Message(
            "The risk comes from the mean of the classifiers below, all asked as of a household at risk, recalibrated to the "
            "event among households at risk. Measures are out of fold, of each classifier alone, for households at risk and "
            "the line itself; ensemble='none' (--ensemble none) trains the first one only."
        )
    )
    document.table(
        [
            Message("Learnt from: what"),
            Message("Household-days"),
            Message("Events"),
            Message("Trees"),
            Message("AUC"),
            Message("Average precision"),
            Message("Log loss"),
        ],
        [
            [
                PARTS.get(str(part["part"]), str(part["part"])),
                count_text(part["rows"]),
                count_text(part["events"]),
                count_text(part["n_trees"]),
                f"{float(part['auc']):.3f}",
                f"{float(part['average_precision']):.3f}",
                f"{float(part['log_loss']):.4f}",
            ]
            for part in facts["parts"]
        ],
    )


def _places(document: Document, facts: Mapping[str, Any]) -> None:
    document.heading(Message("Where households live"))
    if facts["why"]:
        why = PLACE_OFF.get(str(facts["why"]), str(facts["why"]))
        document.text(Message("What happened in a place is not added to the forecast: {why}.", why=why))
        return
    document.text(
        Message(
            "Added to what the trees say: {share:.0%} of what happened in {areas:,} areas of 30 households or more beyond what "
            "their households' own circumstances foretold, shrunk towards the area around. Spread between areas, in log-odds: "
            "{spread}. The odds of a household are moved by a factor of at most {factor:.2f}.",
            share=float(facts["share"]),
            areas=int(facts["areas"]),
            spread=listed(
                [
                    Message("{level} {tau:.2f}", level=LEVELS.get(str(digits), str(digits)), tau=float(tau))
                    for digits, tau in facts["tau"].items()
                ]
            ),
            factor=float(facts["largest_factor"]),
        )
    )
    before = facts["metrics_without"]
    document.text(
        Message(
            "Without it, out of fold: AUC {auc:.3f}, average precision {precision:.3f}, log loss {loss:.4f}. It ranks places "
            "against each other and so moves visits between them; place=False (--place no) trains without it.",
            auc=float(before["auc"]),
            precision=float(before["average_precision"]),
            loss=float(before["log_loss"]),
        )
    )
    document.table(
        [
            Message("Areas"),
            Message("Household-days"),
            Message("Events"),
            Message("Share with the event"),
            Message("Mean risk forecast (without)"),
            Message("Events among the {share} with the highest risk (without)", share=f"{float(facts['visited']):.0%}"),
        ],
        [
            [
                _area_group(str(row["kind"]), str(row["group"])),
                count_text(row["rows"]),
                count_text(row["events"]),
                f"{float(row['observed']):.2%}",
                f"{float(row['mean_risk_with']):.2%} ({float(row['mean_risk_without']):.2%})",
                f"{float(row['recall_with']):.1%} ({float(row['recall_without']):.1%})",
            ]
            for row in facts["groups"]
        ],
    )


def _area_group(kind: str, group: str) -> Message:
    if kind == "fifth":
        return Message("fifth {number} by expected risk (1: lowest)", number=group)
    if group == "unknown":
        return Message("area not known, or of fewer than 30 households")
    return Message(
        "of {households} households", households=group.removesuffix("-") + ("+" if group.endswith("-") else "")
    )
