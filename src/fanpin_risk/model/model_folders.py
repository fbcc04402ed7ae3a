"""Where models lie: the folder of a model, and that of the model that ships."""

from __future__ import annotations

import os
from pathlib import Path

from fanpin_risk.arguments import type_of
from fanpin_risk.errors import InputError, ModelFileError
from fanpin_risk.model.stored_files import CARD

__all__ = ["DEMO_MODELS", "demo_model", "model_folder", "own_folder"]

# Models that ship: of who will be recognised, and of who of the monitored will still be monitored.
DEMO_MODELS = ("demo", "demo-monitored")


def model_folder(path: str | os.PathLike[str]) -> Path:
    """Return the folder of a model: for ``demo`` and ``demo-monitored`` that of a model that ships, else the path itself.

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
    return demo_model(path) if isinstance(path, str) and path in DEMO_MODELS else Path(path)


def own_folder(path: str | os.PathLike[str]) -> Path:
    """Return the folder to write a model to: the model that ships stays as it is."""
    if isinstance(path, str) and path in DEMO_MODELS:
        raise InputError("{name!r} names a model that ships; write './{name}' for a folder of that name", name=path)
    return model_folder(path)


def demo_model(name: str = "demo") -> Path:
    """Return the folder of a model that ships: trained on a synthetic county, to try things out, not to decide.

    Parameters
    ----------
    name : {"demo", "demo-monitored"}
        Of who will be newly monitored, or of who of the monitored will still be monitored.

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
    places = (package / "models" / name, package.parents[1] / "models" / name)  # installed; in the sources
    for place in places:
        if (place / CARD).is_file():
            return place
    raise ModelFileError("the demo model was not installed with the package; train one: fanpin-risk train --help")
