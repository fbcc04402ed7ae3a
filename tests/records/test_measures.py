"""Sheets with a column for each measure of support."""

HEADERS = "户编号,年度,实施开发式帮扶措施情况,产业帮扶,就业帮扶,公益岗位帮扶,住房安全保障,基础设施建设"


def kept(register):
    frame = register.tables["supports"]
    return sorted(zip(frame["household_id"], frame["start_date"].astype("str").str[:10], frame["measure"], strict=True))


def test_a_column_for_each_measure(folder, files):
    """A cell that is neither no nor empty is a measure that the household had begun by the end of the year."""
    (folder / "帮扶措施.csv").write_text(
        f"{HEADERS}\nh1,2023,有,是,否,,√,无\nh2,2022,,养鸡30只,务工补贴,0,,\n", encoding="utf-8"
    )
    register = files.read(folder)
    assert kept(register) == [
        ("h1", "2023-12-31", "housing"),
        ("h1", "2023-12-31", "industry"),
        ("h2", "2022-12-31", "employment"),
        ("h2", "2022-12-31", "industry"),
    ]
    assert register.rejects.empty


def test_measures_on_the_row_of_each_member_are_the_household_s(tmp_path, files):
    """The flat export repeats them; they count once, and nobody is told of repeats that are none."""
    (tmp_path / "全县.csv").write_text(
        "户编号,人编号,年度,与户主关系,户类型,产业帮扶,就业帮扶\nh1,p1,2023,户主,脱贫户,是,否\nh1,p2,2023,配偶,脱贫户,是,否\n",
        encoding="utf-8",
    )
    register = files.read(tmp_path)
    assert kept(register) == [("h1", "2023-12-31", "industry")]
    assert register.tables["supports"]["member_id"].isna().all()
    assert "duplicate_row" not in set(register.problems["code"])


def test_measures_without_any_year_are_not_dated(folder, files):
    """Without a year or a day the columns are named as not read: when a measure began is not guessed."""
    (folder / "户信息2.csv").write_text("户编号,户类型,产业帮扶,就业帮扶\nh1,脱贫户,是,是\n", encoding="utf-8")
    register = files.read(folder, data_date="2024-01-01")
    assert register.tables["supports"].empty
    assert {"产业帮扶", "就业帮扶"} <= set(
        register.problems.loc[register.problems["code"] == "unknown_column", "column"]
    )


def test_one_such_column_may_be_anything(folder, files):
    """A single header that is called like a measure is no list of measures."""
    (folder / "户2.csv").write_text("户编号,年度,户类型,产业帮扶\nh1,2023,脱贫户,是\n", encoding="utf-8")
    assert files.read(folder).tables["supports"].empty
