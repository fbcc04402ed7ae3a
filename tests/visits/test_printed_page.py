"""The sheets as a page to print: what it says and asks, and how it comes out of a browser."""

import re
import shutil

import openpyxl
import pytest

import fanpin_risk as fr
from fanpin_risk.reports.rendering import read_template
from fanpin_risk.visits.answers import VISIT_QUESTIONS
from fanpin_risk.visits.blocks import HouseholdBlock, PrintedLine
from fanpin_risk.visits.printed_page import HOW_TO_TICK, MOST_BOXES, ROWS_OF_ANSWERS, printed_page
from fanpin_risk.visits.sheet_layout import ListFacts

MM = 96 / 25.4  # pixels of a browser


def a_block(number=1, lines=(), household="H1"):
    return HouseholdBlock(
        key=f"HHP6-Z10M-0TB{number}-V", household_id=household, number=number, area_code="", visitor="",
        lines=tuple(PrintedLine(*line) for line in lines), records={},
    )  # fmt: skip


def a_page(*blocks, lang="en"):
    facts = ListFacts(list_id="L1", as_of="2024-12-31", model="demo", lang=lang)
    return printed_page("Visit sheet: Qingshi", {"Upper Qingshi": blocks}, {"Upper Qingshi": 1}, facts)


def words_of(page):
    """The text of a page, without markup and runs of blanks."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.partition("<body>")[2]).split())


@pytest.fixture(scope="module", params=["zh", "en"])
def printed(request, listed, register, model, tmp_path_factory):
    """The workbook of a township and its page."""
    folder = tmp_path_factory.mktemp("pages") / "s"
    books = fr.visit_sheets(listed, register, model, folder, lang=request.param, pages=True)
    return books[0], books[0].with_suffix(".html").read_text("utf-8"), request.param


def test_the_page_says_what_the_workbook_prints(printed):
    """Every printed cell of the households' sheets stands on the page, the keys of rows do not."""
    book, page, _ = printed
    words = words_of(page).replace("&#39;", "'").replace("&amp;", "&")
    for sheet in openpyxl.load_workbook(book).worksheets[1:]:
        if sheet.title.startswith("_"):
            continue
        assert sheet.title in words
        for row in sheet.iter_rows(min_col=2, max_col=9):
            for cell in row:
                if cell.value is not None and cell.value != "|":
                    assert " ".join(str(cell.value).split()) in words, cell.value
    assert "/H0/" not in page


def test_every_question_is_asked_once_in_each_block(printed):
    """With a box for each answer, or a number where there are many; those stand on the first page."""
    _, page, lang = printed
    blocks = page.split('<section class="block">')[1:]
    few = [one for one in VISIT_QUESTIONS.values() if len(one.choices) <= MOST_BOXES]
    for block in blocks:
        assert block.count('class="box"') == sum(len(one.choices) for one in few)
        assert block.count('class="field"') == len(VISIT_QUESTIONS)
        for question in VISIT_QUESTIONS.values():
            assert f"<b>{question.label.shown(lang)}{'*' if question.several else ''}</b>" in block
    first = page.partition('<table class="sheet">')[0]
    for question in VISIT_QUESTIONS.values():
        if len(question.choices) > MOST_BOXES:
            assert all(f"<li>{words.shown(lang)}</li>" in first for words in question.choices.values())
    assert all(note.shown(lang) in words_of(first) for note in HOW_TO_TICK)


def test_the_rows_of_answers_hold_every_question_once():
    """What is arranged for paper leaves nothing out."""
    arranged = [code for _, codes in ROWS_OF_ANSWERS for code in codes]
    assert sorted(arranged) == sorted(code for code in VISIT_QUESTIONS if not code.startswith(("fact_", "mend_")))


def test_records_are_text_and_nothing_is_loaded():
    """What stands in a register or file of names cannot become markup; lines stay lines."""
    page = a_page(a_block(lines=[("P1", "Name", "<script>alert(1)</script>\nsecond")], household="<b>H"))
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;<br>second" in page
    assert "&lt;b&gt;H" in page
    assert not re.search(r"src=|href=|url\(|@import", page)
    assert "default-src &#39;none&#39;" in page


def test_nothing_is_smaller_than_nine_points():
    """All sizes of the style, in points."""
    sizes = re.findall(r"font(?:-size)?:\s*([\d.]+)(pt|px|em|rem|%)", read_template("visit_sheets.css"))
    assert sizes
    assert all(unit == "pt" and float(size) >= 9 for size, unit in sizes)


def test_pages_stand_beside_their_workbooks_only_when_asked(listed, register, model, tmp_path):
    """Names are on them, and with masked ids no id is; sheets read back as without pages."""
    names = listed[["household_id"]].assign(name="Zhang San", address="7 Qingshi")
    books = fr.visit_sheets(listed, register, model, tmp_path / "s", per="visitor", names=names, mask=True, pages=True)
    assert sorted(path.name for path in (tmp_path / "s").glob("V*")) == ["V01.html", "V01.xlsx", "V02.html", "V02.xlsx"]
    assert [path.suffix for path in books] == [".xlsx", ".xlsx"]
    page = (tmp_path / "s" / "V01.html").read_text("utf-8")
    assert page.count("Zhang San") == 4
    assert not any(household in page for household in listed["household_id"])
    assert fr.read_visits(tmp_path / "s", list=listed).attrs["n_sheets"] == len(listed)
    fr.visit_sheets(listed, register, model, tmp_path / "s", overwrite=True)
    assert not list((tmp_path / "s").glob("*.html"))


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium on this machine (Debian: apt install chromium)")
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


LINES = [("P1", "Name", "Zhang San; 7 Qingshi"), ("P2", "At home", "5 in all: " + "head, male, 35-49 years; " * 5),
         ("P4", "Why listed", "\n".join(f"{n}. income fell from 12,963 CNY to 11,559 CNY" for n in range(1, 5)))]  # fmt: skip


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_two_households_are_on_a_page_and_no_block_is_cut_in_two(browser, tmp_path, lang):
    """A first page, two households, two more, then one with much to say alone, and the last."""
    long = [*LINES, ("P6", "To check", "look at the bills and at what was paid back; " * 40)]
    file = tmp_path / "page.html"
    file.write_text(a_page(*(a_block(n, long if n == 5 else LINES) for n in range(1, 7)), lang=lang), encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    page.emulate_media(media="print")
    heights = page.eval_on_selector_all(".block", "all => all.map(one => one.getBoundingClientRect().height)")
    assert max(heights[:4]) < 132 * MM < heights[4] < 262 * MM
    assert page.evaluate(
        "[...document.querySelectorAll('body *')].every(one => one.scrollWidth <= one.clientWidth + 1 || !one.clientWidth)"
    )
    assert page.evaluate(
        "[...document.querySelectorAll('body *')].every(one => parseFloat(getComputedStyle(one).fontSize) >= 12)"
    )
    sheets = page.pdf(prefer_css_page_size=True)
    page.close()
    assert len(re.findall(rb"/Type\s*/Page\b", sheets)) == 5
