"""What a .dta keeps beside its columns: the panel that it was set to, bases of factors, texts of `char`."""

from __future__ import annotations

import struct

import numpy as np
import pandas as pd
import pytest

from parity.base.errors import InputError
from parity.stata import dta
from parity.stata.characteristics import Layout, characteristics
from parity.stata.do import run_do
from parity.stata_language.dataset import Panel
from parity.translate.one_line import one_line

FRAME = pd.DataFrame({"firm": [1, 1, 1, 2, 2, 2], "year": [2000, 2002, 2004] * 2, "x": [1.0, 2, 4, 3, 5, 9],
                      "y": [2.0, 3, 3, 5, 4, 8], "g": [1, 2, 3, 1, 2, 3], "word": list("abcabc")})  # fmt: skip
XTSET = {"_dta[_TSpanel]": "firm", "_dta[_TStvar]": "year", "_dta[_TSdelta]": "+1.0000000000000X+001", "_dta[_TSitrvl]": "2",
         "_dta[iis]": "firm", "_dta[tis]": "year"}  # fmt: skip


def kept(path, said: dict[str, str], version: int = 118, frame: pd.DataFrame = FRAME):
    """A file of pandas with characteristics put in, which pandas can't write."""
    frame.to_stata(path, write_index=False, version=version)
    raw, wide = path.read_bytes(), 33 if version < 118 else 129
    entries = []
    for key, text in said.items():
        name, _, of = key.rstrip("]").partition("[")
        entries.append(name.encode().ljust(wide, b"\0") + of.encode().ljust(wide, b"\0") + text.encode() + b"\0")
    if version < 117:
        from pandas.io.stata import StataReader

        with StataReader(path) as reader:
            reader.read()
            at = reader._data_location - 5
        put = b"".join(b"\1" + struct.pack("<i", len(e)) + e for e in entries)
        path.write_bytes(raw[:at] + put + raw[at:])
        return path
    put = b"".join(b"<ch>" + struct.pack("<I", len(e)) + e + b"</ch>" for e in entries)
    at = raw.index(b"<characteristics>") + len(b"<characteristics>")
    table = raw.index(b"<map>") + len(b"<map>")
    places = [p + len(put) * (p >= at) for p in struct.unpack("<14q", raw[table : table + 112])]
    raw = raw[:table] + struct.pack("<14q", *places) + raw[table + 112 :]
    path.write_bytes(raw[:at] + put + raw[at:])
    return path


@pytest.mark.parametrize("version", [114, 117, 118, 119])
def test_the_panel_is_the_one_that_it_was_saved_with(tmp_path, version):
    data = dta.read(kept(tmp_path / "d.dta", XTSET | {"x[note1]": "of 2001"}, version))
    assert data.panel == Panel("firm", "year", 2.0)
    assert data.characteristics["x[note1]"] == "of 2001"
    np.testing.assert_array_equal(data["x"].values, FRAME["x"])


def test_commands_of_panels_need_no_xtset(tmp_path):
    kept(tmp_path / "d.dta", XTSET)
    done = run_do("use d, clear\ngen before = L.x\nxtreg y x, fe\nregress y ib(last).g", tmp_path)
    assert not [f for f in done.findings if f.taints]
    np.testing.assert_array_equal(done.data["before"].values, [np.nan, 1, 2, np.nan, 3, 5])
    assert [e.command.split()[0] for e in done.estimations] == ["xtreg", "regress"]
    assert [s.status for s in done.statements] == ["run"] * 4


def test_one_command_needs_no_option_for_it(tmp_path):
    told = []
    said = XTSET | {"_dta[_TSdelta]": "+1.0000000000000X+000"}
    frame = FRAME.assign(year=[2000, 2001, 2002] * 2)
    study = one_line("xtreg y L.x, fe", kept(tmp_path / "d.dta", said, frame=frame), tmp_path / "a", warn=told.append)
    assert (study.header.unit, study.header.time) == ("firm", "year")
    assert told == ["the panel is the one that d.dta was saved with: firm year"]
    with pytest.raises(InputError, match=r"time variable not set: .*give --time TIME"):  # two years between neighbours
        one_line("xtreg y L.x, fe", kept(tmp_path / "e.dta", XTSET), tmp_path / "b")


def test_a_factor_keeps_its_base(tmp_path):
    kept(tmp_path / "d.dta", {"g[fvbase]": "3"})
    kept_base, said = (run_do(f"use d, clear\nregress y {g}\ndisplay _b[1.g]", tmp_path) for g in ("i.g", "ib3.g"))
    assert [p.values["text"] for p in kept_base.printed] == [p.values["text"] for p in said.printed]


@pytest.mark.parametrize(
    ("said", "panel"),
    [
        ({"_dta[_TSpanel]": "gone", "_dta[_TStvar]": "year"}, Panel()),
        ({"_dta[_TSpanel]": "firm", "_dta[_TStvar]": "gone"}, Panel("firm")),
        ({"_dta[_TStvar]": "year"}, Panel()),  # its times repeat
        ({"_dta[_TSpanel]": "g", "_dta[_TStvar]": "year"}, Panel("g")),  # here, too
        ({"_dta[_TSpanel]": "word", "_dta[_TStvar]": "year"}, Panel()),
        ({"_dta[iis]": "firm", "_dta[tis]": "year"}, Panel("firm", "year")),
        ({"_dta[iis]": "firm", "_dta[tis]": "year", "_dta[_TSdelta]": "no number"}, Panel("firm", "year")),
        ({}, Panel()),
    ],
)
def test_what_is_kept_and_no_longer_holds(tmp_path, said, panel):
    assert dta.read(kept(tmp_path / "d.dta", said)).panel == panel


@pytest.mark.parametrize("version", [104, 105, 108, 110, 115, 117, 118])
@pytest.mark.parametrize(
    "head", [b"", b"\x73\2\1\0" + b"\xff" * 4000, b"<characteristics><ch>\xff\xff\xff\x7fx</characteristics>", bytes(900)]
)
def test_damaged_ones_end_in_no_error(version, head):
    found = characteristics(head, Layout(version, "<", 3, len(head)))
    assert all(isinstance(text, str) for text in found.values()) and (version < 117 or not found)
