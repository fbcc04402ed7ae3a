"""The rules of the register: which rows are taken, which cells are blanked, what is doubtful.

All rules run on whole columns. Every rule reports what it found; none stops at the first.
"""

from fanpin_risk.records.checks.references import Elsewhere
from fanpin_risk.records.checks.tables import Checked, check_rows, read_keys, require_households
from fanpin_risk.records.checks.times import lag_days, row_time

__all__ = ["Checked", "Elsewhere", "check_rows", "lag_days", "read_keys", "require_households", "row_time"]
