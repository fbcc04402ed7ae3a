"""What an invented register promises: types, keys, no look ahead, levels, and a truth that is one."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from fanpin_risk.errors import InputError
from fanpin_risk.records.register import Register, conform, empty_table
from fanpin_risk.records.schema import TABLES
from fanpin_risk.synthetic import FIGURES, make_register
from fanpin_risk.synthetic.parameters import REPORTED_MISSINGNESS

N = 20_000
YEARS = (2020, 2021, 2022, 2023, 2024)
LAST_DAY = pd.Timestamp("2024-12-31")
# Days on which something that goes on is known to have ended.
ENDS = {
    "households": "valid_to",
    "members": "valid_to",
    "supports": "end_date",
    "monitoring": "eliminated_on",
    "warnings": "outcome_date",
}


@pytest.fixture(scope="module")
def made() -> tuple[Register, pd.DataFrame]:
    """Make one register of 20,000 households for all tests of figures."""
    return make_register(N, random_state=3, return_truth=True)


@pytest.fixture(scope="module")
def tables(made) -> dict[str, pd.DataFrame]:
    return made[0].tables


@pytest.fixture(scope="module")
def small() -> Register:
    return make_register(300, random_state=1)


def known_on(tables, name, day):
    """Newest known row of every key of a table, and for states the newest version: written apart from Snapshot."""
    declared = TABLES[name]
    frame = tables[name]
    frame = frame[(frame["recorded_at"] <= day) & (frame[declared.time] <= day)]
    frame = frame.sort_values("recorded_at", kind="stable").drop_duplicates(list(declared.key), keep="last")
    if declared.latest_per:
        frame = frame.sort_values(declared.time, kind="stable").drop_duplicates(list(declared.latest_per), keep="last")
        frame = frame[~(frame["valid_to"] <= day)]
    return frame


def identified(tables):
    return tables["monitoring"].drop_duplicates(["household_id", "identified_on"])


def time_of(name, frame):
    if name == "enrolments":
        return pd.to_datetime(frame["school_year"].astype("int64").astype("str") + "-09-01")
    return frame[TABLES[name].time]


# --- form -------------------------------------------------------------------------------------------------------------
def test_same_arguments_give_the_same_register(small):
    """A register is a function of its arguments, to the last cell."""
    again = make_register(300, random_state=1)
    for name, frame in small.tables.items():
        pd.testing.assert_frame_equal(frame, again.tables[name])


def test_another_random_state_gives_another_register(small):
    """The seed decides what is drawn."""
    other = make_register(300, random_state=2)
    assert not small.tables["incomes"]["amount_cny"].head(100).equals(other.tables["incomes"]["amount_cny"].head(100))


@pytest.mark.parametrize("name", TABLES)
def test_tables_are_typed_as_declared(small, name):
    """Every column has exactly the type, and every code list the order, that the schema declares."""
    frame = small.tables[name]
    assert frame.dtypes.to_dict() == empty_table(name).dtypes.to_dict()
    pd.testing.assert_frame_equal(frame, conform(name, frame))
    for column in TABLES[name].columns:
        if column.type == "code":  # equal types may order their codes differently, and code numbers are relied on
            assert list(frame[column.name].cat.categories) == list(column.codes)


@pytest.mark.parametrize("name", TABLES)
def test_values_keep_to_declared_bounds(tables, name):
    """No row lacks what is needed, and no number is outside its hard or usual bounds."""
    frame = tables[name]
    assert frame[list(TABLES[name].needed)].notna().all().all()
    for column in TABLES[name].columns:
        if column.type in ("int", "number"):
            values = frame[column.name].dropna()
            lowest, highest = (
                -np.inf if b is None else b
                for b in (column.minimum, None if column.maximum is None else -column.maximum)
            )
            assert values.min() >= lowest
            assert -values.max() >= highest
            assert column.soft_maximum is None or values.max() <= column.soft_maximum


def test_ids_are_invented_and_never_look_like_citizen_ids(tables):
    """Ids are a letter and nine digits, with two more for members; no cell is an 18-digit number."""
    assert tables["households"]["household_id"].str.fullmatch(r"H\d{9}").all()
    assert tables["members"]["member_id"].str.fullmatch(r"H\d{9}-\d{2}").all()
    assert (tables["members"]["member_id"].str[:10] == tables["members"]["household_id"]).all()
    for name, frame in tables.items():
        for column in TABLES[name].columns:
            if column.type in ("id", "text", "area"):
                assert not frame[column.name].dropna().unique().astype("str").astype(object).tolist() or not (
                    pd.Series(frame[column.name].dropna().unique()).str.contains(r"\d{15}").any()
                )


def test_areas_are_invented_villages_of_one_province(tables):
    """Area codes have 12 digits, invented county numbers, and a household keeps its village."""
    codes = tables["households"]["area_code"]
    assert codes.str.fullmatch(r"2112[5-7]\d1\d{2}0\d{2}").all()
    assert tables["households"].groupby("household_id")["area_code"].nunique().max() == 1


@pytest.mark.parametrize("name", [name for name in TABLES if name != "households"])
def test_rows_speak_of_members_and_households_on_the_register(tables, name):
    """Every id named in a table stands in households or members."""
    frame = tables[name]
    if "household_id" in frame:
        assert frame["household_id"].isin(tables["households"]["household_id"]).all()
    if "member_id" in frame and name != "members":
        assert frame["member_id"].dropna().isin(tables["members"]["member_id"]).all()


@pytest.mark.parametrize("day", ["2020-12-31", "2022-03-15", "2022-10-20", "2023-11-30", "2024-12-31"])
def test_households_have_one_head_and_at_most_one_spouse_of_other_sex(tables, day):
    """On any day the members known of a household have one head, and a spouse only of the other sex."""
    people = known_on(tables, "members", pd.Timestamp(day))
    homes = known_on(tables, "households", pd.Timestamp(day))
    heads = people[people["relation"] == "head"].set_index("household_id")["sex"]
    spouses = people[people["relation"] == "spouse"].set_index("household_id")["sex"]
    assert heads.index.is_unique
    assert spouses.index.is_unique
    assert set(people["household_id"]) == set(heads.index)
    assert set(homes["household_id"]) <= set(heads.index)
    assert (spouses.astype("str") != heads.reindex(spouses.index).astype("str")).all()


def test_pupils_have_a_stage_and_others_an_education(tables):
    """Exactly one of education and stage is filled, as the form asks."""
    people = tables["members"]
    assert (people["education"].notna() ^ people["student_stage"].notna()).all()


def test_bills_add_up_in_every_row(tables):
    """What the household paid is the bill less all reimbursement, to the cent."""
    bills = tables["medical"]
    reimbursed = bills[["reimb_basic_cny", "reimb_serious_cny", "reimb_aid_cny", "reimb_other_cny"]].sum(axis=1)
    assert np.allclose(bills["total_cost_cny"] - reimbursed, bills["out_of_pocket_cny"], atol=0.005)
    assert (bills["out_of_pocket_cny"] >= 0).all()


@pytest.mark.parametrize("name", TABLES)
def test_every_code_of_the_code_lists_appears(tables, name):
    """Readers, features and writers meet every code of the columns that matter."""
    rare = {"earthquake", "geological"}  # a village struck now and then
    for column in TABLES[name].columns:
        if column.type == "code":
            missing = set(column.codes) - set(tables[name][column.name].dropna().unique()) - rare
            assert missing == set(), column.name
        elif column.type == "codes":
            found = set(";".join(tables[name][column.name].dropna().unique()).split(";"))
            assert found == set(column.codes), column.name


# --- time -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", TABLES)
def test_nothing_is_recorded_before_it_was_true_or_after_the_last_day(tables, name):
    """A row is known at the earliest on its own day, and the register ends on its last day."""
    frame = tables[name]
    assert (frame["recorded_at"] >= time_of(name, frame)).all()
    assert frame["recorded_at"].max() <= LAST_DAY


@pytest.mark.parametrize("name", ENDS)
def test_ends_are_learned_after_they_came(tables, name):
    """No row says when something will end: the end is a later row of the same key, recorded once it has come."""
    frame = tables[name]
    ended = frame[frame[ENDS[name]].notna()]
    assert len(ended) > 0
    assert (ended[ENDS[name]] <= ended["recorded_at"]).all()
    key = [*TABLES[name].key]
    first = frame.sort_values("recorded_at", kind="stable").drop_duplicates(key)
    assert first[ENDS[name]].isna().all()


def test_versions_between_surveys_tell_only_new_relations(tables):
    """A version written in mid-year, when a head left, repeats what the survey before it had found."""
    people = tables["members"]
    people = people[people["valid_to"].isna()].sort_values("recorded_at", kind="stable")
    people = people.drop_duplicates(["member_id", "valid_from"], keep="last").sort_values(["member_id", "valid_from"])
    before = people.groupby("member_id", sort=False)[list(people.columns)].shift()
    between = (people["valid_from"].dt.strftime("%m-%d") != "10-01") & before["member_id"].notna()
    assert between.sum() > 100
    for column in ("birth_date", "education", "student_stage", "health", "labour", "work_months", "dibao"):
        assert people.loc[between, column].astype("str").equals(before.loc[between, column].astype("str")), column


@pytest.mark.parametrize(
    ("name", "value"), [("incomes", "amount_cny"), ("medical", "out_of_pocket_cny"), ("members", "health")]
)
def test_one_to_two_percent_of_rows_are_corrected_later(tables, name, value):
    """A correction has the key of the row it corrects, a later record day and another content."""
    frame = tables[name]
    if name == "members":
        frame = frame[frame["valid_to"].isna()]
    key = list(TABLES[name].key)
    repeated = frame[frame.duplicated(key, keep=False)].sort_values("recorded_at", kind="stable")
    first, last = repeated.drop_duplicates(key, keep="first"), repeated.drop_duplicates(key, keep="last")
    assert 0.008 < len(last) / len(frame) < 0.02
    pair = first.merge(last, on=key, suffixes=("", "_later"))
    assert (pair["recorded_at_later"] > pair["recorded_at"]).all()
    changed = pair[value].astype("str") != pair[value + "_later"].astype("str")
    assert changed.mean() > (0.15 if name == "members" else 0.95)


@pytest.mark.parametrize("name", ["incomes", "medical", "members", "supports", "shocks"])
def test_records_lag_days_to_months(tables, name):
    """Records come late, but within months."""
    frame = tables[name]
    frame = frame.sort_values("recorded_at", kind="stable").drop_duplicates(list(TABLES[name].key))
    lag = (frame["recorded_at"] - time_of(name, frame)).dt.days
    assert 5 <= lag.median() <= 60
    assert lag.quantile(0.99) <= 130


def test_help_begins_after_a_household_was_found(tables):
    """Measures against a named risk start after the day on which the household was identified."""
    found = identified(tables)[["household_id", "identified_on"]]
    helped = tables["supports"]
    helped = helped[helped["for_cause"].notna()].drop_duplicates(["household_id", "start_date", "measure"])
    pairs = helped.merge(found, on="household_id")
    after = (pairs["start_date"] - pairs["identified_on"]).dt.days
    assert pairs[after.between(1, 60)].drop_duplicates(["household_id", "start_date", "measure"]).shape[0] == len(
        helped
    )


def test_households_are_taken_off_after_half_a_year(tables):
    """Nobody is taken off within six months, and households without any labour stay on the list."""
    off = tables["monitoring"].dropna(subset=["eliminated_on"])
    assert ((off["eliminated_on"] - off["identified_on"]).dt.days > 180).all()
    assert not off["no_labour_backstop"].any()


# --- levels -----------------------------------------------------------------------------------------------------------
def test_size_is_that_of_the_register_asked_for(tables):
    """Persons per household on the last day are as many as asked for, within one per cent."""
    people = (
        tables["members"]
        .sort_values(["valid_from", "recorded_at"], kind="stable")
        .drop_duplicates("member_id", keep="last")
    )
    assert people["valid_to"].isna().sum() == pytest.approx(N * 2.09, rel=0.01)
    assert tables["households"]["household_id"].nunique() == N


def test_base_rate_is_near_what_was_asked_for(tables):
    """In every year about 1.2 % of the households are newly monitored."""
    per_year = identified(tables)["identified_on"].dt.year.value_counts() / N
    assert per_year.loc[list(YEARS)].between(0.008, 0.015).all()


def test_truth_is_calibrated_and_best_auc_is_honest(made):
    """The true risk meets what happened, and even it reaches an AUC of 0.75 to 0.85 only."""
    register, truth = made
    found = identified(register.tables)
    free = truth.dropna(subset=["risk"])
    free = free[free["as_of"] < LAST_DAY]
    pairs = free.merge(found[["household_id", "identified_on"]], on="household_id")
    soon = (pairs["identified_on"] > pairs["as_of"]) & (
        pairs["identified_on"] <= pairs["as_of"] + pd.DateOffset(years=1)
    )
    entered = pairs[soon].drop_duplicates(["household_id", "as_of"]).set_index(["household_id", "as_of"]).index
    y = free.set_index(["household_id", "as_of"]).index.isin(entered)
    assert 0.75 < roc_auc_score(y, free["risk"]) < 0.85
    assert y.mean() == pytest.approx(free["risk"].mean(), rel=0.12)
    top = (free["risk"] > free["risk"].quantile(0.9)).to_numpy()
    assert y[top].mean() == pytest.approx(free["risk"][top].mean(), rel=0.20)
    assert y[~top].mean() == pytest.approx(free["risk"][~top].mean(), rel=0.20)


def test_truth_is_blank_for_the_monitored_and_dissolved(made):
    """Nobody on the list can newly enter it; there is one line for every household and day."""
    register, truth = made
    assert len(truth) == N * len(YEARS)
    assert truth["risk"].dropna().between(0, 1).all()
    day = pd.Timestamp("2022-12-31")
    risk = truth[truth["as_of"] == day].set_index("household_id")["risk"]
    listed = known_on(register.tables, "monitoring", day)
    listed = listed[listed["eliminated_on"].isna() & (listed["recorded_at"] < "2022-11-01")]
    still = register.tables["monitoring"].dropna(subset=["eliminated_on"])
    still = still[(still["eliminated_on"] > "2022-10-01") & (still["eliminated_on"] <= day)]
    listed = listed[~listed["household_id"].isin(still["household_id"])]
    assert len(listed) > 100
    assert risk.loc[listed["household_id"]].isna().all()
    assert risk.isna().mean() < 0.10


def test_incomes_are_at_their_published_levels(tables):
    """Net income per ex-poor person meets the published means, and few of them are below the line."""
    incomes = (
        tables["incomes"]
        .sort_values("recorded_at", kind="stable")
        .drop_duplicates(list(TABLES["incomes"].key), keep="last")
    )
    amounts = incomes.pivot_table(
        index=["household_id", "period_end"], columns="item", values="amount_cny", observed=False
    ).fillna(0.0)
    net = (
        amounts.drop(columns=["business_cost", "claim_payout", "oop_compliant"]).sum(axis=1) - amounts["business_cost"]
    )
    homes = tables["households"]
    homes = homes[(homes["register_status"] == "ex_poor") & (homes["valid_from"].dt.month == 10)]
    homes = homes.drop_duplicates(["household_id", "valid_from"])
    homes = homes.assign(period_end=homes["valid_from"] - pd.Timedelta(days=1)).set_index(
        ["household_id", "period_end"]
    )
    joined = homes[["size_declared"]].join(net.rename("net"), how="inner")
    year = joined.index.get_level_values("period_end").year
    for known, mean in FIGURES["income_per_person"].value.items():
        of_year = joined[year == known]
        assert of_year["net"].sum() / of_year["size_declared"].sum() == pytest.approx(mean, rel=0.04)
    of_2022 = joined[year == 2022]
    low, high = FIGURES["below_line"].value
    assert low < 100 * (of_2022["net"] / of_2022["size_declared"] < 6600).mean() < high
    working = amounts.loc[homes.index.intersection(amounts.index)].query("wage > 0")
    work = working["wage"] + working["wage_public_post"] + working["business_gross"] - working["business_cost"]
    assert work.sum() / net.loc[working.index].sum() > 2 / 3


def test_people_are_like_the_published_figures(tables):
    """Schooling, disability, assistance and school attendance are near their sources."""
    people = known_on(tables, "members", LAST_DAY)
    education = 100 * people["education"].value_counts(normalize=True)
    for name, share in FIGURES["education_shares"].value.items():
        assert education[name] == pytest.approx(share / 0.899, abs=3.5)
    disabled = 100 * people["health"].str.contains("disabled").mean()
    assert disabled == pytest.approx(FIGURES["disabled_share"].value, abs=2.0)
    status = tables["households"].drop_duplicates("household_id").set_index("household_id")["register_status"]
    poor = people[people["household_id"].map(status) == "ex_poor"]
    assert 100 * (poor["dibao"] | poor["tekun"]).mean() == pytest.approx(FIGURES["backstop_persons"].value, abs=4.0)
    certificates = tables["disabilities"]
    shares = 100 * certificates["category"].value_counts(normalize=True)
    for name, share in FIGURES["disability_categories"].value.items():
        assert shares[name] == pytest.approx(share, abs=3.0)


def test_monitored_households_are_like_the_published_figures(tables):
    """Types, number of risks and the season of finding are as targeted."""
    found = identified(tables)
    types = 100 * found["type"].value_counts(normalize=True)
    for name, share in FIGURES["monitored_types"].value.items():
        assert types[name] == pytest.approx(share, abs=7.0)
    low, high = FIGURES["two_risks"].value
    assert low - 5 < 100 * found["risks"].str.contains(";").mean() < high + 5
    month = found["identified_on"].dt.month.value_counts(normalize=True)
    assert month[[9, 10, 11]].sum() > 1.4 * 3 / 12
    first = tables["households"].drop_duplicates("household_id").set_index("household_id")["register_status"]
    status = found["household_id"].map(first).astype("str")
    assert (status[found["type"] == "unstable_ex_poor"] == "ex_poor").all()
    assert (status[found["type"] == "edge"] == "general").all()


# --- options ----------------------------------------------------------------------------------------------------------
def test_reported_missingness_has_the_reported_rates():
    """Fields are missing at the rates of a real register, per person, in all of the person's versions."""
    tables = make_register(1_500, random_state=4, missingness="reported").tables
    whole = make_register(1_500, random_state=4).tables
    people, all_people = tables["members"], whole["members"]
    assert len(people) == len(all_people)
    for column in ("education", "labour", "health", "dibao"):
        filled = all_people[column].notna()
        lost = people.loc[filled, column].isna()
        by_person = lost.groupby(people.loc[filled, "member_id"]).agg(["min", "max"])
        assert (by_person["min"] == by_person["max"]).all()
        assert by_person["max"].mean() == pytest.approx(REPORTED_MISSINGNESS[f"members.{column}"], abs=0.01)
    for name in ("medical", "enrolments"):
        left = tables[name]["member_id"].nunique() / whole[name]["member_id"].nunique()
        assert left == pytest.approx(1 - REPORTED_MISSINGNESS[name], abs=0.01)


