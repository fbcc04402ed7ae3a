"""The notebooks as committed: in step with their scripts, with outputs of synthetic data only.

pytest executes them as well (--nbmake). After a change of a script, `jupytext --sync notebooks/*.py` and
`pytest -n0 --nbmake --overwrite notebooks`, without FANPIN_DATA, write the outputs anew.
"""

import re
from pathlib import Path

import jupytext
import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = sorted((ROOT / "notebooks").glob("*.py"))
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
each = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
# Folders of a computer, and what stands in messages that name its files.
MACHINE = re.compile(
    r"(?<![\w.])/(?:home|Users|root|tmp|work|private|var|opt|usr)/|[A-Za-z]:\\|site-packages|ipykernel_\d"
)
SKIPPED = "06_real_panel"


def read(path):
    return nbformat.read(path, as_version=4)


def outputs(notebook):
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def texts(output):
    """Return all that an output says in words; pictures are left out."""
    data = output.get("data", {})
    found = [output.get("text", ""), *(data[kind] for kind in data if not kind.startswith("image/"))]
    return [text if isinstance(text, str) else "".join(text) for text in found]


def test_every_script_has_its_notebook():
    """There are eight, numbered in the order in which they are read."""
    assert [path.stem for path in SCRIPTS] == [path.stem for path in NOTEBOOKS]
    assert [path.stem[:3] for path in NOTEBOOKS] == [f"0{number}_" for number in range(1, 9)]


@each
def test_script_and_notebook_are_in_step(path):
    """What is reviewed as a script is what the notebook holds, cell by cell."""
    script = jupytext.read(path.with_suffix(".py"))
    notebook = read(path)
    assert [(cell.cell_type, cell.source) for cell in notebook.cells] == [
        (cell.cell_type, cell.source) for cell in script.cells
    ]
    assert notebook.metadata["jupytext"]["formats"] == "ipynb,py:percent"


@each
def test_outputs_are_of_one_run_from_top_to_bottom(path):
    """Every cell was executed, in order, without an error or a warning."""
    notebook = read(path)
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))
    kinds = {output.output_type for output in outputs(notebook)}
    assert kinds <= {"stream", "execute_result", "display_data"}
    assert {output.name for output in outputs(notebook) if output.output_type == "stream"} <= {"stdout"}


@each
def test_no_output_names_a_machine(path):
    """Neither paths nor messages of the computer on which the notebooks were run."""
    found = [text for output in outputs(read(path)) for text in texts(output) if MACHINE.search(text)]
    assert found == []


@pytest.mark.parametrize(
    "text", [r"C:\li", "ipykernel_123/1.py", *(f"see /{name}/li" for name in ("home", "tmp", "opt"))]
)
def test_the_search_for_machines_finds_them(text):
    """The empty list above means something."""
    assert MACHINE.search(text)


def test_nothing_of_real_data_is_committed():
    """The notebook of real panels holds what it says where there are none, and no more."""
    found = outputs(read(ROOT / "notebooks" / f"{SKIPPED}.ipynb"))
    assert [output.output_type for output in found] == ["stream"]
    assert found[0].text.startswith("跳过：环境变量 FANPIN_DATA")
    assert len(found[0].text.splitlines()) == 2


@each
def test_other_notebooks_say_that_their_register_is_made_up(path):
    """No notebook but that of real panels reads data that it did not make itself."""
    source = "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "code")
    assert ("make_register(" in source) == (path.stem != SKIPPED)
    assert ("FANPIN_DATA" in source) == (path.stem == SKIPPED)


@each
def test_it_opens_with_a_question_and_ends_with_what_to_do_next(path):
    """The reader learns in both languages what it answers, and where to go on."""
    cells = read(path).cells
    assert cells[0].cell_type == cells[-1].cell_type == "markdown"
    title, _, english = cells[0].source.splitlines()[:3]
    assert re.fullmatch(rf"# {path.stem[:2]} .*？", title)
    assert re.fullmatch(rf"\*\*{path.stem[:2]} .*\?\*\*", english)
    assert cells[-1].source.startswith("**下一步：**")
    assert "\n**Next:**" in cells[-1].source
    assert sum(cell.cell_type == "code" for cell in cells) <= 10


@each
def test_links_lead_somewhere(path):
    """Every file that a notebook links to is there."""
    prose = [cell for cell in read(path).cells if cell.cell_type == "markdown"]
    links = [link for cell in prose for link in re.findall(r"\]\(([^)#:]+)\)", cell.source)]
    assert [link for link in links if not (path.parent / link).exists()] == []


@each
def test_it_is_small(path):
    """Pictures are fit for a page, not for a wall: a clone stays quick, and the hook for large files lets them pass."""
    assert path.stat().st_size < 500_000
