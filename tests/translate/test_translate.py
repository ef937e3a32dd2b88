"""Stata's commands as specs, R and Python; and specs that are written as their command."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import numpy as np
import pytest
from click.testing import CliRunner

from conftest import FIXTURES
from parity.base.errors import InputError
from parity.cli import main
from parity.study.command import request_of, spec_of
from parity.study.load import load_study
from parity.translate.page import toml_lines
from parity.translate.python import py_lines
from parity.translate.r import r_lines


@pytest.mark.parametrize(
    ("command", "wanted"),
    [
        ("reg y x", {"formula": "y ~ x", "vcov": "iid", "convention": "regress"}),
        ("regress y x ib2.g, vce(robust) nocons", {"formula": "y ~ 0 + x + i(g, ref = 2)", "vcov": "HC1",
                                                   "convention": "regress"}),
        ("reg y x, cl(id)", {"formula": "y ~ x", "vcov": {"cluster": ["id"]}, "convention": "regress"}),
        ("reg y c.x##c.z, vce(hc3)", {"formula": "y ~ x + z + x:z", "vcov": "HC3", "convention": "regress"}),
        ("areg y x, a(id) r", {"formula": "y ~ x | id", "vcov": "HC1", "convention": "areg"}),
        ("xtreg y x i.year, fe r", {"formula": "y ~ x + i(year) | id", "vcov": {"cluster": ["id"]}, "convention": "xtreg"}),
        ("xtreg y x, re", {"formula": "y ~ x", "model": "random_effects", "vcov": "iid", "convention": "xtreg"}),
        ("reghdfe y L2.x F.z, a(id year#g) vce(cl id year)",
         {"formula": "y ~ l(x, 2) + f(z, 1) | id + year^g", "vcov": {"cluster": ["id", "year"]}, "convention": "reghdfe"}),
        ("ivregress 2sls y w (x = z1 z2), small",
         {"formula": "y ~ w | x ~ z1 + z2", "vcov": "iid", "convention": {"profile": "ivregress", "small": True}}),
        ("ivreg2 y w (x = z) if year >= 2000 & g != 3 & w < ., r",
         {"formula": "y ~ w | x ~ z",
             "where": "(year >= 2000 or is_missing(year)) and (g != 3 or is_missing(g)) and not is_missing(w)",
          "vcov": "HC1", "convention": "ivreg2"}),
        ("reg y x if inlist(g, 1, 2) | missing(z) [aw=pop]",
         {"formula": "y ~ x", "where": "(g in [1, 2] or is_missing(z))", "weights": {"analytic": "pop"}, "vcov": "iid",
             "convention": "regress"}),
        ("reg y c.x##i.g i.h#c.z", {"formula": "y ~ x + i(g) + x:i(g) + i(h, z)", "vcov": "iid", "convention": "regress"}),
        ("reg y c.x##g h#c.z", {"formula": "y ~ x + i(g) + x:i(g) + i(h, z)", "vcov": "iid", "convention": "regress"}),
        ("reg y i.g##ib3.h", {"formula": "y ~ i(g) + i(h, ref = 3) + i(g):i(h, ref = 3)", "vcov": "iid",
                              "convention": "regress"}),
        ("newey y x, lag(3)", {"formula": "y ~ x", "vcov": {"newey_west": 3}, "convention": "regress"}),
        ('reg 产出 资本 if 省份 == "北京", r', {"formula": "产出 ~ 资本", "where": "省份 == '北京'", "vcov": "HC1",
        "convention": "regress"}),
    ],
)  # fmt: skip
def test_a_command_as_a_spec(command, wanted):
    assert spec_of(command, "id", "year") == wanted


@pytest.mark.parametrize(
    ("command", "word"),
    [
        ("heckman y x", "no command that a spec can stand for"),
        ("reg y x*", "only the data know"),
        ("reg `y' x", "without macros"),
        ("xtreg y x, fe", "xtset"),
        ("ivreg2 y (x = z), coviv", "coviv"),
        ("reg y x, vce(bootstrap)", "are drawn, which no spec can say"),
        ("reg y x, vce(cluser g)", "vcetype cluser not allowed: did you mean `cluster`"),
        ("reg y x, vce(oim)", "drawn or computed"),
        ("reg y x if g = 3", "equality is `==`"),
        ("reg y x [pwieght=w]", "weights are .aweight = w., .fweight = w. or .pweight = w."),
        ("reghdfe y x absorb(g)", "a comma is missing before the options, which `absorb..` seems"),
        ("reghdfe y x, absrob(g)", "did you mean `absorb`"),
        ("reghdfe y x, absorb(g) if g > 3", "`if` stands before the comma"),
        ("reghdfe y x, absorb(g) cluster g", "did you mean `cluster.g.`"),
        ("ivreghdfe y (x z), absorb(g)", "the equal sign is missing"),
        ("ivregress 2sls y (x z)", "the equal sign is missing"),
        ("ivreg2 y (x z) w", "the equal sign is missing"),
        ("xtivreg2 y (x z) w, fe", "the equal sign is missing"),
        ("reghdfe y x, a(id i.g#c.t)", "slopes"),
        ("reg y i.a#i.b", "columns of its own"),
        ("reg y i.a, nocons", "columns of their own"),
        ("reg y x in 1/5", "by their place: mark those rows in a column of the data, 1 and 0, and say if that column == 1"),
        ("foo", "no command"),
    ],
)
def test_what_no_spec_can_say_is_refused_with_the_reason(command, word):
    with pytest.raises(ValueError, match=word):
        spec_of(command, "", "")


TOML = """
[study]
title = "t"
unit = "firm"
time = "year"
[spec.a]
stata = "xtreg inv value capital, fe vce(robust)"
[spec.b]
formula = "inv ~ value + capital | firm"
vcov = { cluster = ["firm"] }
convention = "xtreg"
"""


def test_a_spec_written_as_its_command_is_that_spec(make_study):
    study = load_study(make_study(TOML))
    a, b = study.specs
    assert a.model_copy(update={"id": "b"}) == b


def test_what_the_command_says_may_not_stand_beside_it(make_study):
    with pytest.raises(InputError) as error:
        load_study(make_study(TOML.replace('stata = "xtreg', 'vcov = "iid"\nstata = "xtreg')))
    assert [p.key for p in error.value.problems] == ["spec.a.vcov"]
    with pytest.raises(InputError) as error:
        load_study(make_study(TOML.replace("xtreg inv", "xtrag inv")))
    assert error.value.problems[0].key == "spec.a.stata"


IN_PYTHON = [
    "reg inv value capital",
    "reg inv value capital, r",
    "reghdfe inv value capital, a(firm year) vce(cluster firm)",
    "areg inv value, a(firm) cl(firm)",
    "xtreg inv value capital i.year, fe vce(robust)",
    "ivregress 2sls inv capital (value = capital2), r",
    "ivregress 2sls inv capital (value = capital2), cl(firm)",
]
#: Runs each text by itself, on data of its own, and prints the numbers of what it calls `m`.
DRIVER = """import json, sys
found = []
for text in json.load(sys.stdin):
    of = {}
    exec(text, of)
    m = of["m"]
    b = m.coef() if callable(getattr(m, "coef", None)) else m.params
    s = m.se() if callable(getattr(m, "se", None)) else getattr(m, "std_errors", getattr(m, "bse", None))
    found.append({n: (float(b[n]), float(s[n])) for n in b.index})
