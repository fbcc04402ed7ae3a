"""Scores read back from where the command ``score`` or :func:`fanpin_risk.score_register` put them."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pandas as pd

from fanpin_risk.batch.lists import scores_of_parts, typed_scores
from fanpin_risk.batch.scoring.job import MANIFEST
from fanpin_risk.errors import InputError
from fanpin_risk.files import FORMATS
from fanpin_risk.model.from_words import codes_from_words
from fanpin_risk.words import system_error

__all__ = ["read_scores", "read_texts"]

IN_PARTS = "scores"  # the folder in that of the command score
ON_GUARD = re.compile(r"^'(?=[=+\-@\t\r])")  # what keeps a spreadsheet from running a text


def read_scores(source: str | os.PathLike[str]) -> pd.DataFrame:
    """Read scores in codes.

    Parameters
    ----------
    source : path-like
        The folder of the command ``score``, of a register scored whole or in parts; that of
        :func:`fanpin_risk.score_register`; or a file of scores: .parquet, .csv or .xlsx, with words in either language.

    Returns
    -------
    DataFrame
        As :meth:`fanpin_risk.RiskModel.score` returns it.

    Raises
    ------
    InputError
        If there are no scores, or they cannot be read.
    SchemaError
        If they hold what is neither a code nor its word.

    Examples
    --------
    >>> import tempfile, fanpin_risk as fr
    >>> scores = fr.load_model("demo").score(fr.make_register(100, random_state=0), "2023-12-31")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     fr.in_words(scores).to_csv(folder + "/scores.csv", index=False)
    ...     again = read_scores(folder)
    >>> bool((again["tier"] == scores["tier"]).all() and (again["rules"] == scores["rules"]).all())
    True
    """
    folder = Path(source)
    if (folder / MANIFEST).is_file():
        return scores_of_parts(folder)
    if (folder / IN_PARTS / MANIFEST).is_file():
        return scores_of_parts(folder / IN_PARTS)
    files = [folder / f"scores{ending}" for ending in FORMATS] if folder.is_dir() else [folder]
    file = next((one for one in files if one.is_file()), None)
    if file is None or file.suffix.lower() not in FORMATS:
        raise InputError(
            "{source} holds no scores; give the folder or the file that 'score' wrote, or a register with its model and day",
            source=folder.name,
        )
    table = read_texts(file)
    if "risk" not in table.columns or "household_id" not in table.columns:
        raise InputError("{source} holds no scores; give the folder or the file that 'score' wrote, or a register with its "
            "model and day", source=file.name)  # fmt: skip
    return table if file.suffix.lower() == ".parquet" else typed_scores(codes_from_words(table))


def read_texts(file: Path) -> pd.DataFrame:
    r"""Read a table with a header: a csv or a workbook as texts, Parquet as it is.

    Parameters
    ----------
    file : Path
        Ends in .parquet, .csv (UTF-8) or .xlsx.

    Returns
    -------
    DataFrame
        Texts without the apostrophe that keeps a spreadsheet from running them; ``""`` for an empty cell.

    Raises
    ------
    InputError
        If it ends otherwise or cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "some.csv"
    ...     _ = file.write_text("a,b\n'-1,\n", encoding="utf-8")
    ...     read_texts(file).values.tolist()
    [['-1', '']]
    """
    from python_calamine import CalamineError

    ending = file.suffix.lower()
    if ending not in FORMATS:
        raise InputError("{file}: expected a file that ends in {endings}", file=file.name, endings=FORMATS)
    try:
        if ending == ".parquet":
            return pd.read_parquet(file)
        if ending == ".csv":
            cells = pd.read_csv(file, dtype="str", keep_default_na=False, encoding="utf-8-sig")
        else:
            cells = pd.read_excel(file, dtype="str", keep_default_na=False, engine="calamine")
    except OSError as error:
        raise InputError("cannot read {file}: {reason}", file=file.name, reason=system_error(error)) from error
    except (ValueError, CalamineError) as error:
        raise InputError("{file} cannot be read as a table; give it as it was written", file=file.name) from error
    return cells.apply(lambda column: column.str.replace(ON_GUARD, "", regex=True))
