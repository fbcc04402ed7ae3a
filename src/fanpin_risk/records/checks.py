"""The rules of the register: which rows are taken, which cells are blanked, what is doubtful.

All rules run on whole columns. Every rule reports what it found; none stops at the first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from fanpin_risk.errors import SchemaError
from fanpin_risk.records.cells import among, column_dtype
from fanpin_risk.records.headers import lay_out
from fanpin_risk.records.ids import looks_like_citizen_id, pseudonymise
from fanpin_risk.records.problems import Findings
from fanpin_risk.records.schema import TABLES, Table
from fanpin_risk.records.sheets import Rows, Sheet, gather

__all__ = ["Checked", "Elsewhere", "check_sheets", "read_keys", "require_households", "row_time"]

EARLIEST_BIRTH = np.datetime64("1900-01-01", "s")
LONGEST_PERIOD = np.timedelta64(366, "D")
CITIZEN_ID_LENGTH = 18  # what follows on a disability certificate is not part of the person's number
REIMBURSEMENTS = ("reimb_basic_cny", "reimb_serious_cny", "reimb_aid_cny", "reimb_other_cny")
TOLERANCE_CNY = 1.0  # bills are rounded
LOWEST_LIKELY_WAGE = 300.0  # CNY a year; checkers of real registers flag wages of 1 to 299


@dataclass(slots=True)
class Checked:
    """What comes out of the checks."""

    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    rejected_rows: dict[str, pd.DataFrame] = field(default_factory=dict)
    counts: dict[str, tuple[int, int, int, int]] = field(default_factory=dict)
    filled: dict[str, int] = field(default_factory=dict)  # records whose recorded_at was filled
    origins: dict[str, np.ndarray] = field(default_factory=dict)  # per record: number of its row within the table
    rejected_positions: dict[str, np.ndarray] = field(default_factory=dict)  # the same per rejected row


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What a part of a register has to know of the other parts to be checked as the whole would be.

    Attributes
    ----------
    households, members : frozenset of str
        Ids that were kept elsewhere, at least those which rows of this part may name.
    any_members : bool
        Whether any row of members was kept elsewhere.
    """

    households: frozenset[str] = frozenset()
    members: frozenset[str] = frozenset()
    any_members: bool = False


def check_sheets(
    sheets: Sequence[Sheet],
    findings: Findings,
    *,
    data_date: pd.Timestamp | None = None,
    id_key: bytes | str | Path | None = None,
    elsewhere: Elsewhere | None = None,
) -> Checked:
    """Check all sheets of a register.

    Parameters
    ----------
    sheets : sequence of Sheet
        Raw rows, in any order of tables.
    findings : Findings
        Takes what is found.
    data_date : Timestamp, optional
        Day the data show: fills a missing ``valid_from``, and nothing shown was recorded later.
    id_key : bytes, str or Path, optional
        Key with which all ids are replaced by pseudonyms.
    elsewhere : Elsewhere, optional
        Says that the sheets are one part of a register, and what there is in the others. All rows of a household are
        to stand in one part, and so are all rows of a person that name no household other than as a reference.

    Returns
    -------
    Checked

    Raises
    ------
    SchemaError
        If no sheet of households with a household number is among them; not for a part.
    """
    checked = Checked()
    kept: dict[str, tuple[Rows, np.ndarray]] = {}
    for name, table in TABLES.items():
        own = [sheet for sheet in sheets if sheet.table.name == name]
        rows = gather(table, own, findings)
        if name == "households" and elsewhere is None:
            if not own:
                raise SchemaError("no households (户基本信息): a register needs at least this table")
            require_households(len(rows.frame), int(rows.fault["household_id"].sum()))
        if not own:
            checked.tables[name], checked.counts[name] = rows.frame, (0, 0, 0, 0)
            kept[name] = rows, np.zeros(0, dtype="int64")
            continue
        _check_ids(rows, id_key)
        _fill_times(rows, data_date)
        _check_missing(rows)
        _check_times(rows)
        _check_future(rows, data_date)
        if name == "medical":
            _complete_bills(rows)
        filled = _fill_recorded_at(rows, data_date)
        records, origin = _expand(rows)
        _check_soft_bounds(rows, records, origin)
        _check_references(rows, checked.tables, elsewhere or Elsewhere())
        dropped = _check_repeats(rows, records, origin)
        keep = ~rows.rejected[origin] & ~dropped
        checked.filled[name] = int(filled[origin[keep]].sum())
        checked.tables[name] = records if keep.all() else records[keep].reset_index(drop=True)
        checked.origins[name] = origin[keep]
        checked.rejected_rows[name] = rows.rejected_raw()
        checked.rejected_positions[name] = np.flatnonzero(rows.rejected)
        n_read, n_rejected = len(rows.rejected), int(rows.rejected.sum())
        n_kept = int((~rows.rejected).sum())
        if n_read != n_kept + n_rejected or len(checked.rejected_rows[name]) != n_rejected:
            raise RuntimeError(f"rows of {name} do not add up: {n_read} read, {n_kept} kept, {n_rejected} rejected")
        checked.counts[name] = n_read, n_kept, n_rejected, int(keep.sum())
        kept[name] = rows, origin[keep]
    any_members = len(checked.tables["members"]) > 0 or (elsewhere is not None and elsewhere.any_members)
    _check_likelihood(checked.tables, kept, any_members=any_members)
    return checked


