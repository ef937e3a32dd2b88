"""An audit on Dask's workers: the same bytes on any number of them, whoever dies, and from whatever is on disk."""

import contextlib
import errno
import gc
import os
import re
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest
from click.testing import CliRunner

from audit.test_block import every, space
from audit.test_whole import AUDIT, FIXTURES
from parity.audit import document, filled, plan, whole
from parity.audit.filled import fill
from parity.audit.plan import plan_of
from parity.audit.run import axes
from parity.audit.store import Store, audit_key
from parity.base.cluster import Wanted, cluster
from parity.base.errors import InputError
from parity.cli import main

SETTINGS = {"spec": "baseline_6", "controls": "all", "vcov": ["iid", "HC1"], "leave_out": "region"}


@pytest.fixture
def study(tmp_path):
    made = tmp_path / "digital_trade"
    shutil.copytree(FIXTURES / "digital_trade", made)
    with (made / "study.toml").open("a", encoding="utf-8") as file:
        file.write(AUDIT)
    return made


@pytest.fixture
def small_parts(monkeypatch):
    monkeypatch.setattr(plan, "MOST_OF_PART", 64)
    monkeypatch.setattr(plan, "MOST_PARTS", 2)


def store_of(of, folder):
    planned = plan_of(of)
    return planned, Store(folder, audit_key(of, planned), axes(of), len(planned.bundles()))


