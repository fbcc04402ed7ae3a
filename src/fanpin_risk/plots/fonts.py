"""Chinese in pictures: which font of this computer has it, and a warning where none has.

Importing this module changes nothing, nor does drawing: texts are set in the font one by one. Only
:func:`chinese_text` changes settings of matplotlib, and only as long as its block runs.
"""

from __future__ import annotations

import contextlib
import dataclasses
import inspect
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fanpin_risk.errors import FanpinWarning, MissingPackageError, SchemaError, install_command
from fanpin_risk.words import LANGUAGES, Language, Message

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["CHINESE_FONTS", "chinese_font", "chinese_text", "labels_lang", "matplotlib", "set_font"]

# Fonts with simplified Chinese, as systems ship them, best first.
CHINESE_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "SimHei",
    "Noto Serif CJK SC",
    "Source Han Serif SC",
    "Source Han Serif CN",
    "SimSun",
    "Noto Sans CJK JP",  # what matplotlib before 3.11 calls the collection of all Noto Sans CJK
    "Noto Serif CJK JP",
    "Heiti TC",
    "STHeiti",
    "Songti SC",
    "Droid Sans Fallback",
    "Arial Unicode MS",
)
# How the file names of these fonts begin, in lower case and without blanks, dashes and underscores.
FONT_FILES = (
    "notosanscjk",
    "notosanssc",
    "notoserifcjk",
    "sourcehansans",
    "sourcehanserif",
    "msyh",
    "pingfang",
    "hiraginosansgb",
    "wqy",
    "simhei",
    "simsun",
    "stheiti",
    "songti",
    "droidsansfallback",
    "arialunicode",
)
WEIGHTS_ASKED = (400, 700)  # of texts in pictures: normal and bold
NO_FONT = Message(
    "no font with Chinese characters was found, labels are in English; install one (Debian, Ubuntu: apt install "
    "fonts-noto-cjk or fonts-wqy-zenhei; Fedora: dnf install google-noto-sans-cjk-fonts) and restart Python, or use "
    "lang='en'"
)


def matplotlib() -> Any:
    """Return the package matplotlib.

    Raises
    ------
    MissingPackageError
        If it is not installed; the message says how to install it.
    """
    try:
        import matplotlib as mpl
    except ImportError as error:
        raise MissingPackageError(
            "pictures need matplotlib, which is not installed; install it with: {command}",
            command=install_command("plot"),
        ) from error
    return mpl


def chinese_font() -> str | None:
    """Name a font with simplified Chinese characters that matplotlib can use.

    A font that was installed after matplotlib made its list of fonts is found as well, and added to that list for as
    long as Python runs.

    Returns
    -------
    str or None
        The first of ``CHINESE_FONTS`` that there is; None where there is none.

    Raises
    ------
    MissingPackageError
        If matplotlib is not installed.

    Examples
    --------
    >>> chinese_font() in (None, *CHINESE_FONTS)
    True
    """
    matplotlib()
    from matplotlib import font_manager

    manager = font_manager.fontManager
    found = _first_of(manager.ttflist)
    if found is None:
        listed = {entry.fname for entry in manager.ttflist}
        for path in sorted(set(font_manager.findSystemFonts()) - listed):
            if _simplified(Path(path).stem).startswith(FONT_FILES):
                try:
                    manager.addfont(path)
                except (OSError, RuntimeError):  # damaged, or a format that matplotlib cannot read
                    continue
        found = _first_of(manager.ttflist)
    return found


def _first_of(entries: Any) -> str | None:
    known = {entry.name for entry in entries}
    return next((name for name in CHINESE_FONTS if name in known), None)


def _simplified(name: str) -> str:
    return name.lower().translate(str.maketrans("", "", " -_"))


