"""What a notebook shows of a register, an explanation and a model: small, escaped, in both languages, of nobody."""

import re
from html.parser import HTMLParser

import pytest
import sklearn
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_html_repr

import fanpin_risk as fr
from fanpin_risk.model.store import demo_model
from fanpin_risk.records.register import Register

DAY = "2023-12-31"
HOSTILE = "<img src=x onerror=alert(1)>&\"'"
VOID = {"br", "img", "input", "hr", "meta", "link", "path"}


class Checked(HTMLParser):
    """Reads a piece of HTML and notes what is not closed."""

    def __init__(self, html):
        super().__init__()
        self.open, self.texts = [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):  # noqa: ARG002  the base class's
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        if not {"style", "script"} & set(self.open):
            self.texts.append(data)


def shown(html):
    """Return the visible text; every element is closed."""
    page = Checked(html)
    assert page.open == []
    return " ".join(page.texts)


@pytest.fixture(scope="module")
def register():
    return fr.make_register(200, random_state=0)


@pytest.fixture(scope="module")
def model():
    return fr.load_model(demo_model())


@pytest.fixture(scope="module")
def explanation(model, register):
    return model.explain(register, DAY)


def test_a_register_shows_its_tables_and_numbers_of_rows(register):
    """Tables by both names, rows read, kept and rejected, households and the newest day: and no row."""
    html = register._repr_html_()
    text = shown(html)
    assert "户基本信息 households" in text
    assert "200 户 households, 至 until 2024-12-31" in text
    assert f"{register.counts.loc['members', 'rows_kept']:,}" in text
    assert len(html) < 4000
    assert not re.search(r"H\d{6}", html)


def test_rows_read_are_shown_as_kept_or_rejected():
    """Of three members two name households that are not there: three read, one kept, two rejected."""
    register = fr.Register.from_frames(
        households={"户编号": ["h1"], "年度": ["2023"]},
        members={"人编号": ["p1", "p2", "p3"], "户编号": ["h1", "h8", "h9"], "年度": ["2023"] * 3},
    )
    text = shown(register._repr_html_())
    assert text.split("家庭成员 members")[1].split()[:3] == ["3", "1", "2"]


def test_tables_that_were_not_given_are_named_apart():
    """A table without rows is not taken for one that nobody had."""
    households = {"户编号": ["h1"], "年度": ["2023"]}
    text = shown(fr.Register.from_frames(households=households, shocks={"户编号": [], "日期": []})._repr_html_())
    given, absent = text.split("未提供 not given")
    assert "突发事件 shocks" in given
    assert "家庭收入 incomes" in absent
    assert "shocks" not in absent
    assert "0 户 households" in shown(Register({})._repr_html_())


def test_an_explanation_shows_categories(explanation):
    """Mean contribution of each risk category, for how many it is the main one, and the mean risk."""
    html = explanation._repr_html_()
    text = shown(html)
    assert f"{len(explanation)} 户 households" in text
    assert f"mean risk {explanation.risk.mean():.2%}" in text
    means = explanation.by_cause().mean()
    assert f"{means['illness']:+.3f}" in text
    assert "因病 illness" in text
    assert len(html) < 4000
    assert not re.search(r"H\d{6}", html)


def test_shares_of_main_categories_are_those_of_the_scores(explanation, register, model):
    """The display counts main categories as the column cause of the scores does."""
    share = (model.score(register, DAY)["cause"] == "illness").mean()
    row = re.search(r"因病 illness</th>\s*<td>[^<]*</td>\s*<td>(\d+%)", explanation._repr_html_())
    assert row.group(1) == f"{share:.0%}"


def test_a_fitted_model_shows_what_it_is_and_scikit_learns_diagram(model):
    """Facts first, that it may not decide where it was trained on made-up data, then parameters as of any estimator."""
    html = model._repr_html_()
    text = shown(html)
    assert model.fingerprint_ in text
    assert "新纳入监测 being newly recognised as monitored, 此后12个月内 within 12 months" in text
    assert "不得用于决策" in text
    assert estimator_html_repr(model)[:200] in html
    assert "Parameters" in text
    assert model._repr_mimebundle_()["text/html"].startswith('<table class="dataframe">')
    assert model._repr_mimebundle_()["text/plain"] == repr(model)


def test_scikit_learns_conventions_hold(model):
    """Unfitted estimators, pipelines and the plain display are as of any estimator."""
    assert "n_folds" in fr.RiskModel(n_folds=3)._repr_html_()
    assert '<table class="dataframe">' not in fr.RiskModel()._repr_html_()
    assert "MonotoneBoosting" in fr.MonotoneBoosting(max_iter=7)._repr_html_()
    assert "RiskModel" in make_pipeline("passthrough", model)._repr_html_()
    with sklearn.config_context(display="text"):
        assert not hasattr(model, "_repr_html_")
        assert set(model._repr_mimebundle_()) == {"text/plain"}
    assert model._get_doc_link() == ""


def test_names_with_markup_stay_text(register):
    """A source or a model's name is shown as written and never runs."""
    evil = fr.load_model(demo_model()).set_params(name=HOSTILE)
    for html in (Register(register.tables, source=HOSTILE)._repr_html_(), evil._repr_html_()):
        assert "<img" not in html
        assert HOSTILE in shown(html)
