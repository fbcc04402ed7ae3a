"""Which columns of a sheet tell two payments of one household apart, by their headers."""

from __future__ import annotations

import re

from fanpin_risk.records.headers import header_key, read_heading
from fanpin_risk.records.schema import TABLES

__all__ = ["told_by", "told_by_side"]

# What tells two payments of one item apart, by words of the header; not when or by whom the list was written.
TELLING = (
    ("person", re.compile("姓名|身份证|证件号|(?:领取|享受|收款|受益|补贴|发放)(?:人|对象)$|成员|人员$|打工人|务工人")),
    ("time", re.compile("月份?$|季度?$|半年|期间|所属期|批次|期[次数]|时段|日期|时间")),
    ("payer", re.compile("单位|企业|公司|雇主|来源|地点|渠道|工种|岗位|部门")),
    ("remark", re.compile("备注|说明|摘要|用途|事由|明细|内容|名称")),
)
# The same where amounts stand side by side; what any table reads (出生日期) is no time of a payment.
TIME_OF_PAYMENT = re.compile("月份?$|年月$|季度?$|半年|批次?$|期[次数别间]?$|时段|次$|日期$|时间$")
OF_THE_LIST = re.compile(
    "录入|填[报表写]|登记|采集|更新|修改|审核|导出|统计|[上呈]报|报送|调查|核实|创建|制表|经办|联系|电话|计量|金额|币种|开户|银行|(?<![到入转])账|卡号|状态|编[号码]|代码|月数|计划"
)


def told_by(header: str) -> str:
    """Return what tells two payments of one household apart in a column of a long sheet; empty if nothing does."""
    key = header_key(header)
    return "" if OF_THE_LIST.search(key) else next((kind for kind, found in TELLING if found.search(key)), "")


def told_by_side(header: str) -> str:
    """Return what tells two rows of a household apart in a sheet with amounts side by side: ``time``, ``person`` or nothing."""
    key = header_key(header)
    if OF_THE_LIST.search(key) or any(
        read_heading(table, header).kind in ("column", "negated") for table in TABLES.values()
    ):
        return ""
    if TELLING[0][1].search(key):
        return "person"
    return "time" if TIME_OF_PAYMENT.search(key) else ""
