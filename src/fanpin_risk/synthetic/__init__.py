"""An invented register, to try, test and teach with.

Nothing here is about a real person or place: ids, villages, amounts and events are drawn at random. The process
in short (``docs/synthetic.md`` has it in words and compares the result with published figures): households have a
hidden capability, members with ages and health, land and help of their children; every year brings work, harvests,
bills, school costs and shocks; every month some households are found to be at risk, the likelier the lower their
income, the higher their bills, the fresher their shocks. Every fact is recorded with a delay, some wrongly and
corrected later, and nothing is recorded before it has happened.
"""

from __future__ import annotations

from fanpin_risk.synthetic.make import make_register
from fanpin_risk.synthetic.parameters import FIGURES, Figure
from fanpin_risk.synthetic.planting import plant_faults

__all__ = ["FIGURES", "Figure", "make_register", "plant_faults"]
