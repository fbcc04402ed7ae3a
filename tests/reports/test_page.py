"""The page for the office and the card of a household: self-contained, safe against any text, usable without a mouse."""

import base64
import dataclasses
import hashlib
import html
import json
import re
import shutil
from html.parser import HTMLParser
from itertools import pairwise

import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import SchemaError
from fanpin_risk.features.feature import CAUSES
from fanpin_risk.reports import gather
from fanpin_risk.reports.cards_page import cards_html
from fanpin_risk.reports.documents import Document
from fanpin_risk.reports.household_cards import household_cards
from fanpin_risk.reports.page import page_html
from fanpin_risk.words import LANGUAGES, Message

DAY = "2024-12-31"
LISTED = 40
# What a name, a reason or a note may hold at worst: markup, ends of scripts and comments, quotes, braces of templates,
# characters that end a line of a script, marks that turn the order of letters.
HOSTILE = (
    "</script><script>window.stolen=1</script><img src=x onerror=window.stolen=2>'\"`<!--{{7*7}}{% raw %}${1}&amp;&#60;b"
    "\u2028\u2029\u202eabc\u202c\u0000</td></table></template></style>]]>"
)
SEEN = (
    "</script><script>window.stolen=1</script><img src=x onerror=window.stolen=2>'\"`<!--{{7*7}}{% raw %}${1}&amp;&#60;b"
    " abc </td></table></template></style>]]>"
)
# Elements that could load, send, run or frame something; the page has none but its own scripts and styles.
NEVER = {
    "a:outside",
    "base",
    "embed",
    "form",
    "frame",
    "iframe",
    "img",
    "link",
    "object",
    "source",
    "audio",
    "video",
    "use",
}


class Page(HTMLParser):
    """Tags, attributes, text, and what stands in scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.raw: dict[str, list[str]] = {"script": [], "style": []}
        self.said: list[str] = []
        self.now = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.now = tag
        if tag in self.raw:
            self.raw[tag].append("")

    def handle_endtag(self, tag):  # noqa: ARG002  the base class gives it
        self.now = ""

    def handle_data(self, data):
        if self.now in self.raw:
            self.raw[self.now][-1] += data
        else:
            self.said.append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def data_of(text):
    """The cards' data of a page."""
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)[1])


@pytest.fixture(scope="module")
def register():
    return fr.make_register(600, random_state=1)


@pytest.fixture(scope="module")
def contents(model, register):
    return gather(model, register, DAY, capacity=LISTED)


@pytest.fixture(scope="module")
def text(contents):
    return page_html(contents)


@pytest.fixture(scope="module")
def hostile(contents):
    """Contents with hostile text wherever text of others can come in."""
    listed = contents.watchlist.copy()
    for name in ("household_id", "place", "cause"):
        listed[name] = HOSTILE
    evil = dataclasses.replace
    features = tuple(
        evil(
            f,
            zh=HOSTILE,
            en=HOSTILE,
            when=(),
            says_zh="yes|no" if f.unit == "flag" else HOSTILE.replace("{", "{{").replace("}", "}}").replace("]", "]]"),
            says_en="yes|no" if f.unit == "flag" else HOSTILE.replace("{", "{{").replace("}", "}}").replace("]", "]]"),
        )
        for f in contents.explanation.features
    )
    document = Document("zh")
    document.title(HOSTILE)
    document.table([HOSTILE], [[HOSTILE]])
    problems = pd.DataFrame(
        {
            "table": [HOSTILE], "column": HOSTILE, "code": HOSTILE, "severity": "rejected",
            "expected": Message(HOSTILE, zh=HOSTILE), "rows": 3,
        }
    )  # fmt: skip
    words = Message(HOSTILE, zh=HOSTILE)
    return dataclasses.replace(
        contents,
        model_label=HOSTILE,
        event=words,
        notes=(words,),
        summary=contents.summary.assign(label=words, text=words),
        watchlist=listed,
        places=contents.places.assign(name=HOSTILE, cause=HOSTILE),
        causes=contents.causes.assign(name=HOSTILE),
        problems=problems,
        explanation=dataclasses.replace(contents.explanation, features=features),
        card={"zh": document, "en": document},
    )


