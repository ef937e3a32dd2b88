"""What functions and values of a package take for granted where nothing is said: defaults that are numbers or flags."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from types import FunctionType, ModuleType


def modules(package: str) -> Iterator[ModuleType]:
    """A module, or every module of a package."""
    module = importlib.import_module(package)
    yield module
    for found in pkgutil.walk_packages(getattr(module, "__path__", ()), f"{package}."):
        yield importlib.import_module(found.name)


def _own(module: ModuleType) -> Iterator[tuple[str, object]]:
    """Functions, classes and their methods that are written in a module."""
    for name, value in vars(module).items():
        if getattr(value, "__module__", None) == module.__name__:
            yield name, value
            if isinstance(value, type):
                yield from ((f"{name}.{n}", f) for n, f in vars(value).items() if isinstance(f, FunctionType))


def _of(value: object) -> dict[str, object]:
    if isinstance(value, type):
        fields = dataclasses.fields(value) if dataclasses.is_dataclass(value) else ()
        flags = {n: v for n, v in vars(value).items() if isinstance(v, bool) and not n.startswith("_")}
        return {f.name: f.default for f in fields} | flags
    if isinstance(value, FunctionType):
        return {n: p.default for n, p in inspect.signature(value).parameters.items()}
    return {}


def said_otherwise(*packages: str) -> dict[str, object]:
    """`module.owner.name` -> default, of those that are neither zero nor false; `__init__` of dataclasses says it twice."""
    return {
        f"{module.__name__.rpartition('.')[2]}.{owner}.{name}": default
        for package in packages
        for module in modules(package)
        for owner, value in _own(module)
        if not owner.endswith(".__init__") or not dataclasses.is_dataclass(vars(module).get(owner.partition(".")[0]))
        for name, default in _of(value).items()
        if isinstance(default, bool | int | float) and default
    }
