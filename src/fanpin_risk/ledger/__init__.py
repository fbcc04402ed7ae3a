"""What was done for a household, when and by whom: events that are only ever added, chained so that a change is found."""

from fanpin_risk.ledger.book import Ledger
from fanpin_risk.ledger.clocks import DUE_WORDS
from fanpin_risk.ledger.due_counts import due_counts
from fanpin_risk.ledger.evidence import checked_who
from fanpin_risk.ledger.exits import EXIT_CONDITIONS, EXIT_SUGGESTIONS, exit_assessment
from fanpin_risk.ledger.items import ITEM_STATUSES
from fanpin_risk.ledger.queries import EVENT_COLUMNS
from fanpin_risk.ledger.transitions import ACCEPTED_CORRECTION, EVENT_WORDS, STATE_WORDS, transition_rows

__all__ = [
    "ACCEPTED_CORRECTION",
    "DUE_WORDS",
    "EVENT_COLUMNS",
    "EVENT_WORDS",
    "EXIT_CONDITIONS",
    "EXIT_SUGGESTIONS",
    "ITEM_STATUSES",
    "STATE_WORDS",
    "Ledger",
    "checked_who",
    "due_counts",
    "exit_assessment",
    "transition_rows",
]
