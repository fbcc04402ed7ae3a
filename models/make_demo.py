"""Make the models that ship anew: python models/make_demo.py [FOLDER]

The same synthetic county, days and seed give the same trees, references, profile and lines, byte for byte; the cards
differ in the time they were made and the versions they name. Without FOLDER, models/demo and models/demo-monitored
themselves are replaced.
"""

import argparse
from pathlib import Path

import fanpin_risk as fr

HOUSEHOLDS, SEED = 41_609, 0
# Name -> event and training days. A county has about 900 monitored households on a day, so the second learns from three.
MODELS = {
    "demo": ("newly_monitored", ("2021-12-31", "2022-12-31")),
    "demo-monitored": ("not_eliminated", ("2020-12-31", "2021-12-31", "2022-12-31")),
}
HERE = Path(__file__).resolve().parent
# What decides the scores; the card tells about it.
DATA = ("trees.npz", "references.csv", "profile.csv", "lines.csv")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=HERE)
    folder = parser.parse_args().folder
    register = fr.make_register(HOUSEHOLDS, SEED)
    for name, (target, training_days) in MODELS.items():
        shipped, out = HERE / name, folder / name
        before = {file: (shipped / file).read_bytes() for file in DATA if (shipped / file).exists()}
        days = [fr.training_day(register, day, horizon_months=12, target=target) for day in training_days]
        model = fr.RiskModel(target=target, random_state=SEED, name=name).fit_days(days, horizon_months=12)
        fr.save_model(model, out, alarms=fr.leak_alarms(register, days=days, model=model), overwrite=True)
        for file in DATA:
            print(f"{name}/{file}: {'as before' if (out / file).read_bytes() == before.get(file) else 'changed'}")


if __name__ == "__main__":
    main()
