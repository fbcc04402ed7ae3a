"""Raw rows of all sheets of a table become typed rows."""

import threading

import pandas as pd

from fanpin_risk.records import rows as module


def test_parts_are_joined(frames):
    """Risks, causes and place names given in several columns come together in one."""
    register = frames.read(
        households=frames.HOUSEHOLDS | {"致贫原因1": ["因病", "因学"], "致贫原因2": ["因残", ""], "致贫原因3": ["因学", None],
                                 "县": ["西丰县"] * 2, "乡(镇)": ["甲镇"] * 2, "村": ["乙村", ""]},
        monitoring={"户编号": ["h1"], "识别监测时间": ["202305"], "监测对象类别": ["边缘户"],
                    "致贫/返贫风险1": ["因残"], "致贫/返贫风险2": ["因病"], "致贫/返贫风险3": [""]},
    )  # fmt: skip
    assert register.tables["monitoring"]["risks"].tolist() == ["illness;disability"]
    households = register.tables["households"]
    assert households["main_cause"].tolist() == ["illness", "schooling"]
    assert households["other_causes"].fillna("").tolist() == ["disability;schooling", ""]
    assert households["area_name"].tolist() == ["西丰县甲镇乙村", "西丰县甲镇"]
    assert register.problems["code"].tolist() == ["area_code_from_name"]


def test_a_column_no_row_can_do_without(frames):
    """If a needed column is absent from a table, its rows are rejected by name of the column, the rest goes on."""
    register = frames.read(supports={"household_id": ["h1", "h2"], "start_date": ["2023-01-01"] * 2})
    assert frames.found(register) == [
        (1, "measure", "missing_column", "rejected"),
        (2, "measure", "missing_column", "rejected"),
    ]
    assert "the column measure (帮扶措施), which the file lacks" in register.problems["message"][0]
    assert len(register.tables["members"]) == 3


def test_columns_parsed_in_threads_give_the_same_rows_and_problems(frames, monkeypatch):
    """One thread or two: the same bits, the same problems in the same order."""
    threads = set()
    parse = module.parse

    def noted(*given, **more):
        threads.add(threading.current_thread() is threading.main_thread())
        return parse(*given, **more)

    def read():
        threads.clear()
        odd = {"register_status": ["脱贫户", "?"], "safe_water": ["?", "是"], "farmland_mu": ["many", "3"]}
        members = frames.MEMBERS | {"birth_date": ["soon", "1990", "?"]}
        return frames.read(households=frames.HOUSEHOLDS | odd, members=members)

    monkeypatch.setattr(module, "parse", noted)
    expected = read()
    assert threads == {True}  # of few rows
    monkeypatch.setattr(module, "FEWEST_FOR_THREADS", 1)
    register = read()
    assert False in threads
    pd.testing.assert_frame_equal(register.problems, expected.problems)
    assert len(expected.problems) > 3
    for name, frame in expected.tables.items():
        pd.testing.assert_frame_equal(register.tables[name], frame)
