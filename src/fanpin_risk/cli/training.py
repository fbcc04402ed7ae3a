"""Training a model, and saying what the checks for leaks found."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import fanpin_risk as fr
from fanpin_risk.cli.learning import tell_learnt_from
from fanpin_risk.cli.reading import read_checked, reading_option, refuse_reading_options
from fanpin_risk.cli.talking import Teller, say
from fanpin_risk.words import Message, current_language, listed

if TYPE_CHECKING:
    import pandas as pd

    from fanpin_risk.asof.monitoring_lines import MonitoringLines
    from fanpin_risk.asof.outcomes import Target, Unobserved
    from fanpin_risk.batch.packed_register import PackedRegister
    from fanpin_risk.cli.options import DataDate
    from fanpin_risk.model.ensemble_facts import Ensemble
    from fanpin_risk.model.place_facts import Place
    from fanpin_risk.model.risk_model import RiskModel
    from fanpin_risk.model.training_day import TrainingDay
    from fanpin_risk.records.register import Register

__all__ = ["PLACE_ASKED", "any_alarm", "fit", "read_or_packed", "tell_alarms"]

# What --place says -> the parameter of the model.
PLACE_ASKED: dict[str, Place] = {"auto": "auto", "yes": True, "no": False}


def read_or_packed(
    register: Path | str,
    tell: Teller,
    *,
    data_date: DataDate,
    id_key: Path | None,
    encoding: str | None,
    days: tuple[str, ...],
    workers: int | None,
) -> Register | PackedRegister:
    """Read what is to be learnt from; one that has been packed stays where it is, and is read a part at a time."""
    from fanpin_risk.batch.layout import is_packed

    if not is_packed(register):
        return read_checked(register, tell, data_date=data_date, id_key=id_key, encoding=encoding, days=days)
    refuse_reading_options(data_date, id_key, encoding, reading_option("columns"))
    packed = fr.PackedRegister(register, workers=workers)
    tell(
        Message(
            "{households:,} households in {partitions} partitions, read one after the other",
            households=len(packed),
            partitions=len(packed.manifest.partitions),
        )
    )
    return packed


def fit(
    register: Register | PackedRegister,
    days: tuple[str, ...],
    tell: Teller,
    *,
    horizon: int,
    target: Target,
    unobserved: Unobserved = "drop",
    place: Place = "auto",
    ensemble: Ensemble = "auto",
    select: bool = False,
    seed: int,
    name: str,
    lines: MonitoringLines | None = None,
    leak_check: bool = True,
    visits: pd.DataFrame | None = None,
    max_rows: int | None = None,
) -> tuple[RiskModel, pd.DataFrame | None]:
    """Train a model and look for leaks in what it learnt from; None if that was not wanted."""
    from fanpin_risk.model.vanished import unobserved_note

    model: RiskModel = fr.RiskModel(
        target=target, random_state=seed, name=name, lines=lines, place=place, ensemble=ensemble
    )
    with tell.progress(Message("features and outcomes of the training days")) as progress:
        training_days = fr.training_days(
            register, days, horizon_months=horizon, target=target, lines=lines, unobserved=unobserved,
            max_rows=max_rows, progress=progress,
        )  # fmt: skip
    if select:
        with tell.progress(Message("trying settings on earlier days")):
            model = _selected(model, training_days, horizon, tell)
    with tell.progress(Message("training")) as progress:
        model.fit_days(training_days, horizon_months=horizon, visits=visits, progress=progress)
    tell(
        Message(
            "    training days {days}; base rate {rate:.2%}; out-of-fold AUC {auc:.3f}, average precision {precision:.3f}",
            days=listed(days),
            rate=model.base_rate_,
            auc=model.oof_metrics_["auc"],
            precision=model.oof_metrics_["average_precision"],
        )
    )
    tell_learnt_from(model.visits_, tell)
    note = unobserved_note(model.unobserved_, target)
    if note is not None:
        tell(Message("    {note}", note=note))
    if model.drawn_ is not None:
        rows, of = model.drawn_["rows"], model.drawn_["of"]
        tell(Message("    learnt from {rows:,} rows drawn of {of:,}", rows=rows, of=of))
    if not leak_check:
        return model, None
    with tell.progress(Message("looking for leaks")) as progress:
        alarms = fr.leak_alarms(register, days=training_days, model=model, progress=progress)
    tell_alarms(alarms, tell)
    return model, alarms


def _selected(model: RiskModel, days: list[TrainingDay], horizon: int, tell: Teller) -> RiskModel:
    """Return the model with the setting that earlier days choose, and say which and by what."""
    from fanpin_risk.evaluation.settings import SETTING_NAMES, select_setting

    found = select_setting(model, days, horizon_months=horizon)
    losses = [
        Message("{setting} {loss:.4f}", setting=SETTING_NAMES[name], loss=loss) for name, loss in found.log_loss.items()
    ]
    tell(
        Message(
            "    setting taken: {setting} (log loss on the newest day: {losses})",
            setting=SETTING_NAMES[found.setting],
            losses=losses,
        )
    )
    return found.model


def tell_alarms(alarms: pd.DataFrame, tell: Teller) -> None:
    """Print every warning and alarm, the worst first, even when quiet; or that there is none."""
    found = alarms[alarms["level"] != "ok"]
    if not len(found):
        tell(Message("    {count} checks for leaks: no leak alarm", count=alarms["alarm"].nunique()))
        return
    from fanpin_risk.evaluation.labels import alarm_label

    lang = current_language()
    for row in found.to_dict("records"):
        name, text = alarm_label(row["alarm"], lang), row[f"message_{lang}"]
        if row["level"] == "alarm":
            say(Message("    [leak alarm] {check}: {text}", check=name, text=text))
        else:
            say(Message("    [leak warning] {check}: {text}", check=name, text=text))


def any_alarm(alarms: pd.DataFrame | None) -> bool:
    """Tell whether a leak alarm rang; warnings do not count."""
    return alarms is not None and bool((alarms["level"] == "alarm").any())
