"""How to read a report: whole, in both languages, in the workbook."""

import openpyxl

from fanpin_risk.reports import write_report
from fanpin_risk.reports.guide import GUIDE, how_to_read

DAY = "2024-12-31"


def test_the_guide_says_who_decides_and_what_figures_mean(contents, tmp_path, cells):
    """How to read it and the model's card are in the workbook, whole."""
    path = write_report(contents, tmp_path / "r.xlsx", lang="en")
    book = openpyxl.load_workbook(path)
    for document, name in ((how_to_read("en"), "How to read"), (contents.card["en"], "Model card")):
        shown = [value for (sheet, _), value in cells(path).items() if sheet == name]
        for kind, content in document.blocks:
            if kind == "table":
                texts = [cell for row in (content[0], *content[1]) for cell in row if cell]
            else:
                texts = [f"• {item}" for item in content] if kind == "list" else [content]
            assert [text for text in texts if text not in shown] == []
    messages = [message for title, items in GUIDE for message in (title, *items)]
    assert all(message.shown("zh") != message.shown("en") for message in messages)
    assert book.properties.title == f"Whom to visit first: risk of returning to poverty, {DAY}"
