"""Who lives where: villages, households and their members, with births, marriages, deaths and removals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fanpin_risk.asof.days import Array
from fanpin_risk.records.code_lists import RELATION

__all__ = [
    "NEVER",
    "REL",
    "Array",
    "Households",
    "Members",
    "draw_population",
    "logistic",
    "new_head_relations",
    "place_villages",
    "year_start",
]


NEVER = np.iinfo(np.int32).max  # day of what has not happened
REL = {name: number for number, name in enumerate(RELATION)}
MALE, FEMALE = 0, 1
DAYS_OF_YEAR = 365.2425

HOUSEHOLDS_PER_VILLAGE = 38  # registered ones; Tieling has about 1,100 villages for 41,609 households
VILLAGES_PER_TOWNSHIP = 12
TOWNSHIPS_PER_COUNTY = 13

# Kinds of households: share among small and old ones, share among large ones. Each is drawn in `_draw_kind`.
HOUSEHOLD_KINDS: dict[str, tuple[float, float]] = {
    "elder": (0.24, 0.01),
    "single": (0.16, 0.01),
    "elder_couple": (0.30, 0.04),
    "couple": (0.14, 0.04),
    "family": (0.05, 0.38),
    "single_parent": (0.03, 0.03),
    "elder_and_child": (0.06, 0.04),
    "three_generations": (0.01, 0.42),
    "grandparents": (0.01, 0.03),
}

# Relatives met now and then: relation, sex (None: either), years older than the head.
RARE_RELATIVES: tuple[tuple[str, int | None, float], ...] = (
    ("sibling", None, 0), ("sibling", None, 2), ("nephew_or_niece", None, -25), ("uncle", MALE, 22), ("other", None, 5),
    ("sibling_in_law", FEMALE, -3), ("son_in_law", MALE, -26), ("great_grandson", MALE, -64),
    ("great_granddaughter", FEMALE, -64), ("maternal_grandson", MALE, -52), ("maternal_granddaughter", FEMALE, -52),
    ("grandfather", MALE, 48), ("grandmother", FEMALE, 48), ("maternal_grandfather", MALE, 46),
    ("maternal_grandmother", FEMALE, 46), ("father_in_law", MALE, 24), ("mother_in_law", FEMALE, 24),
)  # fmt: skip


@dataclass
class Households:
    """Households of one block, one entry each."""

    village: Array  # number within the block
    township: Array  # the same, with gaps
    capability: Array  # what no form records: skill, drive, standing; standard normal
    frailty: Array  # what moves the risk and shows nowhere
    ex_poor: Array
    dissolved: Array  # day on which the last member left

    def __len__(self) -> int:
        return len(self.village)


@dataclass
class Members:
    """Persons of one block, households in order, the head first; also those who will join later."""

    household: Array
    number: Array  # within the household, from 1
    relation: Array
    sex: Array
    birth: Array  # day
    join: Array  # day on which the person enters the register
    mother: Array  # position of the mother of one not yet born, else -1
    out: Array  # day of leaving
    out_reason: Array
    talent: Array  # personal ability, standard normal

    def __len__(self) -> int:
        return len(self.household)

    def active(self, day: int) -> Array:
        """Whether each person is in the household on a day."""
        return (self.join <= day) & (self.out > day)

    def age(self, day: int) -> Array:
        """Age of each person in years on a day."""
        return (day - self.birth) / DAYS_OF_YEAR

    def per_household(self, values: Array, n: int) -> Array:
        """Sum of a value of each person by household."""
        return np.bincount(self.household, weights=values, minlength=n)


def year_start(year: int) -> int:
    """Return 1 January of a year as days since 1970-01-01."""
    return int(np.datetime64(f"{year:04d}-01-01", "D").astype(np.int64))


def logistic(x: Array) -> Array:
    """Return 1 / (1 + exp(-x))."""
    result: Array = 1.0 / (1.0 + np.exp(-x))
    return result


def place_villages(n_villages: int) -> tuple[Array, Array, Array]:
    """Return the county, the township within it and the number within that of each village, all from 0."""
    n_townships = max(1, round(n_villages / VILLAGES_PER_TOWNSHIP))
    n_counties = max(1, round(n_townships / TOWNSHIPS_PER_COUNTY))
    township = np.arange(n_villages) * n_townships // n_villages
    county_of = np.arange(n_townships) * n_counties // n_townships
    county = county_of[township]
    return (
        county, township - np.searchsorted(county_of, county), np.arange(n_villages) - np.searchsorted(township, township),
    )  # fmt: skip


def _stratified(rng: np.random.Generator, n: int) -> Array:
    """Return n uniform numbers in random order, one in each n-th of the unit interval: shares then come out exact."""
    u = (np.arange(n) + rng.random(n)) / n
    rng.shuffle(u)
    return u


def _villages(rng: np.random.Generator, n: int) -> tuple[Array, int]:
    """Village of each household, in order, and how many villages there are."""
    n_villages = max(1, round(n / HOUSEHOLDS_PER_VILLAGE))
    share = rng.gamma(6.0, size=n_villages)
    upper = np.cumsum(share / share.sum())
    return np.minimum(np.searchsorted(upper, np.sort(rng.random(n))), n_villages - 1).astype(np.int32), n_villages


def draw_population(
    rng: np.random.Generator, n: int, *, large_share: float, first_year: int, years: int, centred: bool = False
) -> tuple[Households, Members]:
    """Draw households and members as they stand on 1 January of `first_year`, and all who join in `years` years.

    Parameters
    ----------
    rng : Generator
    n : int
        Households.
    large_share : float
        0: the mix of small, old households; 1: that of large ones.
    first_year, years : int
        First year and number of years.
    centred : bool
        Take out by how much the drawn areas are better or worse off than areas are on average.

    Returns
    -------
    Households, Members
    """
    village, n_villages = _villages(rng, n)
    county, number, _ = place_villages(n_villages)
    township = (county * (number.max() + 1) + number)[village]
    level = (
        0.30 * rng.standard_normal(int(township.max()) + 1)[township] + 0.25 * rng.standard_normal(n_villages)[village]
    )
    households = Households(
        village=village,
        township=township,
        capability=(level + 0.92 * rng.standard_normal(n)).astype(np.float32),
        frailty=rng.standard_normal(n).astype(np.float32),
        ex_poor=rng.random(n) < 0.70,
        dissolved=np.full(n, NEVER, dtype=np.int32),
    )
    if centred:
        households.capability -= households.capability.mean()
    # Those who were never registered as poor are a little better off.
    households.capability += np.where(households.ex_poor, -0.15, 0.35).astype(np.float32)
    shares = np.array(list(HOUSEHOLD_KINDS.values()))
    mix = (1.0 - large_share) * shares[:, 0] / shares[:, 0].sum() + large_share * shares[:, 1] / shares[:, 1].sum()
    kind = np.minimum(np.searchsorted(np.cumsum(mix), _stratified(rng, n)), len(HOUSEHOLD_KINDS) - 1)
    people = _People(rng)
    for place, name in enumerate(HOUSEHOLD_KINDS):
        _draw_kind(people, name, np.flatnonzero(kind == place).astype(np.int32))
    people.add_rare(0.04)
    first_day = year_start(first_year)
    return households, _members_of(people, first_day, first_year, years)


class _People:
    """Persons as they are drawn, block by block."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.parts: list[tuple[Array, ...]] = []
        self.heads: list[tuple[Array, Array, Array]] = []

    def add(self, household: Array, relation: str, sex: Array | int, age: Array) -> None:
        n = len(household)
        sex = np.full(n, sex, dtype=np.int8) if isinstance(sex, int) else sex.astype(np.int8)
        if relation == "head":
            self.heads.append((household, sex, age))
        self.parts.append((household, np.full(n, REL[relation], dtype=np.int8), sex, age))

    def head(self, household: Array, male: float, low: float, high: float, *, skew: float = 1.0) -> tuple[Array, Array]:
        sex = np.where(self.rng.random(len(household)) < male, MALE, FEMALE)
        age = low + (high - low) * self.rng.random(len(household)) ** skew
        self.add(household, "head", sex, age)
        return sex, age

    def spouse(self, household: Array, sex: Array, age: Array) -> Array:
        other = 1 - sex
        years = np.where(other == FEMALE, -1.8, 1.8) + 2.6 * self.rng.standard_normal(len(household))
        spouse_age = np.maximum(age + years, 20.0)
        self.add(household, "spouse", other, spouse_age)
        return np.where(other == FEMALE, spouse_age, age)

    def children(
        self, household: Array, mother_age: Array, count: Array, *, son: str = "son", daughter: str = "daughter"
    ) -> None:
        gap = np.zeros(len(household))
        for born in range(int(count.max(initial=0))):
            gap = gap + (3.6 + 2.5 * self.rng.random(len(household)) if born else 0.0)
            age = mother_age - (23.0 + 5.0 * self.rng.random(len(household))) - gap
            is_son = self.rng.random(len(household)) < 0.5
            for relation, sex, chosen in ((son, MALE, is_son), (daughter, FEMALE, ~is_son)):
                there = np.flatnonzero((count > born) & (age > 0.05) & (age < 27) & chosen)
                self.add(household[there], relation, sex, age[there])

    def add_rare(self, share: float) -> None:
        """Give some households one more relative."""
        household = np.concatenate([part[0] for part in self.heads])
        sex = np.concatenate([part[1] for part in self.heads])
        age = np.concatenate([part[2] for part in self.heads])
        chosen = np.flatnonzero(self.rng.random(len(household)) < share)
        which = self.rng.integers(0, len(RARE_RELATIVES) + 2, len(chosen))
        for number, (relation, fixed, years) in enumerate(RARE_RELATIVES):
            k = chosen[which == number]
            their_age = age[k] + years + 3.0 * self.rng.standard_normal(len(k))
            their_sex = np.full(len(k), fixed) if fixed is not None else self.rng.integers(0, 2, len(k))
            fits = (their_age > 0.5) & (their_age < 97)
            if relation.endswith("_in_law") and "er_in" in relation and relation != "sibling_in_law":
                fits &= sex[k] == MALE  # a husband's wife's parents
            self.add(household[k][fits], relation, their_sex[fits], their_age[fits])
        for number, (relation, fixed) in enumerate((("husbands_father", MALE), ("husbands_mother", FEMALE))):
            k = chosen[(which == len(RARE_RELATIVES) + number) & (sex[chosen] == FEMALE)]
            their_age = age[k] + 25.0
            self.add(household[k][their_age < 97], relation, fixed, their_age[their_age < 97])


