"""Engines are registered by hand, in the order in which a reference is looked for: who forgets one is told."""

from __future__ import annotations

from conftest import ROOT
from parity.engines import MODULES, registry
from parity.engines.r_common import REngine
from structure import SOURCE


def test_every_folder_of_an_engine_is_registered():
    folders = {f"parity.engines.{path.parent.name}.declared" for path in (SOURCE / "engines").glob("*/declared.py")}
    assert folders == set(MODULES.values()), "MODULES of src/parity/engines/__init__.py names each folder with a declared.py"


def test_an_engine_has_the_id_that_it_is_registered_under():
    other = {id: registry()[id].info.id for id in MODULES if registry()[id].info.id != id}
    assert not other, f"src/parity/engines/__init__.py: `id` of the engine's `info` is the key of MODULES: {other}"


def test_an_engine_of_r_has_its_half_in_r():
    text = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "r_scripts" / "engines").glob("*.R"))
    of_r = [engine for id in MODULES if isinstance(engine := registry()[id], REngine)]
    lacking = [e.function for e in of_r if f"\n{e.function} <- function(" not in f"\n{text}"]
    assert len(of_r) >= 6 and not lacking, f"r_scripts/engines: a function {lacking} that answers a request"
