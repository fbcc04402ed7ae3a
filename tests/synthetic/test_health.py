"""Bills of the invented register."""

from __future__ import annotations

import numpy as np


def test_bills_add_up_in_every_row(tables):
    """What the household paid is the bill less all reimbursement, to the cent."""
    bills = tables["medical"]
    reimbursed = bills[["reimb_basic_cny", "reimb_serious_cny", "reimb_aid_cny", "reimb_other_cny"]].sum(axis=1)
    assert np.allclose(bills["total_cost_cny"] - reimbursed, bills["out_of_pocket_cny"], atol=0.005)
    assert (bills["out_of_pocket_cny"] >= 0).all()
