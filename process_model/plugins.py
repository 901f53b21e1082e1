"""Finds the members of a plug-in folder: one value of one type a module, by its name."""

import importlib
import pkgutil
from types import ModuleType
from typing import TypeVar

from process_model.errors import ConfigError

Kind = TypeVar("Kind")


def discover(package: ModuleType, kind: type[Kind]) -> dict[str, Kind]:
    """Import every module of the package and take its one value of type ``kind``.

    Raises ``ConfigError`` naming the module that has none or several.
    """
    found: dict[str, Kind] = {}
    for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda m: m.name):
        name = f"{package.__name__}.{module.name}"
        members = vars(importlib.import_module(name)).values()
        values = list({id(value): value for value in members if isinstance(value, kind)}.values())
        if len(values) != 1:
            raise ConfigError(
                f"{name} must hold exactly one {kind.__name__}, it holds {len(values)}"
            )
        found[module.name] = values[0]
    return found
