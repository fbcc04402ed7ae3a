"""What the commands say: messages and progress on stderr, results in files or on stdout."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click

from fanpin_risk.words import Message

__all__ = ["Teller", "deliver", "say", "writable_in_every_language"]


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
                bar.set_postfix_str(label[:40], refresh=False)
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
        chr(0x8D2B).encode(stream.encoding)  # a Chinese character
        stream.reconfigure(errors="replace")
    except UnicodeEncodeError:
        stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")
