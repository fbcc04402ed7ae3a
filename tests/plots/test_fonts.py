"""Chinese in pictures: fonts that are found, and what is said where there is none."""

import contextlib
import dataclasses
import shutil
import subprocess
import sys

import pytest

from fanpin_risk.errors import MissingPackageError, SchemaError
from fanpin_risk.plots import fonts

mpl = pytest.importorskip("matplotlib")
mpl.use("Agg")
from matplotlib import font_manager  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402

MANAGER = font_manager.fontManager
DEJAVU = next(entry for entry in MANAGER.ttflist if entry.name == "DejaVu Sans")


@pytest.fixture
def installed(monkeypatch):
    """Pretend that only some fonts are known to matplotlib, and that there are only some files."""

    def pretend(*names, files=()):
        entries = [dataclasses.replace(DEJAVU, name=name) for name in names]
        monkeypatch.setattr(MANAGER, "ttflist", entries)
        monkeypatch.setattr(font_manager, "findSystemFonts", lambda: [str(file) for file in files])

    yield pretend
    # What matplotlib found in the meantime is not remembered by pictures of other tests.
    monkeypatch.undo()
    MANAGER._findfont_cached.cache_clear()


def test_the_best_font_on_the_list_is_taken(installed):
    """The order of the list decides, not that of the computer."""
    installed("SimSun", "Noto Sans CJK SC", "DejaVu Sans")
    assert fonts.chinese_font() == "Noto Sans CJK SC"
    installed("DejaVu Sans", "WenQuanYi Zen Hei", "SimSun")
    assert fonts.chinese_font() == "WenQuanYi Zen Hei"


def test_a_font_installed_after_matplotlib_made_its_list_is_found(installed, monkeypatch, tmp_path):
    """Who installs the font as told is not told again; a damaged file on the way does no harm, others are not opened."""
    good, damaged, other = (tmp_path / name for name in ("Noto Sans-SC_Regular.ttf", "simhei.ttf", "other.ttf"))
    shutil.copy(DEJAVU.fname, good)
    damaged.write_bytes(b"no font")
    shutil.copy(DEJAVU.fname, other)
    monkeypatch.setattr(fonts, "CHINESE_FONTS", ("DejaVu Sans",))
    installed(files=[damaged, good, other])
    assert fonts.chinese_font() == "DejaVu Sans"
    assert [entry.fname for entry in MANAGER.ttflist] == [str(good)]


def test_files_are_not_listed_twice(installed, monkeypatch, tmp_path):
    """A file whose font is not on the list is read once, not for every picture."""
    file = tmp_path / "wqy-bitmap.ttf"
    shutil.copy(DEJAVU.fname, file)
    monkeypatch.setattr(fonts, "CHINESE_FONTS", ("No Such Font",))
    installed(files=[file])
    assert [fonts.chinese_font(), fonts.chinese_font()] == [None, None]
    assert len(MANAGER.ttflist) == 1


def test_without_a_font_labels_are_english_and_the_package_is_named(installed):
    """One warning, at the line of the caller, says what to install on which system."""
    installed("DejaVu Sans")
    with pytest.warns(
        UserWarning, match="apt install fonts-noto-cjk or fonts-wqy-zenhei; Fedora: dnf install"
    ) as caught:
        assert fonts.labels_lang("zh") == "en"
    assert [warning.filename for warning in caught] == [__file__]
    assert fonts.labels_lang("en") == "en"


def test_with_a_font_labels_are_in_the_language_asked_for(installed):
    """No warning, no change of language."""
    installed("SimHei")
    assert (fonts.labels_lang("zh"), fonts.labels_lang("en")) == ("zh", "en")
    with pytest.raises(SchemaError, match="lang is 'fr'; expected one of zh, en"):
        fonts.labels_lang("fr")


