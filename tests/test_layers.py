"""Who may import whom: read from the syntax trees of the sources."""

import ast
import re
from pathlib import Path

import pytest

import fanpin_risk

PACKAGE = Path(fanpin_risk.__file__).parent
ROOT = Path(__file__).resolve().parents[1]

# The picture: a room is a package, or one of the modules beside them. A module imports only from its own room or from
# a line above it, be it at its top, inside a function or for types. docs/architecture.md shows the same.
ROOMS = (
    "words",
    "errors",
    "arguments",
    "progress",
    "files",
    "workbooks",
    "records",
    "asof",
    "features",
    "policy",
    "ledger",
    "tree_shap",
    "explanation",
    "model",
    "watch",
    "leaks",
    "evaluation",
    "batch",
    "synthetic",
    "plots",
    "reports",
    "visits",
    "",  # the package itself: its public names
    "cli",
    "__main__",
)

# Heavy or optional packages -> the modules that may import them when they are themselves imported; all others do it
# inside the function that needs them, so that the start stays light and an optional package stays optional.
AT_THE_TOP = {
    "adbc_driver_manager": set(),
    "adbc_driver_postgresql": set(),
    "dask": set(),
    "distributed": set(),
    "duckdb": set(),
    "fairlearn": set(),
    "matplotlib": set(),
    "shap": set(),
    "sklearn": {
        "model.boosting",
        "model.boosting_input",
        "model.column_boosting",
        "model.ensemble",
        "model.fitted",
        "model.fitting",
        "model.metadata_routing",
        "model.parameters",
        "model.risk_model",
        "model.tree_arrays",
        "model.visit_fit",
        "evaluation.baselines",
        "evaluation.forecasts",
        "evaluation.level",
        "evaluation.settings",
    },
    "pyarrow": {  # pandas imports it itself
        "batch.packing.sorting",
        "batch.packing.stored_cells",
        "policy.evidence_text",
        "policy.screening",
        "records.cells.contents",
        "records.cells.dates",
        "records.cells.numbers",
        "records.checks.persons",
        "records.ids",
        "records.read.builder",
        "records.read.database_rows",
        "records.read.lines",
        "records.read.other_rows",
        "records.read.parquet",
        "records.write",
    },
    "openpyxl": {"records.write"},
    "psycopg": set(),
    "pyspark": set(),
    "python_calamine": set(),
    "sqlalchemy": set(),
    "jinja2": set(),
    "xlsxwriter": {"records.write"},
}

# Packages that only these modules may import at all.
ANYWHERE = {
    "shap": {"explanation"},
    "matplotlib": {"plots", "reports"},
    "fairlearn": {"evaluation"},
    "jinja2": {"reports"},
    "click": {"cli"},
}

LIGHT = {"cli", "", "__main__"}
HEAVY = {"numpy", "pandas", "scipy", "joblib", *AT_THE_TOP}


# Modules of more lines than this -> why a reader is better served by one file.
MOST_LINES = 500
LONG = {
    "model.risk_model": "one estimator; the docstrings of its public names are 379 of 789 lines, and what it does for "
    "fitting, scoring, explaining and showing stands in modules of their own",
}

