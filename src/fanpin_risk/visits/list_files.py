"""Lists of households as files: those that commands wrote, in either language, and those that an office made."""

from __future__ import annotations

import os
from collections.abc import Mapping

import pandas as pd

from fanpin_risk.arguments import a_path
from fanpin_risk.errors import InputError
from fanpin_risk.records.cells.cleaning import as_text
from fanpin_risk.records.read.household_list import position_of_ids
from fanpin_risk.visits.cells_back import cells_of_file

__all__ = ["LIST_HEADERS", "read_list_file"]

# Columns of lists that sheets and notices use -> headers by which they are known.
LIST_HEADERS: Mapping[str, tuple[str, ...]] = {
    "area_code": ("area_code", "行政区划代码"),
    "area_name": ("area_name", "行政区划名称", "行政村", "所在村", "village"),
    "visitor": ("visitor", "走访人", "包保责任人", "帮扶责任人"),
    "list_id": ("list_id", "名单编号"),
    "as_of": ("as_of", "数据截止日"),
    "draw_probability": ("draw_probability", "列入概率"),
    "what_to_check": ("what_to_check", "核实要点", "checks", "核查内容"),
    "earlier_result": ("earlier_result", "上次核实结果"),
    "earlier_on": ("earlier_on", "上次走访日期"),
    "type": ("type", "monitored_type", "监测对象类别", "监测对象类型"),
    "persons": ("persons", "size_declared", "人口数", "家庭人口数", "人口"),
    "date": ("date", "日期", "公示日期"),
    "state": ("state", "流程状态"),
}


def read_list_file(path: str | os.PathLike[str]) -> pd.DataFrame:
    r"""Read a list of households.

    Parameters
    ----------
    path : path-like
        A csv or workbook with a column of household ids (户编号, household_id) in its first row of headers.

    Returns
    -------
    DataFrame
        ``household_id`` and those of the columns of ``LIST_HEADERS`` that are there, as texts; in the order of the file, each
        household once. Missing where a cell is empty.

    Raises
    ------
    InputError
        If there is no column of household ids.
    UnreadableFileError
        If the file cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> file = a_path("path", tempfile.mkdtemp()) / "list.csv"
    >>> _ = file.write_text("序号,户编号,走访人\n1,H2,V01\n2,H1,V02\n", "utf-8")
    >>> read_list_file(file).to_dict("list")
    {'household_id': ['H2', 'H1'], 'visitor': ['V01', 'V02']}
    """
    file = a_path("path", path)
    for sheet in cells_of_file(file):
        rows = [[as_text(cell).strip().removeprefix("'") for cell in cells] for _, cells in sheet.rows]
        rows = [row for row in rows if any(row)]
        place = position_of_ids(rows[0]) if rows else None
        if place is None:
            continue
        width = len(rows[0])
        cells = [(row + [""] * width)[:width] for row in rows[1:]]
        columns = {"household_id": [row[place] for row in cells]}
        for name, headers in LIST_HEADERS.items():
            found = next((rows[0].index(header) for header in headers if header in rows[0]), None)
            if found is not None:
                columns[name] = [row[found] for row in cells]
        frame = pd.DataFrame(columns, dtype="str")
        frame = frame[frame["household_id"] != ""].drop_duplicates("household_id", ignore_index=True)
        return frame.mask(frame == "")
    raise InputError("{file} has no column of household ids; expected a header 户编号 or household_id", file=file.name)
