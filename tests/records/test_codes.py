"""Cells that tick a box or name a code."""

import numpy as np
import pandas as pd

from fanpin_risk.records.cells import (
    parse,
)
from fanpin_risk.records.schema import TABLES

WATER = TABLES["households"]["safe_water"]
RISKS = TABLES["monitoring"]["risks"]
HEALTH = TABLES["members"]["health"]
RELATION = TABLES["members"]["relation"]
WORK_PLACE = TABLES["members"]["work_place"]
CARE = TABLES["disabilities"]["care_need"]
KIND = TABLES["medical"]["kind"]
BAD = "bad"  # the cell cannot be used


def test_yes_and_no(read_cells):
    """All ways of ticking a box are read; empty is missing, not no."""
    yes = ["是", "有", "1", 1, 1.0, True, "√", "☑", "对", "Yes", "TRUE", "ｙ", np.True_]
    no = ["否", "无", "0", 0, False, "×", "错", "no", "False", "N"]
    assert read_cells([*yes, *no], WATER) == [True] * len(yes) + [False] * len(no)
    assert read_cells(["", None, "-", "NULL", "maybe", 2, "是否"], WATER) == [None, None, None, None, BAD, BAD, BAD]
    assert parse(pd.Series([True, False]), WATER).column.tolist() == [True, False]


def test_codes(read_cells):
    """A code is read from its English name and from any of its Chinese texts, whatever width, blanks and brackets."""
    assert read_cells(["户主", "之 子", "ＨＥＡＤ", "head", "本人", " 之外孙女"], RELATION) == [
        "head", "son", "head", "head", "head", "maternal_granddaughter",
    ]  # fmt: skip
    assert read_cells(["本人或户主", "户主或本人", "本人/户主", "户主（本人）"], RELATION) == ["head"] * 4
    assert read_cells(["乡（镇）内", "乡(镇)外县内", "乡镇内", "省外"], WORK_PLACE) == [
        "township",
        "county",
        "township",
        "outside",
    ]
    assert read_cells(["门特/门慢", "住院（含日间）"], KIND) == ["chronic_outpatient", "inpatient"]
    assert read_cells([1, "2", 2.0], TABLES["members"]["sex"]) == ["male", "female", "female"]
    assert read_cells(["无", "能自理", "none"], CARE) == ["none", "none", "none"]  # 无 and none are answers here
    assert read_cells(["无", "", "甲乙"], RELATION) == [None, None, BAD]


def test_lists_of_codes(read_cells):
    """Lists are split at any separator and kept in declared order; one unknown part spoils the cell."""
    texts = [
        "残疾,长期慢性病",
        "长期慢性病，残疾",
        "残疾、慢性病",
        "慢病;残疾",
        "残疾；长期慢性病",
        "残疾/慢性病",
        "残疾\n慢性病",
        "disabled;chronic",
    ]
    assert read_cells([*texts, ["disabled", "chronic"]], HEALTH) == ["chronic;disabled"] * 9
    assert read_cells(["健康", "无", "", "残疾,残疾", "残疾,怪病"], HEALTH) == [
        "healthy",
        "healthy",
        None,
        "disabled",
        BAD,
    ]
    assert read_cells(["因病，因残；因学"], RISKS) == ["illness;schooling;disability"]