# --- without a browser ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("which", ["page", "hostile page", "cards"])
def test_nothing_comes_from_or_goes_anywhere(which, request, model, register, contents):
    """The page names no address that a browser would follow by itself, and links only within itself."""
    if which == "cards":
        text = cards_html(model, register, DAY, list(contents.explanation.household_ids[:2]))
    else:
        text = page_html(request.getfixturevalue("hostile" if which == "hostile page" else "contents"))
    page = Page(text)
    assert {tag for tag, _ in page.tags} & NEVER == set()
    attributes = [(name, value) for _, found in page.tags for name, value in found.items()]
    assert [
        name for name, _ in attributes if name in ("src", "srcset", "action", "data", "poster", "style", "background")
    ] == []
    assert [name for name, _ in attributes if name.startswith("on") or ":" in name] == []
    assert [value for name, value in attributes if name in ("href", "xlink:href") and not value.startswith("#")] == []
    assert "url(" not in text.split("</style>")[0]
    assert "@import" not in text


@pytest.mark.parametrize("which", ["page", "cards"])
def test_the_policy_allows_the_pages_own_script_and_style_only(which, text, model, register, contents):
    """What the policy in the head allows is what is in the file, to the byte, and nothing else."""
    if which == "cards":
        text = cards_html(model, register, DAY, contents.explanation.household_ids[0])
    page = Page(text)
    policy = next(found["content"] for found in page.all("meta") if found.get("http-equiv"))
    rules = {rule.split()[0]: rule.split()[1:] for rule in policy.split("; ")}

    def hashes(texts):
        return [f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'" for one in texts]

    run = [
        content
        for content, found in zip(page.raw["script"], page.all("script"), strict=True)
        if found.get("type") != "application/json"
    ]
    assert rules == {
        "default-src": ["'none'"],
        "script-src": hashes(run) or ["'none'"],
        "style-src": hashes(page.raw["style"]),
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
    }
    assert len(run) == (which == "page")
    assert page.tags.index(("meta", {"http-equiv": "Content-Security-Policy", "content": policy})) < 5


def test_the_summary_and_the_list_are_there_without_scripts(text, contents):
    """Every household listed, with place, risk and reasons in both languages, stands in the file itself."""
    said = " ".join(Page(text).said)
    for lang in LANGUAGES:
        reasons = contents.explanation.reasons(lang=lang, with_direction=False)["reason_1"]
        assert [reason for reason in reasons if reason not in said] == []
        for name in ("label", "text"):
            assert [one for one in contents.summary[name] if one.shown(lang) not in said] == []
    assert [place for place in contents.watchlist["place"] if place not in said] == []
    assert text.count("<tr role=") == LISTED + 1
    assert "<noscript><style>" in text


def test_who_is_below_the_line_has_a_section(falling, text):
    """Masked, in both languages, with the income and without a risk; where there are more than are shown it is said."""
    contents = falling[1]
    page = page_html(contents)
    section = re.search(r'<section id="below">.*?</section>', page, re.DOTALL)[0]
    rows = re.findall(r"<tbody>(.*)</tbody>", section, re.DOTALL)[0].split("</tr>")[:-1]
    assert len(rows) == len(contents.below_line)
    for lang in LANGUAGES:
        states = contents.below_explanation.income_state(lang=lang)
        assert all(state in row for state, row in zip(states, rows, strict=True))
    assert not set(contents.below_line["household_id"]) & set(re.findall(r"H\d+", section))
    assert f"有 {len(rows)} 户不是监测对象" in section
    assert not re.search(r'class="(risk|tier|mark|range)', section)
    few = page_html(contents, n_households=2)
    assert f"{len(rows)} households that are not monitored" in few
    assert "本页列出前 2 户" in few
    assert few.count("监测线8,500元的") < page.count("监测线8,500元的")
    assert 'id="below"' not in text
    assert 'href="#below"' in page


def test_what_is_in_doubt_stands_in_the_list_and_on_the_card(doubted, text):
    """In both languages; the card is filled in by the page's script."""
    page = page_html(doubted[1])
    for words in ("只有一年中部分时间的收入；家庭人口数与成员数不一致", "income of a part of the year only; stated"):
        assert page.count(words) == 2
        assert words not in text


def test_ids_are_masked_unless_wanted(text, contents):
    """A page that is passed on names no household; the office may ask for whole ids."""
    ids = list(contents.watchlist["household_id"])
    assert [i for i in ids if i in text] == []
    whole = page_html(contents, mask_ids=False)
    assert [i for i in ids if i not in whole] == []
    assert {card["id"] for card in data_of(whole)["households"]} == set(ids)


def test_small_places_show_no_figures_when_masked(contents):
    """Where few households live a figure would be about somebody."""
    village = contents.places["level"].eq("village").idxmax()
    few = contents.places.assign(small=contents.places.index == village)
    few.loc[village, "households"] = 7654321
    few = dataclasses.replace(contents, places=few)
    note = "不足 10 户的地方不列数字"
    masked, whole = page_html(few), page_html(few, mask_ids=False)
    assert (note in masked, "7,654,321" in masked) == (True, False)
    assert (note in whole, "7,654,321" in whole) == (False, True)


def test_the_highest_risks_are_shown_when_the_list_is_longer(contents):
    """With a limit the page keeps the highest risks, in the order of the list, and says how many there are."""
    shuffled = dataclasses.replace(
        contents,
        watchlist=contents.watchlist.iloc[::-1].reset_index(drop=True),
        explanation=contents.explanation[list(range(LISTED))[::-1]],
    )
    text = page_html(shuffled, n_households=5)
    assert [card["number"] for card in data_of(text)["households"]] == ["5 ·", "4 ·", "3 ·", "2 ·", "1 ·"]
    assert f"名单共 {LISTED} 户，本页列出其中风险最高的 5 户" in text
    assert "名单是空的" in page_html(contents, n_households=0)


@pytest.mark.parametrize("lang", ["zh", "en", "both"])
def test_a_page_opens_in_the_language_asked_for(contents, lang):
    """The language is said where machines look for it, and on the switch."""
    page = Page(page_html(contents, lang=lang, n_households=1))
    shown = "en" if lang == "en" else "zh-CN"
    assert page.all("html") == [{"lang": shown}]
    assert [found["lang"] for found in page.all("button") if found.get("aria-pressed") == "true"] == [shown]


def test_wrong_options_are_refused(contents, model, register):
    """A language or number that is none says so."""
    with pytest.raises(SchemaError, match="lang is 'fr'; expected one of zh, en, both"):
        page_html(contents, lang="fr")
    with pytest.raises(SchemaError, match="n_households is -1; expected 0 or more"):
        page_html(contents, n_households=-1)
    with pytest.raises(SchemaError, match="lang is 'both'; expected one of zh, en"):
        cards_html(model, register, DAY, "x", lang="both")


def test_hostile_text_stays_text_in_the_file(hostile):
    """No text of a record becomes markup, ends a script or is run by the template."""
    text = page_html(hostile, mask_ids=False)
    page = Page(text)
    assert len(page.raw["script"]) == 2
    assert len(page.raw["style"]) == 2
    assert "49" not in " ".join(part for part in page.said if "7*7" in part)
    data = text.split('id="data">')[1].split("</script>")[0]
    assert not set("<>&\u2028\u2029") & set(data)
    assert SEEN in data_of(text)["households"][0]["id"]
    assert "\u202e" not in text


def test_what_was_expected_is_said_in_both_languages(contents):
    """A problem of the records is told in Chinese on the Chinese page, in English on the English one."""
    problem = {
        "table": "medical", "column": "event_date", "code": "not_a_date", "severity": "rejected", "rows": 3,
        "expected": Message("a day such as 2023-05-01", zh="应为日期，如2023-05-01"),
    }  # fmt: skip
    page = page_html(dataclasses.replace(contents, problems=pd.DataFrame([problem])))
    for zh, en in (
        ("医疗费用", "medical"),
        ("退回", "rejected"),
        ("应为日期，如2023-05-01", "a day such as 2023-05-01"),
    ):
        assert f'<span class="zh" lang="zh-CN">{zh}</span><span class="en" lang="en">{en}</span>' in page


def test_a_list_of_each_area_says_its_order(model, register, contents):
    """Where every village has its own visits the list is not by falling risk all through, and does not say so."""
    text = page_html(gather(model, register, DAY, capacity=2, per="village"))
    assert "按地区，各地区内按风险从高到低" in text
    assert "By area, and in each by risk, highest first" in text
    assert "按地区，" not in page_html(contents, n_households=1)


def test_a_range_that_is_not_known_is_a_dash(contents):
    """A household without a range shows none, in the list and on its card."""
    unknown = contents.watchlist.assign(risk_low=float("nan"), risk_high=float("nan"))
    text = page_html(dataclasses.replace(contents, watchlist=unknown), n_households=2)
    assert "nan" not in [said.strip(" –%") for said in Page(text).said]
    assert [card["range"] for card in data_of(text)["households"]] == ["—", "—"]


def test_an_empty_register_makes_a_page(model, register):
    """Nobody on record is said, not a failure."""
    text = page_html(gather(model, register, "1990-01-01"))
    assert "名单是空的" in text
    assert data_of(text) == {"words": [], "households": []}


def test_tables_can_be_heard(text):
    """Headers have a scope, the list its roles, figures that are drawn are hidden from those who listen."""
    page = Page(text)
    assert [found for found in page.all("th") if found.get("scope") not in ("col", "row")] == []
    assert [found for found in page.all("svg") if found.get("aria-hidden") != "true"] == []
    headings = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert headings.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(headings))
    ids = [found["id"] for _, found in page.tags if "id" in found]
    assert len(ids) == len(set(ids))
    named = {name for _, found in page.tags for name in (found.get("aria-labelledby") or "").split()}
    assert named <= set(ids)


