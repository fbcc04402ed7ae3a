"""From a list to the visit and back: sheets to carry, what comes back from them, and the public notice."""

from fanpin_risk.visits.accepting import AcceptedCorrections, accept_corrections
from fanpin_risk.visits.corrections_file import write_corrections
from fanpin_risk.visits.making import visit_sheets
from fanpin_risk.visits.notice import public_notice
from fanpin_risk.visits.reading_back import read_visits
from fanpin_risk.visits.recording import Recorded, record_accepted, record_list, record_visits

__all__ = [
    "AcceptedCorrections",
    "Recorded",
    "accept_corrections",
    "public_notice",
    "read_visits",
    "record_accepted",
    "record_list",
    "record_visits",
    "visit_sheets",
    "write_corrections",
]