# Modules without a test file of their name in the tests of their room -> the one that tests them, and names them.
TESTED_IN = {
    **{f"batch.updating.{module}": "batch/test_update.py" for module in ("applying", "exports", "generations")},
    **{
        f"policy.contradictions_of_{kind}": "policy/test_contradictions.py"
        for kind in ("endings", "forms", "incomes", "measures", "monitoring", "persons")
    },
    "policy.doubtful": "cli/test_checking.py",
    "policy.groups_of_change": "policy/test_groups.py",
    "synthetic.faults": "synthetic/test_planting.py",
    "synthetic.lacking_supports": "synthetic/test_planting.py",
    "synthetic.planted_household": "synthetic/test_planting.py",
    **{
        f"policy.{name}": "policy/test_entitlements.py"
        for name in (
            "asking",
            "entitlement_basis",
            "entitlements_of_assistance",
            "entitlements_of_health",
            "entitlements_of_school",
            "entitlements_of_work",
        )
    },
    "asof.line_table": "asof/test_monitoring_lines.py",
    "policy.description": "policy/test_screening.py",
    "policy.suspicion_rules": "policy/test_suspicions.py",
    "policy.support_kinds": "policy/test_proposed_measures.py",
    "policy.type_blocks": "policy/test_monitored_types.py",
    "policy.type_table": "policy/test_monitored_types.py",
    "records.codes_for_rules": "records/test_spell_values.py",
    "records.column_kinds": "records/test_spell_values.py",
    "policy.spells": "policy/test_contradictions.py",
    "policy.three_valued": "policy/test_groups.py",
    "records.unread_columns": "records/test_layout.py",
    "records.read.sheet_notes": "records/test_other_rows.py",
    "batch.lists": "cli/test_parts.py",
    "ledger.queries": "ledger/test_book.py",
    "evaluation.baselines": "evaluation/test_evaluate.py",
    "evaluation.between_groups": "evaluation/test_groups.py",
    "evaluation.evaluation": "evaluation/test_evaluate.py",
    "evaluation.forecasts": "evaluation/test_evaluate.py",
    "evaluation.group_audit": "evaluation/test_groups.py",
    "evaluation.judged_scores": "evaluation/test_drift.py",
    "evaluation.model_in_use": "evaluation/test_drift.py",
    "evaluation.options": "evaluation/test_intervals.py",
    "evaluation.predictions": "evaluation/test_intervals.py",
    "evaluation.protocol": "evaluation/test_evaluate.py",
    "evaluation.ranking": "evaluation/test_measures.py",
    "evaluation.results": "evaluation/test_curves.py",
    "evaluation.retraining": "evaluation/test_drift.py",
    "evaluation.two_samples": "evaluation/test_drift.py",
    "explanation.attribution": "explanation/test_explanation.py",
    "explanation.letter": "explanation/test_explanation.py",
    **{
        f"features.{domain}": "features/test_cases.py"
        for domain in (
            "consumption",
            "monitoring",
            "disability",
            "education",
            "facts",
            "health",
            "household",
            "income",
            "income_context",
            "living",
            "shocks",
            "work",
        )
    },
    "leaks.alarms": "leaks/test_checks.py",
    "leaks.records": "leaks/test_checks.py",
    "leaks.tables": "leaks/test_checks.py",
    "model.boosting_input": "model/test_boosting.py",
    "model.card_contents": "model/test_store.py",
    "model.check_rows": "model/test_store.py",
    "model.dated_references": "model/test_risk_model.py",
    "model.days_and_households": "model/test_risk_model.py",
    "model.display": "model/test_risk_model.py",
    "model.ensemble_facts": "model/test_ensemble.py",
    "model.fingerprint": "model/test_risk_model.py",
    "model.fitting": "model/test_risk_model.py",
    "model.folds": "model/test_risk_model.py",
    "model.metadata_routing": "model/test_risk_model.py",
    "model.model_explanation": "model/test_risk_model.py",
    "model.model_folders": "model/test_store.py",
    "model.parameters": "model/test_risk_model.py",
    "features.place": "model/test_place.py",
    "model.needed_counts": "model/test_known_share.py",
    **{f"model.place_{part}": "model/test_place.py" for part in ("facts", "fit", "reason")},
    "model.profile": "evaluation/test_drift.py",
    "model.score_table": "model/test_risk_model.py",
    "model.stored_files": "model/test_store.py",
    "model.tree_arrays": "model/test_boosting.py",
    "model.tree_checks": "model/test_boosting.py",
    "records.cells.contents": "records/test_columns.py",
    "records.declarations": "records/test_schema.py",
    "records.sheets": "records/test_column_map.py",
    "records.typed_tables": "records/test_register.py",
    "reports.card_training": "reports/test_card.py",
    "reports.documents": "reports/test_card.py",
    "reports.evidence": "reports/test_card.py",
    "reports.figures": "reports/test_card.py",
    "synthetic.demography": "synthetic/test_population.py",
    "synthetic.process": "synthetic/test_make.py",
    "visits.blocks": "visits/test_making.py",
    "visits.proposals": "visits/test_accepting.py",
    "visits.register_at_work": "visits/test_accepting.py",
    "visits.dwellers": "visits/test_making.py",
    "visits.form": "visits/test_reading_back.py",
    "visits.outcomes_of_visits": "visits/test_reading_back.py",
    "visits.troubles": "visits/test_reading_back.py",
    "tree_shap._cut": "tree_shap/test_tree_shap.py",
    "tree_shap._kernel": "tree_shap/test_tree_shap.py",
    "tree_shap._model": "tree_shap/test_tree_shap.py",
    "tree_shap._rows": "tree_shap/test_tree_shap.py",
    "tree_shap._sums": "tree_shap/test_tree_shap.py",
    "tree_shap._tables": "tree_shap/test_tree_shap.py",
}


def name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


