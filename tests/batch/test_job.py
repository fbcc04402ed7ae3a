"""What a run in parts is to do: one set of options for both ways of scoring, and records that are not trusted blindly."""

import inspect
import json
from dataclasses import fields

import pytest

import fanpin_risk as fr
from fanpin_risk.batch.scoring.job import ScoreOptions, read_record, signed_record
from fanpin_risk.errors import InputError

# What tells a run how to go about it, and what only one way of scoring can say or leave out.
OF_THE_RUN = {"self", "register", "path", "model", "as_of", "out", "progress", "households"}
OF_PARTS = {"workers", "partitions", "max_households", "overwrite", "mapper"}
OF_MEMORY = {"explain"}  # without reasons; in parts they cost nothing beside reading
OF_FILES = {"all_contributions", "format"}  # a model gives frames; tests/cli/test_scoring.py has both ways into files


def unlike(function, wanted, others):
    """Return the options in which a function differs from those wanted, in words, but for those that only it can take."""
    taken = {name: given.default for name, given in inspect.signature(function).parameters.items()}
    lacking = [f"lacks {name}" for name in wanted.keys() - taken.keys()]
    beside = [f"has {name}, which ScoreOptions lacks" for name in taken.keys() - wanted.keys() - others]
    defaults = [
        f"has {name}={taken[name]!r}, ScoreOptions {wanted[name]!r}"
        for name in wanted.keys() & taken.keys()
        if wanted[name] != taken[name]
    ]
    return [f"{function.__qualname__} {what}" for what in sorted(lacking + beside + defaults)]


def test_both_ways_of_scoring_take_every_option():
    """Whoever adds an option to one of them learns here that the other lacks it."""
    wanted = {field.name: field.default for field in fields(ScoreOptions)}
    of_the_model = {name: wanted[name] for name in wanted.keys() - OF_FILES}
    found = [
        *unlike(fr.RiskModel.score, of_the_model, OF_THE_RUN | OF_MEMORY),
        *unlike(fr.RiskModel.score_all, of_the_model, OF_THE_RUN),
        *unlike(fr.score_register, wanted, OF_THE_RUN | OF_PARTS),
    ]
    assert found == [], "an option of scoring stands in ScoreOptions and in all three, or here why it cannot"
    assert ScoreOptions().of_the_model() == of_the_model


def test_every_option_reaches_the_model(packed, tmp_path, monkeypatch):
    """What score_register is given is what every partition is scored with."""
    given = []
    real = fr.RiskModel.score_all

    def score_all(self, register, as_of, *, progress=None, **options):
        given.append(options)
        return real(self, register, as_of, progress=progress, **options)

    monkeypatch.setattr(fr.RiskModel, "score_all", score_all)
    options = {"n_reasons": 1, "lang": "en", "groups": ("struck",), "policy": fr.policy.Policy()}
    assert options.keys() == ScoreOptions().of_the_model().keys()
    fr.score_register(packed, fr.load_model("demo"), "2023-12-31", tmp_path / "out", workers=1, **options)
    assert given
    assert all(one == options for one in given)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_reasons": 21}, "n_reasons is 21; expected a whole number from 0 to 20"),
        ({"n_reasons": True}, "n_reasons is True; expected a whole number"),
        ({"lang": "de"}, "lang is 'de'; expected one of zh, en"),
        ({"groups": ["roof"]}, "groups is 'roof'; expected one of edge"),
        ({"format": "pdf"}, "format is 'pdf'; expected one of parquet, csv, xlsx"),
        ({"all_contributions": "no"}, "all_contributions is 'no'; expected True or False"),
    ],
)
def test_options_are_checked(options, message):
    """Before anything is read."""
    with pytest.raises(InputError, match=message):
        ScoreOptions(**options)


@pytest.mark.parametrize("text", ["", "[]", "null", "{}", '{"digest": "0"}', '{"digest": "0", "name": 3'])
def test_a_record_that_is_not_as_it_was_written_is_none(tmp_path, text):
    """Whatever stands in its place."""
    file = tmp_path / "520422.json"
    assert read_record(file) is None
    file.write_text(text)
    assert read_record(file) is None


def test_a_record_is_read_as_it_was_written(tmp_path):
    """Also with names in Chinese."""
    record = signed_record({"name": "520422", "files": {"parts/农户.csv": {"bytes": 3}}})
    (tmp_path / "520422.json").write_text(json.dumps(record), "utf-8")
    assert read_record(tmp_path / "520422.json") == record
    assert signed_record(record) == record