def test_the_page_of_a_long_list_stays_small(contents):
    """Five hundred households take less than 3 MB: sentences that recur are there once."""
    times = 500 // LISTED + 1
    many = pd.concat([contents.watchlist] * times, ignore_index=True)
    rows = list(range(LISTED)) * times
    long = dataclasses.replace(
        contents, watchlist=many.assign(number=range(1, len(many) + 1)), explanation=contents.explanation[rows]
    )
    text = page_html(long)
    data = data_of(text)
    assert len(data["households"]) == 500
    assert len({tuple(said[:2]) for said in data["words"]}) == len(data["words"])
    assert len(text.encode()) < 3_000_000


# --- in a browser -----------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def browser():
    """A headless Chromium of the system, driven by Playwright."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed (pip install playwright)")
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium on this machine (Debian: apt install chromium)")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def visit(browser, tmp_path):
    """Open a page; whatever it asks for or complains of is noted, and must be nothing."""
    heard = []
    opened = []

    def visit(text, *, width=1280, height=900, scripts=True):
        path = tmp_path / "page.html"
        path.write_text(text, encoding="utf-8")
        tab = browser.new_page(viewport={"width": width, "height": height}, java_script_enabled=scripts)
        opened.append(tab)
        tab.on("console", lambda message: heard.append(f"console: {message.text}"))
        tab.on("pageerror", lambda error: heard.append(f"error: {error}"))
        tab.on(
            "request", lambda request: heard.append(f"request: {request.url}") if request.url != path.as_uri() else None
        )
        tab.on("dialog", lambda dialog: heard.append(f"dialog: {dialog.message}"))
        tab.goto(path.as_uri())
        return tab

    yield visit
    for tab in opened:
        tab.close()
    assert heard == []


def numbers(tab):
    """Numbers of the households shown, in their order."""
    return [int(text) for text in tab.locator(".list tbody tr:visible .number").all_inner_texts()]


def test_search_and_tiers_choose_households(visit, text, contents):
    """Words in any order and either language, narrowed by tier; the count is told; nothing found is said."""
    tab = visit(text)
    assert numbers(tab) == list(range(1, LISTED + 1))
    listed = contents.watchlist
    place, cause = listed["place"].iloc[7], CAUSES[listed["cause"].iloc[7]].shown("en")
    tab.fill("#search", f"{cause.upper()}  {place}")
    found = numbers(tab)
    assert 8 in found
    assert set(listed.loc[listed["number"].isin(found), "place"]) == {place}
    assert tab.inner_text("#found").split()[1] == str(len(found))
    tab.fill("#search", "no such household")
    assert numbers(tab) == []
    assert tab.is_visible("#nothing")
    assert tab.is_disabled("#print-cards")
    tab.fill("#search", "")
    tab.check("[name=tier][value=medium]")
    assert numbers(tab) == listed.loc[listed["tier"] == "medium", "number"].tolist()


def test_a_number_finds_the_household_of_that_number(visit, text, contents):
    """Numbers are looked up as the list says, though figures stand in many reasons ("12 months"); places go by figures too."""
    tab = visit(text)
    ids = tab.locator(".list tbody .id").all_inner_texts()
    places = contents.watchlist["place"].tolist()
    for word in ("12", "１２"):
        tab.fill("#search", word)
        among = [k for k, (one, place) in enumerate(zip(ids, places, strict=True), 1) if "12" in one or "12" in place]
        assert numbers(tab) == sorted({12, *among})
    tab.fill("#search", f"12 {CAUSES[contents.watchlist['cause'].iloc[11]].shown('zh')}")
    assert 12 in numbers(tab)


def test_headers_sort_and_say_so(visit, text, contents):
    """Each header sorts by what it heads, turns round when asked again, and tells which way."""
    tab = visit(text)
    listed = contents.watchlist

    def sort(name):
        tab.click(f"[data-sort={name}]")
        return tab.locator(f".list thead .{name}").get_attribute("aria-sort"), numbers(tab)

    assert sort("number") == ("descending", list(range(LISTED, 0, -1)))
    assert sort("risk") == ("descending", list(range(1, LISTED + 1)))
    assert sort("risk") == ("ascending", listed.sort_values("risk", kind="stable")["number"].tolist())
    said, order = sort("place")
    assert said == "ascending"
    places = listed.set_index("number")["place"].loc[order].tolist()
    assert places == sorted(places)
    assert tab.locator(".list thead [aria-sort]").count() == 1
    said, order = sort("tier")
    tiers = listed.set_index("number")["tier"].loc[order].astype("str").tolist()
    assert tiers == sorted(tiers, key=["high", "medium", "low"].index)


def test_a_card_opens_by_keyboard_and_gives_the_focus_back(visit, text, contents):
    """Enter on an id opens the card, Escape closes it, and the reader is at the household last seen."""
    tab = visit(text)
    tab.locator("[data-card='2']").focus()
    tab.keyboard.press("Enter")
    card = tab.locator("#open-card")
    assert card.is_visible()
    row = contents.watchlist.iloc[2]
    for words in (
        contents.explanation.reasons(lang="zh", with_direction=False)["reason_1"].iloc[2],
        f"{100 * row['risk']:.1f}%",
        row["place"],
        "对理由有异议",
    ):
        assert words in card.inner_text()
    steps = len(household_cards(contents.explanation[2])[0].steps)
    assert card.locator("[data-steps] tr").count() == steps
    assert card.locator("rect").first.get_attribute("width").endswith("%")
    tab.click("#next")
    assert card.locator("h2").inner_text().startswith("4 ·")
    tab.click("#previous")
    assert card.locator("h2").inner_text().startswith("3 ·")
    tab.click("#next")
    tab.keyboard.press("Escape")
    assert not card.is_visible()
    # The browser tells of the closing a moment later; until then the focus is where it was before.
    tab.wait_for_function("document.activeElement.dataset.card === '3'", timeout=10_000)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_who_is_listed_by_a_rule_has_a_section(contents, lang):
    """The rule with its records stands first, the tier is the model's; no id of a household or person is whole."""
    page = page_html(contents, lang=lang)
    section = re.search(r'<section id="by-rule">.*?</section>', page, re.DOTALL)[0]
    assert section.count("<tr>") == len(contents.by_rule) + 1
    assert not re.search(r"H\d{9}", page)
    for row in contents.by_rule.head(5).itertuples():
        assert html.escape(row.rule_reason.shown(lang), quote=False) in section
    listed = contents.watchlist[contents.watchlist["rules"] != ""]
    assert page.count('<p class="rule"><b>') == len(listed)


