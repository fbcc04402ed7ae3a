"""What a run of scores in parts is to do, and the names under which its results are kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from fanpin_risk.arguments import one_of, switch, whole_number
from fanpin_risk.batch.layout import Partition
from fanpin_risk.policy import Policy
from fanpin_risk.policy.beside_the_model import checked_groups
from fanpin_risk.policy.parameters import checked_policy
from fanpin_risk.words import LANGUAGES, Language

__all__ = [
    "CONTRIBUTIONS",
    "FOLDERS",
    "FORMAT",
    "FORMATS",
    "JOB",
    "LOCK",
    "MANIFEST",
    "MODEL",
    "PARTS",
    "RECORDS",
    "RUN",
    "UNSCORED",
    "Job",
    "ScoreOptions",
    "facts_of",
    "identity_of",
    "plain_text",
    "read_record",
    "signed_record",
]

FORMAT = "fanpin-risk scores 4"
FORMATS = ("parquet", "csv", "xlsx")
JOB, MANIFEST, RUN, LOCK = "job.json", "manifest.json", "run.json", ".lock"
PARTS, UNSCORED, CONTRIBUTIONS, RECORDS = "parts", "unscored", "contributions", "records"
FOLDERS = (PARTS, UNSCORED, CONTRIBUTIONS, RECORDS)
FOLDER_OF = {"scores": PARTS, "unscored": UNSCORED, "contributions": CONTRIBUTIONS}  # table: where its parts are
MODEL = ".model"
MOST_REASONS = 20


@dataclass(frozen=True)
class ScoreOptions:
    """What is said of each household and which tables it goes into, scored in memory and in parts alike.

    Attributes
    ----------
    n_reasons : int, default 3
        Reasons for each household, 0 to 20.
    lang : {"zh", "en"}, default "zh"
        Their language.
    groups : sequence of str, default ()
        Codes of :data:`fanpin_risk.policy.HOUSEHOLD_GROUPS`: it is said which of these a household belongs to, and lists hold
        only households of any of them.
    all_contributions : bool, default False
        Whether contributions of all features are written too.
    format : {"parquet", "csv", "xlsx"}, default "parquet"
        Kind of the files of scores and of households without a score. Contributions are always Parquet.
    policy : Policy, optional
        Numbers of the rules beside the model. Default: those that ship with the package.

    Raises
    ------
    InputError
        If one is not as described.

    Examples
    --------
    >>> options = ScoreOptions(n_reasons=1, all_contributions=True, format="csv")
    >>> options.of_the_model()
    {'n_reasons': 1, 'lang': 'zh', 'groups': (), 'policy': None}
    >>> options.tables()
    {'scores': 'csv', 'unscored': 'csv', 'contributions': 'parquet'}
    """

    n_reasons: int = 3
    lang: Language = "zh"
    groups: Sequence[str] = ()
    all_contributions: bool = False
    format: Literal["parquet", "csv", "xlsx"] = "parquet"
    policy: Policy | None = None

    def __post_init__(self) -> None:
        one_of("lang", self.lang, LANGUAGES)
        one_of("format", self.format, FORMATS)
        switch("all_contributions", self.all_contributions)
        if self.policy is not None:
            checked_policy(self.policy)
        number = whole_number("n_reasons", self.n_reasons, 0, MOST_REASONS)
        object.__setattr__(self, "n_reasons", number)  # out of an array it would not be plain data
        object.__setattr__(self, "groups", checked_groups(self.groups))

    def as_dict(self) -> dict[str, Any]:
        """Return the options as the arguments of :func:`fanpin_risk.score_register` that they are."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    def facts(self) -> dict[str, Any]:
        """Return them as plain data: of own numbers of the rules their file and fingerprint, nothing where there are none."""
        told = self.as_dict() | {
            "policy": None if self.policy is None else self.policy.label,
            "groups": list(self.groups),  # as JSON gives it back
        }
        return {name: value for name, value in told.items() if name != "policy" or value is not None}

    def of_the_model(self) -> dict[str, Any]:
        """Return those that :meth:`fanpin_risk.RiskModel.score_all` takes: all but those of the files."""
        return {name: value for name, value in self.as_dict().items() if name not in ("all_contributions", "format")}

    def tables(self) -> dict[str, str]:
        """Return the names of the tables that are written, with the endings of their files."""
        asked: dict[str, str] = {"scores": self.format, "unscored": self.format}
        return asked | ({"contributions": "parquet"} if self.all_contributions else {})


@dataclass(frozen=True)
class Job:
    """What one partition's result depends on, beside the partition: plain data, so that it travels to any process.

    Attributes
    ----------
    register : str
        Folder of the packed register; ``""`` where partitions are handed over in memory.
    model : str
        Folder of the model, for :func:`fanpin_risk.load_model`.
    label : str
        Name and fingerprint that the model there must have.
    out : str
        Folder of the results, that all processes can write to.
    as_of : str
        The day.
    options : ScoreOptions
        What is said of each household, and which tables it goes into.
    identity : str
        SHA-256 of ``job.json``.
    basis : str
        SHA-256 of what a result depends on beside its partition.
    """

    register: str
    model: str
    label: str
    out: str
    as_of: str
    options: ScoreOptions
    identity: str
    basis: str

    @classmethod
    def of_facts(cls, facts: Mapping[str, Any], **places: Any) -> Job:
        """Make the job of what ``job.json`` says; `places` are the other attributes."""
        basis = {key: value for key, value in facts.items() if key != "register"}
        basis["options"] = {key: value for key, value in facts["options"].items() if key != "partitions"}
        if not facts["register"]["packed"]:  # its partitions have no fingerprints of their own
            basis["register"] = facts["register"]
        return cls(identity=_digest_of(facts), basis=_digest_of(basis), **places)

    def of(self, partition: Partition) -> str:
        """Return the SHA-256 of all that the result of a partition depends on."""
        return hashlib.sha256(f"{self.basis} {partition.fingerprint}".encode()).hexdigest()

    def files(self, name: str) -> dict[str, str]:
        """Return the files of a partition in the output, by table, without its record."""
        return {table: f"{FOLDER_OF[table]}/{name}.{ending}" for table, ending in self.options.tables().items()}


def _digest_of(value: Mapping[str, Any]) -> str:
    return hashlib.sha256(plain_text(value).encode()).hexdigest()


def plain_text(value: Mapping[str, Any]) -> str:
    """Return plain data as the text of a file."""
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def identity_of(folder: Path) -> str:
    """Return the SHA-256 of the job of a folder of results; nothing where there is none."""
    try:
        return hashlib.sha256((folder / JOB).read_bytes()).hexdigest()
    except OSError:
        return ""


def facts_of(file: Path) -> dict[str, Any]:
    """Return size and SHA-256 of a file."""
    data = file.read_bytes()
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def signed_record(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept of a partition that is done, with the SHA-256 of all that it says."""
    said = {key: value for key, value in record.items() if key != "digest"}
    return {**said, "digest": hashlib.sha256(plain_text(said).encode()).hexdigest()}


def read_record(file: Path) -> dict[str, Any] | None:
    """Read the record of a partition; None where there is none that is as it was written."""
    try:
        record: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return record if signed_record(record)["digest"] == record["digest"] else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
