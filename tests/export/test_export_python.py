"""Exported Python scripts: they run alone and give the numbers of parity's own algebra; no text becomes code."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bundled import of_every_kind
from conftest import ROOT
from exported_scripts import run_python as run_scripts
from parity.base.errors import InputError
from parity.conventions.profiles import family_of
from parity.data.evaluate import Panel
from parity.data.load import load_frame
from parity.engines.own import fit
from parity.export import LANGUAGES, export_study, scripts_of
from parity.export.py_expression import py_expression
from parity.export.py_text import py_string
from parity.export.r_expression import r_expression
from parity.sample.build import build_design
from parity.study.grammar import parse_expression
from parity.study.load import load_study
from parity.study.study import Study
from test_export_r import FORMULAS as R_FORMULAS
from test_export_r import KINDS as R_KINDS
from test_export_r import PAIRS, SETTINGS, STUDIES, battery, differences, exported, xtreg_refuses


def wrong_numbers(jobs: list[tuple[Study, dict[str, str]]], folder: Path, cwd: Path) -> dict[str, list[str]]:
    """Spec -> how its script differs from parity's own estimate, beyond 1e-9 of each quantity's scale.

    jobs: studies and their scripts. All run in one process, which imports the packages once.
    """
    for study, _ in jobs:
        (folder / f"scripts {study.id}").mkdir()
    texts = {f"scripts {study.id}/{name}": text for study, written in jobs for name, text in written.items()}
    printed, wrong = run_scripts(texts, folder, cwd), {}
    for study, written in jobs:
        frame = load_frame(study)
        for spec in study.specs:
            if f"{spec.id}.py" in written:
                design = build_design(study, spec, frame)
                lines = printed[f"scripts {study.id}/{spec.id}.py"]
                found = differences(lines, fit.estimate(spec, design), design.facts, spec)
                if found:
                    wrong[f"{study.id}/{spec.id}"] = found[:3]
    return wrong


def test_scripts_of_bundled_specs_of_every_kind_give_parity_s_numbers(tmp_path):
    chosen = of_every_kind(lambda study: exported(study, "python"))
    jobs = [(STUDIES[name], export_study(STUDIES[name], specs, "python")) for name, specs in chosen.items()]
    assert sum(len(texts) for _, texts in jobs) == sum(map(len, chosen.values())) > 60
    assert not wrong_numbers(jobs, tmp_path, ROOT)


@pytest.mark.parametrize("name", STUDIES)
def test_scripts_stand_alone_and_can_be_read(name):
    for file, text in export_study(STUDIES[name], exported(STUDIES[name], "python"), "python").items():
        tree = ast.parse(text)
        imported = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
        imported |= {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
        known = {"sys", "numpy", "pandas", "scipy", "pyfixest", "statsmodels", "linearmodels"}
        assert {i.split(".")[0] for i in imported} <= known, file
        called = {n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
        assert not called & {"eval", "exec", "compile", "__import__", "open"}, file
        assert len(text.splitlines()) <= 130, file
        assert max(map(len, text.splitlines())) <= 130, file


def test_the_package_s_own_factor_is_asked_where_it_has_the_convention():
    grunfeld = STUDIES["grunfeld"]
    text = export_study(grunfeld, [grunfeld.spec("pooled")], "python")["pooled.py"]
    assert 'cov_type="cluster"' in text and "use_correction" not in text and "small-sample factor" not in text
    text = export_study(grunfeld, [grunfeld.spec("xtreg")], "python")["xtreg.py"]
    assert 'vcov={"CRV1": "firm"}' in text and "ssc" not in text and "small-sample factor" not in text
    text = export_study(grunfeld, [grunfeld.spec("one_lfe")], "python")["one_lfe.py"]
    assert "# the small-sample factor" in text
    text = export_study(grunfeld, [grunfeld.spec("one_linearmodels")], "python")["one_linearmodels.py"]
    assert "PanelOLS(" in text and "small-sample factor" not in text


# ---------------------------------------------------------------- every convention, every kind of expression


EXPRESSIONS = {
    "logs": 'formula = "y ~ log(x1) + sqrt(abs(x2)) + exp(x1) + log1p(x2)"',
    "lags": 'formula = "y ~ l(x1, 1) + f(x2, 1) + d(x1, 2) | unit"\nvcov = { cluster = ["unit"] }',
    "members": 'formula = "y ~ x1 | unit"\nwhere = "year not in [2011, 2013] or (x1 > 0 and not (x2 < 0))"',
    "missing": 'formula = "y ~ x1"\nwhere = "not is_missing(x2) and x1 != 0"',
    "dummies": 'formula = "y ~ x2 + i(year):x1 + i(year, ref = 2010)"\nvcov = "HC1"\nconvention = "lm"',
    "terms": 'formula = "y ~ I((x1 + x2) / 3) + I(x1 > 0.2) + poly(x2, 2, raw = TRUE) + C(year)"',
    "floats": 'formula = "float(y) ~ float(x1) + x1:x2 + x2"',
    "derived": 'formula = "y ~ ratio + above"',
    "cr3_fe": 'formula = "y ~ x1 + x2 | unit"\nvcov = { cluster = ["plant"], type = "CR3" }\nconvention = "lm"',
    "hc3_fe": 'formula = "y ~ x1 + x2 | unit"\nvcov = "HC3"\nconvention = "lm"',
    "hc2_weighted": 'formula = "y ~ x1 + x2"\nvcov = "HC2"\nconvention = "lm"\nweights = { analytic = "aw" }',
    "hc2_iv_fe": 'formula = "y ~ x1 | unit | x_endog ~ z1 + z2"\nvcov = "HC2"\nconvention = "lm"',
    "hc3_frequency": 'formula = "y ~ x1"\nvcov = "HC3"\nconvention = "lm"\nweights = { frequency = "fw" }',
    "hc3_unweighted": 'formula = "y ~ x1 + x2"\nvcov = "HC3"\nconvention = "regress"\nweights = { analytic = "aw" }',
    "hc4": 'formula = "y ~ x1 + x2 | unit"\nvcov = "HC4"\nconvention = "lm"',
    "hc4_frequency": 'formula = "y ~ x1"\nvcov = "HC4"\nconvention = "lm"\nweights = { frequency = "fw" }',
    "three_ways": 'formula = "y ~ x1 | unit"\nvcov = { cluster = ["unit", "year", "plant"] }\nconvention = "lfe"',
    "three_flat": 'formula = "y ~ x1 + x2"\nvcov = { cluster = ["unit", "year", "plant"] }\n'
                  'convention = { profile = "reghdfe", psd = "kept" }',
    "newey_fe": 'formula = "y ~ x1 + x2 | unit"\nvcov = { newey_west = 2 }\nconvention = "fixest"',
    "kraay": 'formula = "y ~ x1 + x2"\nvcov = { driscoll_kraay = 2 }\nconvention = "reghdfe"',
    "kraay_fe": 'formula = "y ~ x1 + x2 | unit"\nvcov = { driscoll_kraay = 1 }\nconvention = "reghdfe"',
    "iv_many": 'formula = "y ~ 1 | 0 | x_endog + x2 ~ z1 + z2 + x1"\nvcov = { cluster = ["unit"] }\nconvention = "lm"',
    "iv_many_fe": 'formula = "y ~ 1 | unit | x_endog + x2 ~ z1 + z2 + x1"\nvcov = { cluster = ["unit"] }\nconvention = "lm"',
    "nothing": 'formula = "y ~ 1"\nvcov = { cluster = ["unit"] }\nconvention = "regress"',
}  # fmt: skip


def profiles() -> dict[str, str]:
    return {
        f"{profile}_{f}_{k}": f'formula = "{R_FORMULAS[f]}"\nvcov = {R_KINDS[k]}\nconvention = "{profile}"'
        for i, profile in enumerate(family_of("fixest"))
        for f, k in PAIRS[i % 3 :: 3]  # a third of them for each profile
        if not (profile == "xtreg" and xtreg_refuses(f, k))
    }


def single_settings() -> dict[str, str]:
    return {
        f"s{i}_{f}_{k}": f'formula = "{R_FORMULAS[f]}"\nvcov = {R_KINDS[k]}\nconvention = {{ {setting} }}'
        for i, setting in enumerate(SETTINGS)
        for f, k in (("two", "unit"), ("islands", "worker"), ("three", "iid"), ("none", "both"), ("iv", "hc1"))[i % 2 :: 2]
    }


CHOSEN = {
    "fe": 'formula = "y ~ x1 + x2 | unit"\nvcov = { cluster = ["plant"] }\nconvention = "linearmodels"',
    "fe2": 'formula = "y ~ x1 + x2 | unit + year"\nvcov = "HC1"\nconvention = "linearmodels"',
}


def test_every_profile_setting_expression_covariance_and_package(make_study, tmp_path):
    derive = '[derive]\nratio = "x1 / x2"\nabove = "x1 > 0 or x2 > 0.5"\n'
    batteries = {
        "profiles": battery(profiles()),
        "settings": battery(single_settings()),
        "expressions": battery(EXPRESSIONS).replace("\n[spec", "\n" + derive + "[spec", 1),
        **dict.fromkeys(("pyfixest", "linearmodels", "statsmodels"), battery(CHOSEN)),
    }
    jobs = []
    for name, text in batteries.items():
        study = load_study(make_study(text, "hard_cases", name))
        texts = export_study(study, study.specs, "python", name if text == battery(CHOSEN) else None)
        jobs.append((study, texts))
    assert not wrong_numbers(jobs, tmp_path, tmp_path)


def test_a_chosen_package_counts_effects_as_declared(make_study, tmp_path):
    """Packages count every dummy, or leave nested effects out: where the convention has it otherwise they aren't asked."""
    kinds = ['"iid"', '"HC1"', '{ cluster = ["unit"] }', '{ cluster = ["plant"] }', '{ cluster = ["unit", "year"] }']
    settings = [f'profile = "{p}", constant = "{c}"' for p in ("fixest", "lm", "ivreghdfe") for c in ("one", "extra")]
    settings += ['profile = "plm", iid = "none"', 'profile = "lm", constant = "at_least_one", count_fixef = "nonnested"']
    specs = {
        f"s{i}_{j}_{k}": f'formula = "y ~ x1 | {effects}"\nvcov = {kind}\nconvention = {{ {setting} }}'
        for i, setting in enumerate(settings)
        for j, kind in enumerate(kinds)
        for k, effects in enumerate(("unit", "unit + year"))
    }
    jobs = []
    for package in ("pyfixest", "statsmodels"):
        study = load_study(make_study(battery(specs), "hard_cases", package))
        jobs.append((study, export_study(study, study.specs, "python", package)))
        assert len(jobs[-1][1]) == len(specs)
    assert not wrong_numbers(jobs, tmp_path, tmp_path)