MODULES = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}
TREES = {module: ast.parse(path.read_text(encoding="utf-8")) for module, path in MODULES.items()}


def room(module: str) -> str:
    """Return the package of a module, or the module itself where it stands beside the packages."""
    return module.partition(".")[0]


class Imports(ast.NodeVisitor):
    """All imports of a module: (dotted name, line, how), how being "top", "inside" a function or for "types" only."""

    def __init__(self) -> None:
        self.found: list[tuple[str, int, str]] = []
        self.relative: list[int] = []
        self.how = "top"

    def within(self, how: str, nodes: list[ast.stmt]) -> None:
        before, self.how = self.how, how
        for node in nodes:
            self.visit(node)
        self.how = before

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.within("inside", node.body)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.within("inside", node.body)

    def visit_If(self, node: ast.If) -> None:
        for_types = isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        self.within("types" if for_types else self.how, node.body)
        self.within(self.how, node.orelse)

    def visit_Import(self, node: ast.Import) -> None:
        self.found += [(alias.name, node.lineno, self.how) for alias in node.names]

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.level:
            self.relative.append(node.lineno)
            return
        for alias in node.names:
            dotted = f"{node.module}.{alias.name}"
            is_module = dotted.removeprefix("fanpin_risk.") in MODULES
            self.found.append((dotted if is_module else str(node.module), node.lineno, self.how))


def imports_of(tree: ast.AST) -> Imports:
    visitor = Imports()
    visitor.visit(tree)
    return visitor


def own(dotted: str) -> str | None:
    """Name a module of the package as in MODULES, or None for a foreign one."""
    if dotted == "fanpin_risk":
        return ""
    return dotted.removeprefix("fanpin_risk.") if dotted.startswith("fanpin_risk.") else None


IMPORTS = {module: imports_of(tree) for module, tree in TREES.items()}


