"""The sheets of a list as a page to print: the blocks of the workbook, with boxes to tick by pen.

What a block says and asks is that of the workbook; here it is only laid out. A browser prints the page or saves it as PDF.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fanpin_risk.reports.rendering import HTML_LANGUAGES, content_policy, read_template, templates, trusted
from fanpin_risk.visits.answers import CORRECTION_LINES, FACT_LINES, LINES_OF_FIELDS, VISIT_QUESTIONS, Question
from fanpin_risk.visits.blocks import HouseholdBlock
from fanpin_risk.visits.sheet_layout import ListFacts, head_of_block
from fanpin_risk.words import Message

__all__ = ["HOW_TO_TICK", "MOST_BOXES", "printed_page"]

MOST_BOXES = 12  # of more choices the number is written, and the numbers stand on the first page
SIGNATURES = "household_signed"  # a box says that it was signed; on paper there is room to do so
# The answers in the order in which they fill the width of paper best; "even": side by side in columns.
ROWS_OF_ANSWERS = (
    ("flow", ("mode", "contact", "verdict", "on", "who")),
    ("flow even", ("food", "clothing", "schooling", "health_care", "housing", "water")),
    ("flow", ("income", "income_cny", "copes")),
    ("flow", ("hardship", "policy_lacking", "consent")),
    ("flow", ("proposal",)),
    ("flow", ("assets", "household_signed")),
)
PROPOSES_VISITS = Message(
    "The list proposes visits. Whether a household is monitored is decided by people, after the visit."
)
HOW_TO_TICK = (
    Message("Tick the box that holds, or several where a * stands. What stays empty was not seen or asked."),
    Message("Where a question asks for a number, write it from the lists below; several with commas between them."),
    Message("A household without an entry counts as not visited, not as refuted."),
    Message("The visitor is named by a code of the office, such as V01, not by name."),
    Message("The answers are typed into the workbook of the same name; household and key are the same there."),
    PROPOSES_VISITS,
    Message("The sheets hold personal data: they go to those who visit, and to nobody else."),
)  # fmt: skip


def printed_page(
    title: str, sheets: Mapping[str, Sequence[HouseholdBlock]], high: Mapping[str, int], facts: ListFacts
) -> str:
    """Lay the sheets of a workbook out as a page of HTML to print on A4: two households on each, no block cut in two.

    Parameters
    ----------
    title : str
        What is printed above every page.
    sheets : mapping of str to sequence of HouseholdBlock
        Name of a sheet (village) -> its blocks; each begins a new page.
    high : mapping of str to int
        Name of a sheet -> how many of its households have a high risk.
    facts : ListFacts
        Of the list; the page is in its language.

    Returns
    -------
    str
        A whole document that loads nothing.

    Examples
    --------
    >>> facts = ListFacts(list_id="L1", as_of="2024-12-31", model="demo", lang="en")
    >>> block = HouseholdBlock(
    ...     key="HHP6-Z10M-0TBT-V", household_id="H1", number=1, area_code="", visitor="", lines=(), records={}
    ... )
    >>> page = printed_page("Visit sheet: Qingshi", {"Qingshi": [block]}, {"Qingshi": 1}, facts)
    >>> page[:15], page.count('<section class="block">')
    ('<!DOCTYPE html>', 1)
    """
    style = read_template("visit_sheets.css")
    template = templates(facts.lang).get_template("visit_sheets.html")
    return str(
        template.render(
            html_lang=HTML_LANGUAGES[facts.lang],
            policy=content_policy(styles=(style, ""), scripts=()),
            style=trusted(style),
            unscripted="",
            title=title,
            source=Message(
                "List {list_id}, as of {day}, {model}", list_id=facts.list_id, day=facts.as_of, model=facts.model
            ),
            notes=HOW_TO_TICK,
            footer=PROPOSES_VISITS,
            figures=[(name, len(blocks), high[name]) for name, blocks in sheets.items()],
            totals=(sum(map(len, sheets.values())), sum(high.values())),
            numbered=list(_answers_with_numbers()),
            sheets=[
                {
                    "name": name,
                    "blocks": [
                        {
                            "head": head_of_block(block, facts),
                            "lines": [(line.label, line.text.split("\n")) for line in block.lines],
                        }
                        for block in blocks
                    ],
                }
                for name, blocks in sheets.items()
            ],
            rows=[
                (
                    look,
                    [
                        {
                            "label": question.label,
                            "boxes": () if _by_number(question) else tuple(question.choices.values()),
                            "several": question.several,
                            "write": _by_hand(question),
                        }
                        for question in questions
                    ],
                )
                for look, questions in _rows_of_fields()
            ],
        )
    )


def _by_number(question: Question) -> bool:
    return len(question.choices) > MOST_BOXES


def _by_hand(question: Question) -> str:
    """Say what is written by hand: ``""`` where boxes are enough, else the width of the room for it."""
    if _by_number(question):
        return "number"
    if question.code == SIGNATURES:
        return "name"
    return "" if question.choices else question.kind


def _rows_of_fields() -> Iterator[tuple[str, list[Question]]]:
    """Yield how a row looks and its questions; each new fact and each mistake has a row of its own."""
    for look, codes in ROWS_OF_ANSWERS:
        yield look, [VISIT_QUESTIONS[code] for code in codes]
    for _, questions in (*FACT_LINES, *CORRECTION_LINES):
        yield "row", [*questions]


def _answers_with_numbers() -> Iterator[dict[str, Any]]:
    """Yield the choices that are written by number, each list once, with the questions that use it."""
    lists: dict[tuple[str, ...], list[Question]] = {}
    for _, questions in LINES_OF_FIELDS:
        for question in filter(_by_number, questions):
            lists.setdefault(tuple(question.choices), []).append(question)
    for users in lists.values():
        yield {"labels": [question.label for question in users], "choices": [*users[0].choices.values()]}
