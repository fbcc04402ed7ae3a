"""Households with one known fault each, and as many without any, put into a made-up register: the truth comes with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fanpin_risk.arguments import names, of_type, one_of, whole_number
from fanpin_risk.asof.days import to_day
from fanpin_risk.errors import SchemaError
from fanpin_risk.files import SYNTHETIC_SOURCE
from fanpin_risk.policy.parameters import Policy, checked_policy
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES
from fanpin_risk.synthetic.faults import FAULTS
from fanpin_risk.synthetic.lacking_supports import LACKING_SUPPORTS, WELL_OFF_CNY
from fanpin_risk.synthetic.planted_household import PlantedHousehold
from fanpin_risk.words import Message

__all__ = ["plant_faults"]

DEFAULT_RATE = 0.001
ALL_ENTITLEMENTS = "entitlements"
LOW_WAGE_CNY, HIGH_WAGE_CNY = 50_000, 80_000


def plant_faults(
    register: Register,
    as_of: Any,
    *,
    faults: Sequence[str] | None = None,
    rate: float = DEFAULT_RATE,
    random_state: int = 0,
    policy: Policy | None = None,
) -> tuple[Register, pd.DataFrame]:
    """Put households with one known fault each into a made-up register, and as many whose records are in order.

    Of each fault as many as `rate` says; the households of the register, and the numbers drawn for them, stay as they are.
    So every rule has households that it must find, and others that it must not.

    Parameters
    ----------
    register : Register
        From :func:`fanpin_risk.make_register`: nobody is put among people who exist.
    as_of : date-like
        The day on which the faults are there; their records are complete and known by then.
    faults : sequence of str, optional
        Codes of the rules whose faults are planted. Default: all guarantees that records can tell and all contradictions; one
        that needs a number of the place (``insurance_last_month``), as without it nothing finds it, where `policy` gives that
        number or `faults` names it. A code of an entitlement gives a household that qualifies and has no record of the support,
        and beside it one that has; ``"entitlements"`` stands for all of them whose numbers of the place are known.
    rate : float, default 0.001
        Households of each fault, as a share of the register's households, rounded, one at least.
    random_state : int, default 0
        Seed of where they live and what they earn.
    policy : Policy, optional
        Numbers of the rules: those of an office, if the rules are asked with them. Default: those that ship.

    Returns
    -------
    register : Register
        With the planted households; their ids begin with F.
    truth : DataFrame
        ``household_id``, ``fault`` (the rule, ``""`` of a household in order), ``rules`` (all that is to be found of it: the
        rule, and others that the same records make true, joined by ``;``; of an entitlement, all entitlements) and
        ``received`` (the entitlement of which a household in order has the record, ``""`` for none).

    Raises
    ------
    SchemaError
        If the register is not made up, an argument is not as described, or an entitlement is named that needs a number that
        no place of the register has.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> register, truth = plant_faults(fr.make_register(200, random_state=0), "2023-12-31", faults=["safe_water"])
    >>> truth["fault"].tolist()
    ['safe_water', '']
    >>> found = fr.screen(register.select(truth["household_id"]), "2023-12-31", rules=["safe_water"])
    >>> found["answer"].tolist()
    ['fail', 'pass']
    """
    of_type("register", register, Register, Message("what make_register() returns"))
    if not register.source.startswith(SYNTHETIC_SOURCE):
        raise SchemaError("faults are planted in made-up registers alone; take one of make_register()")
    if not (isinstance(rate, (int, float)) and 0 < rate < 1):
        raise SchemaError("rate is {rate!r}; expected a share between 0 and 1, such as 0.001", rate=rate)
    whole_number("random_state", random_state, 0)
    day, rng = to_day(as_of), np.random.default_rng(random_state)
    households = register.tables["households"]
    places = _Places(households["area_code"].dropna().astype("str").to_numpy(), checked_policy(policy), day)
    wanted, supports = _asked_for(faults, places)
    each = max(1, round(rate * households["household_id"].nunique()))
    made: list[PlantedHousehold] = []
    truth = []
    for code in [code for code in (*wanted, *([""] * len(wanted))) for _ in range(each)]:
        area_code = places.one(rng, (FAULTS[code].needs,) if code and FAULTS[code].needs else ())
        wage = float(rng.integers(LOW_WAGE_CNY, HIGH_WAGE_CNY))
        home = PlantedHousehold(_id_of(len(made)), area_code, day, wage)
        if code:
            FAULTS[code].plant(home)
        made.append(home)
        truth.append((home.household_id, code, ";".join((code, *FAULTS[code].also)) if code else "", ""))
    # Of their own generator, so that they change nothing of what is drawn for the others.
    rng = rng.spawn(1)[0]
    for code in [code for code in supports for _ in range(each)]:
        support = LACKING_SUPPORTS[code]
        for lacking in (True, False):
            area_code = places.one(rng, support.needs)
            wage = WELL_OFF_CNY + float(rng.integers(0, HIGH_WAGE_CNY - LOW_WAGE_CNY))
            home = PlantedHousehold(_id_of(len(made)), area_code, day, wage, places.numbers(area_code, support.needs))
            support.qualify(home)
            if not lacking:
                support.give(home)
            made.append(home)
            found = ";".join((code, *support.also)) if lacking else ""
            truth.append((home.household_id, code if lacking else "", found, "" if lacking else code))
    together = _put_into(register, made)
    return together, pd.DataFrame(truth, columns=["household_id", "fault", "rules", "received"]).astype("str")


class _Places:
    """Where planted households may live, and the numbers of these places."""

    def __init__(self, codes: NDArray[np.object_], policy: Policy, day: pd.Timestamp) -> None:
        self.codes, self.policy, self.day = codes, policy, day

    def with_numbers(self, needs: Sequence[str]) -> NDArray[np.object_]:
        """Return the codes of which all numbers are known."""
        known = np.ones(len(self.codes), dtype=bool)
        for name in needs:
            known &= ~np.isnan(self.policy.at(name, self.codes, self.day))
        return self.codes[known]

    def one(self, rng: np.random.Generator, needs: Sequence[str]) -> str:
        """Draw a place, one with the numbers if there is any."""
        among = self.with_numbers(needs)
        among = among if len(among) else self.codes
        return str(rng.choice(among)) if len(among) else ""

    def numbers(self, area_code: str, needs: Sequence[str]) -> dict[str, float]:
        """Return the numbers of a place."""
        return {name: float(self.policy.at(name, [area_code], self.day)[0]) for name in needs}


def _asked_for(faults: Sequence[str] | None, places: _Places) -> tuple[list[str], list[str]]:
    """Return the codes of the faults that are planted, and of the supports, each in the order of its declaration."""
    asked = None if faults is None else set(names("faults", faults))
    for code in sorted(asked or ()):
        one_of("faults", code, (*FAULTS, *LACKING_SUPPORTS, ALL_ENTITLEMENTS))
    told = {code for code in FAULTS if not FAULTS[code].needs or len(places.with_numbers((FAULTS[code].needs,)))}
    supports = {code for code in LACKING_SUPPORTS if len(places.with_numbers(LACKING_SUPPORTS[code].needs))}
    wanted = told if asked is None else asked
    named = (asked or set()) | (supports if ALL_ENTITLEMENTS in (asked or ()) else set())
    return [code for code in FAULTS if code in wanted], [code for code in LACKING_SUPPORTS if code in named]


def _id_of(number: int) -> str:
    return f"F{number + 1:09d}"


def _put_into(register: Register, made: Sequence[PlantedHousehold]) -> Register:
    """Return the register with the rows of planted households behind its own."""
    rows = {name: [row for home in made for row in home.tables.get(name, ())] for name in TABLES}
    frames = {name: pd.DataFrame(some) for name, some in rows.items() if some}
    planted = Register.from_frames(
        {name: frame[[column for column in TABLES[name].names if column in frame]] for name, frame in frames.items()}
    )
    assert planted.rejects.empty, "every row that is planted can be read"
    tables = {
        name: pd.concat([frame, planted.tables[name]], ignore_index=True) if len(planted.tables[name]) else frame
        for name, frame in register.tables.items()
    }
    return Register(
        tables, source=register.source, supplied=register.supplied | planted.supplied, doubts=register.doubts
    )
