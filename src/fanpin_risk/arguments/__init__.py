"""What a caller gave: checked before any work is done, in words that say what to give."""

from fanpin_risk.arguments.checks import (
    a_path,
    names,
    number_of_workers,
    of_type,
    one_of,
    size_in_bytes,
    size_text,
    switch,
    texts,
    type_of,
    whole_number,
)

__all__ = [
    "a_path",
    "names",
    "number_of_workers",
    "of_type",
    "one_of",
    "size_in_bytes",
    "size_text",
    "switch",
    "texts",
    "type_of",
    "whole_number",
]
