"""The one home of language: which one a run speaks, the catalogue, and messages that are data until they are shown."""

from fanpin_risk.words.catalogue import chinese
from fanpin_risk.words.language import (
    LANG_VARIABLE,
    LANGUAGES,
    Language,
    current_language,
    in_language,
    language_named,
    language_of_run,
)
from fanpin_risk.words.message import Message, in_both, listed
from fanpin_risk.words.notes import join_notes, note, note_message
from fanpin_risk.words.punctuation import punctuated
from fanpin_risk.words.system_errors import system_error

__all__ = [
    "LANGUAGES",
    "LANG_VARIABLE",
    "Language",
    "Message",
    "chinese",
    "current_language",
    "in_both",
    "in_language",
    "join_notes",
    "language_named",
    "language_of_run",
    "listed",
    "note",
    "note_message",
    "punctuated",
    "system_error",
]
