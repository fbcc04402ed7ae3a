"""How a household lives: whose the dwelling is, rooms, what it owns, what it did to get by.

Surveys of living standards ask for these, Chinese registers do not. Optional: models of registers that know nothing of them
are as without these features.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from fanpin_risk.asof.snapshot import Snapshot
from fanpin_risk.features.feature import Array, Feature, feature, ratio, shared
from fanpin_risk.features.income import size
from fanpin_risk.records.code_lists import ASSETS, COPING, Codes

__all__ = ["FEATURES"]

MOST_NAMED_THINGS = 3  # so many are named in a sentence
MOST_PER_ROOM = 40.0
ASSETS_EN = {
    "car": "car", "motorcycle": "motorcycle", "machinery": "farm machinery", "livestock": "livestock", "refrigerator": "refrigerator",
    "washing_machine": "washing machine", "television": "television", "computer": "computer", "phone": "phone",
    "internet": "internet", "savings": "savings", "property": "other property",
}  # fmt: skip
COPING_EN = {
    "savings": "spent savings", "borrowed": "borrowed", "sold_assets": "sold belongings", "less_food": "ate less",
    "less_care": "cut down on treatment or schooling", "more_work": "worked more", "help": "asked relatives and friends",
    "other": "other",
}  # fmt: skip


def _held(snapshot: Snapshot, column: str) -> Array:
    """Return for each household which codes of a column it has, but `none`, as a matrix; NaN where it was not asked."""
    numbers, unique = pd.factorize(getattr(snapshot.households, column))
    codes = [code for code in snapshot.households.declaration[column].codes if code != "none"]
    held = np.array([[float(code in str(text).split(";")) for code in codes] for text in unique]).reshape(
        -1, len(codes)
    )
    return np.vstack([held, np.full((1, len(codes)), np.nan)])[numbers]


@shared
def assets_held(snapshot: Snapshot) -> Array:
    """Which assets of the list each household has."""
    return _held(snapshot, "assets")


@shared
def coping_done(snapshot: Snapshot) -> Array:
    """Which ways of getting by of the list each household took."""
    return _held(snapshot, "coping")


def _nth_of(
    prefix: str, zh: str, en: str, matrix: Callable[[Snapshot], Array], codes: Codes, english: Mapping[str, str]
) -> tuple[Feature, ...]:
    """Declare columns that say which things a household has, in the order of the list."""

    def declare(place: int) -> Feature:
        def compute(snapshot: Snapshot) -> Array:
            nth = np.cumsum(matrix(snapshot), axis=1) == place + 1
            return np.where(nth.any(axis=1), np.argmax(nth, axis=1), np.nan)

        compute.__name__ = f"{prefix}_{place + 1}"
        return feature(
            zh=f"{zh}（{place + 1}）", en=f"{en} ({place + 1})", domain="household", cause="other", unit="category", monotone=0,
            model=False, reason="Quoted beside their number.", source="survey of living standards",
            says_zh=f"{zh}：{{{compute.__name__}}}", says_en=f"{en}: {{{compute.__name__}}}",
            levels_zh=tuple(codes[code][0] for code in english), levels_en=tuple(english.values()),
        )(compute)  # fmt: skip

    return tuple(declare(place) for place in range(MOST_NAMED_THINGS))


@feature(
    zh="住房权属", en="Tenure of the dwelling", domain="household", cause="other", unit="category", monotone=0, optional=True,
    reason="No claim: a category has no order.", source="survey of living standards: tenure",
    says_zh="住房为{dwelling_tenure}", says_en="the dwelling is {dwelling_tenure}", levels_zh=("自有", "租住", "借住", "其他权属"),
    levels_en=("owned", "rented", "lived in free of rent", "held otherwise"),
)  # fmt: skip
def dwelling_tenure(snapshot: Snapshot) -> Array:
    return snapshot.households.level("tenure")


@feature(
    zh="每间房居住人数", en="Persons per room", domain="household", cause="other", unit="persons each", monotone=+1, optional=True,
    reason="Crowding comes with want; fewer persons to a room never raise the risk.", source="survey of living standards: rooms",
    says_zh="平均每间房住{persons_per_room}[（家庭人口{household_size}）]",
    says_en="persons per room: {persons_per_room}[ (members of the household: {household_size})]",
)  # fmt: skip
def persons_per_room(snapshot: Snapshot) -> Array:
    return ratio(size(snapshot), snapshot.households.rooms, highest=MOST_PER_ROOM)


@feature(
    zh="家庭资产种数", en="Kinds of assets", domain="household", cause="other", unit="measures", monotone=-1, optional=True,
    reason="What can be used or sold is a buffer.", source="survey of living standards: durable goods and other assets",
    says_zh="登记的家庭资产有{n_assets}[：{asset_1}][、{asset_2}][、{asset_3}]|登记为没有所列的家庭资产",
    says_en="kinds of assets on record: {n_assets}[: {asset_1}][, {asset_2}][, {asset_3}]|on record as having none of the assets asked for",
)  # fmt: skip
def n_assets(snapshot: Snapshot) -> Array:
    return assets_held(snapshot).sum(axis=1)


@feature(
    zh="应对困难的办法种数", en="Ways of getting by", domain="household", cause="other", unit="measures", monotone=+1, optional=True,
    reason="Who had to spend savings, borrow or eat less is under strain.", source="survey of living standards: coping strategies",
    says_zh="近期应对困难的办法有{n_coping}[：{coping_1}][、{coping_2}][、{coping_3}]|登记为近期没有采取应对困难的办法",
    says_en="ways of getting by of late: {n_coping}[: {coping_1}][, {coping_2}][, {coping_3}]|on record without any of the ways of "
    "getting by that were asked for",
)  # fmt: skip
def n_coping(snapshot: Snapshot) -> Array:
    return coping_done(snapshot).sum(axis=1)


FEATURES = (
    dwelling_tenure,
    persons_per_room,
    n_assets,
    n_coping,
    # context, quoted in sentences
    *_nth_of("asset", "家庭资产", "Asset", assets_held, ASSETS, ASSETS_EN),
    *_nth_of("coping", "应对困难的办法", "Way of getting by", coping_done, COPING, COPING_EN),
)