def read_keys(
    sheet: Sheet, *, data_date: pd.Timestamp | None = None, id_key: bytes | str | Path | None = None
) -> tuple[pd.DataFrame, int]:
    """Read only what says whose row it is and since when, as :func:`check_sheets` does.

    Parameters
    ----------
    sheet : Sheet
        Raw rows.
    data_date, id_key
        See :func:`check_sheets`.

    Returns
    -------
    keys : DataFrame of shape (n, n_columns)
        Those of ``household_id, member_id, valid_from, recorded_at, area_code`` that the table has, typed; ids
        missing where a row could not be read as a row.
    n_faults : int
        Cells of ``household_id`` that could not be used.
    """
    layout = lay_out(sheet.table, sheet.headers, money=sheet.money)
    names = ("household_id", "member_id", "valid_from", "recorded_at", "area_code")
    positions = sorted(position for name, (position, _) in layout.columns.items() if name in names)
    few = Sheet(
        sheet.table, sheet.source, sheet.frame.iloc[:, positions], [sheet.headers[position] for position in positions],
        sheet.rows, sheet.money, sheet.faults,
    )  # fmt: skip
    rows = gather(sheet.table, [few], Findings())
    n_faults = int(rows.fault["household_id"].sum()) if "household_id" in sheet.table else 0
    _check_ids(rows, id_key)
    _fill_times(rows, data_date)
    _fill_recorded_at(rows, data_date)
    keys = rows.frame[[name for name in names if name in sheet.table]].copy()
    for name in {"household_id", "member_id"} & set(keys.columns):
        keys.loc[rows.broken, name] = None
    return keys, n_faults


def row_time(table: Table, frame: pd.DataFrame) -> pd.Series:
    """Return the day from which each row counts: its ``table.time``, or 1 September for a school year.

    Examples
    --------
    >>> row_time(TABLES["enrolments"], pd.DataFrame({"school_year": [2023.0, float("nan")]})).dt.date.tolist()
    [datetime.date(2023, 9, 1), NaT]
    """
    if table[table.time].type == "date":
        return frame[table.time]
    years = frame[table.time].to_numpy(dtype="float64")
    known = ~np.isnan(years)
    september = (np.where(known, years, 1970).astype("int64") - 1970) * 12 + 8
    days = september.astype("datetime64[M]").astype("datetime64[s]")
    return pd.Series(np.where(known, days, np.datetime64("NaT", "s")), index=frame.index)


def require_households(n_rows: int, n_faults: int) -> None:
    """Refuse a register of which no household can be told from another.

    Raises
    ------
    SchemaError
        If there are rows of households and the household number of none of them can be used.
    """
    if n_rows and n_faults == n_rows:
        raise SchemaError(
            "no household number can be read from households: expected a column household_id (户编号) with ids stored as text"
        )


# --- ids --------------------------------------------------------------------------------------------------------------


