"""Do-files: the command that each convention means, and text that stays text. Stata itself is not at hand to run them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parity.base.errors import InputError
from parity.export import export_study
from parity.export.stata_text import is_stata_name, stata_comment, stata_string
from parity.study.load import load_study
from parity.study.models import OF_DYNAMIC
from test_export_r import STUDIES

VERBS = ("regress", "areg", "xtreg", "reghdfe", "ivreghdfe", "ivregress", "ivreg2", "newey", "logit",
         "probit", "poisson", "mlogit", "ologit", "oprobit", "tobit", "ivprobit", "arima")  # fmt: skip


def do_file(study: str, spec: str) -> str:
    return export_study(STUDIES[study], [STUDIES[study].spec(spec)], "stata")[f"{spec}.do"]


def code(text: str) -> list[str]:
    """Commands, continued lines joined, comments left out."""
    joined = re.sub(r" ///\n\s*", " ", text)
    return [line for line in joined.splitlines() if line.strip() and not line.startswith("*")]


def estimation(text: str) -> str:
    (found,) = [line for line in code(text) if line.split()[0] in VERBS]
    return found


COMMANDS = {
    ("grunfeld", "pooled"): "regress inv value capital, vce(cluster firm)",
    ("grunfeld", "within"): "areg inv value capital, absorb(firm)",
    ("grunfeld", "xtreg"): "xtreg inv capital i.year, fe vce(cluster firm)",
    ("grunfeld", "one_reghdfe"): "reghdfe inv capital, absorb(firm year) vce(cluster firm)",
    ("grunfeld", "one_lfe"): "reghdfe inv capital, absorb(firm year) vce(cluster firm) keepsingletons",
    ("grunfeld", "random"): "xtreg inv value capital, re sa",
    ("grunfeld", "stata_driscoll_kraay"): "ivreg2 float_inv float_value float_capital, dkraay(5)",
    ("grunfeld", "stata_newey_west"): "newey float_inv float_value float_capital, lag(4) force",
    ("grunfeld", "stata_two_clusters"): "reghdfe float_inv float_value float_capital, noabsorb vce(cluster firm year)",
    ("job_training", "random"): "xtreg lscrap d88 d89 union grant grant_1, re",
    ("job_training", "differences_no_intercept"):
        "regress D.lscrap D.grant D.grant_1 D.d88 D.d89, noconstant vce(cluster fcode)",
    ("cigarettes", "eq_12_15"): "ivregress 2sls log_packs log_rincome (log_rprice = tdiff), vce(robust) small",
    ("cigarettes", "eq_12_16_large"): "ivregress 2sls log_packs log_rincome (log_rprice = tdiff rtax), vce(robust)",
    ("cigarettes", "panel"): "ivreghdfe log_packs log_rincome (log_rprice = tdiff rtax), absorb(state year) cluster(state)",
    ("card", "ivreg2_weighted"): "ivreg2 lwage exper expersq black south (educ = nearc4) [aweight = weight], robust",
    ("mtcars", "interactions"): "regress mpg log_hp am log_hp_am am_wt ib8.cyl i.gear#c.qsec",
    ("mroz", "hours_tobit_robust"):
        "tobit hours nwifeinc educ exper expersq age kidslt6 kidsge6, ll(0) ul(2000) vce(robust)",
    ("grunfeld", "one_firm"): "arima inv value capital, ar(1)",
    ("mroz", "work_ivprobit_cluster"):
        "ivprobit inlf exper expersq age kidslt6 (educ = motheduc fatheduc huseduc), vce(cluster age)",
    ("mtcars", "hc3"): "regress float_mpg hp, vce(hc3)",
    ("mtcars", "no_intercept"): "regress mpg wt hp, noconstant vce(robust)",
}  # fmt: skip


@pytest.mark.parametrize(("study", "spec"), COMMANDS)
def test_the_command_is_that_of_the_convention(study, spec):
    assert estimation(do_file(study, spec)) == COMMANDS[study, spec]


def test_what_stata_has_not_is_said():
    assert "lfe is declared, nonnested in reghdfe" in do_file("grunfeld", "one_lfe")
    assert "needs Stata 18" in do_file("fatalities", "cr2")
    assert "Stata has no HC3 with instruments" in do_file("mroz", "iv_15_5_hc3")
    assert "df = G - 1" in do_file("cigarettes", "panel").replace("\n* ", " ")
    assert "declared" not in do_file("grunfeld", "one_reghdfe").split("* ---- estimate")[1]


def test_what_stata_does_not_ship_is_installed_by_hand():
    installs = {(s, n): re.findall(r"^\* .*ssc install (\w+)$", do_file(s, n), re.M) for s, n in COMMANDS}
    for (study, spec), command in COMMANDS.items():
        verb = command.split()[0]
        shipped = verb in ("regress", "areg", "xtreg", "ivregress", "newey", "tobit", "ivprobit", "arima")
        assert installs[study, spec][-1:] == ([] if shipped else [verb]), command
    assert installs["cigarettes", "panel"] == ["ftools", "reghdfe", "ranktest", "ivreg2", "ivreghdfe"]


def test_lags_and_missing_values_are_stata_s():
    text = do_file("cigarettes", "table_1")
    assert "generate double d_log_packs_10 = S10.log_packs" in text and "xtset state year" in text
    text = do_file("fatalities", "table_4")
    assert "generate double age18 = cond(drinkage < 19, 1, cond(drinkage >= 19 & !missing(drinkage), 0, .))" in text
    assert "keep if year == 1995" in do_file("cigarettes", "eq_12_11")


@pytest.mark.parametrize("name", STUDIES)
def test_every_bundled_spec_has_a_do_file(name):
    for file, text in export_study(
        STUDIES[name], [s for s in STUDIES[name].specs if s.model not in OF_DYNAMIC and s.vcov.kind != "conley"], "stata"
    ).items():
        lines = code(text)
        assert estimation(text), file
        assert "\n".join(lines).count("{") == "\n".join(lines).count("}"), file
        for line in lines:
            plain = re.sub(r"`\"`: variable label `v''\"'", "", line)
            assert plain.count('"') % 2 == 0 and plain.count("(") == plain.count(")"), (file, line)
        assert max(map(len, text.splitlines())) < 244, file


@given(st.text(max_size=60))
def test_strings_hold_nothing_that_stata_expands(text):
    inside = "".join(re.findall(r'"([^"]*)"', stata_string(text)))
    assert not set(inside) & set('`$"\n\r')
    assert all(is_stata_name(n) or n for n in (text,) if n)


@given(st.text(max_size=200))
def test_comments_stay_comments(text):
    for line in stata_comment(text):
        assert line.startswith("*")
        assert not re.search(r"/\*|\*/|///|[`$\n\r]", line[1:])


@pytest.mark.parametrize("name", ["if", "_cons", "str8", "a b", "1x", "x" * 33, "a.b", "$x", ""])
def test_names_that_stata_can_not_hold(name):
    assert not is_stata_name(name)


def test_hostile_names_and_titles(make_study):
    header = '"x""; shell rm","$y",z\n' + "".join(f"{i},{i * i % 7},{i % 5}\n" for i in range(20))
    toml = "[study]\ntitle = '''/* ` $x ///'''\n[spec.one]\nformula = '''`x\"; shell rm` ~ `$y` + z'''\n"
    study = load_study(make_study(toml, header.encode()))
    text = export_study(study, study.specs, "stata")["one.do"]
    assert estimation(text) == "regress x_shell_rm y z"
    assert not [line for line in code(text) if "shell rm" in line and "uchar(" not in line]


def test_parquet_is_refused(make_study):
    folder = make_study('[study]\ntitle = "t"\ndata = "d.parquet"\n[spec.one]\nformula = "y ~ x"\n', None)
    (folder / "d.parquet").write_bytes(b"x")
    study = load_study(folder)
    with pytest.raises(InputError, match="no Parquet"):
        export_study(study, study.specs, "stata")
