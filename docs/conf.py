"""How the documentation is built: ``python -m sphinx -W -n docs build/docs``. Nothing in it is fetched from a network."""
# ruff: noqa: A001, A002, INP001 - names that Sphinx asks for; no package

from __future__ import annotations

import itertools
import re
import sys
from pathlib import Path
from typing import Any

from docutils.nodes import Element, SkipNode, math_block
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.search.en import SearchEnglish
from sphinx.util.nodes import make_refnode

sys.path.insert(0, str(Path(__file__).parent))

import generated

import fanpin_risk as fr

project = "fanpin_risk"
author = "the fanpin_risk developers"
copyright = author
version = release = fr.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["generated.py", "evidence"]
language = "en"

# Markdown
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3

# Docstrings say types, shapes and units in words; signatures stay short.
autodoc_typehints = "none"
autodoc_member_order = "bysource"
autodoc_default_options = {
    "exclude-members": "get_metadata_routing, set_fit_request, set_score_request"
}  # scikit-learn's own
napoleon_google_docstring = False
napoleon_use_param = False
napoleon_use_rtype = False
napoleon_custom_sections = [("Attributes", "params_style")]  # with types in words, as those of parameters

# Pages
html_theme = "furo"
html_title = "fanpin_risk · 返贫风险"
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False
html_math_renderer = "mathml"
html_search_language = "en"
html_static_path = ["static"]
html_css_files = ["style.css"]
pygments_style = "tango"
smartquotes = False  # two hyphens are an option of a command
highlight_language = "none"
nitpicky = True
# Other packages' documentation is elsewhere.
nitpick_ignore_regex = [("py:.*", r"(numpy|pandas|shap|sklearn|pyspark)\..*")]
# Modules whose names are documented as they are imported by users.
HOMES = (
    "fanpin_risk",
    "fanpin_risk.evaluation",
    "fanpin_risk.policy",
    "fanpin_risk.model.known_share",
    "fanpin_risk.model.store",
    "fanpin_risk.model.uncertainty",
    "fanpin_risk.errors",
)


class BothLanguages(SearchEnglish):
    """Search for words, and for pairs of Chinese characters, which stand without blanks between them."""

    def split(self, input: str) -> list[str]:
        """Return the words of a text, and every two neighbouring characters of its Chinese."""
        chinese = re.findall(r"[\u4e00-\u9fff]{2,}", input)
        return super().split(input) + [run[i : i + 2] for run in chinese for i in range(len(run) - 1)]


def read_again(_app: Sphinx, env: BuildEnvironment, *_changes: object) -> list[str]:
    """Read every page again in every build: what the code says may have changed where the page has not."""
    return sorted(env.found_docs)


def write_generated(_app: Sphinx, page: str, source: list[str]) -> None:
    """Complete a page by what the code says."""
    source[0] = generated.complete(page, source[0])


def write_formula(self: Any, node: Element) -> None:
    """Write a formula as MathML, which browsers show by themselves; a script would have to be fetched."""
    self.body.append(tex2mathml(node.astext(), as_block=isinstance(node, math_block)))
    raise SkipNode


def draw_dashes(_app: Sphinx, _what: str, _name: str, _thing: object, _options: object, lines: list[str]) -> None:
    """Write the dash between a parameter and its text as one."""
    lines[:] = [line.replace(" -- ", " \N{EN DASH} ") for line in lines]


def find_public(app: Sphinx, _env: object, node: pending_xref, content: Element) -> Element | None:
    """Lead a reference to where a name is defined to the public name that it is documented under.

    What is not documented on its own, such as parts of modules, is left as text, if it is there at all.
    """
    target = str(node.get("reftarget", ""))
    if node.get("refdomain") != "py":
        return None
    objects = app.env.domains.python_domain.objects
    last = target.split(".")[-2:]  # a class and its method, or a module and its function
    for home, name in itertools.product(HOMES, (".".join(last), last[-1])):
        if (public := f"{home}.{name}") in objects:
            found = objects[public]
            return make_refnode(app.builder, str(node["refdoc"]), found.docname, found.node_id, content, public)
    modules = [(name, module) for name, module in sys.modules.items() if name.startswith("fanpin_risk")]
    return content if any(_has(module, target.removeprefix(f"{name}.")) for name, module in modules) else None


def _has(thing: object, path: str) -> bool:
    first, _, rest = path.partition(".")
    return first in vars(thing) and (not rest or _has(vars(thing)[first], rest))


def name_language(_app: Sphinx, page: str, _template: str, context: dict[str, Any], _doctree: object) -> None:
    """Say in a Chinese page that it is Chinese, for fonts, screen readers and hyphenation."""
    if page.startswith("zh/"):
        context["language"] = "zh-CN"


def setup(app: Sphinx) -> None:
    """Tell Sphinx of the above."""
    app.add_search_language(BothLanguages)
    app.add_html_math_renderer("mathml", (write_formula, None), (write_formula, None))
    app.connect("autodoc-process-docstring", draw_dashes, priority=600)  # after napoleon
    app.connect("env-get-outdated", read_again)
    app.connect("source-read", write_generated)
    app.connect("missing-reference", find_public)
    app.connect("html-page-context", name_language)
