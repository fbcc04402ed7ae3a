"""Read a register from the files offices really have: csv in any encoding, workbooks, Parquet.

Each kind of file has a reader that makes sheets of it (:class:`fanpin_risk.records.sheets.Sheet`); one place says which
columns of a sheet belong to which table. What stands above, between and below the rows (titles, notes, repeated
headers, sums, empty rows) is told apart from the rows; a row that cannot be read as a row is rejected, never lost; a
file that cannot be read is reported, and the others are read.
"""

from fanpin_risk.records.read.proposals import propose_columns, write_columns
from fanpin_risk.records.read.registers import read_register

__all__ = ["propose_columns", "read_register", "write_columns"]
