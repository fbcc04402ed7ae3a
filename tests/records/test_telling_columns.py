"""Which headers tell payments apart."""

import pytest

from fanpin_risk.records.telling_columns import told_by, told_by_side


@pytest.mark.parametrize(
    ("header", "kind", "side"),
    [
        ("月份", "time", "time"), ("季度", "time", "time"), ("批次", "time", "time"), ("期数", "time", "time"),
        ("发放日期", "time", "time"), ("姓名", "person", "person"), ("发放单位", "payer", ""), ("备注", "remark", ""),
        ("审核日期", "", ""), ("务工月数", "", ""), ("出生日期", "time", ""), ("户编号", "", ""),
    ],
)  # fmt: skip
def test_headers_that_tell_payments_apart(header, kind, side):
    """Beside amounts side by side only persons and times do, and nothing that a table reads."""
    assert (told_by(header), told_by_side(header)) == (kind, side)