@pytest.mark.parametrize("engine", ["pyfixest", "linearmodels", "statsmodels"])
def test_the_package_can_be_chosen(make_study, engine):
    study = load_study(make_study(battery(CHOSEN), "hard_cases"))
    text = export_study(study, study.specs, "python", engine)["fe.py"]
    assert {"pyfixest": "pf.feols(", "linearmodels": "PanelOLS(", "statsmodels": "sm.OLS("}[engine] in text


@pytest.mark.parametrize(
    ("spec", "engine", "said"),
    [
        ('formula = "inv ~ value"\nmodel = "random_effects"', "pyfixest", "no model for random effects"),
        ('formula = "inv ~ value"', "stata", "`stata` is none of pyfixest"),
        ('formula = "inv ~ i(firm):i(year)"', None, "has no script in Python"),
    ],
)
def test_what_has_no_script_is_said(make_study, spec, engine, said):
    study = load_study(make_study(battery({"one": spec}).replace('"unit"', '"firm"'), "grunfeld"))
    with pytest.raises(InputError, match=said):
        export_study(study, study.specs, "python", engine)


# ---------------------------------------------------------------- nothing a user wrote becomes code


@given(st.text(max_size=40))
def test_strings_are_read_back_as_they_were(text):
    assert ast.literal_eval(py_string(text)) == text


