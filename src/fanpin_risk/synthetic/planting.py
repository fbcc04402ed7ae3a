"""Households with one known fault each, and as many without any, put into a made-up register: the truth comes with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from fanpin_risk.arguments import names, of_type, one_of, whole_number
from fanpin_risk.asof.days import to_day
from fanpin_risk.errors import SchemaError
from fanpin_risk.files import SYNTHETIC_SOURCE
from fanpin_risk.records.register import Register
from fanpin_risk.records.schema import TABLES
from fanpin_risk.synthetic.faults import FAULTS
from fanpin_risk.synthetic.planted_household import PlantedHousehold
from fanpin_risk.words import Message

__all__ = ["plant_faults"]

DEFAULT_RATE = 0.001
LOW_WAGE_CNY, HIGH_WAGE_CNY = 50_000, 80_000


def plant_faults(
    register: Register,
    as_of: Any,
    *,
    faults: Sequence[str] | None = None,
    rate: float = DEFAULT_RATE,
    random_state: int = 0,
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
        Codes of the rules whose faults are planted. Default: all guarantees that records can tell and all contradictions, but
        for those that need a number of the place (``insurance_last_month``): without it nothing finds them, so name them.
    rate : float, default 0.001
        Households of each fault, as a share of the register's households, rounded, one at least.
    random_state : int, default 0
        Seed of where they live and what they earn.

    Returns
    -------
    register : Register
        With the planted households; their ids begin with F.
    truth : DataFrame
        ``household_id``, ``fault`` (the rule, ``""`` of a household in order) and ``rules`` (all that is to be found of it:
        the rule, and others that the same records make true, joined by ``;``).

    Raises
    ------
    SchemaError
        If the register is not made up, or an argument is not as described.

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
    asked = {code for code in FAULTS if not FAULTS[code].needs} if faults is None else names("faults", faults)
    wanted = [code for code in FAULTS if code in asked]
    for code in () if faults is None else sorted(names("faults", faults)):
        one_of("faults", code, tuple(FAULTS))
    day, rng = to_day(as_of), np.random.default_rng(random_state)
    households = register.tables["households"]
    codes = households["area_code"].dropna().astype("str").to_numpy()
    each = max(1, round(rate * households["household_id"].nunique()))
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    truth = []
    for number, code in enumerate([code for code in (*wanted, *([""] * len(wanted))) for _ in range(each)], start=1):
        household_id = f"F{number:09d}"
        home = PlantedHousehold(
            household_id,
            str(rng.choice(codes)) if len(codes) else "",
            day,
            float(rng.integers(LOW_WAGE_CNY, HIGH_WAGE_CNY)),
        )
        if code:
            FAULTS[code].plant(home)
        for name, made in home.tables.items():
            rows[name] += made
        truth.append((household_id, code, ";".join((code, *FAULTS[code].also)) if code else ""))
    frames = {name: pd.DataFrame(made) for name, made in rows.items() if made}
    planted = Register.from_frames(
        {name: frame[[column for column in TABLES[name].names if column in frame]] for name, frame in frames.items()}
    )
    assert planted.rejects.empty, "every row that is planted can be read"
    tables = {
        name: pd.concat([frame, planted.tables[name]], ignore_index=True) if len(planted.tables[name]) else frame
        for name, frame in register.tables.items()
    }
    together = Register(
        tables, source=register.source, supplied=register.supplied | planted.supplied, doubts=register.doubts
    )
    return together, pd.DataFrame(truth, columns=["household_id", "fault", "rules"]).astype("str")