def _answer_for_weights(font: str) -> None:
    """Let the nearest face of a font stand for the weights of texts that it has none of.

    Many Chinese fonts have one face only, of a weight that no text asks for (500 in WenQuanYi Zen Hei). Matplotlib takes it
    all the same, and logs a warning for every picture. A text cannot ask for that weight instead: the font that steps in for
    characters which are missing does not have it.
    """
    from matplotlib import font_manager

    manager, named = font_manager.fontManager, font_manager.weight_dict
    upright = [entry for entry in manager.ttflist if entry.name == font and entry.style == "normal"]
    faces = {named[has] if isinstance(has := entry.weight, str) else has: entry for entry in upright}
    for weight in WEIGHTS_ASKED if faces else ():
        if weight not in faces:
            _, nearest = min((abs(has - weight), has) for has in faces)
            manager.ttflist.append(dataclasses.replace(faces[nearest], weight=weight))


def labels_lang(lang: str) -> Language:
    """Return the language that labels can be written in.

    Parameters
    ----------
    lang : {"zh", "en"}
        The language asked for.

    Returns
    -------
    {"zh", "en"}
        "en" instead of "zh" where no font has Chinese characters.

    Raises
    ------
    SchemaError
        If `lang` is neither.
    MissingPackageError
        If matplotlib is not installed.

    Warns
    -----
    FanpinWarning
        If Chinese was asked for and no Chinese font is found; the message names the packages with one.

    Examples
    --------
    >>> labels_lang("en")
    'en'
    """
    if lang not in LANGUAGES:
        raise SchemaError("lang is {lang!r}; expected one of {languages}", lang=lang, languages=LANGUAGES)
    matplotlib()
    if lang == "zh" and chinese_font() is None:
        warnings.warn(FanpinWarning(NO_FONT), stacklevel=_callers_level())
        return "en"
    return "zh" if lang == "zh" else "en"


def _callers_level() -> int:
    """Return the `stacklevel` at which a warning of the calling function names the code that uses this package."""
    passed_over = (str(Path(__file__).parents[1]) + os.sep, contextlib.__file__)
    own = inspect.currentframe()
    level, frame = 0, own.f_back if own is not None else None
    while frame is not None and frame.f_code.co_filename.startswith(passed_over):
        frame = frame.f_back
        level += 1
    return level + 1


def set_font(drawn: Axes | Figure) -> None:
    """Set all texts of a picture in the Chinese font, and in matplotlib's own where that lacks a character.

    Texts are shown as they are: a dollar sign in a name does not begin a formula.

    Parameters
    ----------
    drawn : matplotlib Axes or Figure
        A finished picture; its fonts are left as they are where none has Chinese.
    """
    font = chinese_font()
    mpl = matplotlib()
    if font is not None:
        _answer_for_weights(font)
    for text in drawn.findobj(mpl.text.Text):
        text.set_parse_math(False)
        if font is not None:
            text.set_fontfamily([font, *mpl.rcParams["font.family"]])


@contextlib.contextmanager
def chinese_text() -> Iterator[str | None]:
    """Let every picture drawn within the block show Chinese, also those of other packages such as shap.

    When the block is left, the settings of matplotlib are restored. They apply to all threads.

    Yields
    ------
    str or None
        The font; None, with a warning, where none is found.

    Raises
    ------
    MissingPackageError
        If matplotlib is not installed.

    Warns
    -----
    FanpinWarning
        If no Chinese font is found; the message names the packages with one.

    Examples
    --------
    >>> import shap
    >>> from fanpin_risk.plots.fonts import chinese_text
    >>> with chinese_text():  # doctest: +SKIP
    ...     shap.plots.beeswarm(explanation.to_shap())
    """
    mpl = matplotlib()
    font = chinese_font() if labels_lang("zh") == "zh" else None
    if font is not None:
        _answer_for_weights(font)
    # Many Chinese fonts lack the long minus sign.
    settings = (
        {} if font is None else {"font.family": [font, *mpl.rcParams["font.family"]], "axes.unicode_minus": False}
    )
    with mpl.rc_context(settings):
        yield font
