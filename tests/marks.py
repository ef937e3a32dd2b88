"""Markers of tests: what each needs that isn't everywhere, and which are left out of `make quick`.

`needs_r("AER")` skips where R or that package isn't; `browser` where no Chromium can be driven. A test that opens a
browser, itself or through a fixture or a function of its module, bears `browser` without being told.
`slow` is on what is beyond the seconds of `make quick`: see tests/slow.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from types import FunctionType
from typing import Any

import pytest

import browser
import slow
from parity.r.probe import probe


@cache
def lacking(packages: tuple[str, ...]) -> list[str]:
    """What of R and these packages isn't here."""
    found = probe()
    return ["R", *packages] if found is None else [name for name in packages if found.package(name) is None]


def called(function: Any, seen: set[int]) -> Iterator[Any]:
    """A function and every function of its own module that it reaches by name, nested ones included."""
    function = getattr(function, "__wrapped__", function)
    if not isinstance(function, FunctionType) or id(function) in seen:
        return
    seen.add(id(function))
    yield function
    codes = [function.__code__]
    while codes:
        code = codes.pop()
        codes += [constant for constant in code.co_consts if hasattr(constant, "co_names")]
        for name in code.co_names:
            other = function.__globals__.get(name)
            if other is browser.browser or other is browser:
                yield browser.browser
            elif getattr(other, "__module__", None) == function.__module__:
                yield from called(other, seen)


@cache
def reaches_a_browser(function: Any) -> bool:
    return any(each is browser.browser for each in called(function, set()))


def opens_a_browser(item: pytest.Function) -> bool:
    fixtures = [definition.func for found in item._fixtureinfo.name2fixturedefs.values() for definition in found]
    return any(map(reaches_a_browser, (item.function, *fixtures)))


def mark(items: list[pytest.Item]) -> None:
    """Give each test the markers that follow from what it calls, and skip those whose needs aren't met."""
    late = slow.slow(slow.listed(), {slow.name_of(item.nodeid) for item in items})
    for item in items:
        if slow.name_of(item.nodeid) in late:
            item.add_marker(pytest.mark.slow)
        if isinstance(item, pytest.Function) and opens_a_browser(item):
            item.add_marker(pytest.mark.browser)
        missing = [name for marker in item.iter_markers("needs_r") for name in lacking(marker.args)]
        if missing:
            item.add_marker(pytest.mark.skip(reason=f"not installed: {', '.join(dict.fromkeys(missing))}"))
        if item.get_closest_marker("browser") and browser.missing():
            item.add_marker(pytest.mark.skip(reason=browser.missing()))
