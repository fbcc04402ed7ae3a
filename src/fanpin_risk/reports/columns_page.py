"""Every header that is accepted, as a text and as a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fanpin_risk.errors import SchemaError
from fanpin_risk.records.schema import TABLES
from fanpin_risk.records.vocabulary import NEED_NAMES, column_name, describe_columns, kind_of_column
from fanpin_risk.reports.rendering import HTML_LANGUAGES, content_policy, read_template, templates, trusted
from fanpin_risk.words import LANGUAGES, Language, Message, listed

__all__ = ["columns_html", "columns_text"]


def columns_text(*, lang: Language = "zh") -> str:
    """Say every header that is accepted, by table, with its type, unit and values.

    Parameters
    ----------
    lang : {"zh", "en"}, default "zh"
        Of the words around the headers.

    Returns
    -------
    str

    Examples
    --------
    >>> print(columns_text(lang="en")[:150])  # doctest: +ELLIPSIS
    households (户基本信息)
      files and sheets: household、...
    """
    lines = []
    for table in _tables_shown(lang):
        lines += ["", table["title"], "  " + Message("files and sheets: {names}", names=table["names"]).shown(lang)]
        for column in table["columns"]:
            kind = Message("{name}: {kind}; {need}", name=column["title"], kind=column["kind"], need=column["need"])
            lines.append("  " + kind.shown(lang))
            if column["aliases"]:
                lines.append("      " + Message("also: {names}", names=column["aliases"]).shown(lang))
            if column["negated"]:
                lines.append(
                    "      " + Message("asked the other way round: {names}", names=column["negated"]).shown(lang)
                )
            lines += [f"      {code}{f' ← {texts}' if texts else ''}" for code, texts in column["codes"]]
    return "\n".join(lines[1:]) + "\n"


def columns_html(*, lang: Language = "zh") -> str:
    """Lay every header that is accepted out as one page of HTML, without a script.

    Parameters
    ----------
    lang : {"zh", "en"}, default "zh"
        Of the words around the headers.

    Returns
    -------
    str
        A whole document in UTF-8.

    Raises
    ------
    SchemaError
        If `lang` is not one of those above.

    Examples
    --------
    >>> columns_html(lang="en").count("<table")
    10
    """
    if lang not in LANGUAGES:
        raise SchemaError("lang is {lang!r}; expected one of {languages}", lang=lang, languages=LANGUAGES)
    style, unscripted = read_template("style.css"), read_template("unscripted.css")
    page = templates(lang).get_template("columns.html")
    return str(
        page.render(
            policy=content_policy(styles=(style, unscripted), scripts=()),
            style=trusted(style),
            unscripted=trusted(unscripted),
            tables=list(_tables_shown(lang)),
            html_lang=HTML_LANGUAGES[lang],
        )
    )


def _tables_shown(lang: Language) -> Iterator[dict[str, Any]]:
    """Give what is shown of each table."""
    described = describe_columns()
    for name, table in TABLES.items():
        rows = described[described["table"] == name]
        yield {
            "name": name,
            "title": f"{table.zh} ({name})" if lang == "zh" else f"{name} ({table.zh})",
            "names": _listed(table.aliases),
            "columns": [_row_shown(row, lang) for row in rows.to_dict("records")],
        }


def _row_shown(row: Mapping[Any, Any], lang: Language) -> dict[str, Any]:
    name = column_name(row["table"], row["column"])
    one, other = name.shown(lang), name.shown("en" if lang == "zh" else "zh")
    codes = [
        (f"{texts[0]} ({code})", _listed(texts[1:])) if lang == "zh" else (code, _listed(texts))
        for code, texts in row["codes"].items()
    ]
    return {
        "title": f"{one} ({other})",
        "kind": kind_of_column(row["type"], row["unit"]).shown(lang),
        "need": NEED_NAMES[row["need"]].shown(lang),
        "aliases": _listed(row["aliases"]),
        "negated": _listed(row["negated"]),
        "codes": codes,
    }


def _listed(texts: Iterable[str]) -> str:
    """List headers or values, which are Chinese in either language."""
    return listed(texts).shown("zh")
