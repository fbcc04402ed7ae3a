"""Make the demo model anew: python models/make_demo.py [FOLDER]

The same synthetic county, days and seed give the same trees, references, profile and lines, byte for byte; the card
differs in the time it was made and the versions it names. Without FOLDER, models/demo itself is replaced.
"""

import argparse
from pathlib import Path

import fanpin_risk as fr

HOUSEHOLDS, SEED = 41_609, 0
DAYS = ("2021-12-31", "2022-12-31")
HERE = Path(__file__).resolve().parent / "demo"
# What decides the scores; the card tells about it.
DATA = ("trees.npz", "references.csv", "profile.csv", "lines.csv")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=HERE)
    folder = parser.parse_args().folder
    before = {name: (HERE / name).read_bytes() for name in DATA if (HERE / name).exists()}
    register = fr.make_register(HOUSEHOLDS, SEED)
    days = [fr.training_day(register, day, horizon_months=12, target="newly_monitored") for day in DAYS]
    model = fr.RiskModel(target="newly_monitored", random_state=SEED, name="demo").fit_days(days, horizon_months=12)
    fr.save_model(model, folder, alarms=fr.leak_alarms(register, days=days, model=model), overwrite=True)
    for name in DATA:
        same = (folder / name).read_bytes() == before.get(name)
        print(f"{name}: {'as before' if same else 'changed'}")


if __name__ == "__main__":
    main()
