"""Disability features: who is disabled, how severely, since when, who needs care.

Of several certificates of a person the newest counts, and only while it is valid (no end on record, or an end
after the day); certificates of members no longer at home do not count.
"""

from __future__ import annotations

import numpy as np

from fanpin_risk.asof.rows import KnownRows
from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features.feature import Array, feature, shared

__all__ = ["FEATURES"]

CERTIFICATE = "disability certificate (残疾证; grades 1 to 4, 1 the heaviest, GB/T 26341-2010)"
DISABLED = CERTIFICATE + ", or 残疾 in 健康状况 of the register member form"
GRADES = 4


@shared
def certificates(snapshot: Snapshot) -> KnownRows:
    """Keep the valid certificates of members at home, one for each person."""
    newest = snapshot.members.newest_of(snapshot.disabilities)
    return newest.where(np.isnat(newest.valid_to) | (newest.valid_to > snapshot.as_of))


@shared
def disabled(snapshot: Snapshot) -> Array:
    """Whether each member is disabled: 1, 0, NaN where neither certificates nor the form are on record."""
    members = snapshot.members
    found = snapshot.members.named_in(certificates(snapshot)) | members.isin("health", "disabled")
    return np.where(found | members.known("health") | snapshot.disabilities.supplied, found.astype("float64"), np.nan)


@shared
def new_certificates(snapshot: Snapshot) -> KnownRows:
    """Keep the valid certificates of members who had none 24 months ago."""
    before = snapshot.disabilities.where(snapshot.disabilities.time <= snapshot.months_before(24))
    current = certificates(snapshot)
    return current.where(~snapshot.members.named_in(before)[snapshot.members.place_of(current)])


@feature(
    zh="残疾人数", en="Disabled members", domain="disability", cause="disability", unit="persons", monotone=+1,
    reason="One more disabled member never adds to what a household can earn.", source=DISABLED,
    says_zh="家中登记的残疾人有{n_disabled}[（共{household_size}）]|家中没有登记的残疾人",
    says_en="disabled members on record: {n_disabled}[ of {household_size}]|no member is on record as disabled",
    actionable=False,
)  # fmt: skip
def n_disabled(snapshot: Snapshot) -> Array:
    return snapshot.members.sum(disabled(snapshot), default=np.nan)


@feature(
    zh="重度残疾人数", en="Severely disabled members", domain="disability", cause="disability", unit="persons", monotone=+1,
    reason="重度残疾 (grades 1 and 2) is named for special attention: it ends work and binds a carer.",
    source=CERTIFICATE + ", grades 1 and 2",
    says_zh="家中持证的一、二级重度残疾人有{n_severe_disability}|家中没有持证的一、二级重度残疾人",
    says_en="members with a certificate of severe disability (grade 1 or 2): {n_severe_disability}"
    "|no member has a certificate of severe disability (grade 1 or 2)",
    actionable=False,
)  # fmt: skip
def n_severe_disability(snapshot: Snapshot) -> Array:
    return certificates(snapshot).count(certificates(snapshot).isin("grade", "grade1", "grade2"))


@feature(
    zh="最重的残疾程度", en="Worst disability", domain="disability", cause="disability", unit="level", monotone=+1,
    reason="A graver disability never makes work or care easier.",
    source=CERTIFICATE + "; 4 for grade 1, 3 for grade 2, 2 for grade 3, 1 for grade 4, 0 without a certificate",
    says_zh="家中最重的残疾等级为{worst_disability}|家中没有有效的残疾证",
    says_en="the worst disability in the household: {worst_disability}|no member has a valid disability certificate",
    actionable=False,
    levels_zh=("无残疾证", "四级", "三级", "二级", "一级"), levels_en=("no certificate", "grade 4", "grade 3", "grade 2", "grade 1"),
)  # fmt: skip
def worst_disability(snapshot: Snapshot) -> Array:
    return certificates(snapshot).max(GRADES - certificates(snapshot).level("grade"), default=0.0)


