"""How to read a report: what its figures mean, what its reasons do not, who decides, and how it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from fanpin_risk.reports.documents import Document
from fanpin_risk.words import Language, Message

__all__ = [
    "ABOUT_FIGURES",
    "ABOUT_KEEPING",
    "ABOUT_REASONS",
    "CONTEST",
    "DIRECTIONS",
    "GUIDE",
    "ORDERS",
    "PROPOSES",
    "USES",
    "WORDS_OF_ALARMS",
    "Section",
    "how_to_read",
]

Section = tuple[Message, tuple[Message, ...]]

# Words of a model card: what a constraint says, and how bad a finding of the leak check is.
DIRECTIONS = {
    1: Message("more of it, more risk"),
    -1: Message("more of it, less risk"),
    0: Message("either way"),
}
WORDS_OF_ALARMS = {"alarm": Message("alarm", context="level"), "warning": Message("warning", context="level")}
# What a model is for and what not, and how to contest what it says.
# The first line says whom it orders, by the event.
ORDERS: Mapping[str, Message] = MappingProxyType(
    {
        "not_eliminated": Message(
            "It orders monitored households by how likely it is that their risk is not eliminated: where help has to change, "
            "with reasons that can be checked. It does not say whose risk is eliminated."
        ),
        "relapse": Message(
            "It orders households whose risk was eliminated: whom to look at again first, with reasons that can be checked."
        ),
    }
)
USES = (
    Message(
        "It orders households on record and not yet monitored: whom to visit first, with reasons that can be checked."
    ),
    Message(
        "It must not decide who is recognised, taken off the list, helped or refused: that goes by the official "
        "procedure, by people."
    ),
    Message(
        "It must not be used to rate officials, for credit, or for anything other than preventing a return to poverty."
    ),
    Message("It must not be used for other areas than those trained on before it was evaluated on their records."),
    Message(
        "A low score does not prove that a household is safe: applications, visits and warnings of other offices go on as before."
    ),
    Message("Reasons say which records moved the score; they do not prove what causes poverty."),
)
CONTEST = (
    Message(
        "A household or an official may ask for its letter (fanpin-risk explain): which records were used, and which "
        "way they moved the score."
    ),
    Message(
        "If a record is wrong, mend the register and score again; the former score and the fingerprint of its model "
        "are kept."
    ),
    Message(
        "If the result is disputed, someone who took no part in scoring visits the household; what is found there "
        "decides, and the dispute is written down."
    ),
    Message(
        "Whoever doubts the model can compute the tables below again on the same register with fanpin-risk evaluate."
    ),
)
PROPOSES = Message(
    "The list proposes whom to visit first. Who is recognised, helped or taken off the list is decided by people, "
    "after a visit, by the official procedure."
)
ABOUT_FIGURES: Section = (
    Message("What the figures mean"),
    (
        Message(
            "Risk: the probability that the event happens within the months after the day. Of 100 households with a "
            "risk of 5 %, about 5 are expected to have it; it describes many such households and decides nothing about "
            "a single one."
        ),
        Message(
            "Low and high: years differ, and the level of all risks may move this far; this is not an interval of one "
            "household's own risk."
        ),
        Message(
            "Tier: high, medium or low by cut-offs set in training, see the summary. The list goes by risk as far as "
            "the visits go, so it may hold households of the medium or low tier."
        ),
        Message("Events expected on the list: the sum of the risks on it."),
        Message("A low risk does not mean safety: applications, visits and warnings of other offices go on as before."),
    ),
)
ABOUT_REASONS: Section = (
    Message("What the reasons mean"),
    (
        Message(
            "Each reason is a record that can be checked, the one that raises the risk most first. Check whether it "
            "is true, then whether things have changed."
        ),
        Message(
            "Reasons say which records moved the score; they do not prove what causes poverty, nor decide on help by "
            "themselves."
        ),
        Message("“No record of ...” is not a finding but a question for the visit."),
        Message("Where too little is on record, complete the records before relying on the score."),
    ),
)
ABOUT_SHEETS: Section = (
    Message("The sheets"),
    (
        Message("Watch list: the last two columns are for the visitor. Filter by tier, place or main cause."),
        Message(
            "Below the line (only where falling below it is forecast): who is below it already by what is on record, and not "
            "monitored; by id, without a risk, and not ranked."
        ),
        Message(
            "Listed by a rule: households that lack a guarantee (school, medical insurance, house, water) or do not reach the "
            "monitoring line by what is on record, and are not on the watch list. A model learns from what happened often and "
            "cannot know such failures, so they stand here whatever their risk; those that lack most come first."
        ),
        Message(
            "Rules and model differ: a rule is not met and the risk is low, or the risk is high and no rule says why. Look at the "
            "records first: one of the two may rest on a record that is wrong or missing."
        ),
        Message(
            "Monitored households: since when, as what, for which risks, and which measures ran since; by the probability that the risk "
            "is not eliminated where a model of theirs was given, else by type and days since recognition. It takes nobody off the list."
        ),
        Message(
            "Changes (only where an earlier day was named): households of the watch list, and those whose risk rose most. The change of "
            "log-odds is the sum of its parts: by records (what is on record now and was not), by the line, and by the model if it "
            "was another. What was entered late counts from the day on which it was on record."
        ),
        Message(
            "Places, causes by place: one row for each county, township and village; do not add up across levels. "
            "Figures of places with fewer than ten households should not be passed on; a dash stands for figures that "
            "are not known, or left out because the households are so few."
        ),
        Message(
            "Rows read, coverage: rows read = rows kept + rows rejected. Correct rejected rows and import them again; "
            "the more is missing, the less reliable the scores are."
        ),
        Message(
            "Model card: what the model is for and what not, what it learnt from, how well it does and for whom, how "
            "to contest a result."
        ),
    ),
)
ABOUT_KEEPING: Section = (
    Message("Use and keeping"),
    (
        Message(
            "This file holds personal data: only for those who need it for their work; keep or destroy it as the "
            "rules say; do not send it to open groups, do not post it."
        ),
        Message(
            "It must not be used to rate officials, for credit, or for anything other than preventing a return to "
            "poverty."
        ),
        Message(
            "Anyone who disputes a result may ask for the household's letter; someone not involved in scoring visits "
            "the household, and what is found there decides."
        ),
    ),
)
GUIDE = (ABOUT_FIGURES, ABOUT_REASONS, ABOUT_SHEETS, ABOUT_KEEPING)


def how_to_read(lang: Language) -> Document:
    """Return what every reader of a report should know, as a document.

    Parameters
    ----------
    lang : {"zh", "en"}
        Language.

    Returns
    -------
    Document

    Examples
    --------
    >>> how_to_read("en").blocks[0]
    ('title', 'How to read this report')
    """
    document = Document(lang)
    document.title(Message("How to read this report").shown(lang))
    document.important(PROPOSES.shown(lang))
    for title, items in GUIDE:
        document.heading(title.shown(lang))
        document.list(item.shown(lang) for item in items)
    return document
