"""Does the model know too much: alarms about features and records."""

from fanpin_risk.leaks.checks import leak_alarms
from fanpin_risk.leaks.tables import table_alarms

__all__ = ["leak_alarms", "table_alarms"]
