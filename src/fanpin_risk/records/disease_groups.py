"""Groups of diseases: the chapters of ICD-10, which say of an illness as much as a list may, and no more."""

from __future__ import annotations

import re
from bisect import bisect_right

__all__ = ["DISEASE_GROUPS", "disease_group"]

DISEASE_GROUPS = (  # first code of each chapter of ICD-10, and how it is called
    ("A00", "传染病", "infections"), ("C00", "肿瘤", "tumours"), ("D50", "血液或免疫疾病", "diseases of blood or immunity"),
    ("E00", "内分泌、代谢疾病", "endocrine and metabolic diseases"), ("F00", "精神障碍", "mental disorders"),
    ("G00", "神经系统疾病", "diseases of the nervous system"), ("H00", "眼病", "diseases of the eye"),
    ("H60", "耳病", "diseases of the ear"), ("I00", "心脑血管等循环系统疾病", "diseases of heart and circulation"),
    ("J00", "呼吸系统疾病", "diseases of the lungs and airways"), ("K00", "消化系统疾病", "diseases of the digestive system"),
    ("L00", "皮肤疾病", "diseases of the skin"), ("M00", "肌肉骨骼疾病", "diseases of muscles and bones"),
    ("N00", "肾病等泌尿生殖系统疾病", "diseases of kidneys and urinary system"),
    ("O00", "妊娠、分娩疾病", "conditions of pregnancy and birth"), ("P00", "新生儿疾病", "conditions of the newborn"),
    ("Q00", "先天畸形", "malformations"), ("R00", "未明确的症状", "symptoms"),
    ("S00", "损伤或中毒", "injury or poisoning"), ("U00", "其他疾病", "other diseases"),
)  # fmt: skip

FIRSTS = [first for first, *_ in DISEASE_GROUPS]
CODE = re.compile(r"[A-Z][0-9]{2}(?:[^0-9].*)?")


def disease_group(code: str) -> int:
    """Return the place of a disease's group in ``DISEASE_GROUPS``.

    Parameters
    ----------
    code : str
        ICD-10 code, with or without the digits after its point.

    Returns
    -------
    int
        -1 where the text is no such code.

    Examples
    --------
    >>> DISEASE_GROUPS[disease_group("C50.9")][2], disease_group("flu")
    ('tumours', -1)
    """
    written = code.strip().upper()
    return bisect_right(FIRSTS, written[:3]) - 1 if CODE.fullmatch(written) else -1
