"""What rules say in a report: both languages, no id of a person, nothing where nothing fails."""

from __future__ import annotations

from fanpin_risk.reports.rule_words import rule_columns, rule_messages, with_rule_words

DAY = "2024-12-31"


def test_reasons_are_those_of_the_scores_without_ids(model, register):
    """Each sentence is that of the score but for the ids of persons, in both languages."""
    scores = {lang: model.score(register, DAY, lang=lang).set_index("household_id") for lang in ("zh", "en")}
    failing = scores["zh"].index[scores["zh"]["rules"] != ""]
    said = rule_messages(model, register, DAY, scores["zh"].index)
    assert set(said) == set(failing)
    by_house = failing[(scores["zh"].loc[failing, "rules"] == "income_line")]
    for household in by_house[:5]:
        for lang in ("zh", "en"):
            assert said[household].shown(lang) == scores[lang].loc[household, "rule_reason"]
    persons = register.tables["members"]["member_id"].unique()
    told = "".join(text.shown(lang) for text in said.values() for lang in ("zh", "en"))
    assert not [person for person in persons if person in told]
    assert "H0" in "".join(scores["zh"]["rule_reason"]), "the score of an office names them"


def test_columns_stand_where_there_is_something_to_say(model, register):
    """No column of rules or signals where nobody has any."""
    scores = with_rule_words(model.score(register, DAY, n_reasons=0).head(50), {})
    assert [len(list(rule_columns(table, str))) for table in (scores, scores.assign(rules="", signals=""))] == [2, 0]
    silent = scores.assign(rules="", signals="")
    assert silent["rule_reason"].map(str).eq("").all()
