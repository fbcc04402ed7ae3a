"""Who may import whom: read from the syntax trees of the sources."""

import ast
from pathlib import Path

import pytest

import fanpin_risk

PACKAGE = Path(fanpin_risk.__file__).parent

# A module imports only from lines above its own or from its own line. The modules of a folder stand where the folder
# does, unless "folder.*" or they themselves are named; so do the folders in it.
LAYERS = (
    ("words",),
    ("errors",),
    ("progress", "files"),
    ("records.schema", "records.ids"),
    ("records.cells", "records.problems", "records.headers", "records.sheets", "records.rows", "records.checks"),
    ("asof.monitoring_lines",),
    ("records", "synthetic"),
    ("asof",),
    ("features.feature",),
    ("features.income",),
    ("features.*",),
    ("features.table", "features.labels"),
    ("features",),
    ("model.boosting",),
    ("tree_shap",),
    ("model.folds", "model.tiers", "model.training_day", "model.profile"),
    ("explanation", "model.uncertainty"),
    ("model",),
    ("watch",),
    ("leaks",),
    ("evaluation", "batch"),
    ("plots",),
    ("reports",),
    ("",),  # the package itself: its public names
    ("cli",),
    ("__main__",),
)

# Heavy or optional packages -> the modules that may import them when they are themselves imported; all others do it
# inside the function that needs them, so that the start stays light and an optional package stays optional.
AT_THE_TOP = {
    "dask": set(),
    "distributed": set(),
    "duckdb": set(),
    "fairlearn": set(),
    "matplotlib": set(),
    "shap": set(),
    "sklearn": {"model.boosting", "model.risk_model", "evaluation.baselines", "evaluation.protocol"},
    "pyarrow": {  # pandas imports it itself
        "records.cells.contents",
        "records.cells.dates",
        "records.cells.numbers",
        "records.read.builder",
        "records.read.other_rows",
        "records.read.parquet",
        "records.write",
    },
    "openpyxl": {"records.write"},
    "pyspark": set(),
    "python_calamine": set(),
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


def name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


MODULES = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def layer(module: str) -> int:
    parts = module.split(".")
    folders = [".".join(parts[:n]) for n in range(len(parts) - 1, 0, -1)]
    for name in (module, *(name for folder in folders for name in (f"{folder}.*", folder))):
        for number, names in enumerate(LAYERS):
            if name in names:
                return number
    raise AssertionError(f"module {module!r} stands in no layer: add it to LAYERS")


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


def imports_of(source: str) -> Imports:
    visitor = Imports()
    visitor.visit(ast.parse(source))
    return visitor


def own(dotted: str) -> str | None:
    """Name a module of the package as in LAYERS, or None for a foreign one."""
    if dotted == "fanpin_risk":
        return ""
    return dotted.removeprefix("fanpin_risk.") if dotted.startswith("fanpin_risk.") else None


IMPORTS = {module: imports_of(path.read_text(encoding="utf-8")) for module, path in MODULES.items()}


@pytest.mark.parametrize("module", MODULES)
def test_no_module_imports_from_a_layer_above_its_own(module):
    """Data flows one way: also an import inside a function or for types may not point upward."""
    upward = [
        f"line {line} imports {dotted}"
        for dotted, line, _ in IMPORTS[module].found
        if (target := own(dotted)) is not None and layer(target) > layer(module)
    ]
    assert upward == []


@pytest.mark.parametrize("module", MODULES)
def test_imports_are_absolute(module):
    """A relative import would slip past the other tests of this file."""
    assert IMPORTS[module].relative == []


@pytest.mark.parametrize("module", [name for name in MODULES if name.startswith(("evaluation.", "cli."))])
def test_evaluation_and_command_line_use_public_names_only(module):
    """What two modules share has a public home."""
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    imported = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    private = [alias.name for node in imported for alias in node.names if alias.name.startswith("_")]
    assert private == []


@pytest.mark.parametrize(
    "module",
    [name for name in MODULES if name.startswith("features.") and name not in ("features.table", "features.labels")],
)
def test_the_domains_of_features_do_not_lean_on_one_another(module):
    """A domain file of features can be read, changed and removed alone; all may build on the measures of income."""
    shared = {"features.feature", "features.income"}
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
    assert imports_of(source).found == found