def _check_ids(rows: Rows, id_key: bytes | str | Path | None) -> None:
    for column in rows.table.columns:
        if column.type != "id":
            continue
        ids = rows.frame[column.name]
        citizen = np.array(ids.str.len() >= CITIZEN_ID_LENGTH, dtype=bool)
        citizen[citizen] = looks_like_citizen_id(ids[citizen])
        if id_key is None:
            if citizen.any():
                rows.frame.loc[citizen, column.name] = None
            rows.fault[column.name] |= citizen
            rows.report(
                citizen, column.name, "citizen_id_in_key", "rejected",
                "a register number, not a citizen id; to replace ids by pseudonyms pass id_key (--id-key FILE)",
                "不得以公民身份号码作编号；如需以化名代替编号，请使用 id_key（--id-key 文件）",
            )  # fmt: skip
        else:
            persons = ids.mask(citizen, ids.str.slice(0, CITIZEN_ID_LENGTH).str.upper())
            rows.frame[column.name] = pseudonymise(persons, id_key)


def _check_missing(rows: Rows) -> None:
    for name in rows.table.needed:
        missing = rows.frame[name].isna().to_numpy() & ~rows.fault[name]
        if name in ("item", "amount_cny"):
            missing &= ~rows.wide
        column = rows.table[name]
        expected, expected_zh = "a value", "不能为空"
        if name == "valid_from":
            expected = f"a date in {name} ({column.zh}); or say with data_date (--data-date) which day the data show"
            expected_zh = "不能为空，或用 data_date（--data-date）指明数据日期"
        rows.report(missing, name, "missing_value", "rejected", expected, expected_zh)


# --- times ------------------------------------------------------------------------------------------------------------


def _fill_times(rows: Rows, data_date: pd.Timestamp | None) -> None:
    """Fill a missing ``valid_from`` by the data's date, and one end of a period by the other."""
    if "valid_from" in rows.table and data_date is not None:
        filled = rows.frame["valid_from"].isna().to_numpy() & ~rows.fault["valid_from"]
        day = np.datetime64(data_date, "s")
        rows.frame.loc[filled, "valid_from"] = pd.Timestamp(day)
        rows.first["valid_from"] = np.where(filled, day, rows.first["valid_from"])
        rows.last["valid_from"] = np.where(filled, day, rows.last["valid_from"])
    if "period_start" in rows.table:
        for name, other, side in (
            ("period_start", "period_end", rows.first),
            ("period_end", "period_start", rows.last),
        ):
            empty = rows.frame[name].isna().to_numpy() & ~rows.fault[name]
            span = rows.first[other] < rows.last[other]  # given as a year or a month
            use = empty & span
            rows.frame.loc[use, name] = pd.Series(side[other], index=rows.frame.index)[use]


def _check_times(rows: Rows) -> None:
    table, frame = rows.table, rows.frame
    began = rows.first.get(table.time, row_time(table, frame).to_numpy())
    if "period_start" in table:
        start, end = frame["period_start"].to_numpy(), frame["period_end"].to_numpy()
        rows.report(
            end < start, "period_end", "period_reversed", "rejected",
            "an end not before period_start", "结束日期不得早于开始日期",
        )  # fmt: skip
        rows.report(
            end - start >= LONGEST_PERIOD, "period_end", "period_too_long", "rejected",
            "a period of at most 366 days", "收入周期不得超过 366 天",
        )  # fmt: skip
        began = end
    if table.open_ended:
        rows.blank(
            rows.last[table.open_ended] < began, table.open_ended, "end_before_start",
            f"a day not before {table.time}", f"不得早于{table[table.time].zh}",
        )  # fmt: skip
    if "birth_date" in table:
        born = frame["birth_date"].to_numpy()
        impossible = (born < EARLIEST_BIRTH) | (born > rows.last["valid_from"])
        rows.blank(
            impossible, "birth_date", "impossible_birth",
            "a birth date from 1900 on and not after the row's own date", "出生日期应在 1900 年以后，且不晚于数据日期",
        )  # fmt: skip
    rows.report(
        rows.last["recorded_at"] < began, "recorded_at", "recorded_before", "warning",
        f"a day not before {table.time}: the row speaks of a time after it was recorded",
        f"更新时间不应早于{table[table.time].zh}",
    )  # fmt: skip


def _check_future(rows: Rows, data_date: pd.Timestamp | None) -> None:
    """Doubt days after the data's own, or after today; a year or a month counts from its first day."""
    today = pd.Timestamp.now().normalize()
    last_day = np.datetime64(today if data_date is None else min(today, data_date), "s")
    for name in (rows.table.time, "recorded_at"):
        days = rows.first.get(name, row_time(rows.table, rows.frame).to_numpy())
        rows.report(
            (days > last_day) & rows.frame[name].notna().to_numpy(), name, "date_in_future", "warning",
            "a day not after today, nor after the data's own date", "不应晚于今天或数据日期",
        )  # fmt: skip


