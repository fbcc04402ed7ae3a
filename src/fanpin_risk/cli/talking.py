"""What the commands say: messages and progress on stderr, results in files or on stdout."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click

from fanpin_risk.words import Message, current_language

__all__ = ["Teller", "deliver", "say", "writable_in_every_language"]

# What library functions say of the step they are at; {} stands for what differs.
STEPS = {
    "features and outcomes {}": "{} 的指标与结果",
    "features {}": "{} 的指标",
    "scores {}": "{} 的评分",
    "outcomes": "实际结果",
    "fold {} of {}": "第{}折，共{}折",
    "trees on all rows": "用全部农户训练",
    "{}: features and outcomes": "{}：指标与结果",
    "{}: features of the day forecast": "{}：预测日的指标",
    "{}: newest {} day(s)": "{}：最近{}个训练日",
    "future": "当日之后的记录",
    "canaries": "特征与结果",
    "households": "农户",
    "explain": "解释",
}


def step_zh(what: str) -> str:
    """Say in Chinese which step a library function is at; names of files and days stay.

    Examples
    --------
    >>> step_zh("2022-12-31: features and outcomes"), step_zh("2022-12-31: random forest"), step_zh("lead_time")
    ('2022-12-31：指标与结果', '2022-12-31：随机森林', '提前多久列入名单')
    """
    from fanpin_risk.evaluation.evaluation import RESULT_TABLES
    from fanpin_risk.evaluation.labels import filled, model_label
    from fanpin_risk.features.labels import feature_label

    if (known := filled(what, STEPS)) is not None:
        return known
    if what in RESULT_TABLES:
        return RESULT_TABLES[what][0]
    day, colon, model = what.partition(": ")
    return f"{day}：{model_label(model, 'zh')}" if colon else feature_label(what, "zh")


def say(message: Message) -> None:
    """Say something on stderr, in the language of the run."""
    click.echo(str(message), err=True)


class Teller:
    """Says things to the user on stderr, unless quiet.

    Parameters
    ----------
    quiet : bool, default False
        Whether to say nothing and show no progress.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet

    def __call__(self, message: Message) -> None:
        """Say something."""
        if not self.quiet:
            say(message)

    @contextmanager
    def progress(self, doing: Message) -> Iterator[Callable[[int, int, str], None] | None]:
        """Show a bar that a library function moves by calling (done, total, label)."""
        if self.quiet:
            yield None
            return
        from tqdm import tqdm

        with tqdm(desc=str(doing), file=sys.stderr, mininterval=0.2, leave=True) as bar:

            def move(done: int, total: int, label: str) -> None:
                bar.total = total
                shown = step_zh(label) if current_language() == "zh" else label
                bar.set_postfix_str(shown[:40], refresh=False)
                bar.update(done - bar.n)

            yield move


def deliver(text: str, out: Path | None, tell: Teller, written: Message, *, kind: str) -> None:
    """Show a text, or write it to a file, which then says what kind of result it is, and say so."""
    from fanpin_risk.files import write_text

    if out is None:
        click.echo(text, nl=False)
    else:
        write_text(text, out, kind=kind)
        tell(written)


def writable_in_every_language(stream: TextIO) -> None:
    """Let a stream take every text, so that no run ends because of a character that its encoding lacks.

    A character that the encoding lacks comes out as ``?``. A file or pipe whose encoding lacks Chinese altogether (such
    as cp1252 on a western Windows) is written in UTF-8 instead.
    """
    if not isinstance(stream, io.TextIOWrapper):
        return
    try:
        "贫".encode(stream.encoding)
        stream.reconfigure(errors="replace")
    except UnicodeEncodeError:
        stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")