EVIL = '"]; print("HACKED"); x = ["'


def test_text_in_arithmetic_has_a_script_though_no_estimate():
    for expr in map(parse_expression, ("x * 'a'", "x ^ 'a'", "x / 'a'")):
        assert '"a"' in py_expression(expr, Panel()) and '"a"' in r_expression(expr, Panel())


def test_hostile_names_stay_names(make_study, tmp_path):
    names = [EVIL, "a'b", "c\\", "{d}", "class", "值"]
    rows = "\n".join(f"{i},{i % 3},{i % 5},{(i * 7) % 11},{i % 4},{(i * i) % 13}" for i in range(40))
    header = ",".join('"' + n.replace('"', '""') + '"' for n in names)
    formula = " + ".join(f"`{n}`" for n in names[1:4])
    spec = f"formula = '''`{EVIL}` ~ {formula} | class + 值'''\nvcov = {{ cluster = ['值'] }}"
    toml = f'[study]\ntitle = """evil \\"\\"\\" # title"""\n[spec.one]\n{spec}\n'
    study = load_study(make_study(toml, f"{header}\n{rows}\n".encode()))
    texts = export_study(study, study.specs, "python")
    assert not wrong_numbers([(study, texts)], tmp_path, tmp_path)
    assert "HACKED" not in "".join(run_scripts(texts, tmp_path, tmp_path)["one.py"])


def test_columns_that_tables_make_are_read_from_a_file(make_study):
    toml = '[study]\ntitle = "t"\nunit = "firm"\ntime = "year"\n[derive]\nw = { winsorise = "value", cuts = [1, 99] }\n'
    toml += 'z = "2 * w"\n[spec.one]\nformula = "inv ~ z"\n[spec.two]\nformula = "inv ~ value"\n'
    study = load_study(make_study(toml))
    for language in LANGUAGES:
        one, two = export_study(study, study.specs, language).values()
        assert "derived.csv" in one and "data.csv" not in one, language
        assert "data.csv" in two and "derived.csv" not in two, language
    assert list(scripts_of(study, study.spec("one"))) == ["r", "python", "stata"]


def test_a_spec_that_no_package_scripts_is_said(make_study):
    """CR2 with weights ended a whole run in StopIteration, as its page asks for a script in every language."""
    vcov = 'vcov = { cluster = ["unit"], type = "CR2" }'
    text = f'formula = "y ~ x1"\n{vcov}\nconvention = "lm"\nweights = {{ analytic = "aw" }}'
    study = load_study(make_study(battery({"s": text}), "hard_cases"))
    with pytest.raises(InputError, match="no script in Python"):
        export_study(study, study.specs, "python")
    assert set(scripts_of(study, study.specs[0])) == {"r", "stata"}