def _fill_recorded_at(rows: Rows, data_date: pd.Timestamp | None) -> np.ndarray:
    """Fill missing ``recorded_at``: the end of the row's time plus the table's lag; never after the data's own date.

    Returns which rows were filled.
    """
    table = rows.table
    empty = rows.frame["recorded_at"].isna().to_numpy()
    ended = rows.last.get(table.time)
    if ended is None or "period_start" in table:
        ended = row_time(table, rows.frame).to_numpy()
    known = ended + np.timedelta64(table.lag_days, "D")
    if data_date is not None:
        day = np.datetime64(data_date, "s")
        happened = row_time(table, rows.frame).to_numpy() <= day
        known = np.where(happened, np.minimum(known, day), known)
    rows.frame["recorded_at"] = rows.frame["recorded_at"].mask(empty, pd.Series(known, index=rows.frame.index))
    return empty


# --- amounts ----------------------------------------------------------------------------------------------------------


def _complete_bills(rows: Rows) -> None:
    """Compute what the patient paid where it is not given, and compare it where it is."""
    frame = rows.frame
    parts = frame[list(REIMBURSEMENTS)]
    reimbursed = parts.sum(axis=1).to_numpy()
    any_given = parts.notna().any(axis=1).to_numpy()
    total, given = frame["total_cost_cny"].to_numpy(), frame["out_of_pocket_cny"].to_numpy()
    rest = np.round(total - reimbursed, 2) + 0.0
    rows.report(
        any_given & (reimbursed > total + TOLERANCE_CNY), "total_cost_cny", "reimbursed_more_than_total", "warning",
        "a total not below the sum of reimbursements", "医疗总费用不应小于各项报销之和",
    )  # fmt: skip
    rows.report(
        any_given & (np.abs(rest - given) > TOLERANCE_CNY), "out_of_pocket_cny", "bill_does_not_add_up", "warning",
        "total cost less all reimbursement (within 1 CNY)", "应等于医疗总费用减去各项报销（误差不超过 1 元）",
    )  # fmt: skip
    absent = np.isnan(given) & ~rows.fault["out_of_pocket_cny"] & any_given & (rest >= 0)
    frame["out_of_pocket_cny"] = np.where(absent, rest, given)


def _check_soft_bounds(rows: Rows, records: pd.DataFrame, origin: np.ndarray) -> None:
    for column in rows.table.columns:
        if column.soft_minimum is None and column.soft_maximum is None:
            continue
        low = -np.inf if column.soft_minimum is None else column.soft_minimum
        high = np.inf if column.soft_maximum is None else column.soft_maximum
        values = records[column.name].to_numpy()
        rows.report(
            origin[(values < low) | (values > high)], column.name, "unusual_value", "warning",
            f"a value usually from {max(low, column.minimum or 0):,.12g} to {high:,.12g}",
            f"一般在 {max(low, column.minimum or 0):,.12g} 到 {high:,.12g} 之间",
        )  # fmt: skip
    if "item" in rows.table:
        amount = records["amount_cny"].to_numpy()
        low_wage = (records["item"] == "wage").to_numpy() & (amount > 0) & (amount < LOWEST_LIKELY_WAGE)
        rows.report(
            origin[low_wage], "wage", "unusual_value", "warning",
            f"a yearly wage of 0 or of at least {LOWEST_LIKELY_WAGE:g} CNY",
            f"全年工资性收入一般为 0 或不低于 {LOWEST_LIKELY_WAGE:g} 元",
        )  # fmt: skip


def _expand(rows: Rows) -> tuple[pd.DataFrame, np.ndarray]:
    """Return one record per amount for wide sheets, else one per row, and the row each comes from."""
    n = len(rows.frame)
    if not rows.amounts:
        return rows.frame, np.arange(n)
    items = list(rows.amounts)
    amounts = np.column_stack([rows.amounts[item] for item in items])
    row, item = np.nonzero(~np.isnan(amounts) & rows.wide[:, None])
    rows.report(
        rows.wide & ~rows.rejected & (np.bincount(row, minlength=n) == 0), "", "no_amounts", "warning",
        "at least one amount", "该行没有任何金额",
    )  # fmt: skip
    narrow = np.flatnonzero(~rows.wide)
    origin = np.concatenate([narrow, row])
    order = np.argsort(origin, kind="stable")
    origin = origin[order]
    records = rows.frame.iloc[origin].reset_index(drop=True)
    codes = list(rows.table["item"].codes)
    item_codes = np.array([codes.index(name) for name in items])
    given = rows.frame["item"].cat.codes.to_numpy()
    number = np.concatenate([given[narrow], item_codes[item]])[order]
    amount = np.concatenate([rows.frame["amount_cny"].to_numpy()[narrow], amounts[row, item]])[order]
    records["item"] = pd.Categorical.from_codes(number, dtype=column_dtype(rows.table["item"]))
    records["amount_cny"] = amount
    return records, origin


