"""What a result says of itself, so that it is known as one later and seen whether anyone changed it.

- A folder holds ``.fanpin-risk.json``: its kind, and the SHA-256 of every file in it. Scores in parts name their kind
  in ``job.json``; models and packed registers of earlier versions in ``card.json`` and ``manifest.json``.
- A text ends in a line with its kind and a SHA-256 of what stands above.
- A workbook names its kind among its properties, and was not saved by another program since.
- A table as csv or Parquet has its mark beside it, in a hidden file: ``.features.csv.fanpin-risk.json``.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

__all__ = [
    "CREATED",
    "changed_files",
    "file_mark",
    "is_listed_beside",
    "is_own_file",
    "kind_of",
    "listed_files",
    "signed",
    "write_mark",
    "write_mark_of_file",
]

MARK = ".fanpin-risk.json"
MARKS = (MARK, "card.json", "manifest.json", "job.json")  # files that say what a folder is
SAID = re.compile(rb'"format": "fanpin-risk ([a-z]+(?: [a-z]+)?) \d+"')
SIGNED = re.compile(
    r"(?P<text>.*\n)(?:<!-- )?fanpin-risk (?P<kind>[a-z]+) (?P<digest>[0-9a-f]{16})(?: -->)?\n", re.DOTALL
)
OF_THE_SYSTEM = frozenset((".DS_Store", "Thumbs.db", "desktop.ini"))  # what file managers put into any folder
CREATED = datetime(2000, 1, 1, tzinfo=UTC)  # what a workbook says of its making: equal tables give equal bytes
NOTHING_KNOWN: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
WORKBOOK_PROPERTIES = ("cp:category", "dcterms:created", "dcterms:modified")


def kind_of(folder: Path) -> tuple[str, str]:
    """Return what a folder says it is, and the file that says so; nothing where there is none."""
    for name in MARKS:
        try:
            with (folder / name).open("rb") as file:
                found = SAID.search(file.read(1000))
        except OSError:
            continue
        if found:
            return found[1].decode(), name
    return "", ""


def listed_files(folder: Path, mark: str) -> Mapping[str, Any]:
    """Return the files that the mark of a folder lists, with their size and SHA-256; none where it is damaged."""
    try:
        plain = json.loads((folder / mark).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    files = plain.get("files") if isinstance(plain, dict) else None
    return files if isinstance(files, dict) else {}


def is_listed_beside(folder: Path, file: Path, kind: str) -> bool:
    """Tell whether a file next to a folder of results of a kind belongs to them and was not changed since."""
    found, mark = kind_of(folder)
    return found == kind and listed_files(folder, mark).get(f"../{file.name}") == _facts_of(file)


def _facts_of(file: Path) -> dict[str, Any]:
    with file.open("rb") as stream:
        return {"bytes": file.stat().st_size, "sha256": hashlib.file_digest(stream, "sha256").hexdigest()}


def _files_in(folder: Path) -> dict[str, Path]:
    """Return the files in a folder and those below, and folders without any, by their path from there."""
    found: dict[str, Path] = {}
    for place, folders, files in os.walk(folder):
        here = Path(place)
        links = [name for name in folders if (here / name).is_symlink()]
        held = [here / name for name in (*files, *links) if name not in OF_THE_SYSTEM]
        if not held and not folders and here != folder:
            held = [here]
        found |= {file.relative_to(folder).as_posix(): file for file in held}
    return found


def changed_files(folder: Path, mark: str, stays: str = "") -> list[str]:
    """Name what stands in a folder of results and is not as its mark says; what is missing does not count."""
    listed = listed_files(folder, mark)
    return sorted(
        name
        for name, file in _files_in(folder).items()
        if name != mark
        and not (stays and name.startswith(f"{stays}/"))
        and (file.is_symlink() or not file.is_file() or listed.get(name) != _facts_of(file))
    )


def write_mark(
    folder: Path, kind: str, *, beside: str = "", known: Mapping[str, Mapping[str, Any]] = NOTHING_KNOWN
) -> None:
    """Write down in a folder what it is and which files it holds.

    `beside` is a file that will stand next to it; `known` are size and SHA-256 of files that need not be read.
    """
    found = sorted(_files_in(folder).items())
    files = {
        f"../{name}" if name == beside else name: dict(known[name]) if name in known else _facts_of(file)
        for name, file in found
        if name != MARK
    }
    plain = {"format": f"{file_mark(kind)} 1", "files": files}
    text = json.dumps(plain, ensure_ascii=False, indent=1) + "\n"
    (folder / MARK).write_text(text, encoding="utf-8", newline="\n")


def _mark_of(file: Path) -> Path:
    return file.with_name(f".{file.name}{MARK}")


def write_mark_of_file(file: Path, kind: str) -> None:
    """Write down beside a table what it is, with its SHA-256."""
    plain = {"format": f"{file_mark(kind)} 1", "files": {file.name: _facts_of(file)}}
    _mark_of(file).write_text(json.dumps(plain, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")


def is_own_file(path: Path, kind: str) -> bool:
    """Tell whether a file is a result of a kind that nobody changed, as far as its format can show that."""
    mark = _mark_of(path)
    try:
        if mark.is_file():
            said = SAID.search(mark.read_bytes()[:1000])
            listed = listed_files(path.parent, mark.name)
            return said is not None and said[1].decode() == kind and listed.get(path.name) == _facts_of(path)
        with path.open("rb") as stream:
            head = stream.read(4)
        if head == b"PK\x03\x04":
            return _is_own_workbook(path, kind)
        found = SIGNED.fullmatch(path.read_text(encoding="utf-8"))
        return found is not None and found["kind"] == kind and found["digest"] == _text_digest(found["text"])
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):  # damaged, or of another format
        return False


def _is_own_workbook(path: Path, kind: str) -> bool:
    """Tell whether a workbook names the kind and was not saved since: programs that save one note the day."""
    with zipfile.ZipFile(path) as archive, archive.open("docProps/core.xml") as stream:
        properties = stream.read(100_000).decode("utf-8")
    said = {name: re.search(rf"<{name}[^>]*>([^<]*)</{name}>", properties) for name in WORKBOOK_PROPERTIES}
    category, *days = (found[1] if found else "" for found in said.values())
    return category == file_mark(kind) and set(days) == {CREATED.strftime("%Y-%m-%dT%H:%M:%SZ")}


def file_mark(kind: str) -> str:
    """Return what a workbook says of its kind, among its properties as the category."""
    return f"fanpin-risk {kind}"


def _text_digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def signed(text: str, kind: str, suffix: str) -> str:
    """Put below a text what it is and a SHA-256 of it, as a comment where its format has comments."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text if text.endswith("\n") else f"{text}\n"
    line = f"{file_mark(kind)} {_text_digest(text)}"
    return f"{text}{line}\n" if suffix == ".txt" else f"{text}<!-- {line} -->\n"
