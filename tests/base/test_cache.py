"""The cache: content decides, bytes only, and no trouble with it may hurt a run."""

from __future__ import annotations

import pickle
import resource
import shutil
import sqlite3
import subprocess
import sys
import textwrap

import pytest

from parity.base.cache import PACKAGE, AnswerCache, code_hash, key_of
from parity.r.scripts import scripts_folder


def test_keeps_bytes(tmp_path):
    AnswerCache(tmp_path).put("k", b"value")
    assert AnswerCache(tmp_path).get("k") == b"value"


def test_no_folder_is_no_cache():
    cache = AnswerCache(None)
    cache.put("k", b"value")
    assert cache.get("k") is None


def test_keys_do_not_collide_by_concatenation():
    assert key_of("ab", "c") != key_of("a", "bc") != key_of("abc")


@pytest.mark.parametrize("value", ["text", 1, {"a": 1}])
def test_refuses_what_is_not_bytes(tmp_path, value):
    said = []
    AnswerCache(tmp_path, warn=said.append).put("k", value)
    assert len(said) == 1 and "not used" in said[0]


def _rows(folder) -> sqlite3.Connection:
    return sqlite3.connect(folder / "cache.db")


def test_a_row_that_was_edited_is_absent(tmp_path):
    said = []
    cache = AnswerCache(tmp_path, warn=said.append)
    cache.put("k", b'{"verdict": "disagree"}')
    with _rows(tmp_path) as db:
        (kept,) = db.execute("select value from Cache").fetchone()
        assert b'"disagree"' in kept
        db.execute("update Cache set value = ?", (kept.replace(b'"disagree"', b'"agree"'),))
    assert cache.get("k") is None
    cache.put("k", b"again")
    assert cache.get("k") == b"again" and not said


@pytest.mark.parametrize("value", [b"", b"x" * 31, b'{"verdict": "agree"}', "text", 3])
def test_a_row_without_a_digest_is_absent(tmp_path, value):
    cache = AnswerCache(tmp_path)
    cache.put("k", b"value")
    with _rows(tmp_path) as db:
        db.execute("update Cache set value = ?", (value,))
    assert cache.get("k") is None


def test_a_row_under_another_key_is_absent(tmp_path):
    cache = AnswerCache(tmp_path)
    cache.put("k", b"value")
    with _rows(tmp_path) as db:
        db.execute("update Cache set key = 'other'")
    assert cache.get("other") is None and cache.get("k") is None


def test_a_large_value_is_checked_too(tmp_path):
    cache = AnswerCache(tmp_path)
    cache.put("k", b"v" * 100_000)
    assert cache.get("k") == b"v" * 100_000
    (file,) = tmp_path.rglob("*.val")
    file.write_bytes(file.read_bytes()[:-1])
    assert cache.get("k") is None


def test_nothing_is_kept_under_the_empty_key(tmp_path):
    cache = AnswerCache(tmp_path)
    cache.put("", b"value")
    assert cache.get("") is None


class _Bomb:
    def __reduce__(self):
        return (pytest.fail, ("a pickle from the cache was loaded",))


def test_a_planted_pickle_is_not_loaded(tmp_path):
    cache = AnswerCache(tmp_path)
    cache.put("k", b"value")
    with sqlite3.connect(tmp_path / "cache.db") as db:
        db.execute("update Cache set mode = 4, value = ?", (pickle.dumps(_Bomb()),))
    said = []
    assert AnswerCache(tmp_path, warn=said.append).get("k") is None
    assert said


def test_a_damaged_database_is_said_once(tmp_path):
    (tmp_path / "cache.db").write_bytes(b"not a database" * 1000)
    said = []
    cache = AnswerCache(tmp_path, warn=said.append)
    cache.put("k", b"v")
    cache.get("k")
    assert len(said) == 1


def test_a_full_disk_is_said_once():
    """A limit on file size stands in for a full disk: writing fails in the same place, with an error from the system."""
    script = textwrap.dedent("""
        import resource, signal, sys, tempfile
        from pathlib import Path
        from parity.base.cache import AnswerCache
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        cache = AnswerCache(Path(tempfile.mkdtemp()), warn=lambda text: print("said:", text))
        cache.put("a", b"x" * 10)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
        for i in range(40):
            cache.put(str(i), b"x" * 30_000)
            cache.put("large" + str(i), b"x" * 400_000)
        print("alive")
    """)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("said:") == 1
    assert done.stdout.endswith("alive\n")
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 200_000


def test_other_code_in_any_folder_is_another_key(tmp_path):
    """An answer of old code must never be found again, wherever in the package the code was changed."""
    package, scripts = tmp_path / "parity", tmp_path / "r"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__", "_r"))
    shutil.copytree(scripts_folder(), scripts, ignore=shutil.ignore_patterns("studies"))

    def now() -> str:
        return code_hash.__wrapped__(package, scripts)

    first = now()
    for file in sorted(p for folder in (package, scripts) for p in folder.rglob("*") if p.suffix in (".py", ".R", ".lark")):
        source = file.read_bytes()
        if file == min(p for p in file.parent.iterdir() if p.suffix == file.suffix):  # one of each kind in a folder
            file.write_bytes(source + b"\n")
            assert now() != first, file
            file.write_bytes(source)
    assert now() == first


def test_the_package_is_the_whole_package():
    assert (PACKAGE / "cli" / "run.py").is_file() and (PACKAGE / "engines").is_dir() and PACKAGE.name == "parity"
