"""pytest plugin: `pytest --parity` collects every `study.toml`, and the fixture `assert_parity`.

pytest loads this file in every project where parity is installed, so it imports nothing but pytest.
"""

from __future__ import annotations

from pathlib import Path

import pytest


def _percent(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 100:
        raise ValueError
    return value


_percent.__name__ = "PERCENT"  # argparse says it of what it refuses


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("parity", "parity: implementations of one specification compared")
    group.addoption(
        "--parity",
        action="store_true",
        default=False,
        help="collect every study.toml: one test per spec and engine, and one of what is computed beside them",
    )
    group.addoption(
        "--parity-engine", action="append", default=[], metavar="ID", help="only this engine and the reference (repeatable)"
    )
    group.addoption(
        "--parity-frozen", action="store_true", default=False, help="start no R: use the studies' frozen references"
    )
    group.addoption(
        "--parity-package", action="append", default=[], metavar="DIR",
        help="a replication package as tests, one an exhibit (repeatable)",
    )  # fmt: skip
    group.addoption(
        "--parity-require-share", type=_percent, default=None, metavar="PERCENT",
        help="of a package's printed numbers, compared; default as of `parity package`",
    )  # fmt: skip
    group.addoption(
        "--parity-own-commands", action="store_true", default=False,
        help="a package's numbers by commands that only its logs have are no failure",
    )  # fmt: skip
    parser.addini("parity", type="bool", default=False, help="collect every study.toml without --parity")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.name != "study.toml" or not (parent.config.getoption("parity") or parent.config.getini("parity")):
        return None
    from parity.testing.collect import StudyFile

    return StudyFile.from_parent(parent, path=file_path)


def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    for folder in config.getoption("parity_package"):
        from parity.testing.package import PackageFolder

        path = Path(folder)
        node = PackageFolder.from_parent(session, name=path.name, path=path.resolve(), nodeid=f"package {path.name}")
        items.extend(node.collect())


@pytest.fixture
def assert_parity():
    """`parity.assert_parity`: hold an estimate against another, and fail with the cause."""
    from parity.testing.assertion import assert_parity

    return assert_parity
