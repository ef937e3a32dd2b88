"""The bridge to R: what crosses it, what R says on the way, and what happens when R errs, dies or isn't there."""

from __future__ import annotations

import datetime
import importlib.util
import math
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from conftest import TESTS
from parity.engines.base import EngineInfo
from parity.engines.r_common import REngine, request
from parity.r import exchange, session
from parity.r.frame import NA_INTEGER, Column, Frame
from parity.r.probe import NOT_IN_DEBIAN, probe, remedy
from parity.r.rds import dumps, loads
from parity.r.scripts import scripts_folder
from parity.r.session_rpy2 import Rpy2Session
from parity.r.session_rscript import RscriptSession
from parity.results.estimate import Declined, Estimate
from parity.sample.build import build_design
from parity.study.load import load_study
from r_asleep import asleep

ECHO = str(TESTS / "r" / "echo.R")
needs_r = pytest.mark.needs_r
needs_rpy2 = pytest.mark.skipif(importlib.util.find_spec("rpy2") is None, reason="rpy2 is not installed")

DOUBLES = [0.1, 1 / 3, None, math.nan, math.inf, -math.inf, -0.0, 5e-324, -2.2e-308, 2.0**53, 2.0**31 + 1, 1.79e308]
TEXT = ["a", "", None, "NA", "中文变量", "😀", "café", 'quote " and \\ and \n', "\t ", "ﬁ", "x" * 5000, "z"]
DATES = [datetime.date(2020, 2, 29), None, datetime.date(1900, 1, 1), datetime.date(9999, 12, 31)] * 3
VALUES = {
    "double": Column.double(DOUBLES),
    "integer": Column.integer([1, None, -(2**31) + 1, 2**31 - 1, 0, -1] * 2),
    "text": Column.text(TEXT),
    "factor": Column.factor(["b", None, "a", "b"] * 3, levels=["未用", "b", "a", ""]),
    "ordered": Column.factor(["low", "high", None] * 4, levels=["low", "mid", "high"], ordered=True),
    "logical": Column.logical([True, False, None] * 4),
    "date": Column.date(DATES),
    "named": Column.text(["价值", "资本"], names=["x1", "x2"]),
    "matrix": Column.double(np.arange(6.0).reshape(2, 3)),
    "empty": Column.text([]),
}
SAME_LENGTH = {k: v for k, v in VALUES.items() if k not in ("named", "matrix", "empty")}


# ---------------------------------------------------------------- without R


def test_every_value_survives_writing_and_reading():
    value = VALUES | {"frame": Frame(SAME_LENGTH), "list": [1.5, None, {"a": "b"}], "中": {}}
    back = loads(dumps(value))
    assert {k: back[k] for k in VALUES} == VALUES
    assert back["frame"] == Frame(SAME_LENGTH)
    assert back["list"][0].one() == 1.5 and back["list"][1] is None and back["list"][2]["a"].one() == "b"
    assert back["中"] == {}


def test_na_and_nan_are_told_apart():
    column = Column.double(DOUBLES)
    assert column.is_na().tolist() == [v is None for v in DOUBLES]
    assert column.to_list()[2] is None and math.isnan(column.to_list()[3])
    assert math.isnan(column.values[2]) and Column.double([float("nan")]) != Column.double([None])


def test_values_without_a_form_in_r_are_refused():
    with pytest.raises(ValueError, match="zero character"):
        dumps("a\0b")
    with pytest.raises(ValueError, match="2\\^53"):
        dumps(2**53 + 1)
    with pytest.raises(ValueError, match="32 bits"):
        Column.integer([2**31])
    with pytest.raises(TypeError, match="complex"):
        dumps(1j)  # type: ignore[arg-type]
    with pytest.raises(KeyError):
        Column.factor(["c"], levels=["a"])
    with pytest.raises(ValueError, match="different lengths"):
        Frame({"a": Column.double([1]), "b": Column.double([1, 2])})


