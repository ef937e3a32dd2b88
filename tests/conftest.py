"""Shared fixtures: a folder for studies, and no cache outside the test's own folder."""

from __future__ import annotations

import gc
import itertools
import os
import shutil
from pathlib import Path

# before numpy is imported: its threads beside xdist's workers slow small algebra several times
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
from hypothesis import settings

import marks
import slow
from parity.base import pool

# a loaded machine is no fault of an example; the same examples each time, others with PARITY_EXPLORE=1
settings.register_profile("parity", deadline=None, derandomize=not os.environ.get("PARITY_EXPLORE"))
settings.load_profile("parity")

#: Where everything lies, for tests in folders of any depth.
TESTS = Path(__file__).parent
ROOT = TESTS.parent
FIXTURES = ROOT / "fixtures"

#: Variables that are nothing to a worker: the language is that of the page, which the run's own process writes.
NOTHING_TO_WORKERS = (
    "PARITY_CACHE", "PYTEST_CURRENT_TEST", "GITHUB_STEP_SUMMARY", "COLUMNS", "LANG", "LC_ALL", "LC_MESSAGES",
)  # fmt: skip


@pytest.hookimpl(hookwrapper=True)
def pytest_collection(session):
    """Half a million things of fifteen thousand tests live as long as they do: the garbage collector needn't look at them,
    neither while they are made nor in any test."""
    gc.disable()
    yield
    gc.enable()
    gc.freeze()


def pytest_collection_modifyitems(items):
    marks.mark(items)
    if "PYTEST_XDIST_WORKER" in os.environ:
        items[:] = [items[i] for i in slow.dearest_first([slow.name_of(item.nodeid) for item in items], slow.listed())]


@pytest.fixture(scope="session")
def caches(tmp_path_factory):
    """Places of caches, none twice. Most tests keep nothing: a `tmp_path` of each would be made by looking at all before."""
    top = tmp_path_factory.mktemp("caches")
    return (top / str(n) for n in itertools.count())


@pytest.fixture(autouse=True)
def own_cache(caches, monkeypatch):
    """No test reads or fills the user's cache."""
    monkeypatch.setenv("PARITY_CACHE", str(next(caches)))


@pytest.fixture(scope="session", autouse=True)
def kept_workers():
    """Runs in a test's own process share workers, which import the packages once; see `fresh_workers`."""
    of_pytest = {name for name in os.environ if name.startswith("PYTEST_")}  # `nested.run_here` takes them away
    with pool.kept(1, frozenset({*NOTHING_TO_WORKERS, *of_pytest})):
        yield


@pytest.fixture
def fresh_workers():
    """For a test of the workers themselves, or of what they import anew: each run starts its own and ends them."""
    with pool.unkept():
        yield


@pytest.fixture(autouse=True)
def few_pairs(request, monkeypatch):
    """A search tries the likeliest pairs of changes of the design, up to thousands: so many where a test isn't of them, and
    does not ask for `all_pairs`."""
    if "all_pairs" not in request.fixturenames:
        monkeypatch.setattr("parity.diagnose.pairs.MOST", 100)


@pytest.fixture
def all_pairs():
    """For a test of the pairs that a search tries late; see `few_pairs`."""


@pytest.fixture
def make_study(tmp_path):
    """make_study(toml, data="grunfeld", name="study") -> folder with study.toml and the data of a bundled study."""

    def make(toml: str, data: str | bytes | None = "grunfeld", name: str = "study") -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True, parents=True)
        (folder / "study.toml").write_text(toml, encoding="utf-8")
        if isinstance(data, bytes):
            (folder / "data.csv").write_bytes(data)
        elif data is not None:
            shutil.copy(FIXTURES / data / "data.csv", folder / "data.csv")
        return folder

    return make