def _draw_kind(people: _People, kind: str, h: Array) -> None:
    """Add the members of all households `h` of one kind."""
    rng, n = people.rng, len(h)
    if kind == "elder":
        people.head(h, 0.62, 61, 90, skew=1.3)
    elif kind == "single":
        people.head(h, 0.78, 30, 63, skew=0.6)
    elif kind == "elder_couple":
        sex, age = people.head(h, 0.88, 60, 84, skew=1.2)
        people.spouse(h, sex, age)
    elif kind == "couple":
        sex, age = people.head(h, 0.90, 42, 62, skew=0.7)
        people.spouse(h, sex, age)
    elif kind == "family":
        sex, age = people.head(h, 0.92, 27, 52)
        people.children(h, people.spouse(h, sex, age), 1 + rng.binomial(2, 0.42, n))
    elif kind == "single_parent":
        _, age = people.head(h, 0.55, 29, 52)
        people.children(h, age, 1 + rng.binomial(1, 0.35, n))
    elif kind == "elder_and_child":
        sex, age = people.head(h, 0.75, 60, 82)
        paired = rng.random(n) < 0.5
        people.spouse(h[paired], sex[paired], age[paired])
        son = rng.random(n) < 0.8
        child_age = np.minimum(age - 24 - 6 * rng.random(n), 57)
        people.add(h[son], "son", MALE, child_age[son])
        people.add(h[~son], "daughter", FEMALE, child_age[~son])
    elif kind == "three_generations":
        _draw_three_generations(people, h)
    elif kind == "grandparents":
        sex, age = people.head(h, 0.8, 54, 70)
        mother_age = age.copy()
        paired = rng.random(n) < 0.75
        mother_age[paired] = people.spouse(h[paired], sex[paired], age[paired])
        maternal = rng.random(n) < 0.2
        for chosen, names in (
            (~maternal, ("grandson", "granddaughter")),
            (maternal, ("maternal_grandson", "maternal_granddaughter")),
        ):
            count = 1 + rng.binomial(1, 0.3, int(chosen.sum()))
            people.children(h[chosen], mother_age[chosen] - 25, count, son=names[0], daughter=names[1])


