"""Rows are alike by what they say, whatever types hold it."""

import numpy as np
import pandas as pd

from fanpin_risk.batch.updating.matching import alike, key_hashes, newest_correction, same_content


def test_equal_rows_have_equal_numbers_in_every_type():
    """Texts, dictionaries, days, numbers, yes and no; missing ones are equal, too."""
    one = pd.DataFrame(
        {"a": ["x", None], "b": [1.0, None], "c": pd.to_datetime(["2024-01-01", None]), "d": [0.0, np.nan]}
    )
    other = one.assign(a=one["a"].astype("category"), b=one["b"].astype("boolean"), d=[-0.0, np.nan])
    assert key_hashes(one, list("abcd")).tolist() == key_hashes(other, list("abcd")).tolist()
    assert len(set(key_hashes(one, list("abcd")))) == 2


def test_the_first_of_several_is_found():
    """And none where there is none."""
    others = pd.DataFrame({"a": ["x", "x", "y"]})
    assert alike(pd.DataFrame({"a": ["y", "x", "z"]}), others, ["a"]).tolist() == [2, 0, -1]
    assert alike(others, others.iloc[:0], ["a"]).tolist() == [-1, -1, -1]


def test_the_newest_correction_of_each_key_counts():
    """Rows without a day of recording are the oldest; rows of one day all count."""
    days = pd.to_datetime([None, "2024-01-01", "2024-01-01", None])
    frame = pd.DataFrame({"a": ["x", "x", "x", "y"], "recorded_at": days})
    assert newest_correction(frame, ["a"]).tolist() == [False, True, True, True]


def test_missing_values_say_the_same():
    """In numbers as in texts."""
    one = pd.DataFrame({"a": ["x", None, "x"], "b": [np.nan, np.nan, 1.0]})
    assert same_content(one, one.assign(b=[np.nan, 2.0, 1.0]), ["a", "b"]).tolist() == [True, False, True]
