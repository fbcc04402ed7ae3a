"""Results to files and folders: whole or not at all, and never in the place of something else."""

from fanpin_risk.files.marks import CREATED, MARK, file_mark, kind_of, write_mark
from fanpin_risk.files.targets import KINDS, check_target, new_folder, put_in_place
from fanpin_risk.files.writing import (
    CELL_CHARACTERS,
    FORMATS,
    SYNTHETIC_NOTE,
    SYNTHETIC_SOURCE,
    cell_text,
    fits_cell,
    sync_folder,
    write_table,
    write_text,
    write_whole,
)

__all__ = [
    "CELL_CHARACTERS",
    "CREATED",
    "FORMATS",
    "KINDS",
    "MARK",
    "SYNTHETIC_NOTE",
    "SYNTHETIC_SOURCE",
    "cell_text",
    "check_target",
    "file_mark",
    "fits_cell",
    "kind_of",
    "new_folder",
    "put_in_place",
    "sync_folder",
    "write_mark",
    "write_table",
    "write_text",
    "write_whole",
]
