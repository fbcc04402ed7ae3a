"""Where models lie: the folder of a model, and that of the model that ships."""

from __future__ import annotations

import os
from pathlib import Path

from fanpin_risk.arguments import type_of
from fanpin_risk.errors import InputError, ModelFileError
from fanpin_risk.model.stored_files import CARD

__all__ = ["demo_model", "model_folder", "own_folder"]

DEMO = "demo"


def model_folder(path: str | os.PathLike[str]) -> Path:
    """Return the folder of a model: for the text ``demo`` that of the model that ships, else the path itself.

    Parameters
    ----------
    path : path-like
        As for :func:`load_model`.

    Returns
    -------
    Path

    Raises
    ------
    ModelFileError
        If `path` is not a path, or this installation came without the model that ships.

    Examples
    --------
    >>> model_folder("demo") == demo_model(), model_folder("./demo").name
    (True, 'demo')
    """
    if not isinstance(path, (str, os.PathLike)):
        raise ModelFileError(
            "expected the folder of a saved model, or 'demo' for the one that ships; got the type {got}",
            got=type_of(path),
        )
    return demo_model() if path == DEMO else Path(path)


def own_folder(path: str | os.PathLike[str]) -> Path:
    """Return the folder to write a model to: the model that ships stays as it is."""
    if isinstance(path, str) and path == DEMO:
        raise InputError("'demo' names the model that ships; write './demo' for a folder of that name")
    return model_folder(path)


def demo_model() -> Path:
    """Return the folder of the model that ships: trained on a synthetic county, to try things out, not to decide.

    Returns
    -------
    Path
        For :func:`load_model`.

    Raises
    ------
    ModelFileError
        If this installation came without it.

    Examples
    --------
    >>> import fanpin_risk as fr
    >>> fr.load_model(demo_model()).name
    'demo'
    """
    package = Path(__file__).parents[1]
    places = (package / "models" / "demo", package.parents[1] / "models" / "demo")  # installed; in the sources
    for place in places:
        if (place / CARD).is_file():
            return place
    raise ModelFileError("the demo model was not installed with the package; train one: fanpin-risk train --help")