print(json.dumps(found))
"""


def test_the_lines_in_python_give_the_specs_numbers(tmp_path):
    """Run as they are printed, in an interpreter of their own."""
    import pandas as pd

    from parity.compare.harmonise import harmonise
    from parity.data.load import load_frame
    from parity.engines import engine as engine_of
    from parity.sample.build import build_design
    from parity.study.load import parse_study

    frame = pd.read_csv(FIXTURES / "grunfeld" / "data.csv")
    frame["capital2"] = np.sqrt(frame["capital"]) + frame["year"] % 3
    frame["idle"] = frame["year"].where(frame["year"] > 1938)  # what the command doesn't use costs no rows
    frame.to_csv(tmp_path / "data.csv", index=False)
    specs = "".join(f'[spec.s{i}]\nstata = "{command}"\n' for i, command in enumerate(IN_PYTHON))
    study = parse_study(f'[study]\ntitle = "t"\nunit = "firm"\ntime = "year"\n{specs}', tmp_path / "study.toml")
    texts = []
    for command in IN_PYTHON:
        text = "\n".join(py_lines(request_of(command, "firm", "year")))
        text = text.replace("pf.feols(", "m = pf.feols(").replace(".summary()", "")
        text = re.sub(r"^print\((IV2SLS.*)\)$", r"m = \1", text, flags=re.MULTILINE)
        texts.append("import pandas as pd\nimport numpy as np\nd = pd.read_csv('data.csv')\n" + text)
    done = subprocess.run(
        [sys.executable, "-c", DRIVER], input=json.dumps(texts), capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr[-600:]
    answers = json.loads(done.stdout.strip().splitlines()[-1])
    for spec, found in zip(study.specs, answers, strict=True):
        design = build_design(study, spec, load_frame(study))
        wanted = harmonise(engine_of("py-moments").estimate(spec, design), design.facts, spec).quantities
        assert "value" in found, spec.id
        for term in {"value", "capital"} & set(found):
            np.testing.assert_allclose(found[term], (wanted["coef", term].value, wanted["se", term].value), rtol=1e-8)


@pytest.mark.parametrize(
    "command",
    [
        "reg inv c.value##i.late i.era", "reg inv i.late##i.era capital", "reg inv ib3.era##c.value, r",
        "reg inv i.late#c.value",
        "reghdfe inv i.late#c.value capital, a(id) vce(cluster id)", "reg inv value if capital > 100 | late == 1, vce(hc3)",
    ],
)  # fmt: skip
def test_a_spec_in_words_has_the_numbers_of_the_command(command, tmp_path):
    """The spec that a person reads, and the columns under Stata's names that parity's own estimate is of."""
    from parity.compare.harmonise import harmonise
    from parity.data.load import load_frame
    from parity.engines.own import fit
    from parity.sample.build import build_design
    from parity.stata.do import run_do
    from parity.study.load import parse_study

    (tmp_path / "data.csv").write_bytes((FIXTURES / "grunfeld" / "data.csv").read_bytes())
    made = "gen late = year > 1944\negen id = group(firm)\ngen era = 1 + mod(year, 4)\n"
    found = run_do(
        f"set type double\nimport delimited data.csv, asdouble\n{made}save out, replace\n{command}", tmp_path
    ).estimations[0]
    data = {n: c.values for n, c in found.data.columns.items()}
    import pandas as pd

    pd.DataFrame(data).to_csv(tmp_path / "data.csv", index=False)
    lines = "\n".join(toml_lines("a", dict(found.keys)))
    study = parse_study(f'[study]\ntitle = "t"\n{lines}\n', tmp_path / "study.toml")
    design = build_design(study, study.specs[0], load_frame(study))
    said = harmonise(fit.estimate(study.specs[0], design), design.facts, study.specs[0]).quantities
    wanted = sorted((c.b, c.se) for c in found.coefficients if c.term != "_cons")
    got = sorted((said["coef", t].value, said["se", t].value) for t in design.terms if t != "(Intercept)")
    np.testing.assert_allclose(got, wanted, rtol=1e-8)


def test_lines_in_r_say_what_the_convention_needs():
    lines = "\n".join(r_lines(request_of("areg y x if z > 2, a(id) cl(id)", "", "")))
    assert 'K.fixef = "full"' in lines and "is.na(z)" in lines and 'fixef.rm = "none"' in lines
    every, none = ("\n".join(r_lines(request_of(f"reghdfe y x, a(id g) cl(id) {o}", "", ""))) for o in ("", "dof(none)"))
    assert "ssc" not in every and 'ssc = ssc(K.fixef = "full")' in none
    assert 'k_fixef="full"' in "".join(py_lines(request_of("reghdfe y x, a(id g) cl(id) dof(none)", "", "")))
    every, none = ("\n".join(r_lines(request_of(f"reghdfe y x, a(id g) {o}", "", ""))) for o in ("", "dof(none)"))
    assert "K.exact = TRUE" in every and "ssc" not in none
    assert 'type = "HC0"' in "\n".join(r_lines(request_of("ivregress 2sls y (x = z), r", "", "")))


def test_a_spec_in_made_columns_says_why(tmp_path):
    (tmp_path / "data.csv").write_bytes((FIXTURES / "grunfeld" / "data.csv").read_bytes())
    source = 'import delimited "data.csv", clear\nreg inv value if mod(year, 2) == 0\nreg inv value if year > 1940\n'
    (tmp_path / "a.do").write_text(source)
    done = CliRunner().invoke(main, ["translate", str(tmp_path / "a.do"), "-o", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    first, second = (tmp_path / "out" / "study.toml").read_text(encoding="utf-8").split("[spec.")[:2]
    assert "# in columns made for it: the condition uses what parity's grammar lacks" in first
    assert "# in columns made" not in second


def test_the_verb_reads_a_command_and_a_do_file(tmp_path, monkeypatch):
    done = CliRunner().invoke(main, ["translate", "reghdfe inv value, absorb(firm) vce(cluster firm)"])
    assert done.exit_code == 0 and 'formula = "inv ~ value | firm"' in done.output and "feols(" in done.output
    assert CliRunner().invoke(main, ["translate", "heckman y x"]).exit_code == 2
    (tmp_path / "data.csv").write_bytes((FIXTURES / "grunfeld" / "data.csv").read_bytes())
    source = 'import delimited "D:/x/data.csv", clear\nxtset firm year\ngen lv = ln(value)\n'
    source += "eststo main: xtreg inv lv L.capital, fe vce(robust)\n"
    (tmp_path / "a.do").write_text(source)
    done = CliRunner().invoke(main, ["translate", str(tmp_path / "a.do"), "-o", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    study = load_study(tmp_path / "out")
    assert [s.id for s in study.specs] == ["main"] and str(study.specs[0].formula) == "inv ~ lv + l(capital, 1) | firm"
    assert CliRunner().invoke(main, ["check", str(tmp_path / "out")]).exit_code == 0
    (tmp_path / "b.do").write_text(source + "somethingunknown x\n")
    done = CliRunner().invoke(main, ["translate", str(tmp_path / "b.do")])
    assert done.exit_code == 1 and "b.do:5 unknown-command" in done.output
    (tmp_path / "d.do").write_text("import delimited data.csv\ngen lv = ln(valeu)\nregress inv lv unknown\n")
    done = CliRunner().invoke(main, ["translate", str(tmp_path / "d.do")])
    assert done.exit_code == 1 and "without their data:\n  d.do:3 regress inv lv unknown" in done.output
    (tmp_path / "c.do").write_text(source.replace("gen lv", "somethingunknown x\ngen lv"))
    assert CliRunner().invoke(main, ["translate", str(tmp_path / "c.do"), "-o", str(tmp_path / "doubted")]).exit_code == 1
    assert "# in doubt: unknown-command (c.do:3)" in (tmp_path / "doubted" / "study.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", ["reg inv value if mod(year, 2) == 0", "reg inv value i.firm#i.year"])
def test_a_command_that_is_no_spec_without_data_says_so(command):
    done = CliRunner().invoke(main, ["translate", command, "--to", "study"])
    assert done.exit_code == 1 and "no spec: " in done.output and "parity run --stata" in done.output


def test_the_observed_information_is_what_a_likelihood_has_anyway():
    assert spec_of("logit y x, vce(oim)", "", "") == spec_of("logit y x", "", "")


def test_parentheses_without_instruments_group_regressors_where_stata_has_them_so():
    assert spec_of("reghdfe y (x z), absorb(g)", "", "")["formula"] == "y ~ x + z | g"


def test_an_expression_that_is_none_leaves_no_traceback():
    done = CliRunner().invoke(main, ["translate", "regress y x if year = 2000"])
    assert done.exit_code == 2 and "no expression at `= 2000`; equality is `==`" in done.output


SLIPS = [
    ("reg inv value $mian", "the global $mian is not defined anywhere before: it is empty: did you mean `$main`?"),
    ("global mian capital\nreg inv value $mian", ""),
    ('di "$mian"', None),
    ("local more capital\nreg inv value `mroe'", "is not defined: it is empty: did you mean `more`?"),
    ("reg inv value [fweight = capital]\ndi _b[value]", "a frequency weight is no whole number: `capital` (observation "),
    ("logit inv value\ndi _b[value]", "the outcome doesn't vary; every value but 0 is taken for 1"),
    ("rge inv value", "the command `rge` is not known here"),
    ("logti inv value", "the command `logti` is not known here: did you mean `logit`?"),
    ("ivreg2h inv value", "the command `ivreg2h` is not known here"),
    ("reg inv valeu", "variable valeu not found; r(111): did you mean `value`?"),
    ("reghdfe inv value absorb(firm)", "a comma is missing before the options"),
    ("import delimited dat.csv, clear", "the file `dat.csv` isn't there: did you mean `data.csv`?"),
    ('import delimited "D:/x/dtaa.csv", clear', "isn't there: did you mean `data.csv`?"),
    ("use wave6.dta, clear", "the file `wave6.dta` isn't there"),
]


@pytest.mark.parametrize(("lines", "wanted"), SLIPS)
def test_a_slip_of_a_do_file_is_said_and_exits_1(lines, wanted, tmp_path):
    """wanted: what is said at its end; empty where nothing is wrong; None for what touches no estimation."""
    (tmp_path / "data.csv").write_bytes((FIXTURES / "grunfeld" / "data.csv").read_bytes())
    (tmp_path / "wave7.dta").write_bytes(b"")
    (tmp_path / "a.do").write_text(f"import delimited data.csv, clear\nglobal main capital\n{lines}\n")
    done = CliRunner().invoke(main, ["translate", str(tmp_path / "a.do")])
    said = " ".join(done.output.split())
    assert done.exit_code == (1 if wanted else 0), done.output
    assert (wanted or "") in said and "Traceback" not in said, done.output
    assert wanted is None or "did you mean" in wanted or "did you mean" not in said
