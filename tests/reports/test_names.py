"""Names of places, as offices write them."""

import pytest

from fanpin_risk.errors import InputError
from fanpin_risk.reports.names import read_names


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("211251,甲\n21125,乙\n", "row 2: expected a division code of 6, 9, 12 digits and a name"),
        ("code,name\n211251,\n", "row 2: expected a division code"),
        ("211251,甲\n211251,乙\n", "row 2: the code stands in the file already, with another name"),
        ("代码,名称\n2.11251E+11,甲\n2.1E+11,乙\n", "row 2: expected a division code of 6, 9, 12 digits"),
        ("代码,名称\n", "holds no names; expected rows of a division code and a name"),
        ("2.11251E+11,甲\n211251101002,乙\n", "row 1: expected a division code of 6, 9, 12 digits"),
        ("211251，甲\n211251101,乙\n", "row 1: expected a division code of 6, 9, 12 digits"),
        ('211251,"甲\n211251101,乙\n', "cannot be read as csv: unexpected end of data"),
        (f"211251,{'甲' * 200_000}\n", "cannot be read as csv: field larger than field limit"),
        ("", "holds no names"),
    ],
)
def test_a_file_of_names_is_read_strictly(tmp_path, content, message):
    """A code that a spreadsheet has spoilt is found by its row, and no name is taken twice."""
    file = tmp_path / "names.csv"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_names(file)


def test_names_are_read_as_offices_write_them(tmp_path):
    """With or without header, in either encoding, with more columns, empty rows and apostrophes that keep zeros."""
    file = tmp_path / "names.csv"
    expected = {"211251": "青河县", "211251101000": "东，镇"}
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        file.write_text('区划代码,名称,备注\n\n\'211251, 青河县 ,x\n211251101000,"东，镇"\n', encoding=encoding)
        assert read_names(file) == expected
    file.write_bytes(b"211251,\xff\xff\xff\n")
    with pytest.raises(InputError, match=r"names\.csv is neither UTF-8 nor GB18030"):
        read_names(file)
    with pytest.raises(InputError, match=r"none\.csv cannot be read: No such file"):
        read_names(tmp_path / "none.csv")