def test_missingness_by_mapping_touches_only_what_it_names():
    """A mapping of shares blanks those columns and tables, and nothing else."""
    whole = make_register(200, random_state=4).tables
    tables = make_register(200, random_state=4, missingness={"households.debt_cny": 1.0, "shocks": 1.0}).tables
    assert tables["households"]["debt_cny"].isna().all()
    assert len(tables["shocks"]) == 0
    assert tables["shocks"].dtypes.equals(whole["shocks"].dtypes)
    for name in set(TABLES) - {"households", "shocks"}:
        pd.testing.assert_frame_equal(tables[name], whole[name])
    pd.testing.assert_frame_equal(
        tables["households"].drop(columns="debt_cny"), whole["households"].drop(columns="debt_cny")
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_households": 0}, "n_households: expected 1 to"),
        ({"random_state": -1}, "random_state: expected an integer of 0 or more"),
        ({"years": 1}, "years: expected 2 to 8, got 1"),
        ({"last_year": 2019}, "last_year: expected 2021 to 2030, got 2019"),
        ({"base_rate": 0.5}, "base_rate: expected 0.001 to 0.1"),
        ({"period": "lunar"}, "period: expected 'oct-sep' or 'calendar', got 'lunar'"),
        ({"mean_size": 9.0}, "mean_size: expected .* persons per household, got 9.0"),
        ({"missingness": "some"}, "missingness: expected 'none', 'reported' or a mapping"),
        ({"missingness": {"members.colour": 0.1}}, "there is no table or column 'members.colour'"),
        ({"missingness": {"incomes.item": 0.1}}, "incomes.item is required and cannot be missing"),
        ({"missingness": {"medical": 1.5}}, "the share of medical must be between 0 and 1"),
    ],
)
def test_arguments_out_of_range_are_refused(arguments, message):
    """A wrong argument is refused with what was expected, before anything is drawn."""
    with pytest.raises(InputError, match=message):
        make_register(**{"n_households": 10, **arguments})


