"""Notes in tables: codes with numbers, shown as sentences."""

import pytest

from fanpin_risk.words import Message, join_notes, note, note_message

SENTENCES = {
    "few": Message("{count} of {total}", zh="{total}户中的{count}户", count=0, total=0),
    "none": Message("nothing found"),
}


@pytest.mark.parametrize(
    ("notes", "en", "zh"),
    [
        (join_notes([note("few", 3, 10), "", note("none")]), "3 of 10; nothing found", "10户中的3户；未发现问题"),
        ("", "", ""),
        ("none:3", "none:3", "none:3"),
        ("a sentence of an old card: {x}; none", "a sentence of an old card: {x}; nothing found", None),
    ],
)
def test_codes_are_shown_as_sentences_and_all_else_as_it_is(notes, en, zh):
    """Numbers stand in the places of the sentence; an old card that holds a text still shows it."""
    assert note_message(notes, SENTENCES).shown("en") == en
    assert zh is None or note_message(notes, SENTENCES).shown("zh") == zh