def test_the_language_switch_changes_every_text(visit, text, contents):
    """In English no Chinese is left but names of places, in Chinese no English sentence; open cards follow."""
    tab = visit(text)
    assert "Households" not in tab.inner_text("main")
    tab.click("[data-lang=en]")
    assert tab.evaluate("document.documentElement.lang") == "en"
    tab.click("[data-card='0']")
    left = tab.inner_text("body").replace("中文", "")
    for place in sorted(contents.places["name"], key=len, reverse=True):
        left = left.replace(place, "")
    left = re.sub(r"\([\u4e00-\u9fff]+, open for", "", left)  # departments are called by their names
    assert re.findall(r"[\u4e00-\u9fff]+", left) == []
    reason = contents.explanation.reasons(lang="en", with_direction=False)["reason_1"].iloc[0]
    assert reason in tab.inner_text("#open-card")


def test_empty_cells_come_last_either_way(visit, contents):
    """Households of which no place is known stand below the others, however the places are sorted."""
    listed = contents.watchlist
    nowhere = listed["number"].isin([2, 5])
    some = listed.assign(place=listed["place"].mask(nowhere, ""), area_code=listed["area_code"].mask(nowhere))
    tab = visit(page_html(dataclasses.replace(contents, watchlist=some)))
    for _ in range(2):
        tab.click("[data-sort=place]")
        assert numbers(tab)[-2:] == [2, 5]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_buttons_of_a_card_are_named_on_a_phone(visit, contents, lang):
    """On a narrow screen the heading of the card goes, its buttons keep their words in the language shown."""
    tab = visit(page_html(contents, lang=lang), width=360, height=740)
    tab.click("[data-card='0']")
    words = [text.strip() for text in tab.locator("dialog .bar button").all_inner_texts()]
    assert words == (["上一户", "下一户", "打印", "关闭"] if lang == "zh" else ["Previous", "Next", "Print", "Close"])


