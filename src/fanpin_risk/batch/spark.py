"""Score a packed register on a Spark cluster: the partitions are the tasks, and nothing is shuffled."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from fanpin_risk import errors
from fanpin_risk.batch.layout import is_packed
from fanpin_risk.batch.score import score_register
from fanpin_risk.batch.scoring.processes import Task
from fanpin_risk.errors import FanpinError, InputError
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.words import Language, Message, current_language

__all__ = ["score_register_spark"]


def score_register_spark(
    spark: Any,
    path: str | os.PathLike[str],
    model: RiskModel | str | os.PathLike[str],
    as_of: Any,
    out: str | os.PathLike[str],
    **options: Any,
) -> dict[str, Any]:
    """Score every household of a packed register on a day, on the executors of a Spark session.

    Each task of Spark reads one partition, scores it and writes its files, as a process of
    :func:`fanpin_risk.batch.score.score_register` would, and gives back its record: a few lines. The output, and what a
    stopped or repeated run does, are the same, byte for byte. ``docs/cluster.md`` says what the cluster must have.

    Parameters
    ----------
    spark : pyspark.sql.SparkSession
        Classic or Spark Connect, of version 4 or newer.
    path : path-like
        A packed register, in a folder that driver and executors see at the same place.
    model : RiskModel or path-like
        Fitted (a copy is then laid beside the results), or a folder that all see.
    as_of : date-like
        The day.
    out : path-like
        Folder for the results, which driver and executors see at the same place.
    **options
        Further options of :func:`fanpin_risk.batch.score.score_register`, but not ``workers`` and ``mapper``.
        ``progress`` is called when all partitions are done; until then Spark's own pages show how far it is.

    Returns
    -------
    dict
        As from :func:`fanpin_risk.batch.score.score_register`.

    Raises
    ------
    InputError
        If the register is not packed, and as :func:`fanpin_risk.batch.score.score_register` does, also about what
        happened on an executor; the other partitions are done by then, and kept by the next run.

    Examples
    --------
    >>> from pyspark.sql import SparkSession  # doctest: +SKIP
    >>> spark = SparkSession.builder.getOrCreate()  # doctest: +SKIP
    >>> score_register_spark(spark, "shared/packed", model, "2025-12-31", "shared/scores")  # doctest: +SKIP
    """
    if not is_packed(path):
        raise InputError("Spark scores packed registers only, since its executors read the partitions; pack it first")
    return score_register(path, model, as_of, out, mapper=_mapper(spark), **options)


def _mapper(spark: Any) -> Callable[[Callable[..., dict[str, Any]], Iterable[Task]], Iterator[dict[str, Any]]]:
    """Return a function that maps over Spark's executors, one task for each call."""

    def mapper(function: Callable[..., dict[str, Any]], tasks: Iterable[Task]) -> Iterator[dict[str, Any]]:
        arguments, lang = list(tasks), current_language()

        def work(batches: Iterable[Any]) -> Iterator[Any]:
            import pyarrow as pa

            for batch in batches:
                texts = [_answer(function, arguments[number], lang) for number in batch.column("id").to_pylist()]
                yield pa.RecordBatch.from_pydict({"answer": pa.array(texts, pa.string())})

        with warnings.catch_warnings():  # of pandas' version: no frame of pandas goes through Spark here
            warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
            numbers = spark.range(0, len(arguments), 1, len(arguments))
            rows = numbers.mapInArrow(work, "answer string").collect()
        for row in rows:
            answer = json.loads(row["answer"])
            if "error" in answer:
                raise getattr(errors, answer["error"])(Message(answer["message"], zh=answer["message"]))
            yield answer

    return mapper


def _answer(function: Callable[..., dict[str, Any]], task: Task, lang: Language) -> str:
    """Call; what is refused on purpose is sent back as it is, in the language of the run, and not tried again."""
    try:
        return json.dumps(function(*task))
    except FanpinError as error:
        return json.dumps({"error": type(error).__name__, "message": error.message.shown(lang)})