# --- rows among rows --------------------------------------------------------------------------------------------------


def _check_references(rows: Rows, tables: Mapping[str, pd.DataFrame], elsewhere: Elsewhere) -> None:
    for name, owner, zh in (("household_id", "households", "户"), ("member_id", "members", "人")):
        if name not in rows.table or owner not in tables or rows.table.name == owner:
            continue
        ids = rows.frame[name]
        unknown = ids.notna().to_numpy() & ~among(ids, tables[owner][name])
        others = elsewhere.households if owner == "households" else elsewhere.members
        unknown[unknown] = ~ids[unknown].isin(others).to_numpy()
        if rows.table.name == "members":
            at_hand = rows.frame.loc[~unknown & ~rows.rejected, "member_id"]
            moved = unknown & among(rows.frame["member_id"], at_hand)
            unknown &= ~moved
            rows.report(
                moved & ~rows.rejected, name, "moved_out", "warning",
                "a household_id that stands in households; taken as moved to a household outside the files",
                "该户不在户信息表中，视为已迁往其他户",
            )  # fmt: skip
        if name == "member_id" and rows.table[name].need == "optional":
            # The row is the household's. Its person may belong to a household outside the files, as in a selection.
            rows.report(
                unknown & ~rows.rejected, name, "person_elsewhere", "warning",
                "a member_id that stands in members; kept as the household's, of a person outside the files",
                "该人不在人信息表中，记录仍计入该户，视为名册以外的人",
            )  # fmt: skip
            continue
        rows.report(
            unknown, name, f"unknown_{owner[:-1]}", "rejected",
            f"a {name} that stands in {owner}", f"该{rows.table[name].zh}在{zh}信息表中不存在",
        )  # fmt: skip


def _check_repeats(rows: Rows, records: pd.DataFrame, origin: np.ndarray) -> np.ndarray:
    """Reject repeated and contradicting rows; return which single records of kept wide rows are repeats."""
    table = rows.table
    key = [*table.key, "recorded_at"]
    alive = ~rows.rejected[origin]
    alike = np.zeros(len(records), dtype=bool)  # not alone with their key: only these are compared in full
    alike[alive] = _numbered(table, records.loc[alive, key]).duplicated(keep=False).to_numpy()
    compact = _numbered(table, records[alike])
    repeated = np.zeros(len(records), dtype=bool)
    repeated[alike] = compact.duplicated().to_numpy()
    fresh = np.bincount(origin[alive & ~repeated], minlength=len(rows.rejected))
    had = np.bincount(origin[alive], minlength=len(rows.rejected))
    rows.report(
        (had > 0) & (fresh == 0), "", "duplicate_row", "rejected",
        "each row once; an earlier row says the same", "与前面的行完全重复",
    )  # fmt: skip
    if table.unique:
        once = alike & ~repeated
        clashing = np.zeros(len(records), dtype=bool)
        clashing[once] = compact[once[alike]].duplicated(key, keep=False).to_numpy()
        names = ", ".join(table.key)
        names_zh = "、".join(table[name].zh for name in table.key)
        rows.report(
            origin[clashing], "", "conflicting_rows", "rejected",
            f"one row per {names} and recorded_at; others with the same differ: correct one, or give the newer a later"
            " recorded_at (更新时间)",
            f"存在{names_zh}和更新时间都相同但内容不同的行，请改正其一，或为较新的行填写更晚的更新时间",
        )  # fmt: skip
    partly = repeated & ~rows.rejected[origin]
    rows.report(
        origin[partly], "", "duplicate_record", "warning",
        "each amount once; an earlier row has some of the same", "部分金额与前面的行重复，只计一次",
    )  # fmt: skip
    return repeated