def _draw_three_generations(people: _People, h: Array) -> None:
    rng = people.rng
    old_head = rng.random(len(h)) < 0.5
    young = h[~old_head]
    sex, age = people.head(young, 0.97, 30, 52)
    people.children(young, people.spouse(young, sex, age), 1 + rng.binomial(2, 0.35, len(young)))
    for relation, sex_of_parent, chance in (("father", MALE, 0.6), ("mother", FEMALE, 0.75)):
        there = (rng.random(len(young)) < chance) & (age + 25 < 93)
        people.add(young[there], relation, sex_of_parent, age[there] + 23 + 4 * rng.random(int(there.sum())))
    old = h[old_head]
    sex, age = people.head(old, 0.93, 52, 75)
    mother_age = age.copy()
    paired = rng.random(len(old)) < 0.85
    mother_age[paired] = people.spouse(old[paired], sex[paired], age[paired])
    son_age = np.clip(mother_age - 24 - 3 * rng.random(len(old)), 22, 56)
    people.add(old, "son", MALE, son_age)
    wife_age = np.maximum(son_age - 2 + 2 * rng.standard_normal(len(old)), 20.5)
    people.add(old, "daughter_in_law", FEMALE, wife_age)
    people.children(old, wife_age, 1 + rng.binomial(1, 0.45, len(old)), son="grandson", daughter="granddaughter")


