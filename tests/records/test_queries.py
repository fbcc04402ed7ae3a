"""Queries are read from Python or from a file, and what is none is refused with what to give."""

import pytest

from fanpin_risk.errors import InputError
from fanpin_risk.records.read.queries import is_query, read_queries


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("select 1", True),
        ("  -- of 2024\n /* all */ (WITH x AS (SELECT 1) SELECT * FROM x)", True),
        ("selected_households", False),
        ("gov.户信息", False),
        ("t_values", False),
    ],
)
def test_a_query_is_told_from_a_name(text, expected):
    """A table may be called much like a query begins."""
    assert is_query(text) is expected


def test_a_file_says_what_python_says(tmp_path):
    """A TOML file, saved with a byte order mark too, holds the same as a dict."""
    file = tmp_path / "queries.toml"
    file.write_text('"户信息" = """\nselect *\nfrom hh;\n"""\nmembers = ["m1", "m2"]\n', encoding="utf-8-sig")
    expected = [("households", "select *\nfrom hh"), ("members", "m1"), ("members", "m2")]
    assert read_queries(file) == read_queries({"户信息": "select *\nfrom hh;", "members": ["m1", "m2"]}) == expected


@pytest.mark.parametrize(
    ("queries", "said"),
    [
        ({}, "expected queries such as"),
        (["select 1"], "expected queries such as"),
        ({"houses": "select 1"}, "no table 'houses'"),
        ({"households": 5}, "expected a query or the name of a table for households, got int"),
        ({"households": " ; "}, "expected a query or the name of a table for households, got ''"),
        ("absent.toml", "absent.toml: cannot be opened"),
    ],
)
def test_what_is_no_query_is_refused(queries, said):
    """The message says what to give."""
    with pytest.raises(InputError) as error:
        read_queries(queries)
    assert said in str(error.value)


def test_a_file_that_is_no_toml_is_refused(tmp_path):
    """Nothing of the file stands in the message."""
    (tmp_path / "queries.toml").write_text('户信息 = "select 张三"', encoding="utf-8")
    with pytest.raises(InputError, match=r"^queries\.toml: is not a TOML file") as error:
        read_queries(tmp_path / "queries.toml")
    assert "张三" not in str(error.value)