def test_without_matplotlib_the_extra_is_named(monkeypatch):
    """Every way in says what to install."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for call in (fonts.chinese_font, lambda: fonts.labels_lang("en"), fonts.chinese_text().__enter__):
        with pytest.raises(MissingPackageError, match='python -m pip install "matplotlib>='):
            call()


def test_settings_hold_within_the_block_only(installed):
    """Texts drawn within are set in the font; afterwards, also after an error, all settings are as before."""
    installed("SimHei")
    before = dict(mpl.rcParams)

    def draw_and_fail():
        with fonts.chinese_text() as font:
            assert (font, mpl.rcParams["font.family"]) == ("SimHei", ["SimHei", "sans-serif"])
            assert not mpl.rcParams["axes.unicode_minus"]
            assert Figure().text(0, 0, "返贫").get_fontfamily() == ["SimHei", "sans-serif"]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        draw_and_fail()
    assert dict(mpl.rcParams) == before


def test_without_a_font_the_block_runs_on_with_a_warning(installed):
    """A script does not stop because a computer lacks a font."""
    installed("DejaVu Sans")
    with pytest.warns(UserWarning, match="no font with Chinese characters") as caught, fonts.chinese_text() as font:
        assert (font, mpl.rcParams["font.family"]) == (None, ["sans-serif"])
    assert [warning.filename for warning in caught] == [__file__]


@pytest.mark.parametrize("how", ["set_font", "chinese_text"])
def test_a_font_of_one_weight_is_taken_without_a_warning(monkeypatch, caplog, how):
    """WenQuanYi Zen Hei has the weight 500 alone: normal and bold texts are drawn in it, and other warnings stay."""
    others = [entry for entry in MANAGER.ttflist if entry.name not in fonts.CHINESE_FONTS]
    only = dataclasses.replace(DEJAVU, name="WenQuanYi Zen Hei", weight=500)
    monkeypatch.setattr(MANAGER, "ttflist", [*others, only])
    MANAGER._findfont_cached.cache_clear()
    figure = Figure()
    with fonts.chinese_text() if how == "chinese_text" else contextlib.nullcontext():
        figure.text(0, 0, "Wang")
        figure.text(0, 1, "Wang", fontweight="bold")
        if how == "set_font":
            fonts.set_font(figure)
        figure.canvas.draw()
    assert [record.message for record in caplog.records] == []
    MANAGER.findfont(font_manager.FontProperties(family="WenQuanYi Zen Hei", weight=200))
    assert "font weight 200" in caplog.text
    monkeypatch.undo()
    MANAGER._findfont_cached.cache_clear()


def test_set_font_reaches_every_text_of_a_picture(installed):
    """Titles, labels, ticks, legends and notes are all set in the font, with matplotlib's own behind it."""
    installed("SimHei")
    ax = Figure().subplots()
    ax.plot([0, 1], label="返贫")
    texts = [ax.set_title("题"), ax.set_xlabel("横"), ax.annotate("注", (0, 0)), *ax.legend().get_texts()]
    fonts.set_font(ax)
    assert {tuple(text.get_fontfamily()) for text in (*texts, *ax.get_xticklabels())} == {("SimHei", "sans-serif")}


def test_importing_changes_no_setting_of_matplotlib():
    """Whoever imports the package keeps the look of his own pictures, and pyplot need not be loaded."""
    code = (
        "import matplotlib as mpl; before = dict(mpl.rcParams)\n"
        "import fanpin_risk as fr, fanpin_risk.plots.fonts, fanpin_risk.plots.axes, fanpin_risk.plots.results\n"
        "from fanpin_risk import plots\n"
        "assert dict(mpl.rcParams) == before"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("kind", ["waterfall", "beeswarm", "bar"])
@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::PendingDeprecationWarning", "ignore::DeprecationWarning")
def test_plots_of_shap_show_chinese(kind):
    """shap draws an explanation with Chinese labels: every character has a glyph, else matplotlib would warn."""
    if fonts.chinese_font() is None:
        pytest.skip("this computer has no Chinese font")
    import shap
    from matplotlib import pyplot as plt

    import fanpin_risk as fr
    from fanpin_risk.model.store import demo_model

    explained = (
        fr.load_model(demo_model()).explain(fr.make_register(40, random_state=1), "2024-12-31").to_shap(lang="zh")
    )
    before = dict(mpl.rcParams)
    with fonts.chinese_text() as font:
        getattr(shap.plots, kind)(explained[0] if kind == "waterfall" else explained, show=False)
        figure = plt.gcf()
        figure.canvas.draw()
    said = {text.get_text(): text.get_fontfamily()[0] for text in figure.findobj(mpl.text.Text)}
    chinese = [text for text in said if any("\u4e00" <= character <= "\u9fff" for character in text)]
    assert len(chinese) >= 8
    assert {said[text] for text in chinese} == {font}
    assert dict(mpl.rcParams) == before
    plt.close("all")