def _members_of(people: _People, first_day: int, first_year: int, years: int) -> Members:
    """Turn what was drawn into members, with those who will be born or marry in."""
    rng = people.rng
    household, relation, sex, age = (np.concatenate(column) for column in zip(*people.parts, strict=True))
    birth = (first_day - np.maximum(age, 0.02) * DAYS_OF_YEAR).astype(np.int32)
    join = birth.copy()  # on the register since long ago
    mother = np.full(len(household), -1, dtype=np.int32)
    parts = [(household, relation, sex, birth, join, mother)]
    couple = np.isin(relation, [REL["head"], REL["spouse"], REL["daughter_in_law"]])
    has_spouse = np.zeros(int(household.max(initial=0)) + 1, dtype=bool)
    has_spouse[household[relation == REL["spouse"]]] = True
    for year in range(first_year, first_year + years):
        start, length = year_start(year), year_start(year + 1) - year_start(year)
        age = (start - birth) / DAYS_OF_YEAR
        fertile = couple & (sex == FEMALE) & (age > 21) & (age < 40)
        fertile &= has_spouse[household] | (relation == REL["daughter_in_law"])
        k = np.flatnonzero(fertile & (rng.random(len(age)) < 0.05))
        born = (start + rng.integers(0, length, len(k))).astype(np.int32)
        parts.append(
            (
                household[k],
                np.full(len(k), -1, np.int8),
                rng.integers(0, 2, len(k)).astype(np.int8),
                born,
                born,
                k.astype(np.int32),
            )
        )
        alone = (relation == REL["head"]) & ~has_spouse[household] & (age > 26) & (age < 52)
        k = np.flatnonzero(alone & (rng.random(len(age)) < 0.022))
        has_spouse[household[k]] = True
        wed = (start + rng.integers(0, length, len(k))).astype(np.int32)
        theirs = (birth[k] + rng.normal(0, 3, len(k)) * DAYS_OF_YEAR).astype(np.int32)
        theirs = np.minimum(theirs, wed - int(21 * DAYS_OF_YEAR)).astype(np.int32)
        parts.append(
            (
                household[k],
                np.full(len(k), REL["spouse"], np.int8),
                1 - sex[k],
                theirs,
                wed,
                np.full(len(k), -1, np.int32),
            )
        )
    household, relation, sex, birth, join, mother = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(household, kind="stable")
    position = np.empty(len(order), dtype=np.int32)
    position[order] = np.arange(len(order), dtype=np.int32)
    mother = np.where(mother >= 0, position[np.maximum(mother, 0)], -1)
    household = household[order]
    first = np.searchsorted(household, household)
    return Members(
        household=household, number=(np.arange(len(order)) - first + 1).astype(np.int16), relation=relation[order],
        sex=sex[order], birth=birth[order], join=join[order], mother=mother[order],
        out=np.full(len(order), NEVER, dtype=np.int32), out_reason=np.full(len(order), -1, dtype=np.int8),
        talent=rng.standard_normal(len(order)).astype(np.float32),
    )  # fmt: skip