def content(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def filled_alone(folder):
    of = space("digital_trade", **SETTINGS)
    planned, store = store_of(of, folder)
    fill(of, planned, store)
    return of, planned, store


def test_parts_are_as_the_whole(tmp_path, small_parts):
    of, planned, store = filled_alone(tmp_path)
    assert store.count > 10
    found, whole = store.all(planned.count), every(of)
    assert found.notes == whole.notes
    for name in ("choices", "coef", "se", "p", "df", "nobs"):
        np.testing.assert_array_equal(getattr(found, name), getattr(whole, name))


def test_bytes_are_the_same_on_a_worker_that_is_killed(tmp_path, small_parts):
    """The only one; that one of two is killed is told in test_streamed_on_dask.py, an audit on two below."""
    of, planned, _ = filled_alone(tmp_path / "alone")
    with cluster(Wanted("local", 1)) as those:
        pids, killed = those.client.run(os.getpid), []

        def told(done, total):
            if done and not killed:
                killed.append(next(iter(pids.values())))
                os.kill(killed[0], signal.SIGKILL)

        _, store = store_of(of, tmp_path / "on it")
        assert fill(of, planned, store, those, told) == 0
        assert killed
        assert killed[0] not in those.client.run(os.getpid).values()
    assert content(tmp_path / "on it") == content(tmp_path / "alone")


@pytest.mark.parametrize("hurt", ["cut", "changed", "of another number", "of another audit", "gone"])
def test_a_part_that_is_not_whole_is_estimated_again(tmp_path, small_parts, monkeypatch, hurt):
    of, planned, store = filled_alone(tmp_path)
    before = content(tmp_path)
    path = store.whole()[3]
    if hurt == "cut":
        path.write_bytes(path.read_bytes()[:-9])
    elif hurt == "changed":
        octets = bytearray(path.read_bytes())
        octets[len(octets) // 2] ^= 1
        path.write_bytes(octets)
    elif hurt == "of another number":
        path.unlink()
        other = store.whole()[4]
        (tmp_path / other.name.replace("part-000004", "part-000003")).write_bytes(other.read_bytes())
    elif hurt == "of another audit":
        path.unlink()
        Store(tmp_path, "another", store.axes, store.count).put(3, b"".join(before.values()))
    else:
        path.unlink()
    assert sorted(store.whole()) == [i for i in range(store.count) if i != 3]
    again = []
    monkeypatch.setattr(
        filled.Work, "file", lambda self, parts, file=filled.Work.file: again.append(parts) or file(self, parts)
    )
    assert fill(of, planned, store) == store.count - 1
    assert len(again) == 1
    assert before.items() <= content(tmp_path).items()


def test_other_data_or_settings_are_another_audit(study):
    from parity.audit.space import space_of
    from parity.study.load import load_study

    def key():
        of = space_of(load_study(study), "main")
        return audit_key(of, plan_of(of))

    first = key()
    assert key() == first
    file = study / "study.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('"retail_share"] }', '"retail_share"], at_most = 1 }'), encoding="utf-8")
    second = key()
    file.write_text(text, encoding="utf-8")
    data = load_study(study).data_path
    data.write_bytes(data.read_bytes() + b"\n")
    assert len({first, second, key()}) == 3


def test_a_full_disk_loses_nothing(tmp_path, small_parts, monkeypatch):
    of, planned, _ = filled_alone(tmp_path / "whole")
    _, store = store_of(of, tmp_path / "store")
    full(monkeypatch, after=2)
    with pytest.raises(OSError, match="No space left"):
        fill(of, planned, store)
    monkeypatch.undo()
    assert len(content(store.folder)) == 2
    monkeypatch.setattr(plan, "MOST_OF_PART", 64)
    monkeypatch.setattr(plan, "MOST_PARTS", 2)
    assert fill(of, planned, store) == 2
    assert content(store.folder) == content(tmp_path / "whole")


def full(monkeypatch, after):
    """The disk is full when so many files are written; a half of the next is there when that is found."""
    fdopen, written = os.fdopen, []

    def opened(handle, *rest):
        file = fdopen(handle, *rest)
        if len(written) < after:
            written.append(handle)
            return file
        file.write(b"half of it")
        file.close()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("parity.base.writing.os.fdopen", opened)


def test_a_full_disk_is_said(tmp_path, study, monkeypatch):
    full(monkeypatch, after=0)
    done = CliRunner().invoke(main, ["audit", str(study), "--draws", "0", "--store", str(tmp_path / "store")])
    assert done.exit_code == 2
    assert done.output == f"parity: {tmp_path / 'store'}: No space left on device; parts that were kept stay\n"
    assert not list((tmp_path / "store").iterdir())


def test_a_program_that_is_killed_goes_on_from_its_parts(tmp_path, study, small_parts, monkeypatch):
    """By the kernel, with its fourth part just on disk; what a part cut short comes to is told above."""
    monkeypatch.setattr(whole, "_sensitivity", lambda space: document.sensitivity())  # takes seconds, and has no parts
    words = ["audit", str(study), "main", "--draws", "0", "--no-engines"]
    killed = (
        "import os, signal; from parity.audit import plan; from parity.base.parts import Parts; put = Parts.put\n"
        "def limited(self, number, content):\n"
        "    put(self, number, content)\n"
        "    if number == 3: os.kill(os.getpid(), signal.SIGKILL)\n"
        "Parts.put = limited\n"
        f"plan.MOST_OF_PART, plan.MOST_PARTS = {plan.MOST_OF_PART}, {plan.MOST_PARTS}\n"
        "from parity.cli import main; main()"
    )
    run = subprocess.run([sys.executable, "-c", killed, *words, "--store", str(tmp_path / "store")], capture_output=True)
    assert run.returncode == -signal.SIGKILL, run.stderr
    kept = content(tmp_path / "store")
    there = [name for name in kept if name.startswith("part-")]
    assert len(there) >= 4
    on = ["--store", str(tmp_path / "store"), "--dask", "local", "--workers", "2", "--json", str(tmp_path / "again.json")]
    assert CliRunner().invoke(main, [*words, *on]).exit_code == 0
    every = content(tmp_path / "store")
    assert {name: kept[name] for name in there}.items() <= every.items()
    assert len(there) < len([name for name in every if name.startswith("part-")]), "it was killed in the middle"
    assert CliRunner().invoke(main, [*words, "--json", str(tmp_path / "whole.json")]).exit_code == 0
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "whole.json").read_bytes()


@contextlib.contextmanager
def scheduler_and_worker():
    """A real scheduler and a worker of it; yields the scheduler's process and address."""
    module = [sys.executable, "-m"]
    scheduler = subprocess.Popen(
        [*module, "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    address = next(m[0] for line in scheduler.stderr if (m := re.search(r"tcp://127\.0\.0\.1:\d+", line)))
    one = [*module, "distributed.cli.dask_worker", address, "--nthreads", "2", "--death-timeout", "120", "--no-dashboard"]
    worker = subprocess.Popen(one, stderr=subprocess.PIPE, text=True)
    next(line for line in worker.stderr if "Registered to" in line)
    try:
        yield scheduler, address
    finally:
        for process in (worker, scheduler):
            process.terminate()
            process.communicate()


def test_a_scheduler_that_goes_leaves_what_was_done(tmp_path, small_parts):
    of, planned, _ = filled_alone(tmp_path / "alone")
    _, store = store_of(of, tmp_path / "on")
    with scheduler_and_worker() as (scheduler, address):
        with pytest.raises(InputError, match=r"--workers.* has workers of its own"), cluster(Wanted(address, 2)):
            pass
        with (
            pytest.raises(InputError, match="the scheduler is gone; what was done is kept"),
            cluster(Wanted(address)) as those,
        ):
            fill(of, planned, store, those, lambda done, total: scheduler.kill() if done else None)
    assert 0 < len(store.whole()) < store.count
    fill(of, planned, store)
    assert content(tmp_path / "on") == content(tmp_path / "alone")


def test_without_dask_one_sentence_names_the_extra(study, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    done = CliRunner().invoke(main, ["audit", str(study), "--dask", "local"])
    assert done.exit_code == 2
    assert done.output == "parity: --dask: Dask isn't installed; pip install 'parity[dask]' brings it\n"


def test_workers_that_do_not_start_are_said(study, monkeypatch):
    import distributed

    def failing(*args, **kwargs):
        raise RuntimeError("Nanny failed to start.")

    monkeypatch.setattr(distributed, "LocalCluster", failing)
    done = CliRunner().invoke(main, ["audit", str(study), "--dask", "local"])
    assert done.exit_code == 2
    assert done.output == "parity: --dask: local: its workers didn't start (Nanny failed to start.); try again\n"


def test_a_dead_client_is_not_found_while_another_starts_or_ends(monkeypatch):
    """Each would wait for the lock that the other holds."""
    import distributed

    class Watched(distributed.Client):
        def start(self, *args, **keys):
            seen.append(gc.isenabled())
            return super().start(*args, **keys)

        def __exit__(self, *what):
            seen.append(gc.isenabled())
            return super().__exit__(*what)

    seen = []
    monkeypatch.setattr(distributed, "Client", Watched)
    monkeypatch.setattr("parity.base.cluster.WAIT", 0.2)
    assert gc.isenabled()
    with pytest.raises(InputError, match="no scheduler answers"), cluster(Wanted("tcp://127.0.0.1:9")):
        pass
    with (
        distributed.LocalCluster(n_workers=0, dashboard_address=None) as here,
        pytest.raises(InputError, match="has no worker"),
        cluster(Wanted(here.scheduler_address)),
    ):
        pass
    assert seen == [False, False, False] and gc.isenabled()


def test_an_address_that_is_none_is_said(study, monkeypatch):
    monkeypatch.setattr("parity.base.cluster.WAIT", 0.5)
    for where in ("tcp://127.0.0.1:9", "nowhere", "ftp://x:1"):
        done = CliRunner().invoke(main, ["audit", str(study), "--dask", where])
        assert done.exit_code == 2
        assert f"--dask: {where}: no scheduler answers there" in done.output and "write HOST:PORT, or local" in done.output
    done = CliRunner().invoke(main, ["audit", str(study), "--workers", "2"])
    assert done.exit_code == 2
    assert "--workers: it is of --dask local" in done.output


@contextlib.contextmanager
def small_disk(folder, size):
    """A file system of that size; skips where this process may mount none."""
    folder.mkdir()
    if sys.platform != "linux" or os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("a small disk is mounted by root, on Linux")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=False).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        yield lambda larger: subprocess.run(["mount", "-o", f"remount,size={larger}", str(folder)], check=True)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_disk_that_is_really_full_and_then_has_room(tmp_path, small_parts):
    of, planned, _ = filled_alone(tmp_path / "whole")
    parts = content(tmp_path / "whole")
    pages = [-(-len(part) // 4096) for part in parts.values()]
    with small_disk(tmp_path / "disk", str(4096 * (sum(pages) // 2 + 2))) as remounted:
        _, store = store_of(of, tmp_path / "disk" / "store")
        with pytest.raises(OSError, match="No space left"):
            fill(of, planned, store)
        kept = content(store.folder)
        assert 0 < len(kept) < len(parts) and kept.items() <= parts.items(), "what is there is whole"
        remounted("64m")
        assert fill(of, planned, store) == len(kept)
        assert content(store.folder) == parts
