"""Characters of texts with marks, and XML that cannot harm."""

import pytest

from fanpin_risk.workbooks.grid import NotReadError
from fanpin_risk.workbooks.markup import decoded, first_element, parse_xml

PAGE = "<html><head><meta http-equiv='Content-Type' content='text/html; charset={}'></head>户编号㐀</html>"


@pytest.mark.parametrize(
    ("named", "written"),
    [("gb2312", "gb18030"), ("GBK", "gb18030"), ("utf-8", "utf-8"), ("utf-8", "gb18030"), ("gb2312", "utf-8"), ("unicode", "utf-16"),
     ("nonsense", "gb18030"), ("utf-16", "utf-8"), ("utf-8", "utf-8-sig")],
)  # fmt: skip
def test_characters_are_read_whatever_is_named(named, written):
    """A page that names the wrong ones is common."""
    assert decoded(PAGE.format(named).encode(written)) == PAGE.format(named)


def test_damage_is_kept_as_such():
    """What no way of reading gives a sign for becomes a mark."""
    assert "\ufffd" in decoded(PAGE.format("gb2312").encode("gb18030") + b"\xff\xff\xff<")


def test_the_first_element_is_found_below_all_that_may_stand_before():
    """Declarations, remarks, the kind of the document."""
    assert first_element('\n<?xml version="1.0"?>\n<?mso-application progid="x"?><ss:Workbook x="">') == "ss:workbook"
    assert first_element("<!DOCTYPE html PUBLIC 'a'>\n<!-- a\n> --> <TABLE border=1>") == "table"
    assert first_element("户编号,户类型\n<5000,a") == ""


def test_entities_are_refused_before_they_grow():
    """A few lines of them make gigabytes."""
    bomb = '<!DOCTYPE a [<!ENTITY x "ha">' + "".join(
        f'<!ENTITY x{n} "{"&x;" * 10}">' for n in range(9)
    )  # fmt: skip
    with pytest.raises(NotReadError, match="entities"):
        parse_xml(bomb + "]><a>&x8;</a>", start=lambda *_: None)
    with pytest.raises(NotReadError, match="entities"):
        parse_xml('<!DOCTYPE a [<!ENTITY x SYSTEM "secret.txt">]><a>&x;</a>', start=lambda *_: None)


def test_what_is_no_xml_is_said_to_be_none():
    """Instead of an error of the parser."""
    with pytest.raises(ValueError, match="no XML"):
        parse_xml("<a><b></a>", start=lambda *_: None)
