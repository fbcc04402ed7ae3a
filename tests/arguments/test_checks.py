"""A slip of the pen is refused, in words that say what was expected."""

import numpy as np
import pytest

from fanpin_risk.arguments import names, number_of_workers, one_of, size_in_bytes, size_text, switch, whole_number
from fanpin_risk.errors import InputError
from fanpin_risk.words import in_language


@pytest.mark.parametrize("value", [3, np.int64(3), np.uint8(3)])
def test_a_whole_number_is_one_of_python_or_numpy(value):
    """What comes back is a number of Python."""
    assert whole_number("n", value, 0, 3) == 3
    assert type(whole_number("n", value, 0)) is int


@pytest.mark.parametrize("value", [True, 2.0, "3", None, -1, 21])
def test_other_numbers_are_refused(value):
    """The message says the bounds, with and without an upper one."""
    with pytest.raises(InputError, match=r"n is .*; expected a whole number from 0 to 20"):
        whole_number("n", value, 0, 20)
    if value != 21:
        with pytest.raises(InputError, match=r"n is .*; expected a whole number of 0 or more"):
            whole_number("n", value, 0)


def test_workers_are_a_number_all_or_left_open():
    """-1 is one process for each processor, None what joblib is set to."""
    assert [number_of_workers(value) for value in (None, -1, 1, np.int64(4))] == [None, -1, 1, 4]
    for value in (0, -2, True, 1.5, "all"):
        with pytest.raises(
            InputError, match="expected a whole number of 1 or more, or -1 for one process per processor"
        ):
            number_of_workers(value)


def test_words_switches_and_names_are_checked():
    """Only what an option can be."""
    assert one_of("format", "csv", ("csv", "parquet")) == "csv"
    assert switch("overwrite", True) is True
    assert names("partitions", ["211225", "211225-03"]) == {"211225", "211225-03"}
    with pytest.raises(InputError, match="format is 'json'; expected one of csv, parquet"):
        one_of("format", "json", ("csv", "parquet"))
    for value in (1, "no", None):
        with pytest.raises(InputError, match=r"overwrite is .*; expected True or False"):
            switch("overwrite", value)
    for value in (211225, [], [["211225"]], [None]):
        with pytest.raises(InputError, match="partitions is not a list of names; expected texts such as '211225'"):
            names("partitions", value)


@pytest.mark.parametrize(
    ("text", "size"), [("1B", 1), ("2 kb", 2000), ("1.5GB", 1_500_000_000), (" 2GiB ", 2**31), ("1 TB", 10**12)]
)
def test_sizes_are_read(text, size):
    """With and without a blank, in any case, in thousands or in units of 1024."""
    assert size_in_bytes("memory", text) == size


@pytest.mark.parametrize("value", ["0GB", "-1GB", "2", "GB", "2 GB more", 2, None])
def test_other_sizes_are_refused(value):
    """A number alone could be anything."""
    with pytest.raises(InputError, match=r"memory is .*; expected a size such as '500MB' or '2GB'"):
        size_in_bytes("memory", value)


def test_sizes_are_shown_in_the_unit_that_suits():
    """From kilobytes to terabytes."""
    assert [size_text(n) for n in (10, 2.5e6, 3e9, 4e12)] == ["0.0 KB", "2.5 MB", "3.0 GB", "4.0 TB"]


def test_errors_come_in_chinese():
    """One language for the whole run."""
    with in_language("zh"), pytest.raises(InputError, match="workers 是 0；应为不小于 1 的整数"):
        number_of_workers(0)