def test_broken_bytes_are_refused():
    whole = dumps(VALUES)
    for end in (0, 5, 20, len(whole) // 2, len(whole) - 1):
        with pytest.raises(ValueError):
            loads(whole[:end])


def test_numpy_arrays_become_columns():
    assert Column.whole(np.array([1, 2**40])).kind == "double"
    assert Column.whole(np.array([1, 2])).kind == "integer"
    strided = np.arange(12.0).reshape(4, 3)[:, 1]
    assert loads(dumps(Column.double(strided))).to_list() == [1, 4, 7, 10]


def fake_r(folder: Path, packages: dict[str, str], libraries: str = "") -> Path:
    home = folder / "lib" / "R"
    (home / "etc").mkdir(parents=True)
    (home / "etc" / "Renviron").write_text(f"R_LIBS_SITE=${{R_LIBS_SITE:-'{libraries}%S'}}\n")
    for name, version in {"base": "4.9.1"}.items() | packages.items():
        where = home / ("library" if name == "base" else "site-library") / name
        where.mkdir(parents=True)
        (where / "DESCRIPTION").write_bytes(f"Package: {name}\nVersion: {version}\nAuthor: J".encode() + b"\xe9r\n")
    (folder / "bin").mkdir()
    (folder / "bin" / "R").write_text(f"#!/bin/sh\nR_HOME_DIR={home}\nexit 1\n")
    (folder / "bin" / "R").chmod(0o755)
    return folder / "bin"


def test_probe_reads_files_only(tmp_path, monkeypatch):
    for name in ("R_LIBS", "R_LIBS_USER", "R_LIBS_SITE", "PARITY_R"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(fake_r(tmp_path, {"plm": "2.6-5", "AER": "1.2"})))
    found = probe()
    assert found is not None and found.version == "4.9.1" and found.home == tmp_path / "lib" / "R"
    assert (found.package("plm"), found.package("fixest"), found.package("R")) == ("2.6.5", None, "4.9.1")
    own = tmp_path / "my own" / "plm"
    own.mkdir(parents=True)
    (own / "DESCRIPTION").write_text("Version: 3.0\n")
    monkeypatch.setenv("R_LIBS_USER", f"{tmp_path / 'nowhere'}{os.pathsep}{own.parent}")
    assert probe().package("plm") == "3.0"
    monkeypatch.setenv("PARITY_R", "none")
    assert probe() is None


def test_probe_without_r(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("PARITY_R", raising=False)
    assert probe() is None
    with pytest.raises(session.NoR, match=r"R is not on the PATH; install R"):
        session._choose()


def test_probe_is_fast_and_imports_no_rpy2():
    code = (
        "import sys, time; from parity.r.probe import probe; t = time.perf_counter(); r = probe();"
        "[r.package(p) for p in ('plm', 'AER', 'none')] if r else 0; print(time.perf_counter() - t);"
        "from parity.engines.r_common import REngine; assert not [m for m in sys.modules if m.startswith('rpy2')]"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 0.05


def test_remedies_name_a_command(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: "/usr/bin/apt-get")
    assert remedy(["plm"]) == "apt-get install r-cran-plm"
    assert remedy(["AER", "fixest"]) == 'apt-get install r-cran-aer; in R: install.packages("fixest")'
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert remedy(["plm", "fixest"]) == 'in R: install.packages(c("plm", "fixest"))'
    assert "fixest" in NOT_IN_DEBIAN


@pytest.mark.parametrize(("value", "says"), [("none", "switched off by PARITY_R"), ("rp2", "none of rpy2, rscript, none")])
def test_parity_r_can_switch_r_off(value, says, monkeypatch):
    monkeypatch.setenv("PARITY_R", value)
    with pytest.raises(session.NoR, match=says):
        session._choose()
    unavailable = engine("test_echo", packages=("plm",)).availability()
    assert unavailable is not None and says in unavailable.reason and unavailable.remedy


def test_scripts_are_found():
    assert (scripts_folder() / "worker.R").is_file() and (scripts_folder() / "lib" / "serve.R").is_file()


# ---------------------------------------------------------------- with R, both transports


@pytest.fixture(scope="module", params=[pytest.param("rpy2", marks=needs_rpy2), "rscript"])
def r(request):
    found = probe()
    if found is None:
        pytest.skip("R is not on the PATH")
    opened = Rpy2Session(found, ECHO) if request.param == "rpy2" else RscriptSession(found, ECHO)
    yield opened
    opened.close()


@pytest.fixture
def rscript():
    found = probe()
    if found is None:
        pytest.skip("R is not on the PATH")
    opened = RscriptSession(found, ECHO)
    yield opened
    opened.close()


def test_values_come_back_bit_by_bit(r):
    back = r.call("test_echo", VALUES | {"data": Frame(SAME_LENGTH), "null": None, "list": [True, "x"], "big": 2**40})
    assert {k: back[k] for k in VALUES} == VALUES
    assert back["data"] == Frame(SAME_LENGTH)
    assert back["null"] is None and [v.one() for v in back["list"]] == [True, "x"] and back["big"].one() == 2**40
    assert back["warnings"] == ()


def test_r_sees_the_types_meant(r):
    seen = r.call("test_types", {"data": Frame(SAME_LENGTH), "nothing": None})
    assert dict(zip(seen["class"].names, seen["class"].to_list(), strict=True)) == {
        "double": "numeric", "integer": "integer", "text": "character", "factor": "factor", "ordered": "ordered",
        "logical": "logical", "date": "Date",
    }  # fmt: skip
    finite = [(i, v) for i, v in enumerate(DOUBLES) if v is not None and math.isfinite(v)]
    assert [float.fromhex(seen["hex"].to_list()[i]) for i, _ in finite] == [v for _, v in finite]
    assert seen["na"]["text"].to_list() == [v is None for v in TEXT]
    assert seen["na"]["integer"].to_list()[:3] == [False, True, False]
    assert [n for n, v in zip(seen["chars"].to_list(), TEXT, strict=True) if v] == [len(v) for v in TEXT if v]
    assert seen["levels"].to_list() == ["未用", "b", "a", ""]
    assert seen["stop_names"].to_list() == ["data", "nothing"]


def test_what_r_makes_arrives(r):
    made = r.call("test_made_here", {})
    doubles = [0.1, 1 / 3, None, math.nan, math.inf, -math.inf, -0.0, 5e-324, 2.0**53, 2.0**31 + 1, sys.float_info.max]
    assert list(map(repr, made["double"].to_list())) == list(map(repr, doubles))
    assert made["integer"].to_list() == [1, None, -(2**31) + 1, 2**31 - 1] and made["sequence"].to_list() == [1, 2, 3]
    assert made["text"].to_list() == ["a", "", None, "中文", "😀", "café"] and made["latin1"].one() == "café"
    assert made["factor"].to_list() == ["b", None, "a"] and made["factor"].levels == ("z", "b", "a")
    assert made["logical"].to_list() == [True, False, None]
    assert made["date"].to_list() == [datetime.date(2020, 2, 29), None, datetime.date(1900, 1, 1)]
    assert made["matrix"].values.tolist() == [[1, 3, 5], [2, 4, 6]]
    assert made["model"].names == ("(Intercept)", "wt") and made["frame"].columns["t"].to_list() == ["u", "v"]
    assert made["empty"] == [] and made["none"] is None and made["no_text"].to_list() == []


def test_everything_said_is_kept_and_nothing_else(r):
    for _ in range(2):
        answer = r.call("test_noise", {})
        assert answer["value"].one() == 42
        assert answer["warnings"] == ("a warning 中", "a message", "printed without newline[1] 1 2 3", "on stderr")
    assert r.call("test_pid", {})["warnings"] == ()
    many = r.call("test_many_warnings", {})["warnings"]
    assert many[0] == "warning 1" and len(many) == exchange.MAX_WARNINGS + 1 and many[-1].endswith("more")


def test_an_error_carries_rs_message_and_the_session_goes_on(r):
    with pytest.raises(RuntimeError, match=r"R: Lapack routine dgesv: .*singular.* \(in solve.default\)") as caught:
        r.call("test_error", {})
    assert caught.value.warnings == ("before it went wrong",)
    with pytest.raises(RuntimeError, match="there is no R function `no_such_function`"):
        r.call("no_such_function", {})
    with pytest.raises(RuntimeError, match=r"test_model_left\$fit\$formula is of type language"):
        r.call("test_model_left", {})
    with pytest.raises(RuntimeError, match="no named list"):
        r.call("test_no_list", {})
    with pytest.raises(RuntimeError, match=r"infinite recursion|nested too deeply|stack"):
        r.call("test_recursion", {})
    with pytest.raises(TypeError, match="set has no plain form"):
        r.call("test_echo", {"x": {1, 2}})
    assert r.call("test_echo", {"x": 1})["x"].one() == 1


def test_the_session_is_set_up_as_agreed(r):
    found = probe()
    r.call("test_options", {})
    state = {k: v.to_list() for k, v in r.call("test_session", {}).items() if isinstance(v, Column)}
    assert state["digits"] == [17] and state["utf8"] == [True] and state["collate"] == ["C"] and state["threads"] == ["1"]
    assert state["libraries"] == [str(p) for p in found.libraries]
    assert Path(state["home"][0]).resolve() == found.home.resolve() and state["version"] == [found.version]
    assert state["interactive"] == [False]
    assert state["random"] == r.call("test_session", {})["random"].to_list()


def test_probe_and_r_agree_on_versions(r):
    found = probe()
    names = [p for p in ("plm", "AER", "sandwich", "lmtest", "estimatr", "clubSandwich", "stats") if found.package(p)]
    versions = r.call("test_versions", {"packages": Column.text(names)})
    assert {n: versions[n].one() for n in names} == {n: found.package(n) for n in names}


def test_every_r_file_can_be_read(r):
    assert r.call("test_unread", {})["unread"].to_list() == []


def test_two_hundred_calls_leave_nothing_behind(r):
    frame = Frame({f"x{i}": Column.double(np.random.default_rng(i).normal(size=5_000)) for i in range(10)})
    r.call("test_echo", {"data": frame})
    before, files = r.call("test_memory", {}), len(list(r._exchange.folder.iterdir()))
    start = time.perf_counter()
    for _ in range(200):
        assert r.call("test_echo", {"data": frame})["data"].nrow == 5_000
    assert time.perf_counter() - start < 60
    after = r.call("test_memory", {})
    assert after["connections"] == before["connections"]
    assert after["mb"].one() - before["mb"].one() < 10
    assert len(list(r._exchange.folder.iterdir())) == files


@needs_r
def test_engine_files_do_not_disturb_each_other(tmp_path, monkeypatch):
    scripts = shutil.copytree(scripts_folder(), tmp_path / "r", ignore=lambda folder, names: {"engines"} & set(names))
    (scripts / "engines").mkdir()
    for name, value in (("a", 1), ("b", 2)):
        code = f"helper <- function() {value}\nbridge_plain <- function(x, where) NULL\nonly_{name} <- function() {value}\n"
        code += f"test_{name} <- function(request) list(own = helper(), other = only_{'b' if name == 'a' else 'a'}())\n"
        (scripts / "engines" / f"{name}.R").write_text(code)
    (scripts / "engines" / "broken.R").write_text("test_c <- function( {")
    monkeypatch.setattr("parity.r.session_rscript.scripts_folder", lambda: scripts)
    opened = RscriptSession(probe())
    try:
        for name, own, other in (("test_a", 1, 2), ("test_b", 2, 1)):
            answer = opened.call(name, {})
            assert (answer["own"].one(), answer["other"].one()) == (own, other)
        with pytest.raises(RuntimeError, match=r"no R function `test_c` \(not read: broken.R: .*unexpected"):
            opened.call("test_c", {})
    finally:
        opened.close()


# ---------------------------------------------------------------- the life of a child R


@pytest.mark.parametrize(
    ("function", "says"), [("test_crash", "signal SIGKILL.*last words"), ("test_quit", "exit code 3.*leaving")]
)
def test_a_dead_r_is_started_anew(rscript, function, says):
    first = rscript.call("test_pid", {})["pid"].one()
    with pytest.raises(RuntimeError, match=f"R stopped \\({says}"):
        rscript.call(function, {})
    assert rscript.call("test_pid", {})["pid"].one() != first
    os.kill(rscript._child.pid, signal.SIGKILL)
    rscript._child.wait()
    assert rscript.call("test_echo", {"x": 1})["x"].one() == 1


def test_an_abandoned_answer_is_not_taken_for_the_next(rscript):
    def interrupt(*_):
        raise TimeoutError

    rscript.call("test_pid", {})
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(TimeoutError):
            rscript.call("test_sleep", {"seconds": 30.0})
    finally:
        signal.signal(signal.SIGALRM, before)
    assert rscript.call("test_echo", {"x": "next"})["x"].one() == "next"


def test_close_ends_r_and_removes_its_files(rscript):
    pid, folder = rscript.call("test_pid", {})["pid"].one(), rscript._exchange.folder
    rscript.close()
    assert not folder.exists() and not alive(pid)


@needs_r
@pytest.mark.parametrize("folder", ["临时", "with space"])
def test_libraries_text_and_paths_do_not_depend_on_the_users_locale(folder, tmp_path, monkeypatch):
    library = tmp_path / "库 one"
    (library / "made").mkdir(parents=True)
    (library / "made" / "DESCRIPTION").write_text("Package: made\nVersion: 1.2-3\nBuilt: R 4.5.0; ; 2025-01-01; unix\n")
    (tmp_path / folder).mkdir()
    monkeypatch.setenv("R_LIBS", str(library))
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("LANGUAGE", "de")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / folder))
    scripts = shutil.copytree(scripts_folder(), tmp_path / "脚本 copy" / "r scripts")
    monkeypatch.setattr("parity.r.session_rscript.scripts_folder", lambda: scripts)
    opened = RscriptSession(probe(), ECHO)
    try:
        assert opened.call("test_echo", {"x": "中文 😀"})["x"].one() == "中文 😀"
        assert opened.call("test_versions", {"packages": Column.text(["made"])})["made"].one() == "1.2.3"
        assert probe().package("made") == "1.2.3"
    finally:
        opened.close()


@needs_r
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux kills a child with its parent")
def test_r_dies_with_a_killed_parent():
    code = (
        "from parity.r.probe import probe; from parity.r.session_rscript import RscriptSession;"
        f"s = RscriptSession(probe(), {ECHO!r}); pid = s.call('test_pid', {{}})['pid'].one();"
        "print(pid, s._exchange.folder, flush=True);"
        "s.call('test_sleep', {'seconds': 60.0})"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        pid, folder = parent.stdout.readline().split()
        time.sleep(0.2)
        assert alive(int(pid))
        parent.kill()
    deadline = time.monotonic() + 5
    while alive(int(pid)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(int(pid))
    assert not list(Path(folder).glob("*.rds"))  # no data left behind
    os.utime(folder, (0, 0))
    later = exchange.Exchange()
    assert not Path(folder).exists()  # swept by a later session
    os.utime(later.folder, (0, 0))
    exchange.Exchange().close()
    assert later.folder.exists()  # in use, whatever its age
    later.close()


def alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


# ---------------------------------------------------------------- one session per process


@pytest.fixture
def own_session(monkeypatch):
    """`get_session` starting afresh, with the test functions."""
    monkeypatch.setenv("PARITY_R_EXTRA", ECHO)
    monkeypatch.setattr(session, "_current", None)
    yield
    session.close_session()


@needs_r
def test_get_session_is_one_per_process(own_session, monkeypatch):
    monkeypatch.setenv("PARITY_R", "rscript")
    first = session.get_session()
    assert session.get_session() is first
    pid = first.call("test_pid", {})["pid"].one()
    receiver, sender = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.get_context("fork").Process(target=_send_pid, args=(sender,))
    child.start()
    assert receiver.recv() != pid
    child.join()
    assert first.call("test_pid", {})["pid"].one() == pid


def _send_pid(sender):
    sender.send(session.get_session().call("test_pid", {})["pid"].one())


@needs_r
def test_a_thread_gets_a_child_r(own_session, monkeypatch):
    monkeypatch.delenv("PARITY_R", raising=False)
    found = []
    thread = threading.Thread(target=lambda: found.append(session.get_session().transport))
    thread.start()
    thread.join()
    assert found == ["rscript"]


@needs_r
@pytest.mark.parametrize("transport", [pytest.param("rpy2", marks=needs_rpy2), "rscript"])
def test_a_pool_kills_a_slow_r_and_goes_on(transport, monkeypatch):
    from concurrent.futures import TimeoutError

    from pebble import ProcessPool

    monkeypatch.setenv("PARITY_R", transport)
    monkeypatch.setenv("PARITY_R_EXTRA", ECHO)
    with ProcessPool(max_workers=1, context=multiprocessing.get_context("spawn")) as pool:
        pid = pool.schedule(asleep, args=(0.0,), timeout=30).result()
        with pytest.raises(TimeoutError):
            pool.schedule(asleep, args=(60.0,), timeout=0.5).result()
        assert pool.schedule(asleep, args=(0.0,), timeout=30).result() != pid
    assert not alive(pid)


# ---------------------------------------------------------------- engines

STUDY = """
[study]
title = "made"
unit = "企业"
time = "year"
made = true
[spec.pooled]
formula = "y ~ `价值` + x"
[spec.panel]
formula = "y ~ `价值` + x | `企业` + year"
vcov = { cluster = ["企业", "group"] }
weights = { analytic = "w" }
convention = "reghdfe"
[spec.fd]
formula = "y ~ `价值` + same + x"
model = "first_difference"
"""


def engine(function: str, packages: tuple[str, ...] = ("stats",), gaps=None, rule=None) -> REngine:
    return REngine(EngineInfo("r-test", "r", packages, "a test", gaps or {}), function, rule)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    random = np.random.default_rng(1)
    unit, year = np.repeat(np.arange(12), 6), np.tile(np.arange(2000, 2006), 12)
    frame = pd.DataFrame({"企业": [f"企{u}" for u in unit], "year": year, "group": unit // 3, "same": unit * 1.0})
    for name in ("y", "价值", "x", "z"):
        frame[name] = random.normal(size=len(frame))
    frame["w"] = random.integers(1, 5, size=len(frame))
    frame.to_csv(folder / "data.csv", index=False)
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    return load_study(folder), frame


def design_of(study, spec_id):
    loaded, frame = study
    spec = loaded.spec(spec_id)
    return spec, build_design(loaded, spec, frame)


def test_the_request_has_the_agreed_shape(study):
    spec, design = design_of(study, "panel")
    sent = loads(dumps(request(spec, design)))
    assert sent["effects"].to_list() == ["f1", "f2"] and sent["effect_roles"].to_list() == ["unit", "time"]
    assert sent["clusters"].to_list() == ["g1", "g2"] and sent["cluster_roles"].to_list() == ["unit", "other"]
    data = sent["data"].columns
    assert list(data) == ["y", "x1", "x2", "f1", "f2", "g1", "g2", "unit", "time", "w"]
    assert all(data[c].kind == "integer" and data[c].values.min() == 1 for c in ("f1", "f2", "g1", "g2", "unit"))
    assert data["time"].to_list()[:2] == [2000, 2001] and data["x1"].values.tobytes() == design.x[:, 0].tobytes()
    assert "价值" in design.x_names and "价值" not in str(sent)  # no name that a user wrote travels
    assert sent["weight_kind"].one() == "analytic" and sent["convention"]["profile"].one() == "reghdfe"
    assert sent["facts"]["clusters"]["g1^g2"].one() == 12 and sent["facts"]["nested_in"]["f1"].to_list() == ["g1", "g2"]
    assert sent["levels"] is None and sent["vcov"]["kind"].one() == "CR1" and sent["vcov"]["lags"] is None


def test_levels_of_first_differences_have_the_kept_regressors(study):
    spec, design = design_of(study, "fd")
    sent = loads(dumps(request(spec, design)))
    assert design.x_names == ("价值", "x") and sent["n_x"].one() == 2
    levels = sent["levels"]
    assert levels.nrow == 72 and sent["data"].nrow == 60
    assert set(levels.columns) == {"y", "x1", "x2", "unit", "time"}
    assert np.allclose(np.diff(levels.columns["x2"].values)[:5], sent["data"].columns["x2"].values[:5], atol=0, rtol=0)


def test_a_missing_period_is_na():
    from parity.engines.r_common import _or_na

    assert _or_na(np.array([3, -1])).values.tolist() == [3, NA_INTEGER]


@needs_r
@pytest.mark.parametrize("transport", [pytest.param("rpy2", marks=needs_rpy2), "rscript"])
def test_an_answer_becomes_an_estimate(study, own_session, transport, monkeypatch):
    monkeypatch.setenv("PARITY_R", transport)
    spec, design = design_of(study, "pooled")
    got = engine("estimate_test_lm").estimate(spec, design)
    assert isinstance(got, Estimate)
    x = np.column_stack([np.ones(design.nobs), design.x])
    coef = np.linalg.lstsq(x, design.y, rcond=None)[0]
    residual = design.y - x @ coef
    assert got.terms == ("(Intercept)", "价值", "x")  # R sent them backwards
    assert np.allclose(got.coef, coef, rtol=1e-11)
    assert np.allclose(got.parts[0].matrix, residual @ residual / design.nobs * np.linalg.inv(x.T @ x), rtol=1e-10)
    assert got.printed["价值"].se == 1.5 and got.printed["价值"].t is None and got.df_t == math.inf
    assert got.stats == {"r2": 0.5} and got.reported.nobs == 72 and got.reported.dropped == ("价值",)
    assert got.warnings == ("said by R",) and got.versions == {"R": probe().version, "stats": "9.9.9"}
    panel = engine("estimate_test_lm").estimate(*design_of(study, "panel"))
    assert panel.reported.levels == {"企业": 12} and panel.reported.clusters == {"企业^group": 12}
    declined = engine("estimate_test_declines").estimate(spec, design)
    assert declined == Declined(engine="r-test", gap="never", reason="it is a test")
    with pytest.raises(RuntimeError, match="test_pid sent an answer of the wrong shape"):
        engine("test_pid").estimate(spec, design)


def test_an_engine_declines_by_its_gaps_and_its_rule(study):
    spec = study[0].spec("panel")
    assert engine("f").declines(spec, "企业", "year") is None
    gap = engine("f", gaps={"multiway": ("never", "one only")}).declines(spec, "企业", "year")
    assert gap == Declined(engine="r-test", gap="never", reason="one only")
    said = Declined(engine="r-test", gap="notimpl", reason="by rule")
    assert engine("f", rule=lambda spec, unit, time: said).declines(spec, "企业", "year") is said


@needs_r
def test_a_missing_package_is_named_with_its_remedy():
    assert engine("f").availability() is None
    missing = engine("f", packages=("stats", "notThere")).availability()
    assert missing.reason == "R package notThere not installed" and "notthere" in missing.remedy.lower()
    assert set(engine("f").versions()) == {"R", "stats"}


def test_an_rpy2_that_can_not_be_loaded_is_said(monkeypatch):
    """R is then reached through a child all the same; `parity engines` says why."""
    from parity.r import session

    class Child:
        transport = "rscript"
        instead = ""

        def __init__(self, r, extra):
            pass

        def close(self):
            pass

    def broken(r, extra):
        raise ImportError("rpy2 can't start R: no shared library")

    monkeypatch.delenv("PARITY_R", raising=False)
    monkeypatch.setattr(session, "_current", None)
    monkeypatch.setattr(session, "missing_r", lambda: None)
    monkeypatch.setattr(session, "probe", lambda: session.R("R", "4.2.2", "/usr/lib/R", {}))
    monkeypatch.setattr(session.importlib.util, "find_spec", lambda name: object())
    monkeypatch.setattr(session, "Rpy2Session", broken)
    monkeypatch.setattr(session, "RscriptSession", Child)
    try:
        said = session.transport()
    finally:
        session.close_session()
    assert said == "R is reached through rscript, since rpy2 is installed but: rpy2 can't start R: no shared library"
