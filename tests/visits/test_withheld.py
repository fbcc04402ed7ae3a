"""Who is left out of a public notice because of where the household stands."""

import pandas as pd
import pytest

import fanpin_risk as fr
from fanpin_risk.errors import InputError, SchemaError
from fanpin_risk.ledger import STATE_WORDS
from fanpin_risk.visits.withheld import withheld_households

NAMES = pd.DataFrame({"户编号": ["H1", "H2", "H3"], "姓名": ["张小三", "李四", "王五"]})
LISTED = pd.DataFrame({"household_id": ["H1", "H2", "H3"], "type": "edge", "area_name": "丙村"})


def withheld(cells, **options):
    """Rows of a list of three whose column state holds these cells."""
    table = pd.DataFrame({"household_id": ["H1", "H2", "H3"], "state": cells})
    return withheld_households(table, **options)["row"].tolist()


def test_who_is_not_verified_or_at_the_end_is_withheld():
    """Of all states, a notice may name those that it may follow, and those for whom it hangs."""
    table = pd.DataFrame({"household_id": [*STATE_WORDS], "state": [*STATE_WORDS]})
    for exits, fit in (
        (False, {"verified", "authorised", "compared", "discussed", "published"}),
        (True, {"checking", "elim_discussed", "elim_published"}),
    ):
        assert set(STATE_WORDS) - set(withheld_households(table, exits=exits)["state"]) == fit


def test_a_list_tells_by_code_or_word_and_an_empty_cell_tells_nothing():
    """What is no state is refused by its row."""
    assert withheld([STATE_WORDS["refuted"].shown("zh"), None, "found untrue"]) == [1, 3]
    with pytest.raises(SchemaError, match="row 2 of the list: state"):
        withheld(["verified", "maybe", ""])


def test_a_ledger_tells_instead_and_withholds_whom_it_does_not_know(tmp_path):
    """By the day that is asked for."""
    with fr.Ledger(tmp_path / "l") as ledger:
        for event, on in (("found", "2024-05-01"), ("verified", "2024-05-03")):
            ledger.append(household_id="H1", event=event, on=on, who="village")
        ledger.append(household_id="H2", event="found", on="2024-05-01", who="village")
        early, late = (ledger.state(day) for day in ("2024-05-02", "2024-05-04"))
    assert withheld(["verified"] * 3, states=early) == [1, 2, 3]
    assert withheld(["clue"] * 3, states=late) == [2, 3]
    assert withheld_households(LISTED, states=late)["state"].tolist() == ["clue", "-"]


def test_the_notice_leaves_them_out_and_is_not_written_for_nobody(tmp_path):
    """Also where the list alone says so; names are asked only of those who are named."""
    path = tmp_path / "n.csv"
    listed = LISTED.assign(state=["verified", "refuted", ""])
    fr.public_notice(listed, NAMES, path, on="2025-01-20")
    assert [line.split(",")[1] for line in path.read_text("utf-8-sig").splitlines()[1:]] == ["张*三", "王*"]
    states = pd.DataFrame({"household_id": ["H3"], "state": ["checking"]})
    fr.public_notice(listed, NAMES.tail(1), path, on="2025-01-20", states=states, exits=True, overwrite=True)
    assert [line.split(",")[1] for line in path.read_text("utf-8-sig").splitlines()[1:]] == ["王*"]
    with pytest.raises(InputError, match="none of the 3 households"):
        fr.public_notice(listed, NAMES, tmp_path / "m.csv", on="2025-01-20", states=states)
    assert not (tmp_path / "m.csv").exists()
