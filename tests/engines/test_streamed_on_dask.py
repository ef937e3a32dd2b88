"""Data by chunks on Dask's workers: whoever dies and whatever is on disk, the numbers are those of one process."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pytest
from click.testing import CliRunner

from audit.test_audit_on_dask import content, full, scheduler_and_worker, small_disk
from engines.test_streamed import UNBALANCED, panel, study
from parity.algebra.streamed import ByLevel
from parity.base.cluster import Cluster, Wanted, cluster
from parity.base.errors import InputError
from parity.cli import main
from parity.engines.own import kept_passes, streamed
from parity.engines.own.kept_passes import KeptPasses
from parity.engines.own.packed import packed, unpacked
from parity.engines.own.streamed import estimate
from parity.sample.streamed import source


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(source, "__defaults__", (150,))


@pytest.fixture
def made(tmp_path):
    (tmp_path / "study").mkdir()
    frame = UNBALANCED["a tenth is missing"](panel(units=30, periods=8))
    return study(tmp_path / "study", frame, "y ~ x1 + x2 | unit + year", '{ cluster = ["region"] }')


def of(made, those=None, kept=None):
    return estimate(made, made.specs[0], made.data_path, those, kept=kept)


@dataclass(frozen=True)
class Broken(Cluster):
    """Workers to whom something happens when so many answers have come."""

    happens: object = None
    after: int = 6

    def each(self, function, shared, tasks):
        for number, answer in super().each(function, shared, tasks):
            COME.append(number)
            if len(COME) == self.after:
                self.happens()
            yield number, answer


COME = []


@pytest.fixture(autouse=True)
def none_has_come():
    COME.clear()


def test_numbers_are_the_same_on_workers_one_of_which_is_killed(made):
    """One of two; that the only one is killed is told in test_audit_on_dask.py."""
    alone = of(made)
    with cluster(Wanted("local", 2)) as those:
        first = next(iter(those.client.run(os.getpid).values()))
        broken = Broken(those.client, those.where, lambda: os.kill(first, signal.SIGKILL))
        assert of(made, broken) == alone
        assert first not in those.client.run(os.getpid).values()
    assert len(COME) > 6


def test_a_scheduler_that_goes_leaves_the_passes_that_were_made(made, tmp_path, monkeypatch):
    alone, kept = of(made), KeptPasses(tmp_path / "cache")
    with (
        scheduler_and_worker() as (scheduler, address),
        pytest.raises(InputError, match="the scheduler is gone; what was done is kept"),
        cluster(Wanted(address)) as those,
    ):
        of(made, Broken(those.client, those.where, scheduler.kill), kept)
    (folder,) = (tmp_path / "cache" / "passes").iterdir()
    there = [name for name in content(folder) if name.startswith("part-")]
    assert len(there) >= 6
    ran = tasks(monkeypatch)
    again = KeptPasses(tmp_path / "cache")
    assert of(made, kept=again) == alone
    every = len(ran) + len(there)
    ran.clear()
    assert of(made) == alone
    assert len(ran) == every, "nothing was run twice"
    again.clear()
    assert not list((tmp_path / "cache" / "passes").iterdir())


def tasks(monkeypatch):
    """Chunks that are run from here on."""
    ran, task = [], streamed._task
    monkeypatch.setattr(streamed, "_task", lambda shared, chunk: ran.append(chunk) or task(shared, chunk))
    return ran


def test_what_is_kept_is_run_no_more_and_what_is_hurt_is(made, tmp_path, monkeypatch):
    alone = of(made, kept=KeptPasses(tmp_path))
    (folder,) = (tmp_path / "passes").iterdir()
    ran = tasks(monkeypatch)
    assert of(made, kept=KeptPasses(tmp_path)) == alone and not ran
    one, other = sorted(folder.glob("part-*"))[3:5]
    octets = bytearray(one.read_bytes())
    octets[len(octets) // 2] ^= 1
    one.write_bytes(octets)
    other.write_bytes(other.read_bytes()[:-9])
    assert of(made, kept=KeptPasses(tmp_path)) == alone and len(ran) == 2


def test_other_data_another_spec_or_code_are_another_estimate(made, tmp_path, monkeypatch):
    of(made, kept=KeptPasses(tmp_path))
    spec = made.specs[0]
    ran, changed = tasks(monkeypatch), spec.model_copy(update={"vcov": spec.vcov.model_copy(update={"cluster": ("unit",)})})
    estimate(made, changed, made.data_path, kept=KeptPasses(tmp_path))
    assert ran and len(list((tmp_path / "passes").iterdir())) == 2
    study(made.folder, panel(units=31, periods=8), "y ~ x1 + x2 | unit + year", '{ cluster = ["region"] }')
    of(made, kept=KeptPasses(tmp_path))
    assert len(list((tmp_path / "passes").iterdir())) == 3
    monkeypatch.setattr(kept_passes, "code_hash", lambda folder: "other")
    of(made, kept=KeptPasses(tmp_path))
    assert len(list((tmp_path / "passes").iterdir())) == 4


def test_a_full_disk_ends_keeping_and_not_the_estimate(made, tmp_path, monkeypatch):
    alone = of(made)
    full(monkeypatch, after=3)
    assert of(made, kept=KeptPasses(tmp_path)) == alone
    (folder,) = (tmp_path / "passes").iterdir()
    assert len([n for n in content(folder) if n.startswith("part-")]) == 3 and len(content(folder)) == 4
    (tmp_path / "file").write_text("no folder can be made below it", encoding="utf-8")
    assert of(made, kept=KeptPasses(tmp_path / "file")) == alone


def test_a_disk_that_is_really_full_is_no_end_of_an_estimate(made, tmp_path):
    alone = of(made)
    with small_disk(tmp_path / "disk", "20k"):
        assert of(made, kept=KeptPasses(tmp_path / "disk")) == alone
        (folder,) = (tmp_path / "disk" / "passes").iterdir()
        assert 1 < len(content(folder)) < 10
        assert of(made, kept=KeptPasses(tmp_path / "disk")) == alone


def test_no_more_is_kept_than_the_data_have(made, tmp_path, monkeypatch):
    monkeypatch.setattr(kept_passes, "LEAST", 0)
    of(made, kept=KeptPasses(tmp_path))
    (folder,) = (tmp_path / "passes").iterdir()
    parts = sorted(folder.glob("part-*"), key=lambda p: p.name)
    assert sum(p.stat().st_size for p in parts[:-1]) < made.data_path.stat().st_size


@pytest.mark.parametrize("value", [
    (3, np.arange(4.0).reshape(2, 2), [ByLevel(np.array([1, 2]), np.ones((2, 3), order="F"))]),
    {("unit", "year"): np.array(["Ä", "b"], dtype=object), (): np.eye(2)},
    {("a",): ByLevel(np.empty(0, np.int64), np.empty((0, 2)))},
])  # fmt: skip
def test_answers_are_read_as_they_were_written(value):
    assert repr(unpacked(packed(value))) == repr(value)
    assert packed([value, object()]) is None and packed(np.array([None, "a"], dtype=object)) is None


RUN = ["run", "--engine", "py-moments", "--engine", "py-statsmodels"]


def test_a_run_that_is_killed_goes_on_from_its_passes(made, tmp_path):
    """The program itself is killed after its first passes; another ends it, with the numbers of a third. Both are asked of
    one cluster: that two workers say what one says is told above.
    """
    environment = os.environ | {"PARITY_CACHE": str(tmp_path / "cache"), "PYTHONPATH": os.pathsep.join(sys.path)}
    killed = (
        "import os, signal; from parity.engines.own import kept_passes; put = kept_passes.Parts.put\n"
        "def limited(self, number, content):\n"
        "    put(self, number, content)\n"
        "    if number == 7: os.kill(os.getpid(), signal.SIGKILL)\n"
        "kept_passes.Parts.put = limited\n"
        "from parity.sample.streamed import source; source.__defaults__ = (150,)\n"
        "from parity.cli import main; main()"
    )
    on = ["--dask", "local", "--workers", "1", str(made.folder)]
    done = subprocess.run([sys.executable, "-c", killed, *RUN, *on], env=environment, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    (folder,) = (tmp_path / "cache" / "passes").iterdir()
    there = [name for name in content(folder) if name.startswith("part-")]
    assert 0 < len(there) <= 8
    reports = []
    with cluster(Wanted("local", 1)) as those:
        address = those.client.scheduler.address
        for name, cache in (("again", "cache"), ("alone", "other")):
            file = tmp_path / f"{name}.json"
            words = [*RUN, "--dask", address, str(made.folder), "--json", str(file)]
            done = CliRunner().invoke(main, words, env={"PARITY_CACHE": str(tmp_path / cache)})
            assert done.exit_code == 0, done.output
            reports.append(file.read_bytes())
    assert reports[0] == reports[1]
    assert not list((tmp_path / "cache" / "passes").iterdir())
