"""From cells as people write them to typed values, one parser per column type."""

from fanpin_risk.records.cells.cleaning import clean_text, normal_width
from fanpin_risk.records.cells.columns import parse
from fanpin_risk.records.cells.contents import among, as_dictionary, plain_cell, with_care
from fanpin_risk.records.cells.dates import YEARS, read_day, school_year_start, years_of_cells
from fanpin_risk.records.cells.parsed import Fault, Parsed, column_dtype, missing

__all__ = [
    "YEARS",
    "Fault",
    "Parsed",
    "among",
    "as_dictionary",
    "clean_text",
    "column_dtype",
    "missing",
    "normal_width",
    "parse",
    "plain_cell",
    "read_day",
    "school_year_start",
    "with_care",
    "years_of_cells",
]
