"""Modules that a package imports at its start and uses for its plots and tables alone: left out until one is used.

The standard library's `LazyLoader` runs a module as soon as a second importer asks for it.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

_running = threading.RLock()


class _Unrun(ModuleType):
    """A module that runs when it is asked for more than the import system has given it: spec, path, modules inside it."""

    def __getattribute__(self, name: str) -> Any:
        if name == "__class__" or (name != "__dict__" and name in super().__getattribute__("__dict__")):
            return super().__getattribute__(name)
        with _running:
            if type(self) is _Unrun:
                self.__class__ = ModuleType
                self.__spec__.loader.exec_module(self)
        return getattr(self, name)


class _Later(Loader):
    def __init__(self, loader: Loader):
        self.loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__.loader = module.__loader__ = self.loader
        module.__class__ = _Unrun


class _Lazily(MetaPathFinder):
    def __init__(self, names: frozenset[str]):
        self.names = names

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path, target) if name in self.names else None
        if spec is not None and spec.loader is not None:
            spec.loader = _Later(spec.loader)
        return spec


@contextmanager
def lazily(*names: str) -> Iterator[None]:
    """What is imported inside finds these modules unrun; the first look at one runs it, whole and only then.

    One that isn't installed is missing as ever, and `from it import x` runs it at once.
    """
    finder = _Lazily(frozenset(names))
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
