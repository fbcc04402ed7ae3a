"""The rules of the register: which rows are taken, which cells are blanked, what is doubtful.

All rules run on whole columns. Every rule reports what it found; none stops at the first.
"""

from fanpin_risk.records.checks.amount_evidence import SheetAmountsKnown, SheetEvidence, known_of_sheet, proven_factor
from fanpin_risk.records.checks.likely_ids import Meant, households_meant
from fanpin_risk.records.checks.lost_rows import LOST_CODES, LostRows, lost_by_table, text_of_lost
from fanpin_risk.records.checks.part_years import PART_YEARS, part_years_of
from fanpin_risk.records.checks.persons import PersonIds, require_households
from fanpin_risk.records.checks.references import Elsewhere
from fanpin_risk.records.checks.tables import Checked, check_rows, read_keys
from fanpin_risk.records.checks.times import lag_days, row_time
from fanpin_risk.records.checks.unmatched import LOOKED_AT, note_unmatched, telling_ids

__all__ = [
    "LOOKED_AT",
    "LOST_CODES",
    "PART_YEARS",
    "Checked",
    "Elsewhere",
    "LostRows",
    "Meant",
    "PersonIds",
    "SheetAmountsKnown",
    "SheetEvidence",
    "check_rows",
    "households_meant",
    "known_of_sheet",
    "lag_days",
    "lost_by_table",
    "note_unmatched",
    "part_years_of",
    "proven_factor",
    "read_keys",
    "require_households",
    "row_time",
    "telling_ids",
    "text_of_lost",
]