@feature(
    zh="近24个月新办残疾证人数", en="Members with a first disability certificate, 24 months", domain="disability",
    cause="disability", unit="persons", monotone=+1,
    reason="A new certificate is a trigger of early warning: earnings fall before support begins.",
    source="disability federation signal of early warning (新办残疾证); renewals are not new",
    says_zh="近24个月首次办理残疾证的有{new_disability_24m}[，最近一证为{new_certificate_year}发证]|近24个月没有首次办理残疾证的成员",
    says_en="members with a first disability certificate in the last 24 months: {new_disability_24m}"
    "[, the newest of {new_certificate_year}]|nobody had a first disability certificate in the last 24 months",
    actionable=False,
)  # fmt: skip
def new_disability_24m(snapshot: Snapshot) -> Array:
    return new_certificates(snapshot).count()


@feature(
    zh="劳动年龄残疾人数", en="Disabled members of working age", domain="disability", cause="disability", unit="persons", monotone=+1,
    reason="It takes an earner, and not only adds to the costs.", source="16 to 59 years old; " + DISABLED,
    says_zh="家中16—59岁的残疾人有{n_disabled_working_age}|家中没有登记的16—59岁残疾人",
    says_en="disabled members of 16 to 59: {n_disabled_working_age}|no member of 16 to 59 is on record as disabled", actionable=False,
)  # fmt: skip
def n_disabled_working_age(snapshot: Snapshot) -> Array:
    members = snapshot.members
    found = disabled(snapshot) == 1
    known = members.count(~np.isnan(disabled(snapshot))) > 0
    return np.where(known, members.where(found).sum(members.aged(16, 59)[found]), np.nan)


@feature(
    zh="失能需照料人数", en="Members who need care", domain="disability", cause="disability", unit="persons", monotone=+1,
    reason="失能 is named for special attention: another member stays at home to care.",
    source="disability certificate: 失能等级 部分失能 or 完全失能",
    says_zh="家中登记为部分或完全失能、需要照料的有{n_care_need}|家中没有登记为失能、需要照料的成员",
    says_en="members on record as unable to fully care for themselves: {n_care_need}"
    "|no member is on record as unable to care for themselves",
)  # fmt: skip
def n_care_need(snapshot: Snapshot) -> Array:
    current = certificates(snapshot)
    need = current.isin("care_need", "partial", "full").astype("float64")
    return current.sum(np.where(current.known("care_need"), need, np.nan))


@feature(
    zh="智力、精神残疾人数", en="Members with an intellectual or mental disability", domain="disability", cause="disability",
    unit="persons", monotone=+1, reason="Even at grades 3 and 4 it is named for special attention: it needs watching over.",
    source=CERTIFICATE + ", categories 智力 and 精神; Yunnan's list of special attention",
    says_zh="家中持证的智力、精神残疾人有{n_mental_disability}|家中没有持证的智力、精神残疾人",
    says_en="members with a certificate of intellectual or mental disability: {n_mental_disability}"
    "|no member has a certificate of intellectual or mental disability",
    actionable=False,
)  # fmt: skip
def n_mental_disability(snapshot: Snapshot) -> Array:
    return certificates(snapshot).count(certificates(snapshot).isin("category", "mental", "intellectual"))


@feature(
    zh="残疾人占比", en="Share of disabled members", domain="disability", cause="disability", unit="share", monotone=+1,
    reason="The larger the share that cannot earn fully, the heavier the load on the rest.", source=DISABLED,
    says_zh="家中登记的残疾人有{n_disabled}，占{disabled_share}|家中没有登记的残疾人",
    says_en="disabled members on record: {n_disabled}, a share of {disabled_share}|no member is on record as disabled",
    actionable=False,
)  # fmt: skip
def disabled_share(snapshot: Snapshot) -> Array:
    return snapshot.members.mean(disabled(snapshot))


@feature(
    zh="首次办理残疾证的年份", en="Year of the newest first certificate", domain="disability", cause="disability", unit="year", monotone=0,
    model=False, reason="Quoted; the day may be known to the year only (办证年度).", source=CERTIFICATE,
    says_zh="最近首次办理的残疾证为{new_certificate_year}发证", says_en="the newest first certificate is of {new_certificate_year}",
)  # fmt: skip
def new_certificate_year(snapshot: Snapshot) -> Array:
    rows = new_certificates(snapshot)
    return rows.max(rows.time.astype("datetime64[Y]").astype("int64").astype("float64") + 1970)


FEATURES = (
    n_disabled,
    n_severe_disability,
    worst_disability,
    new_disability_24m,
    n_disabled_working_age,
    n_care_need,
    n_mental_disability,
    disabled_share,
    # context, quoted in sentences
    new_certificate_year,
)