def test_hostile_text_stays_text_in_a_browser(visit, hostile):
    """Names, reasons, notes and labels are shown as they are, in the list and on the card; nothing of them runs."""
    tab = visit(page_html(hostile, mask_ids=False))
    tab.click("[data-card='0']")
    tab.click("#next")
    tab.click("#close")
    tab.click("[data-lang=en]")
    tab.fill("#search", "stolen")
    assert len(numbers(tab)) == LISTED
    assert tab.evaluate("window.stolen") is None
    assert tab.locator("img, iframe, object, embed").count() == 0
    assert tab.locator(".list tbody .place").first.inner_text().strip() == SEEN
    tab.click("[data-card='0']")
    assert tab.locator("#open-card [data-put=place]").inner_text() == SEEN
    assert SEEN in tab.inner_text("#open-card [data-gaps]")


@pytest.mark.parametrize("which", ["page", "hostile", "cards"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_phone_never_scrolls_sideways(visit, contents, hostile, model, register, which, lang):
    """At 360 pixels all fits, wide tables scroll within themselves, and the open card fits too."""
    if which == "cards":
        text = cards_html(model, register, DAY, contents.watchlist["household_id"].iloc[0], lang=lang)
    else:
        text = page_html(hostile if which == "hostile" else contents, lang=lang, mask_ids=which == "page")
    tab = visit(text, width=360, height=740)
    for details in tab.locator("summary").all():
        details.click()
    assert tab.evaluate("document.documentElement.scrollWidth") == 360
    if which != "cards":
        tab.click("[data-card='0']")
        wide, fits = tab.evaluate("(d => [d.scrollWidth, d.clientWidth])(document.querySelector('dialog'))")
        assert wide == fits
        assert tab.evaluate("document.documentElement.scrollWidth") == 360


def test_long_names_leave_room_for_the_figures(visit, contents):
    """The column of names that stays in sight takes less than half of a phone, whatever the names."""
    words = dict.fromkeys(("places", "causes"), "Verylongnameofatownship" * 40 + " " + "of many words" * 20)
    long = {kind: getattr(contents, kind).assign(name=name) for kind, name in words.items()}
    tab = visit(page_html(dataclasses.replace(contents, **long), mask_ids=False), width=360, height=740)
    widths = tab.locator(".wide tbody th").evaluate_all("all => all.map((one) => one.getBoundingClientRect().width)")
    assert 0 < max(widths) < 180
    tab.set_viewport_size({"width": 1280, "height": 900})
    widths = tab.locator(".wide tbody th").evaluate_all("all => all.map((one) => one.getBoundingClientRect().width)")
    assert max(widths) < 640


def test_one_long_name_leaves_the_reasons_their_room(visit, contents):
    """A name or id of any length, also without a blank, does not press the reasons of all households together."""
    listed = contents.watchlist
    for name in ("place", "household_id"):
        long = listed.assign(**{name: listed[name].where(listed["number"] > 1, "长" * 1000)})
        tab = visit(page_html(dataclasses.replace(contents, watchlist=long), mask_ids=False))
        reasons = tab.locator(".list tbody .reasons").first.bounding_box()
        assert reasons["width"] > 400
        assert tab.evaluate("document.documentElement.scrollWidth") == 1280


def test_piled_marks_stay_in_their_line(visit, contents):
    """Hundreds of marks upon a letter are not drawn over the rows above and below."""
    piled = contents.watchlist.assign(place="a" + "\u0301" * 300, household_id="b" + "\u0301" * 300)
    tab = visit(page_html(dataclasses.replace(contents, watchlist=piled), mask_ids=False, n_households=3))
    hidden = "all => all.every((one) => getComputedStyle(one).overflowY === 'clip' && one.clientHeight < 60)"
    assert tab.locator(".list bdi").count() == 6
    assert tab.locator(".list bdi").evaluate_all(hidden)


def test_coming_back_shows_what_the_controls_say(visit, text, contents):
    """A browser that fills in a choice again on the way back finds the list chosen accordingly."""
    tab = visit(text)
    tab.check("[name=tier][value=medium]")
    tab.goto("about:blank")
    tab.go_back()
    tab.wait_for_load_state()
    medium = contents.watchlist.loc[contents.watchlist["tier"] == "medium", "number"].tolist()
    chosen = tab.locator("[name=tier]:checked").get_attribute("value")
    assert numbers(tab) == (medium if chosen == "medium" else list(range(1, LISTED + 1)))
    assert tab.inner_text("#found").split()[1] == str(len(numbers(tab)))


def test_without_scripts_the_list_is_read_in_both_languages(visit, text):
    """Where scripts are off nothing is hidden, and controls that would do nothing are not shown."""
    tab = visit(text, scripts=False)
    assert tab.locator(".list tbody tr").count() == LISTED
    assert tab.locator("h1 .zh").is_visible()
    assert tab.locator("h1 .en").is_visible()
    assert not tab.is_visible("#search")
    assert not tab.is_visible("[data-lang=en]")


def pages(pdf):
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


def test_paper_gets_the_list_or_the_cards(visit, text):
    """Printing gives the page with its whole list; with a card open that card; by the button a sheet for each."""
    tab = visit(text)
    whole = pages(tab.pdf(prefer_css_page_size=True))
    tab.emulate_media(media="print")
    assert tab.locator(".list tbody tr:visible").count() == LISTED
    assert not tab.is_visible("#search")
    tab.emulate_media(media="null")
    tab.click("[data-card='0']")
    assert pages(tab.pdf(prefer_css_page_size=True)) == 1
    tab.click("#close")
    assert pages(tab.pdf(prefer_css_page_size=True)) == whole > 3
    # window.print() of the button would stop a headless browser from answering: what it does before is looked at.
    tab.evaluate("window.print = () => window.dispatchEvent(new Event('beforeprint'))")
    tab.check("[name=tier][value=high]")
    shown = len(numbers(tab))
    tab.click("#print-cards")
    assert tab.locator("#sheets .card").count() == shown
    tab.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert tab.locator("#sheets .card").count() == 0
    assert tab.is_visible("#search")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_card_takes_one_sheet(visit, model, register, contents, lang):
    """Whoever visits carries one sheet for a household, in either language, with the place to sign on it."""
    ids = contents.watchlist["household_id"].iloc[:4].tolist()
    tab = visit(cards_html(model, register, DAY, ids, lang=lang))
    assert pages(tab.pdf(prefer_css_page_size=True)) == len(ids)
    if lang == "en":
        assert "How to refute a reason: If the family" in tab.inner_text("main")


def test_the_focus_stays_in_the_card_at_the_ends_of_the_list(visit, contents):
    """Whoever goes on by keyboard to the last household, or back to the first, is not thrown out of the card."""
    tab = visit(page_html(contents, n_households=3))
    tab.locator("[data-card='0']").press("Enter")
    for _ in range(2):
        tab.locator("#next").press("Enter")
    assert tab.is_disabled("#next")
    assert tab.evaluate("document.activeElement.id") == "previous"
    for _ in range(2):
        tab.keyboard.press("Enter")
    assert tab.locator("#open-card h2").inner_text().startswith("1 ·")
    assert tab.evaluate("document.activeElement.id") == "next"
