"""Explanation: contributions of every feature to every household's calibrated risk, and what is made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from fanpin_risk.errors import ExplanationError, FeatureMismatchError
from fanpin_risk.explanation.letter import write_letter
from fanpin_risk.explanation.reasons import LEAST, by_cause, main_cause, make_reasons, sums_by
from fanpin_risk.features import CONTEXT
from fanpin_risk.features.feature import CAUSES, DOMAINS, Feature
from fanpin_risk.tree_shap.tree_shap import TreeShap, import_shap
from fanpin_risk.words import LANGUAGES, Language, Message, in_both

__all__ = ["Explanation", "explain_table"]


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
    >>> explanation = explain_table(model, X, features=fr.FEATURES, context=quoted, as_of="2023-12-31")
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
        return replace(self, values=self.values[rows], data=self.data.iloc[rows])

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
        recorded = self.data[self.feature_names].notna().to_numpy()
        main = pd.Series(main_cause(np.where(recorded, self.values, 0.0), self.features))
        share = pd.Series({code: float((main == code).mean()) for code in CAUSES})
        mean = self.by_cause().mean().sort_values(ascending=False, kind="stable")
        mean = mean[(mean.abs() >= 0.0005) | (share[mean.index] > 0)]
        shown = pd.DataFrame(
            {
                in_both(Message("mean push")): mean.map("{:+.3f}".format),
                in_both(Message("main for")): share[mean.index].map("{:.0%}".format),
            }
        ).rename(index={code: in_both(name) for code, name in CAUSES.items()})
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

    # --- words --------------------------------------------------------------------------------------------------
    def reasons(
        self,
        *,
        lang: Language = "zh",
        n_reasons: int = 3,
        direction: Literal["toward", "away"] = "toward",
        least: float = LEAST,
        with_direction: bool = True,
    ) -> pd.DataFrame:
        """Say why, in sentences with the household's own numbers.

        One reason for each topic (the features of one risk category, what is and what changed apart),
        described by the feature that pushes hardest; its contribution is the sum over the topic.

        Parameters
        ----------
        lang : {"zh", "en"}, default "zh"
            Language.
        n_reasons : int, default 3
            Most reasons for each household.
        direction : {"toward", "away"}, default "toward"
            What raises the risk, or what lowers it.
        least : float, default 0.02
            Topics that move the log-odds by less are left out.
        with_direction : bool, default True
            Whether each reason ends by saying that it raises or lowers the risk.

        Returns
        -------
        DataFrame of shape (n_households, 2 * n_reasons + 2)
            ``household_id``, ``reason_1`` ... (``""`` when there are fewer), ``contribution_1`` ... (log-odds, NaN
            when there are fewer), ``cause`` (code of the risk category with the largest sum above zero, ``""`` if there is none).

        Raises
        ------
        ExplanationError
            If `lang`, `n_reasons` or `direction` is not one of the above.
        FeatureMismatchError
            If sentences quote columns that were not given as context.
        """
        return make_reasons(
            self.values,
            self.data,
            self.features,
            declarations=self._declarations,
            lang=lang,
            n_reasons=n_reasons,
            direction=direction,
            least=least,
            with_direction=with_direction,
        )

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
            The risk and its day, what raises and what lowers it, what is not on record, and how to contest it.

        Raises
        ------
        ExplanationError
            If the household is not in this explanation.
        """
        _check_language(lang)
        one = self.select(household_id)
        missing = one.data.iloc[0, : len(self.features)].isna()
        toward = one.reasons(lang=lang, n_reasons=n_reasons)
        cause = str(toward["cause"].iloc[0])
        return write_letter(
            household_id,
            float(one.risk[0]),
            lang=lang,
            as_of=self.as_of,
            horizon_months=self.horizon_months,
            cause=CAUSES[cause].shown(lang) if cause else "",
            toward=_of_one(toward),
            away=_of_one(one.reasons(lang=lang, n_reasons=n_reasons, direction="away")),
            gaps=[f.label.shown(lang) for f, gap in zip(self.features, missing, strict=True) if gap],
        )

    @property
    def _declarations(self) -> dict[str, Feature]:
        return {declared.name: declared for declared in (*self.features, *self.context_features)}


