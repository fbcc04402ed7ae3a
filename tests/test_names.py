"""Top-level names: who reads one in an error, a review or a search finds one definition."""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

import fanpin_risk

PACKAGE = Path(fanpin_risk.__file__).parent
# Share of the names that may be defined in two modules or more.
LIMIT = 0.02
# Names that stand for one thing in all of their modules, and are not counted.
ONE_CONCEPT = {
    "FEATURES": "what each domain declares, gathered in features/table.py",
    **dict.fromkeys(
        ("drift", "evaluate", "explain", "pack", "recalibrate", "report", "screen"),
        "a command is called like the public function that it runs",
    ),
}


def defined(body: Iterable[ast.AST]) -> Iterator[str]:
    """Yield the names that statements on the top level define: functions, classes, constants; not what they import."""
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name))
        elif isinstance(node, (ast.If, ast.Try, ast.ExceptHandler, ast.With)):
            yield from defined(ast.iter_child_nodes(node))


def modules_of_names(sources: dict[str, str]) -> dict[str, set[str]]:
    """Return the modules that define each name; names that Python gives a meaning to, such as __all__, are left out."""
    found: dict[str, set[str]] = defaultdict(set)
    for module, source in sources.items():
        for name in defined(ast.parse(source).body):
            if not (name.startswith("__") and name.endswith("__")):
                found[name].add(module)
    return found


def test_few_names_are_defined_twice():
    """A name stands for one thing: the share of names with two definitions stays below the limit."""
    sources = {
        path.relative_to(PACKAGE).with_suffix("").as_posix(): path.read_text(encoding="utf-8")
        for path in PACKAGE.rglob("*.py")
    }
    found = modules_of_names(sources)
    several = {name: modules for name, modules in found.items() if len(modules) > 1}
    assert several.keys() >= ONE_CONCEPT.keys(), "a name that is defined once needs no line in ONE_CONCEPT"
    several = {name: modules for name, modules in several.items() if name not in ONE_CONCEPT}
    lines = [f"{name}: {', '.join(sorted(modules))}" for name, modules in sorted(several.items())]
    assert len(several) / len(found) < LIMIT, "rename, or import it from one of them:\n" + "\n".join(lines)


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("A = 1", {"A"}),
        ("A, (B, *C) = 1, (2, 3)", {"A", "B", "C"}),
        ("A: int = 1", {"A"}),
        ("def f():\n    B = 1", {"f"}),
        ("class C:\n    D = 1\n    def g(self): ...", {"C"}),
        ("try:\n    A = 1\nexcept ValueError:\n    B = 2", {"A", "B"}),
        ("if x:\n    A = 1\nelse:\n    def f(): ...", {"A", "f"}),
        ("__all__ = ['A']\nfrom a import B\nimport c", set()),
    ],
)
def test_the_reader_of_names_sees_them_all(source, names):
    """The test above is worth as much as the reader it rests on."""
    assert set(modules_of_names({"a": source})) == names


def test_a_name_in_two_modules_is_seen():
    """Private names count as well."""
    assert modules_of_names({"a": "_x = 1", "b": "def _x(): ...\ny = 2"}) == {"_x": {"a", "b"}, "y": {"b"}}