def test_every_room_has_a_line_in_the_picture():
    """A new package is given its place, here and in the documentation, before anything leans on it."""
    assert {room(module) for module in MODULES} == set(ROOMS)
    shown = re.findall(
        r"^\| `(\w+)/?` \|", (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert shown == [name for name in ROOMS if name not in ("", "__main__")]


@pytest.mark.parametrize("module", MODULES)
def test_no_module_imports_from_a_room_above_its_own(module):
    """Data flows one way: also an import inside a function or for types may not point upward."""
    upward = [
        f"line {line} imports {dotted}"
        for dotted, line, _ in IMPORTS[module].found
        if (target := own(dotted)) is not None and ROOMS.index(room(target)) > ROOMS.index(room(module))
    ]
    assert upward == []


@pytest.mark.parametrize("module", MODULES)
def test_imports_are_absolute(module):
    """A relative import would slip past the other tests of this file."""
    assert IMPORTS[module].relative == []


def private_names(module: str, tree: ast.AST) -> list[str]:
    """Return the private modules and names of other rooms that a module imports."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            target = own(name)
            private = target is not None and re.search(r"(^|\.)_(?!_)", target)
            if private and room(target) != room(module):
                found.append(f"line {node.lineno} imports {name}")
    return found


@pytest.mark.parametrize("module", MODULES)
def test_rooms_share_public_names_only(module):
    """What two rooms share has a public home; all else may change without asking the others."""
    assert private_names(module, TREES[module]) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from fanpin_risk.words.message import _shown", ["line 1 imports fanpin_risk.words.message._shown"]),
        ("def f():\n    from fanpin_risk.tree_shap._cut import Cut", ["line 2 imports fanpin_risk.tree_shap._cut.Cut"]),
        ("import fanpin_risk.tree_shap._cut", ["line 1 imports fanpin_risk.tree_shap._cut"]),
        ("from fanpin_risk import __version__\nfrom numpy import _x", []),
        ("from fanpin_risk.records.cells import _own", []),
    ],
)
def test_private_names_of_other_rooms_are_seen(source, found):
    """The test above finds what it looks for, and leaves a room its own."""
    assert private_names("records.register", ast.parse(source)) == found


@pytest.mark.parametrize(
    "module",
    [
        name
        for name in MODULES
        if name.startswith("features.")
        and name not in ("features.table", "features.labels", "features.evidence", "features.facts")
    ],
)
def test_the_domains_of_features_do_not_lean_on_one_another(module):
    """A domain file of features can be read, changed and removed alone; all may build on the measures of income.

    Facts of causes are no domain: they are read out of what several domains have made.
    """
    shared = {"features.feature", "features.income", "features.wording"}
    others = {target for dotted, _, _ in IMPORTS[module].found if (target := own(dotted)) is not None}
    assert {name for name in others if name.startswith("features")} <= shared


def needed(module: str) -> set[str]:
    """Return the modules that must be there before a module is, now or when a function of it runs.

    A module of another folder brings that folder's ``__init__`` along.
    """
    targets = {target for dotted, _, _ in IMPORTS[module].found if (target := own(dotted)) is not None}
    folder = module.partition(".")[0]
    brought = {target.partition(".")[0] for target in targets if "." in target} - {folder}
    return (targets | brought) - {module, ""}


def test_there_is_no_cycle_of_imports():
    """Every module can be imported first: none leads back to itself, neither at its top nor inside of a function."""
    graph = {module: needed(module) for module in MODULES}
    while leaves := [module for module, targets in graph.items() if not targets & graph.keys()]:
        for module in leaves:
            del graph[module]
    assert graph == {}


@pytest.mark.parametrize("module", MODULES)
def test_heavy_packages_are_imported_where_they_are_needed(module):
    """Nobody waits for shap, matplotlib or scikit-learn who does not use them, and only named modules may."""
    wrong = []
    for dotted, line, how in IMPORTS[module].found:
        package = dotted.split(".")[0]
        top = how == "top" and module not in AT_THE_TOP.get(package, {module})
        anywhere = how != "types" and module.split(".")[0] not in ANYWHERE.get(package, {module.split(".")[0]})
        light = how == "top" and module.split(".")[0] in LIGHT and package in HEAVY
        if top or anywhere or light:
            wrong.append(f"line {line} imports {dotted}")
    assert wrong == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import a.b", [("a.b", 1, "top")]),
        ("from fanpin_risk import errors", [("fanpin_risk.errors", 1, "top")]),
        ("from fanpin_risk.errors import FanpinError", [("fanpin_risk.errors", 1, "top")]),
        ("def f():\n    import shap", [("shap", 2, "inside")]),
        ("class C:\n    import a\n    async def f(self):\n        import b", [("a", 2, "top"), ("b", 4, "inside")]),
        ("if TYPE_CHECKING:\n    import a\nelse:\n    import b", [("a", 2, "types"), ("b", 4, "top")]),
        ("try:\n    import a\nexcept ImportError:\n    a = None", [("a", 2, "top")]),
        ("from . import x", []),
    ],
)
def test_the_reader_of_imports_sees_them_all(source, found):
    """The tests above are worth as much as the reader they rest on."""
    assert imports_of(ast.parse(source)).found == found


def test_tests_stand_in_the_folder_of_a_room():
    """A folder of tests is named like the room it tests."""
    folders = {path.parent.relative_to(ROOT / "tests").parts[0] for path in (ROOT / "tests").glob("*/test_*.py")}
    assert folders - set(ROOMS) == {"benchmarks"}


@pytest.mark.parametrize("module", [*MODULES, *(LONG.keys() - MODULES.keys())])
def test_a_file_is_short_or_says_why_not(module):
    """A file is read at one sitting; one that is longer has a reason, and loses it when it is short again."""
    assert module in MODULES, f"LONG names {module}, which is not there"
    lines = len(MODULES[module].read_text(encoding="utf-8").splitlines())
    assert (lines > MOST_LINES) == (module in LONG), (
        f"{lines} lines: split it along its concepts; a reason in LONG belongs to files of more than {MOST_LINES}"
    )


def own_test_files(module: str) -> list[Path]:
    """Return the test files named like a module, in the tests of its room."""
    stem = module.rpartition(".")[2]
    folder = ROOT / "tests" / room(module) if "." in module else ROOT / "tests"
    return [*folder.rglob(f"test_{stem}.py")]


@pytest.mark.parametrize("module", [*MODULES, *(TESTED_IN.keys() - MODULES.keys())])
def test_every_module_has_a_test_file(module):
    """Who changes a module finds its tests by its name, or in TESTED_IN."""
    assert module in MODULES, f"TESTED_IN names {module}, which is not there"
    if MODULES[module].stem in ("__init__", "__main__"):
        return
    own = own_test_files(module)
    assert bool(own) != (module in TESTED_IN), f"test_{module.rpartition('.')[2]}.py, or else a line in TESTED_IN"
    if not own:
        text = (ROOT / "tests" / TESTED_IN[module]).read_text(encoding="utf-8")
        path = MODULES[module].relative_to(PACKAGE).as_posix()
        assert path in text or f"fanpin_risk.{module} " in text, (
            f"{TESTED_IN[module]} says nowhere that it tests {path}"
        )