def _of_one(reasons: pd.DataFrame) -> list[tuple[str, float]]:
    """Take the reasons of the only household with their contributions."""
    row = reasons.iloc[0]
    places = range(1, sum(name.startswith("reason_") for name in reasons.columns) + 1)
    return [(row[f"reason_{k}"], float(row[f"contribution_{k}"])) for k in places if row[f"reason_{k}"]]


def _check_language(lang: str) -> None:
    if lang not in LANGUAGES:
        raise ExplanationError("lang is {lang!r}; expected one of {languages}", lang=lang, languages=LANGUAGES)


def explain_table(
    classifier: Any,
    table: pd.DataFrame,
    *,
    features: Sequence[Feature],
    context: pd.DataFrame | None = None,
    context_features: Sequence[Feature] = CONTEXT,
    slope: float = 1.0,
    intercept: float = 0.0,
    as_of: Any = None,
    horizon_months: int | None = None,
    progress: Callable[[int, int, str], None] | None = None,
) -> Explanation:
    """Attribute each household's calibrated log-odds to its features.

    The calibrated log-odds are ``slope * margin + intercept``, so the contributions to the margin times the slope
    add up to them exactly.

    Parameters
    ----------
    classifier : MonotoneBoosting, HistGradientBoostingClassifier or TreeShap
        Fitted on the columns of `table`; or its explainer, which spares building the tables again.
    table : DataFrame of shape (n_households, n_features)
        What the model sees, float64, NaN for missing, indexed by ``household_id``.
    features : sequence of Feature
        Declarations of its columns, in order.
    context : DataFrame, optional
        Columns that sentences quote and the model does not see, with the same index.
    context_features : sequence of Feature
        Declarations among which those of the columns of `context` are found; default: the package's.
    slope, intercept : float, default 1.0 and 0.0
        Recalibration of the margin.
    as_of : date-like, optional
        The day whose records were used.
    horizon_months : int, optional
        Months after the day that the risk is about.
    progress : callable, optional
        Called with (households done, households in all, what is done).

    Returns
    -------
    Explanation

    Raises
    ------
    FeatureMismatchError
        If the columns of `table` are not those declared or not the classifier's, or `context` does not fit.
    ExplanationError
        If contributions do not add up to the margin, or the recalibration is not finite.
    """
    names = [declared.name for declared in features]
    if list(table.columns) != names:
        absent = [name for name in names if name not in table.columns]
        raise FeatureMismatchError(
            "the table has {table_shape} columns, {n_names} features are declared, {n_absent} of them "
            "absent ({absent}); pass the declared columns in their order",
            table_shape=table.shape[1],
            n_names=len(names),
            n_absent=len(absent),
            absent=tuple(absent[:5]),
        )
    if not (np.isfinite(slope) and np.isfinite(intercept)):
        raise ExplanationError("slope and intercept of the recalibration must be finite numbers")
    data = table
    quoted: tuple[Feature, ...] = ()
    if context is not None:
        if not context.index.equals(table.index):
            raise FeatureMismatchError("context has other households than the table, or in another order")
        known = {declared.name: declared for declared in context_features}
        undeclared = [name for name in context.columns if name not in known]
        if undeclared:
            raise FeatureMismatchError(
                "context columns without a declaration: {map}", map=tuple(map(str, undeclared[:5]))
            )
        quoted = tuple(known[name] for name in context.columns)
        data = pd.concat([table, context], axis=1)
    explainer = classifier if isinstance(classifier, TreeShap) else TreeShap(classifier)
    values, base = explainer.shap_values(table, progress=progress)
    return Explanation(
        values=values * slope,
        base_value=base * slope + intercept,
        data=data,
        features=tuple(features),
        context_features=quoted,
        as_of=None if as_of is None else pd.Timestamp(as_of),
        horizon_months=horizon_months,
    )