def _numbered(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with numbers for texts; they compare faster."""
    texts = [column.name for column in table.columns if column.type in ("id", "area", "text", "codes")]
    return frame.assign(**{name: pd.factorize(frame[name])[0] for name in texts if name in frame})


# --- doubtful combinations --------------------------------------------------------------------------------------------


def _check_likelihood(
    tables: Mapping[str, pd.DataFrame], kept: Mapping[str, tuple[Rows, np.ndarray]], *, any_members: bool
) -> None:
    """Warn of combinations that checkers of real registers look for; nothing is changed."""

    def warn(name: str, index: pd.Index | np.ndarray, column: str, code: str, expected: str, expected_zh: str) -> None:
        rows, origin = kept[name]
        rows.report(origin[np.asarray(index, dtype="int64")], column, code, "warning", expected, expected_zh)

    households = _latest(tables["households"], "household_id")
    members = _latest(tables["members"], "member_id")
    members = members[members["valid_to"].isna()]
    dangerous = households["house_grade"].isin(["C", "D"]) & ~households["unsafe_house"].fillna(True)
    warn("households", households.index[dangerous], "unsafe_house", "house_grade_contradicts",
         "yes for a house of grade C or D that is still unsafe", "房屋鉴定为 C、D 级，是否危房户却为“否”")  # fmt: skip

    both = members["education"].notna() & members["student_stage"].notna()
    warn("members", members.index[both], "education", "education_and_stage",
         "either education or student_stage, the latter for pupils only", "文化程度与在校生状况只应填一项")  # fmt: skip
    resident, employee = members["ins_basic_resident"], members["ins_basic_employee"]
    doubly = (resident & employee).fillna(False)
    uninsured = (~resident & ~employee).fillna(False)
    warn("members", members.index[doubly], "ins_basic_resident", "two_insurances",
         "one basic medical insurance: residents' or employees'", "居民医保与职工医保不应同时参加")  # fmt: skip
    warn("members", members.index[uninsured], "ins_basic_resident", "no_insurance",
         "a basic medical insurance: residents' or employees'", "居民医保与职工医保均未参加")  # fmt: skip

    per_household = members.assign(
        head=members["relation"] == "head", spouse=members["relation"] == "spouse", related=members["relation"].notna()
    ).groupby("household_id")
    sums = per_household[["head", "spouse", "related"]].sum().assign(n=per_household.size())
    sums = sums.reindex(households["household_id"]).set_index(households.index)
    heads = sums["head"][sums["related"] > 0]
    warn("households", heads.index[heads == 0], "", "no_head", "a member who is head (户主)", "家庭成员中没有户主")
    warn("households", heads.index[heads > 1], "", "two_heads", "one head (户主)", "家庭成员中有多名户主")
    declared = households["size_declared"]
    differs = declared.notna() & (declared != sums["n"].fillna(0)) & any_members
    differs &= households["valid_to"].isna()  # of a dissolved household the last version says how many there were
    warn("households", households.index[differs], "size_declared", "size_differs",
         "the number of members of the household", "家庭人口数与在册成员数不一致")  # fmt: skip

    head_sex = members[members["relation"] == "head"].drop_duplicates("household_id").set_index("household_id")["sex"]
    spouses = members[members["relation"] == "spouse"]
    same = spouses["sex"].astype("str") == spouses["household_id"].map(head_sex.astype("str"))
    warn("members", spouses.index[same], "sex", "spouse_same_sex",
         "head and spouse of different sex", "户主与配偶性别相同")  # fmt: skip

    incomes = tables["incomes"]
    gross = incomes[(incomes["item"] == "business_gross") & (incomes["amount_cny"] > 0)]
    cost = incomes[(incomes["item"] == "business_cost") & (incomes["amount_cny"] == 0)]
    period = ["household_id", "member_id", "period_start", "period_end", "recorded_at"]
    free = gross.reset_index().merge(cost[period].drop_duplicates(), on=period)["index"]
    warn("incomes", free.to_numpy(), "business_cost", "business_without_cost",
         "costs above 0 where there is business income", "有生产经营性收入而生产经营性支出为 0")  # fmt: skip


def _latest(frame: pd.DataFrame, key: str) -> pd.DataFrame:
    """Return the newest row per key, under its number in the frame."""
    return frame.sort_values([key, "valid_from", "recorded_at"], kind="stable").drop_duplicates(key, keep="last")
