"""What a visitor looks at, cause by cause, and measures in the words of a list."""

from __future__ import annotations

from collections.abc import Iterable

from fanpin_risk.arguments.coded_texts import codes_in_words
from fanpin_risk.errors import SchemaError
from fanpin_risk.features.feature import CAUSES
from fanpin_risk.policy.support_kinds import LABOUR_LEVELS
from fanpin_risk.records.schema import TABLES
from fanpin_risk.words import Message, listed

__all__ = [
    "BETWEEN_CHECKS",
    "CAUSES_OF_RULES",
    "CHECKS",
    "CHECKS_OF_CAUSES",
    "checks_for",
    "measures_in_words",
    "named_checks",
]

BETWEEN_CHECKS = ";"
BEFORE_MEASURE = ":"
# What is asked for and looked at: code -> how a list says it.
CHECKS: dict[str, Message] = {
    "bills": Message("medical bills of the last 12 months"),
    "reimbursed": Message("what basic, major-illness and assistance insurance reimbursed"),
    "chronic_card": Message("card for chronic illness"),
    "school_costs": Message("receipts of school costs"),
    "school_aid": Message("notice of student aid"),
    "certificate": Message("disability certificate and grade"),
    "care": Message("who cares for whom, and the subsidies paid"),
    "damage": Message("damage seen and valued"),
    "payout": Message("insurance and relief paid out"),
    "stock": Message("stock, fields or shop seen, and the loss"),
    "loan": Message("loans and what is due"),
    "contract": Message("contract, employer and place of work"),
    "wages": Message("months worked and wages received"),
    "able": Message("who lives here and is able to work"),
    "appraisal": Message("appraisal of the house and its state"),
    "tap": Message("water at the tap, and months short of it"),
    "incomes": Message("each income of the last 12 months, with amounts"),
    "supports": Message("which supports ended or were cut, and when"),
    "difficulty": Message("what the difficulty is, in the household's words"),
    "both_records": Message("both records side by side"),
}
CHECKS_OF_CAUSES: dict[str, tuple[str, ...]] = {
    "illness": ("bills", "reimbursed", "chronic_card"),
    "schooling": ("school_costs", "school_aid"),
    "disability": ("certificate", "care"),
    "disaster": ("damage", "payout"),
    "accident": ("bills", "payout"),
    "business_failure": ("stock", "loan"),
    "unstable_work": ("contract", "wages"),
    "labour": ("able", "care"),
    "housing": ("appraisal",),
    "water": ("tap",),
    "low_income": ("incomes",),
    "support": ("supports", "incomes"),
    "other": ("difficulty",),
}
# Rules of the sieve that fail -> the official category under which a visit looks into it.
CAUSES_OF_RULES: dict[str, str] = {
    "compulsory_education": "schooling",
    "basic_medical": "illness",
    "safe_housing": "housing",
    "safe_water": "water",
    "food_clothing": "low_income",
    "income_line": "low_income",
}


def checks_for(causes: Iterable[str], *, doubts: bool = False) -> str:
    """Return what is to be checked for some causes, in codes, joined by ``;``.

    Parameters
    ----------
    causes : iterable of str
        Codes of causes, the main one first.
    doubts : bool, default False
        Whether records of the household contradict each other.

    Returns
    -------
    str
        Codes of :data:`CHECKS`, each once.

    Raises
    ------
    SchemaError
        If a cause is unknown.

    Examples
    --------
    >>> checks_for(["water", "illness"], doubts=True)
    'tap;bills;reimbursed;chronic_card;both_records'
    """
    causes = list(causes)
    unknown = sum(code not in CHECKS_OF_CAUSES for code in causes)
    if unknown:
        raise SchemaError(
            "{column}: {count} value(s) are not codes; expected one of {codes}", column="causes", count=unknown,
            codes=tuple(CHECKS_OF_CAUSES),
        )  # fmt: skip
    found = dict.fromkeys(code for cause in causes for code in CHECKS_OF_CAUSES[cause])
    return BETWEEN_CHECKS.join([*found, *(["both_records"] if doubts else [])])


def named_checks(codes: str) -> Message:
    """Return what is to be checked, as a list has it in codes, as it is read.

    Raises
    ------
    SchemaError
        If there is anything else among them.

    Examples
    --------
    >>> named_checks("tap;appraisal").shown("en")
    'water at the tap, and months short of it; appraisal of the house and its state'
    """
    return codes_in_words("checks", codes, CHECKS)


def measures_in_words(codes: str) -> Message:
    """Return proposed measures, ``rule:measure`` joined by ``;``, each with the cause and the labour of the rule that gives it.

    Raises
    ------
    SchemaError
        If there is anything else in it.

    Examples
    --------
    >>> measures_in_words("illness_able:health;water_unknown:water").shown("en")
    'health (illness, somebody is able to work); water (unsafe drinking water, not known who is able to work)'
    """
    kinds = TABLES["supports"]["measure"].codes
    told = []
    for one in (part for part in codes.split(BETWEEN_CHECKS) if part):
        rule, _, measure = one.partition(BEFORE_MEASURE)
        cause, _, labour = rule.rpartition("_")
        if cause not in CAUSES or labour not in LABOUR_LEVELS or measure not in kinds:
            raise SchemaError(
                "{column}: {count} value(s) are not codes; expected one of {codes}", column="measures_by_rule", count=1,
                codes=tuple(kinds),
            )  # fmt: skip
        told.append(
            Message(
                "{measure} ({cause}, {labour})", measure=Message(measure.replace("_", " "), zh=kinds[measure][0]),
                cause=CAUSES[cause], labour=LABOUR_LEVELS[labour],
            )
        )  # fmt: skip
    return listed(told, between="; ")