def _relation_maps() -> Array:
    """Return the new relation by (sex of the new head, old relation of the new head, old relation of the other)."""
    n = len(REL)
    maps = np.full((2, n, n), REL["other"], dtype=np.int8)
    same = ("son", "daughter", "daughter_in_law", "son_in_law", "grandson", "granddaughter", "maternal_grandson",
            "maternal_granddaughter", "great_grandson", "great_granddaughter", "nephew_or_niece")  # fmt: skip
    spouse = {name: name for name in same} | {
        "father_in_law": "father", "mother_in_law": "mother", "husbands_father": "father", "husbands_mother": "mother",
        "sibling": "sibling_in_law",
    }  # fmt: skip
    to_son = {
        "daughter_in_law": "spouse", "grandson": "son", "granddaughter": "daughter", "son": "sibling", "daughter": "sibling",
        "sibling": "uncle", "father": "grandfather", "mother": "grandmother", "great_grandson": "grandson",
        "great_granddaughter": "granddaughter",
    }  # fmt: skip
    to_daughter = {
        "son_in_law": "spouse", "maternal_grandson": "son", "maternal_granddaughter": "daughter", "son": "sibling",
        "daughter": "sibling", "father": "grandfather", "mother": "grandmother",
    }  # fmt: skip
    changes: dict[str, dict[str, str]] = {
        "spouse": spouse, "son": to_son, "daughter": to_daughter,
        "daughter_in_law": {"grandson": "son", "granddaughter": "daughter"},
        "father": {"mother": "spouse", "son": "grandson", "daughter": "granddaughter", "daughter_in_law": "other"},
        "mother": {"father": "spouse", "son": "grandson", "daughter": "granddaughter"},
        "sibling": {"son": "nephew_or_niece", "daughter": "nephew_or_niece", "sibling": "sibling", "father": "father", "mother": "mother"},
        "grandson": {"granddaughter": "sibling", "grandson": "sibling"},
        "granddaughter": {"granddaughter": "sibling", "grandson": "sibling"},
    }  # fmt: skip
    for new_head, change in changes.items():
        for old, new in change.items():
            maps[:, REL[new_head], REL[old]] = REL[new]
    maps[MALE, REL["spouse"], REL["father"]] = REL["father_in_law"]
    maps[MALE, REL["spouse"], REL["mother"]] = REL["mother_in_law"]
    maps[FEMALE, REL["spouse"], REL["father"]] = REL["husbands_father"]
    maps[FEMALE, REL["spouse"], REL["mother"]] = REL["husbands_mother"]
    maps[:, np.arange(n), np.arange(n)] = np.where(
        np.isin(np.arange(n), [REL["son"], REL["daughter"], REL["grandson"], REL["granddaughter"], REL["sibling"]]),
        REL["sibling"], REL["other"],
    )  # fmt: skip
    return maps


_MAPS = _relation_maps()


def new_head_relations(head_sex: Array, head_relation: Array, other_relation: Array) -> Array:
    """Relation to a new head, from both persons' relations to the old one."""
    result: Array = _MAPS[head_sex, head_relation, other_relation]
    return result