def test_calendar_period_accounts_calendar_years():
    """With calendar years, every income period runs from January to December."""
    incomes = make_register(60, random_state=2, period="calendar").tables["incomes"]
    assert (incomes["period_start"].dt.strftime("%m-%d") == "01-01").all()
    assert (incomes["period_end"].dt.strftime("%m-%d") == "12-31").all()


def test_larger_households_and_other_years_can_be_asked_for():
    """Mean size, years and last year are free within their ranges."""
    tables = make_register(2_000, random_state=2, mean_size=3.5, years=2, last_year=2022).tables
    people = (
        tables["members"]
        .sort_values(["valid_from", "recorded_at"], kind="stable")
        .drop_duplicates("member_id", keep="last")
    )
    assert people["valid_to"].isna().sum() / 2_000 == pytest.approx(3.5, rel=0.03)
    assert set(tables["incomes"]["period_end"].dt.year) == {2021, 2022}
    assert tables["households"]["valid_from"].min() == pd.Timestamp("2021-01-01")


@pytest.mark.parametrize("n", [1, 2, 7])
def test_a_handful_of_households_is_a_register_too(n):
    """However small, all tables are there and typed."""
    tables = make_register(n, random_state=5).tables
    assert set(tables) == set(TABLES)
    assert tables["households"]["household_id"].nunique() == n
    for name, frame in tables.items():
        assert frame.dtypes.to_dict() == empty_table(name).dtypes.to_dict()


def test_progress_is_told():
    """Progress counts households, then names each table."""
    calls = []
    make_register(50, progress=lambda done, total, name: calls.append((done, total, name)))
    assert calls[0] == (0, 50, "households")
    assert [name for _, _, name in calls[1:]] == list(TABLES)


def test_every_figure_says_where_it_comes_from():
    """No figure without unit, status and source."""
    for name, known in FIGURES.items():
        assert known.status in ("sourced", "derived", "memory", "choice"), name
        assert known.unit, name
        assert len(known.source) > 5, name
