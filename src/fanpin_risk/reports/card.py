"""The card of a model: what it is for and what not, how it was made, how well it forecasts, and for whom."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from fanpin_risk.arguments import one_of
from fanpin_risk.asof.line_table import FIRST_DAY_OF_LINE
from fanpin_risk.asof.monitoring_lines import MonitoringLines
from fanpin_risk.asof.outcomes import event_in_words
from fanpin_risk.errors import ModelFileError, SchemaError
from fanpin_risk.evaluation.evaluation import BY_FOLD
from fanpin_risk.evaluation.groups import ALL, FAIRNESS
from fanpin_risk.evaluation.labels import MODELS, alarm_label, category_label, group_label
from fanpin_risk.evaluation.options import check_lang
from fanpin_risk.features.feature import CAUSES, DOMAINS
from fanpin_risk.features.labels import feature_message
from fanpin_risk.model.recalibration import RECALIBRATION_NOTES
from fanpin_risk.model.risk_model import RiskModel
from fanpin_risk.model.store import read_card, read_lines, save_model
from fanpin_risk.reports.card_training import training_section
from fanpin_risk.reports.documents import Document
from fanpin_risk.reports.figures import NO_ALARM, comparison_rows, count_text, measure_rows, measured
from fanpin_risk.reports.guide import CONTEST, DIRECTIONS, ORDERS, USES, WORDS_OF_ALARMS
from fanpin_risk.reports.visit_figures import visits_section
from fanpin_risk.words import Language, Message, note_message
from fanpin_risk.words.widths import percent

__all__ = ["card_document", "model_card"]


def model_card(
    model: str | os.PathLike[str] | RiskModel,
    *,
    format: Literal["md", "html"] = "md",  # noqa: A002  the word users expect
    lang: Language = "zh",
) -> str:
    """Write the card of a model, intended use and limits first.

    Parameters
    ----------
    model : path-like or RiskModel
        Folder of a saved model, or a fitted model.
    format : {"md", "html"}
        Markdown, or one page of HTML that needs nothing else, runs nothing and prints well. Names and notes are shown
        as the text they are.
    lang : {"zh", "en"}
        Language.

    Returns
    -------
    str

    Raises
    ------
    ModelFileError
        If there is no model, or its card cannot be read.
    SchemaError
        If `format` or `lang` is not one of those above.

    References
    ----------
    Mitchell et al. (2019), Model cards for model reporting, FAT* 2019 (what such a card should say).

    Examples
    --------
    >>> model_card("demo", lang="en").splitlines()[0]
    '# Model card: demo'
    """
    one_of("format", format, ("md", "html"), SchemaError)
    document = card_document(model, lang=lang)
    return document.markdown() if format == "md" else document.html()


def card_document(model: str | os.PathLike[str] | RiskModel, *, lang: Language = "zh") -> Document:
    """Return what the card of a model says as a document, to be shown by itself or inside of another page.

    Parameters
    ----------
    model : path-like or RiskModel
        Folder of a saved model, or a fitted model.
    lang : {"zh", "en"}
        Language.

    Returns
    -------
    Document

    Raises
    ------
    ModelFileError
        If there is no model, or its card cannot be read.
    SchemaError
        If `lang` is not one of those above.
    """
    check_lang(lang)
    if isinstance(model, RiskModel):
        with tempfile.TemporaryDirectory() as folder:
            return card_document(save_model(model, Path(folder) / "model"), lang=lang)
    card, lines = read_card(model), read_lines(model)
    try:
        return _Card(card, lines, lang).document
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise ModelFileError(
            "{name}: its card is not as save_model writes it ({error!r})", name=Path(model).name, error=error
        ) from error


class _Card:
    """The sections of a card."""

    def __init__(self, card: Mapping[str, Any], lines: MonitoringLines, lang: Language) -> None:
        self.card, self.lines, self.lang = card, lines, lang
        self.document = Document(lang)
        self.use()
        self.event()
        training_section(self.document, card)
        self.evaluation()
        self.uncertainty()
        self.leaks()
        self.features()
        self.monitoring_lines()
        self.identity()
        self.contest()

    def use(self) -> None:
        self.document.title(Message("Model card: {name}", name=self.card["name"]))
        if self.card["synthetic"]:
            self.document.important(Message("Trained on made-up data: for trying out, not for decisions."))
        if any(row["level"] == "alarm" for row in self.card["alarms"] or ()):
            self.document.important(
                Message(
                    "A leak alarm rang in training: it will probably do worse than the figures below; do not use it before "
                    "they are cleared up (see the leak check)."
                )
            )
        self.document.heading(Message("Intended use and limits"))
        self.document.list((ORDERS.get(self.card["event"]["target"], USES[0]), *USES[1:]))
        if self.card["notes"]:
            self.document.text(Message("Notes: {notes}", notes=self.card["notes"]))

    def event(self) -> None:
        event = self.card["event"]
        self.document.heading(Message("What it forecasts"))
        self.document.text(
            Message(
                "{event} within {months} months after the day.",
                event=event_in_words(event["target"], self.lines),
                months=int(event["horizon_months"]),
            )
        )
        shares = [float(share) for share in self.card["tiers"]["shares"]]
        least = self.card["tiers"]["least_risk"]
        self.document.text(
            Message(
                "Tiers: the {high_share} with the highest risk in training are high (risk {high:.1%} or more), the next "
                "{medium_share} medium ({medium:.1%} or more), all others low.",
                high_share=percent(shares[0]),
                high=float(least["high"]),
                medium_share=percent(shares[1]),
                medium=float(least["medium"]),
            )
        )

    def evaluation(self) -> None:
        found = self.card["evaluation"]
        self.document.heading(Message("Evaluation on later days"))
        if found is None:
            self.document.text(
                Message(
                    "Not evaluated. Evaluate it on your own register with fanpin-risk evaluate (--card writes it in here), and "
                    "do not put it to use before."
                )
            )
            return
        self.document.text(
            Message(
                "How the same way of training fared on past days: each time it learnt from what was on record by then and "
                "forecast the time after. It is the way that is judged, not these very trees. In brackets 95-percent intervals by "
                "drawing villages; small cells are left out."
            )
        )
        if found["synthetic"]:
            self.document.important(Message("The register of the evaluation was made up."))
        self.document.important(found[f"note_{self.lang}"])
        self.document.table(
            [
                Message("Day forecast"),
                Message("Training days"),
                Message("Household-days learnt from"),
                Message("Events learnt from"),
                Message("Households forecast"),
                Message("Events"),
            ],
            [
                [
                    str(row["test_day"]),
                    str(row["train_days"]),
                    *(count_text(row[f"{of}_{what}"]) for of in ("train", "test") for what in ("households", "events")),
                ]
                for row in found["folds"]
            ],
        )
        self.document.table(*measure_rows(found["measures"], self.lang))
        if found["comparison"]:
            first = str(found["models"][0])
            self.document.text(
                Message("The first model is {model}; compared with the others:", model=MODELS.get(first, first))
            )
            self.document.table(*comparison_rows(found["comparison"], self.lang))
        if len(found["folds"]) > 1:
            self.document.text(Message("Day by day:"))
            self.document.table(*measure_rows(found["by_fold"], self.lang, key="fold", measures=BY_FOLD))
        visits_section(self.document, found, self.lang)
        self.calibration(found)
        self.groups(found)

    def calibration(self, found: Mapping[str, Any]) -> None:
        self.document.heading(Message("Calibration"))
        self.document.text(
            Message("In groups of the risk forecast: its mean, and the share that had the event."),
        )
        self.document.table(
            [
                Message("Mean risk forecast"),
                Message("Share with the event"),
                Message("Households"),
                Message("Events"),
            ],
            [
                [
                    _share_text(row["mean_risk"]),
                    _share_text(row["observed"], row["low"], row["high"]),
                    count_text(row["households"]),
                    count_text(row["events"]),
                ]
                for row in found["calibration"]
            ],
        )

    def groups(self, found: Mapping[str, Any]) -> None:
        self.document.heading(Message("Groups of households"))
        capacity = float(found["capacity"])
        self.document.text(
            Message(
                "Ethnicity and the like are for this audit only, they are not features. Exclusion error: the event happened, but "
                "nobody was to visit. Inclusion error: a visit without event. One list for all: the {visits} with the highest "
                "risk.",
                visits=percent(capacity) if capacity < 1 else Message("{count:,.0f} households", count=capacity),
            )
        )
        rows: dict[tuple[str, str], dict[str, Mapping[str, Any]]] = {}
        for row in [*found["groups"], *found["fairness"]]:
            rows.setdefault((str(row["group"]), str(row["category"])), {}).setdefault(str(row["measure"]), row)
        wanted = ("base_rate", "mean_risk", "auc", "visited", "exclusion_error", "inclusion_error")
        present = [name for name in wanted if any(name in row for row in rows.values())]
        rows = {key: row for key, row in rows.items() if key[1] != ALL}
        hidden = {key for key, row in rows.items() if all(measured(one) == "—" for one in row.values())}
        counted = {key: next(iter(row.values())) for key, row in rows.items()}
        self.document.table(
            [
                Message("Group"),
                Message("Category"),
                Message("Households"),
                Message("Events"),
                *(FAIRNESS[name] for name in present),
            ],
            [
                [
                    group_label(key[0], self.lang),
                    category_label(*key, self.lang),
                    count_text(counted[key].get("households")),
                    count_text(counted[key].get("events")),
                    *(measured(row[name]) if name in row else "—" for name in present),
                ]
                for key, row in rows.items()
                if key not in hidden
            ],
        )
        if hidden:
            number = Counter(group for group, category in rows if (group, category) in hidden)
            self.document.text(
                Message(
                    "Too small to be shown besides: {groups}.",
                    groups=[
                        Message("{count} of {group}", count=n, group=group_label(group, self.lang))
                        for group, n in number.items()
                    ],
                )
            )
        if not found["fairness"]:
            self.document.text(Message("No audit of fairness was made (fairlearn was not installed)."))

    def uncertainty(self) -> None:
        about = self.card["uncertainty"]
        self.document.heading(Message("Uncertainty"))
        self.document.list(
            [
                Message(
                    "risk_low to risk_high: the level of a new year may move the risk this far, with probability {level:.0%} "
                    "(log-odds ± {half_width:.2f}; the training days span {years} whole horizon(s), the rest is what other "
                    "panels showed). It is not an interval of one household's own true risk.",
                    level=float(about["level"]),
                    half_width=float(about["half_width"]),
                    years=int(about["years"]),
                ),
                Message(
                    "outlook (what can be ruled out, model.interval_.outlook_of in Python): by label-conditional conformal "
                    "prediction, whether the event, or its absence, can be ruled out for a household."
                ),
                Message(
                    "enough_known is false: what is on record of the household carries less than {least:.0%} of the weight; "
                    "complete its records before leaning on the score.",
                    least=float(about["least_known"]),
                ),
            ]
        )
        recalibration = self.card["recalibration"]
        text = Message(
            "Recalibration: slope {slope:.3f}, intercept {intercept:.3f}.",
            slope=float(recalibration["slope"]),
            intercept=float(recalibration["intercept"]),
        )
        if recalibration["note"]:
            why = note_message(str(recalibration["note"]), RECALIBRATION_NOTES)
            text = Message("{figures} {why}.", figures=text, why=why)
        self.document.text(text)
        level = self.card.get("level")
        if level:
            self.document.text(
                Message(
                    "Its level was put right by the outcomes of {day} (log-odds {shift:+.2f}), which was tried on {count} earlier "
                    "day(s) and helped there.",
                    day=str(level["as_of"]),
                    shift=float(level["shift"]),
                    count=int(level["tried"]),
                )
            )

    def leaks(self) -> None:
        alarms = self.card["alarms"]
        self.document.heading(Message("Leak check"))
        if self.card["event"]["target"] == "not_eliminated":
            self.document.text(
                Message(
                    "Looked for is what knew that the risk would be eliminated; that is “the event” in what was found."
                )
            )
        if alarms is None:
            self.document.text(Message("No leak check was made in training."))
            return
        found = [row for row in alarms if row["level"] != "ok"]
        if not found:
            self.document.text(Message(NO_ALARM, count=len({str(row["alarm"]) for row in alarms})))
        self.document.table(
            [
                Message("Level", context="alarm"),
                Message("Check"),
                Message("Feature or column"),
                Message("What was found"),
            ],
            [
                [
                    WORDS_OF_ALARMS.get(str(row["level"]), str(row["level"])),
                    alarm_label(str(row["alarm"]), self.lang),
                    feature_message(str(row["feature"])),
                    str(row[f"message_{self.lang}"]),
                ]
                for row in found
            ],
        )

    def features(self) -> None:
        features = self.card["features"]
        self.document.heading(Message("Features ({count})", count=len(features)))
        self.document.text(Message("The direction is a constraint that the model keeps."))
        domains = list(DOMAINS)
        ordered = sorted(features, key=lambda f: domains.index(f["domain"]) if f["domain"] in domains else len(domains))
        self.document.table(
            [
                Message("Domain"),
                Message("Feature"),
                Message("Name", context="in Python"),
                Message("Direction"),
                Message("Risk category"),
            ],
            [
                [
                    DOMAINS.get(f["domain"], str(f["domain"])),
                    str(f[self.lang]),
                    str(f["name"]),
                    DIRECTIONS.get(f["monotone"], str(f["monotone"])),
                    CAUSES.get(f["cause"], str(f["cause"])),
                ]
                for f in ordered
            ],
        )

    def monitoring_lines(self) -> None:
        self.document.heading(Message("Monitoring lines in use"))
        self.document.table(
            [
                Message("Area code"),
                Message("Year"),
                Message("CNY per person and year"),
                Message("Status"),
                Message("Source"),
            ],
            [
                [
                    row["area_prefix"] or Message("the whole country"),
                    row.get(FIRST_DAY_OF_LINE) or str(row["year"]),
                    "–" if pd.isna(row["line_cny"]) else f"{row['line_cny']:,.0f}",
                    self.lines.basis(
                        row["area_prefix"], int(row["year"]), on=row.get(FIRST_DAY_OF_LINE) or f"{row['year']}-01-01"
                    ),
                    row["source"],
                ]
                for row in self.lines.frame.to_dict("records")
            ],
        )

    def identity(self) -> None:
        self.document.heading(Message("Versions and fingerprint"))
        rows: list[tuple[str | Message, str]] = [
            (Message("Fingerprint"), str(self.card["fingerprint"])),
            (Message("Written"), str(self.card["created"])),
        ]
        rows += [(str(package), str(number)) for package, number in self.card["versions"].items()]
        self.document.table([Message("What"), Message("Value")], rows)
        self.document.text(
            Message("Every score carries this fingerprint in the column model; another fingerprint is another model.")
        )

    def contest(self) -> None:
        self.document.heading(Message("How to contest a result"))
        self.document.list(CONTEST)


def _share_text(value: Any, low: Any = None, high: Any = None) -> str:
    return measured({"measure": "base_rate", "value": value, "low": low, "high": high})
