"""Explanation: contributions of every feature to every household's calibrated risk, and what is made of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from html import escape
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from fanpin_risk.arguments import one_of
from fanpin_risk.asof.outcomes import NO_FORECAST
from fanpin_risk.errors import ExplanationError, FeatureMismatchError
from fanpin_risk.explanation.causes import FACT_COLUMNS, MOST_CAUSES, ranked_causes
from fanpin_risk.explanation.letter import CAUTIONS, write_letter
from fanpin_risk.explanation.reasons import LEAST, by_cause, describe, make_reasons, sums_by, topic_of
from fanpin_risk.features.feature import CAUSES, DOMAINS, Feature
from fanpin_risk.tree_shap.tree_shap import import_shap
from fanpin_risk.words import LANGUAGES, Language, Message, in_both

__all__ = ["INCOME_FEATURE", "INSTEAD_OF_INCOME", "LINE_OF_OTHER", "Explanation"]

# The state of income is said apart: which feature says it, and the topic of reasons that it stands for.
INCOME_FEATURE, INCOME_TOPIC = "income_to_line", "low_income/state"
# What says it where the line is of consumption, or where no income is known: the first of these that is on record.
INSTEAD_OF_INCOME, LINE_OF_OTHER = ("consumption_to_line", "on_record_below_line"), "line_not_of_income"


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Explanation:
    """Contributions of features to the risk of households, in calibrated log-odds.

    A contribution tells how the model came to its number; it is a lead for a visit, not a finding and not a cause.

    Parameters
    ----------
    values : ndarray of shape (n_households, n_features), float64
        Contributions in calibrated log-odds, signed: above zero raises the risk.
    base_value : float
        Calibrated log-odds before anything is known of the household.
    data : DataFrame of shape (n_households, n_features + n_context), float64
        What the model saw, then the columns that sentences quote beside it; indexed by ``household_id``.
    features : tuple of Feature
        Declarations of the columns of `values`, in order.
    context_features : tuple of Feature
        Declarations of the context columns of `data`.
    as_of : Timestamp or None
        The day whose records were used.
    horizon_months : int or None
        Months after the day that the risk is about.
    not_at_risk : Series of str or None
        Why the forecast is not about a household (``monitored``, ``already_below_line``, ``no_income_before``; ``""``: it
        is), by household; None: not told.

    Attributes
    ----------
    household_ids : Index of str, shape (n_households,)
    feature_names : list of str, length n_features
    margin : ndarray of shape (n_households,)
        Calibrated log-odds: ``base_value + values.sum(axis=1)``.
    risk : ndarray of shape (n_households,)
        Calibrated probability.

    Raises
    ------
    FeatureMismatchError
        If the parts do not fit together.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> register = fr.make_register(600, random_state=0)
    >>> table = fr.compute_features(register, "2023-12-31", context=True)
    >>> X = table[[f.name for f in fr.FEATURES]]
    >>> model = fr.MonotoneBoosting(max_iter=10, random_state=0).fit(X, X["income_to_line"] < 2)
    >>> quoted = table.drop(columns=X.columns)
    >>> explanation = fr.explanation.explain_table(model, X, features=fr.FEATURES, context=quoted, as_of="2023-12-31")
    >>> explanation.values.shape == X.shape
    True
    >>> bool(abs(explanation.by_cause().sum(axis=1) + explanation.base_value - explanation.margin).max() < 1e-9)
    True
    """

    values: NDArray[np.float64]
    base_value: float
    data: pd.DataFrame
    features: tuple[Feature, ...]
    context_features: tuple[Feature, ...] = ()
    as_of: pd.Timestamp | None = None
    horizon_months: int | None = None
    not_at_risk: pd.Series | None = None

    def __post_init__(self) -> None:
        # C order: the sum over a row then never depends on which other rows are there.
        object.__setattr__(self, "values", np.ascontiguousarray(self.values, dtype=np.float64))
        expected = (len(self.data), len(self.features))
        if self.values.shape != expected:
            raise FeatureMismatchError(
                "contributions have shape {values_shape}; data and features ask {expected}",
                values_shape=self.values.shape,
                expected=expected,
            )
        names = [declared.name for declared in (*self.features, *self.context_features)]
        if list(self.data.columns) != names:
            raise FeatureMismatchError(
                "columns of data are not those declared: the features, then the context, in order"
            )

    # --- size and parts -----------------------------------------------------------------------------------------
    @property
    def household_ids(self) -> pd.Index:
        """Ids of the households, in row order."""
        return self.data.index

    @property
    def feature_names(self) -> list[str]:
        """Names of the features, in column order."""
        return [declared.name for declared in self.features]

    @property
    def margin(self) -> NDArray[np.float64]:
        """Calibrated log-odds of each household."""
        return np.asarray(self.base_value + self.values.sum(axis=1))

    @property
    def risk(self) -> NDArray[np.float64]:
        """Calibrated probability of each household."""
        return np.asarray(expit(self.margin))

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, rows: Any) -> Explanation:
        """Return the households at these positions: a number, a slice, a mask or a list of numbers."""
        if isinstance(rows, (int, np.integer)):
            if not -len(self) <= rows < len(self):
                raise IndexError(f"row {rows} of an explanation of {len(self)} households")
            rows = [rows]
        told = None if self.not_at_risk is None else self.not_at_risk.iloc[rows]
        return replace(self, values=self.values[rows], data=self.data.iloc[rows], not_at_risk=told)

    def select(self, household_ids: str | Iterable[str]) -> Explanation:
        """Return the households with these ids, in the order asked for.

        Parameters
        ----------
        household_ids : str or iterable of str
            As in `household_ids`.

        Returns
        -------
        Explanation

        Raises
        ------
        ExplanationError
            If an id is not among them.
        """
        wanted = [household_ids] if isinstance(household_ids, str) else list(household_ids)
        rows = self.household_ids.get_indexer(pd.Index(wanted))
        if (rows < 0).any():
            raise ExplanationError(
                "{count} of {n_wanted} households asked for are not in this explanation of {n_self}",
                count=int((rows < 0).sum()),
                n_wanted=len(wanted),
                n_self=len(self),
            )
        return self[rows]

    def __repr__(self) -> str:
        day = "" if self.as_of is None else f", as_of={self.as_of:%Y-%m-%d}"
        return f"Explanation(n_households={len(self)}, n_features={len(self.features)}{day})"

    def _repr_html_(self) -> str:
        """Show how much each risk category raises the risk on average, and for how many it is the main one."""
        n = len(self)
        about = [
            f"{n:,} {in_both(Message('households', context='counted'))}",
            f"{len(self.features)} {in_both(Message('features', context='counted'))}",
        ]
        if self.as_of is not None:
            about.append(f"{in_both(Message('as of'))} {self.as_of:%Y-%m-%d}")
        if self.horizon_months is not None:
            months = in_both(Message("months", context="counted"))
            about.append(f"{in_both(Message('next'))} {self.horizon_months} {months}")
        if n:
            about.append(f"{in_both(Message('mean risk'))} {self.risk.mean():.2%}")
        head = f"<p><b>Explanation</b><br>{escape(', '.join(about))}</p>"
        if not n:
            return head
        mean = self.by_cause().mean().sort_values(ascending=False, kind="stable")
        pushes = {in_both(Message("mean push")): mean.map("{:+.3f}".format)}
        share = pd.Series(0.0, index=mean.index)
        if self.has_facts:
            main = self.causes(n_causes=1)["cause_1"]
            share = pd.Series({code: float((main == code).mean()) for code in CAUSES})[mean.index]
            pushes[in_both(Message("main for"))] = share.map("{:.0%}".format)
        shown = pd.DataFrame(pushes)[(mean.abs() >= 0.0005) | (share > 0)]
        shown = shown.rename(index={code: in_both(name) for code, name in CAUSES.items()})
        legend = in_both(Message("effects in log-odds: + raises the risk, - lowers it"))
        return f"{head}{shown.to_html(border=0)}<p>{escape(legend)}</p>"

    # --- tables -------------------------------------------------------------------------------------------------
    def by_cause(self) -> pd.DataFrame:
        """Sum contributions by risk category.

        Returns
        -------
        DataFrame of shape (n_households, n_causes)
            Signed sums in log-odds, columns as in ``CAUSES``, indexed by ``household_id``; each row adds up to
            ``margin - base_value``.
        """
        return pd.DataFrame(by_cause(self.values, self.features), index=self.household_ids, columns=list(CAUSES))

    def by_domain(self) -> pd.DataFrame:
        """Sum contributions by domain of the features; as :meth:`by_cause`, columns as in ``DOMAINS``."""
        sums = sums_by(self.values, [declared.domain for declared in self.features], list(DOMAINS))
        return pd.DataFrame(sums, index=self.household_ids, columns=list(DOMAINS))

    def to_frame(self) -> pd.DataFrame:
        """Return one row per household and feature.

        Returns
        -------
        DataFrame of shape (n_households * n_features, 4)
            ``household_id, feature, value`` (in the feature's unit) and ``contribution`` (log-odds).
        """
        n, width = self.values.shape
        seen = self.data.iloc[:, :width].to_numpy(dtype=np.float64)
        return pd.DataFrame(
            {
                "household_id": self.household_ids.repeat(width),
                "feature": pd.Series(self.feature_names * n, dtype="str"),
                "value": seen.ravel(),
                "contribution": self.values.ravel(),
            }
        )

    def to_shap(self, *, lang: Language = "zh") -> Any:
        """Return a :class:`shap.Explanation`, for any of shap's plots.

        Parameters
        ----------
        lang : {"zh", "en"}, default "zh"
            Language of the features' labels. Chinese shows in plots that are drawn within
            ``with fanpin_risk.plots.chinese_text():``.

        Returns
        -------
        shap.Explanation
            ``values`` and ``data`` of shape (n_households, n_features), ``base_values`` (n_households,).
        """
        _check_language(lang)
        width = len(self.features)
        return import_shap().Explanation(
            values=self.values.copy(),
            base_values=np.full(len(self), self.base_value),
            data=self.data.iloc[:, :width].to_numpy(dtype=np.float64, copy=True),
            feature_names=[declared.label.shown(lang) for declared in self.features],
        )

    # --- causes -------------------------------------------------------------------------------------------------
    @property
    def has_facts(self) -> bool:
        """Whether it holds the columns that causes rest on."""
        return all(name in self.data.columns for name in FACT_COLUMNS)

    def causes(self, *, n_causes: int = MOST_CAUSES, lang: Language | None = None) -> pd.DataFrame:
        """Rank the official risk categories of which a fact is on record in the household.

        See :mod:`fanpin_risk.explanation.causes` for what counts as a fact and how causes are weighed.

        Parameters
        ----------
        n_causes : int, default 5
            Most causes for each household.
        lang : {"zh", "en"}, optional
            Also say the fact of each cause, in this language.

        Returns
        -------
        DataFrame of shape (n_households, 3 * n_causes + 1)
            ``household_id``; ``cause_1`` ... (codes of ``CAUSES``, never low income or support, ``""`` where there are
            fewer), ``yuan_1`` ... (size of the fact, NaN for an event or state without an amount), ``share_1`` ... (the
            same over the yearly net income that burdens are set against); with `lang` also ``fact_1`` ... (a sentence).

        Raises
        ------
        FeatureMismatchError
            If the columns that state facts were not given as context.
        """
        if lang is not None:
            _check_language(lang)
        return ranked_causes(
            self.values, self.data, self.features, n_causes=n_causes, declarations=self._declarations, lang=lang
        )

    # --- words --------------------------------------------------------------------------------------------------
    def income_state(self, *, lang: Language = "zh") -> pd.Series:
        """Say how the income stands to the line: a state, told apart from causes and reasons.

        Where the line is one of consumption, or no income is on record, it is the consumption, or else the status on record
        that stands to it.

        Parameters
        ----------
        lang : {"zh", "en"}, default "zh"
            Language.

        Returns
        -------
        Series of str, shape (n_households,)
            Indexed by ``household_id``.
        """
        _check_language(lang)
        declarations = self._declarations
        if INCOME_FEATURE not in declarations:
            raise FeatureMismatchError(
                "the state of income rests on {absent}, which the explanation does not hold; pass it as context",
                absent=INCOME_FEATURE,
            )
        said = describe(declarations[INCOME_FEATURE], self.data, declarations, lang=lang)
        open_still = self.data[INCOME_FEATURE].isna().to_numpy()
        if LINE_OF_OTHER in declarations:
            open_still = open_still | self.data[LINE_OF_OTHER].notna().to_numpy()
        for name in INSTEAD_OF_INCOME:
            if name in declarations:
                use = open_still & self.data[name].notna().to_numpy()
                other = describe(declarations[name], self.data[use], declarations, lang=lang) if use.any() else []
                for row, sentence in zip(np.flatnonzero(use), other, strict=True):
                    said[row] = sentence
                open_still = open_still & ~use
        return pd.Series(said, index=self.household_ids, dtype="str")

    def reasons(
        self,
        *,
        lang: Language = "zh",
        n_reasons: int = 3,
        direction: Literal["toward", "away", "own"] = "toward",
        least: float = LEAST,
        with_direction: bool = True,
    ) -> pd.DataFrame:
        """Say why, in sentences with the household's own numbers.

        One reason for each topic (the features of one risk category, what is and what changed apart), described by the
        feature that pushes hardest; its contribution is the sum over the topic. What is about causes on record
        goes first, in their order. The state of income is no reason: :meth:`income_state` says it.

        Parameters
        ----------
        lang : {"zh", "en"}, default "zh"
            Language.
        n_reasons : int, default 3
            Most reasons for each household.
        direction : {"toward", "away", "own"}, default "toward"
            What raises the risk, or what lowers it; "own": what raises it where it is above the base value, and what
            keeps it low where it is below.
        least : float, default 0.02
            Topics that move the log-odds by less are left out.
        with_direction : bool, default True
            Whether each reason ends by saying that it raises or lowers the risk.

        Returns
        -------
        DataFrame of shape (n_households, 2 * n_reasons + 2)
            ``household_id``, ``reason_1`` ... (``""`` when there are fewer), ``contribution_1`` ... (log-odds, NaN
            when there are fewer), ``cause`` (code of the first of :meth:`causes`, ``""`` if there is none).

        Raises
        ------
        ExplanationError
            If `lang`, `n_reasons` or `direction` is not one of the above.
        FeatureMismatchError
            If sentences quote columns, or causes rest on columns, that were not given as context.
        """
        one_of("direction", direction, ("toward", "away", "own"), ExplanationError)
        causes = self.causes()
        place = np.full((len(self), len(CAUSES)), -1)
        for k in range(MOST_CAUSES):
            which = causes[f"cause_{k + 1}"].map({code: number for number, code in enumerate(CAUSES)})
            rows = np.flatnonzero(which.notna().to_numpy())
            place[rows, which.to_numpy(dtype="float64")[rows].astype("int64")] = k
        told = make_reasons(
            self.values,
            self.data,
            self.features,
            declarations=self._declarations,
            lang=lang,
            n_reasons=n_reasons,
            direction=self.margin >= self.base_value if direction == "own" else direction,
            least=least,
            with_direction=with_direction,
            causes=place,
            without=(INCOME_TOPIC,),
        )
        return told.assign(cause=causes["cause_1"])

    def income_effect(self) -> NDArray[np.float64]:
        """Return what the state of income, told apart by :meth:`income_state`, contributes; shape (n_households,)."""
        members = [number for number, declared in enumerate(self.features) if topic_of(declared) == INCOME_TOPIC]
        return np.asarray(self.values[:, members].sum(axis=1))

    def gaps(self) -> NDArray[np.bool_]:
        """Say which features are not on record though they apply; shape (n_households, n_features)."""
        return np.stack([self.data[f.name].isna().to_numpy() & f.applies(self.data) for f in self.features], axis=1)

    def letter(self, household_id: str, *, lang: Language = "zh", n_reasons: int = 5) -> str:
        """Explain one household in plain text, for the cadre who visits and the family who asks.

        Parameters
        ----------
        household_id : str
            One of `household_ids`.
        lang : {"zh", "en"}, default "zh"
            Language.
        n_reasons : int, default 5
            Most reasons in each direction.

        Returns
        -------
        str
            The risk and its day, causes with their facts, the state of income, what raises and what lowers the risk (below
            the base value only what keeps it low), what is not on record though it applies, and how to contest it. No risk and
            no reasons where the forecast is not about the household (`not_at_risk`): it says so instead.

        Raises
        ------
        ExplanationError
            If the household is not in this explanation.
        """
        _check_language(lang)
        one = self.select(household_id)
        below = bool(one.margin[0] < one.base_value)
        told = one.causes(lang=lang).iloc[0]
        causes = [
            (CAUSES[told[f"cause_{k}"]].shown(lang), told[f"fact_{k}"])
            for k in range(1, MOST_CAUSES + 1)
            if told[f"cause_{k}"]
        ]
        toward = [] if below else _of_one(one.reasons(lang=lang, n_reasons=n_reasons))
        return write_letter(
            household_id,
            float(one.risk[0]),
            lang=lang,
            as_of=self.as_of,
            horizon_months=self.horizon_months,
            causes=causes,
            income=str(one.income_state(lang=lang).iloc[0]),
            toward=toward,
            away=_of_one(one.reasons(lang=lang, n_reasons=n_reasons, direction="away")),
            gaps=[f.label.shown(lang) for f, gap in zip(self.features, one.gaps()[0], strict=True) if gap],
            below_usual=below,
            caution=one.cautions()[0],
            forecast=bool(one.has_forecast[0]),
        )

    @property
    def has_forecast(self) -> NDArray[np.bool_]:
        """Whether risks are shown, household by household; not of those known to be below the line, or not known not to be."""
        if self.not_at_risk is None:
            return np.ones(len(self), dtype=bool)
        return ~self.not_at_risk.isin(NO_FORECAST).to_numpy()

    def cautions(self) -> list[Message | None]:
        """Say of every household whether the forecast is not about it, and why; None: it is, or it is not told."""
        if self.not_at_risk is None:
            return [None] * len(self)
        return [CAUTIONS.get(reason) for reason in self.not_at_risk]

    @property
    def _declarations(self) -> dict[str, Feature]:
        return {declared.name: declared for declared in (*self.features, *self.context_features)}


def _of_one(reasons: pd.DataFrame) -> list[tuple[str, float]]:
    """Take the reasons of the only household with their contributions."""
    row = reasons.iloc[0]
    places = range(1, sum(name.startswith("reason_") for name in reasons.columns) + 1)
    return [(row[f"reason_{k}"], float(row[f"contribution_{k}"])) for k in places if row[f"reason_{k}"]]


def _check_language(lang: str) -> None:
    one_of("lang", lang, LANGUAGES, ExplanationError)
