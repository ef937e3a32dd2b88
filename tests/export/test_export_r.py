"""Exported R scripts: the numbers of an independent side, and no text of a study that becomes code."""

from __future__ import annotations

import math
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import miniatures
from bundled import of_every_kind, studies
from conftest import ROOT
from exported_scripts import run_r as run_scripts
from exported_scripts import written
from parity import engines
from parity.base.errors import InputError
from parity.base.r_text import comment, is_plain, one_line, r_name, r_number, r_string
from parity.base.tolerance import EXACT
from parity.compare.harmonise import Quantity, harmonise
from parity.conventions.facts import Facts
from parity.conventions.profiles import family_of
from parity.conventions.settings import KNOWN_OUTSIDE
from parity.data.load import load_frame
from parity.export import export_study
from parity.results.estimate import Estimate
from parity.sample.build import build_design
from parity.sample.design import Design
from parity.study.load import load_study
from parity.study.models import OF_DYNAMIC
from parity.study.spec import Spec
from parity.study.study import Study
from setting_values import values_of

STUDIES = studies()
#: Engines asked in turn; the first that can do the spec is the other side.
OTHER_SIDES = ("r-stata", "r-lm", "r-plm", "py-linearmodels", "py-statsmodels")
QUANTITIES = ("coef", "se", "t", "p", "ci_low", "ci_high")

needs_r = pytest.mark.needs_r("sandwich", "AER", "clubSandwich")


def read_result(lines: list[str]) -> tuple[dict[str, dict[str, float]], float, float]:
    """Term -> quantity -> number, N and df of what a script prints."""
    assert "# result" in lines, "\n".join(lines)
    rows = [line.split("\t") for line in lines[lines.index("# result") + 1 :]]
    assert rows[0] == ["term", "coef", "se", "t", "p", "low", "high"]
    assert [row[0] for row in rows[-2:]] == ["N", "df"]
    table = {term: dict(zip(QUANTITIES, map(float, numbers), strict=True)) for term, *numbers in rows[1:-2]}
    return table, float(rows[-2][1]), float(rows[-1][1])


def differences(lines: list[str], answer: Estimate, facts: Facts, spec: Spec) -> list[str]:
    """What a script prints against an estimate under the declared convention."""
    table, n, df = read_result(lines)
    other = harmonise(answer, facts, spec).quantities
    terms = [term for quantity, term in other if quantity == "coef"]
    table = dict(zip(terms, table.values(), strict=True)) if list(table) == [one_line(term) for term in terms] else table
    if list(table) != terms:
        return [f"terms {list(table)}, not {terms}"]
    found = [
        f"{quantity} of {term}: {table[term][quantity]!r}, not {other[quantity, term].value!r}"
        for term in terms
        for quantity in QUANTITIES
        if not close(table[term][quantity], other[quantity, term])
    ]
    for name, mine in (("nobs", n), ("df_t", df)):
        if mine != other[name, ""].value:
            found.append(f"{name}: {mine}, not {other[name, ''].value}")
    return found


def close(mine: float, other: Quantity) -> bool:
    if math.isnan(mine) or math.isnan(other.value):
        return math.isnan(mine) and math.isnan(other.value)
    return mine == other.value or abs(mine - other.value) <= EXACT * other.scale


def other_side(study: Study, spec: Spec, design: Design) -> Estimate:
    """The answer of the first engine that can do the spec."""
    declined = []
    for name in OTHER_SIDES:
        if name not in engines.MODULES or engines.availability(engines.engine(name)):
            continue
        engine = engines.engine(name)
        refused = engine.declines(spec, study.header.unit, study.header.time)
        answer = refused or engine.estimate(spec, design)
        if isinstance(answer, Estimate):
            return answer
        declined.append(f"{name}: {answer}")
    raise AssertionError(f"no engine estimates {spec.id}: {declined}")


# ---------------------------------------------------------------- bundled studies


def test_make_writes_the_scripts_where_they_say_they_lie_and_git_looks_away():
    study = STUDIES["grunfeld"]
    (run,) = re.findall(r"Rscript (\S+)/grunfeld/within\.R", export_study(study, [study.spec("within")], "r")["within.R"])
    (target,) = re.findall(r"parity export fixtures --to r -d (\S+)", (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert run == target
    assert f"{target.split('/')[0]}/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def exported(study: Study, language: str) -> list[Spec]:
    """Specs that have a script in R or Python; CUE, GMM, tobit, IV probit and dynamic panels have none, and say so."""
    found = []
    for spec in study.specs:
        try:
            export_study(study, [spec], language)
            found.append(spec)
        except InputError as error:
            few = spec.model in ("cue", "gmm", "tobit", "ivprobit", "arima") or spec.vcov.kind == "conley"
            elsewhere = few and "use --to" in str(error)
            assert elsewhere or spec.model in OF_DYNAMIC, error
    return found


@pytest.mark.parametrize("name", STUDIES)
def test_scripts_stand_alone_and_can_be_read(name):
    for file, text in export_study(STUDIES[name], exported(STUDIES[name], "r"), "r").items():
        code = [line for line in text.splitlines() if not line.startswith("#")]
        assert not re.search(r"\b(parse|eval|source|system|str2lang|do\.call\(\"|parity)\b", "\n".join(code)), file
        assert len(text.splitlines()) <= 115, file
        assert max(map(len, text.splitlines())) <= 125, file


@needs_r
def test_scripts_give_the_numbers_of_an_independent_side(tmp_path):
    """Of every kind of spec; all run in one R, which loads the packages once."""
    chosen = of_every_kind(lambda study: exported(study, "r"))
    assert sum(map(len, chosen.values())) > 60
    for name in chosen:
        (tmp_path / name).mkdir()
    paths = [path for name, specs in chosen.items() for path in written(STUDIES[name], specs, tmp_path / name)]
    printed, wrong = run_scripts(paths, ROOT, named=str), {}
    for name, specs in chosen.items():
        study, frame = STUDIES[name], load_frame(STUDIES[name])
        for spec in specs:
            design = build_design(study, spec, frame)
            lines = printed[str(tmp_path / name / f"{spec.id}.R")]
            found = differences(lines, other_side(study, spec, design), design.facts, spec)
            if found:
                wrong[f"{name}/{spec.id}"] = found
    assert not wrong


@needs_r
def test_a_script_runs_on_its_own_in_any_locale_and_place(tmp_path):
    study = STUDIES["hard_cases"]
    (script,) = written(study, [study.spec("chinese")], tmp_path)
    shutil.copy(ROOT / "fixtures" / "hard_cases" / "data.csv", tmp_path / "数据 1.csv")
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG"))} | {"LC_ALL": "C"}
    run = {"capture_output": True, "encoding": "utf-8", "check": True, "timeout": 60}
    at_root = subprocess.run(["Rscript", script], cwd=ROOT, env=plain, **run)
    elsewhere = subprocess.run(["Rscript", script, tmp_path / "数据 1.csv"], cwd=tmp_path, **run)
    assert at_root.stdout == elsewhere.stdout
    assert list(read_result(at_root.stdout.splitlines())[0]) == ["数字贸易", "log(`人均 GDP`)"]


# ---------------------------------------------------------------- every convention, every kind of expression


def battery(specs: dict[str, str]) -> str:
    head = '[study]\ntitle = "battery"\nunit = "unit"\ntime = "year"\n'
    return head + "\n".join(f"[spec.{name}]\n{body}\n" for name, body in specs.items())


def check_battery(folder: Path, tmp_path: Path) -> None:
    """Scripts of every spec against dense algebra in Python."""
    study = load_study(folder)
    frame, solved = load_frame(study), {}
    printed, wrong = run_scripts(written(study, study.specs, tmp_path), tmp_path), {}
    for spec in study.specs:
        same = (spec.formula, spec.where, spec.weights, spec.vcov, spec.convention.singletons)
        if same not in solved:
            design = build_design(study, spec, frame)
            solved[same] = miniatures.right("dense", spec, design), design.facts
        found = differences(printed[spec.id], *solved[same], spec)
        if found:
            wrong[spec.id] = (str(spec.formula), str(spec.vcov), str(spec.where), found)
    assert not wrong


FORMULAS = {
    "none": "y ~ x1 + x2",
    "one": "y ~ x1 + x2 | unit",
    "two": "y ~ x1 + x2 | unit + year",
    "islands": "y ~ x1 + x2 | worker + plant",
    "three": "y ~ x1 + x2 + x_year | worker + plant + year",
    "iv": "y ~ x1 | worker + plant | x_endog ~ z1 + z2",
}
KINDS = {
    "iid": '"iid"',
    "hc1": '"HC1"',
    "unit": '{ cluster = ["unit"] }',
    "worker": '{ cluster = ["worker"] }',
    "both": '{ cluster = ["unit", "year"] }',
}
PAIRS = [
    ("none", "unit"), ("none", "both"), ("one", "iid"), ("one", "unit"), ("one", "worker"), ("two", "hc1"), ("two", "unit"),
    ("two", "both"), ("islands", "iid"), ("islands", "unit"), ("islands", "worker"), ("three", "iid"), ("three", "worker"),
    ("iv", "hc1"), ("iv", "worker"), ("iv", "both"),
]  # fmt: skip


def xtreg_refuses(formula: str, kind: str) -> bool:
    return (
        kind == "hc1"
        or (formula == "one" and kind == "worker")
        or (formula in ("islands", "iv") and kind in ("unit", "both"))
    )


@needs_r
def test_every_profile(make_study, tmp_path):
    specs = {
        f"{profile}_{f}_{k}": f'formula = "{FORMULAS[f]}"\nvcov = {KINDS[k]}\nconvention = "{profile}"'
        for profile in family_of("fixest")
        for f, k in PAIRS
        if not (profile == "xtreg" and xtreg_refuses(f, k))
    }
    check_battery(make_study(battery(specs), "hard_cases"), tmp_path)


SETTINGS = [
    'profile = "reghdfe", redundant = "levels"',
    'profile = "reghdfe", redundant = "exact"',
    'profile = "fixest", redundant = "exact", t_cluster = "resid"',
    'profile = "fixest", count_fixef = "full", cluster_groups = "each"',
    'profile = "lm", count_fixef = "linearmodels", cluster_scale = "none", cluster_groups = "none"',
    'profile = "lm", count_robust = "none", robust = "none", iid = "none", t_robust = "normal", t_iid = "normal"',
    'profile = "lfe", t_cluster = "min", redundant = "pairwise"',
    'profile = "areg", small = false',
    'profile = "reghdfe", constant = "extra", redundant = "levels"',
    'profile = "fixest", constant = "at_least_one"',
    'profile = "regress", iv_small = false, cluster_scale = "n/(n-k)", t_cluster = "normal"',
    'profile = "fixest", count_fixef = "none"',
    'profile = "regress", iid = "(n-1)/(n-k)", robust = "n/(n-1)"',
    'profile = "lm", t_iid = "slopes", t_robust = "slopes", t_cluster = "slopes"',
    'profile = "ivreg2", small = true, iid = "n/(n-a)", robust = "n/(n-a)", t_iid = "normal"',
]
#: Values that no spec here can have: of models without a script, of weights under HC2 to HC4, and a df for each coefficient.
NOT_HERE = {
    ("information", "expected"), ("information", "outer"), ("newton", "ltolerance"), ("leverage_weights", "raw"),
    ("t_cluster", "satterthwaite"),
    ("between_weights", "rows"), ("centred", "yes"), ("base_outcome", "first"), ("base_outcome", "last"),
    *(("conley_distance", value) for value in ("haversine", "own_latitude")), ("conley_factor", "n/(n-k)"),
}  # fmt: skip


def test_scripts_are_run_under_every_value_of_every_setting():
    given = {(name, str(getattr(p, name))) for p in family_of("fixest").values() for name in KNOWN_OUTSIDE}
    for line in SETTINGS:
        given |= {(name, str(value)) for name, value in tomllib.loads("\n".join(line.split(", "))).items()}
    bare = {(name, value) for name in KNOWN_OUTSIDE for value in values_of(name)} - given - NOT_HERE
    assert not bare, (
        f"tests/export/test_export_r.py: a line of SETTINGS for {sorted(bare)}, and what a script does then in "
        "src/parity/export/r_convention.py and py_convention.py"
    )


@needs_r
def test_single_settings(make_study, tmp_path):
    specs = {
        f"s{i}_{f}_{k}": f'formula = "{FORMULAS[f]}"\nvcov = {KINDS[k]}\nconvention = {{ {setting} }}'
        for i, setting in enumerate(SETTINGS)
        for f, k in (("two", "unit"), ("none", "hc1"), ("three", "iid"), ("three", "worker"), ("iv", "hc1"), ("iv", "both"))
    }
    check_battery(make_study(battery(specs), "hard_cases"), tmp_path)


EXPRESSIONS = [
    ("y ~ d(x1, 1) + l(x2, 2) + f(x_fixed)", None, None),
    ("log(x_nonpos) ~ treated*x1 + float(x2)", "plant not in [1, 2] or x1 > 0", None),
    ("treated ~ x1 + abs(x2) | unit", None, "analytic"),
    ("y ~ i(大区):x1 + i(plant, ref=2):i(treated) | 大区^year", "not (x2 < 0) or is_missing(x_miss)", None),
    ("y ~ I((x1 - x2) / 2) + I(x1 > x2) + I(x1^2) + C(plant)", None, None),
    ("y ~ 0 + treated", "大区 in ['华东', '西北']", None),
    ("y ~ 0 + i(大区) + x1", "year >= 2012 and not (大区 == '华东' or is_missing(x_miss))", "frequency"),
    ("y ~ i(plant, x2, ref=3) + sqrt(x1) + exp(x2) | `region name`", "-x1^2 + 2*x2/x_nonpos < 1", None),
    ("d(y, 1) ~ `人均 GDP` + x1:x2:x_miss", "cluster_na != '华东' and x1*x2 >= -0.5", "frequency"),
    ("y ~ x1 + x1_twice + x2 | chain_a + chain_b", None, "frequency"),
    ("y ~ 1 | 0 | x_endog ~ i(plant)", "treated", "analytic"),
    ("y ~ 0 | unit + 省^`region name` | x_endog ~ z1 + log1p(z2) + l(z1, 1)", None, None),
]


@needs_r
def test_expressions_weights_and_samples(make_study, tmp_path):
    specs = {}
    for i, (formula, where, weights) in enumerate(EXPRESSIONS):
        for k, kind in (("hc1", '"HC1"'), ("zones", '{ cluster = ["大区"] }')):
            lines = [f'formula = """{formula}"""', f"vcov = {kind}", 'convention = "reghdfe"']
            lines += [f'where = """{where}"""'] if where else []
            if weights:
                lines.append(f'weights = {{ {weights} = "{"aw" if weights == "analytic" else "fw"}" }}')
            specs[f"e{i}_{k}"] = "\n".join(lines)
    check_battery(make_study(battery(specs), "hard_cases"), tmp_path)


# ---------------------------------------------------------------- text of a study stays text

EVIL = 'x"); file.create("pwned"); ("'
NAMES = {
    "quote": 'a "quoted" name', "backslash": "back\\slash\\", "tick": "tick`); file.create('pwned'); (`", "word": "if",
    "true": "T", "call": EVIL, "space": "two words", "chinese": "省份", "helper": "group", "newline": "two\nlines",
    "percent": "100%s", "data": "c", "hash": "# no comment", "hidden": "a\u202eb",
}  # fmt: skip


def csv_of(names: list[str]) -> bytes:
    quoted = ['"' + name.replace('"', '""') + '"' for name in names]
    rows = [[(i * (j + 3)) % 11 + i * i % (5 + j) for j in range(len(names) - 1)] + [i % 4] for i in range(40)]
    return ("\n".join([",".join(quoted), *(",".join(map(str, row)) for row in rows)]) + "\n").encode()


def toml_string(text: str) -> str:
    escaped = "".join(c if c.isprintable() and c not in '"\\' else f"\\u{ord(c):04x}" for c in text)
    return f'"{escaped}"'


@needs_r
def test_names_and_titles_can_not_become_code(make_study, tmp_path):
    columns = [*NAMES.values(), "cluster"]
    spec = """
[spec.{id}]
title = {title}
formula = {formula}
where = {where}
vcov = {{ cluster = [{cluster}] }}
convention = "fixest"
"""
    title = toml_string('harmless\nfile.create("pwned")\r\nfile.create("pwned")\u2028file.create("pwned") # "`')
    text = f"[study]\ntitle = {title}\n[derive]\n{toml_string('derived ' + EVIL)} = {toml_string('`' + EVIL + '` * 2')}\n"
    formulas = {}
    for key, name in NAMES.items():
        if "`" in name:  # can't be written in a formula, but is a column that clusters
            formulas[key] = (f"`{NAMES['quote']}` ~ `two words`", name)
        else:
            other = "two words" if name != "two words" else "省份"
            outcome = NAMES["quote"] if name != NAMES["quote"] else "c"
            formulas[key] = (f"`{outcome}` ~ `{name}` + `{other}`", "cluster")
    formulas["derived"] = (f"`two words` ~ `derived {EVIL}` + i(cluster, `{EVIL}`)", "cluster")
    for key, (formula, cluster) in formulas.items():
        text += spec.format(
            id=key, title=title, formula=toml_string(formula), cluster=toml_string(cluster),
            where=toml_string("`two words` != 3 and not (`two words` in [4, 8])"),
        )  # fmt: skip
    (tmp_path / "pwned").unlink(missing_ok=True)
    check_battery(make_study(text, csv_of(columns)), tmp_path)
    assert not list(tmp_path.rglob("pwned"))


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)


@given(TEXT)
def test_a_comment_stays_one(text):
    lines = "\n".join(comment(text, "  title ", "        ")).splitlines()
    assert all(line.startswith("#") and line.isprintable() for line in lines)


@given(TEXT)
def test_a_string_ends_where_it_should(text):
    written = r_string(text)
    assert written.isprintable()
    assert re.fullmatch(r'"(?:[^"\\]|\\["\\]|\\u[0-9a-f]{4}|\\U[0-9a-f]{8})*"', written)


@given(TEXT)
def test_a_name_is_quoted_unless_it_is_a_plain_word(name):
    written = r_name(name)
    assert written.isprintable()
    assert (
        (written == name and is_plain(name))
        or (written == f"`{name}`" and not set(name) & set("`\\"))
        or written == f"data[[{r_string(name)}]]"
    )


def test_numbers_and_reserved_words():
    assert [r_number(v) for v in (1982, 2.0, 0.1, -3, 1e22, 2.5e-8)] == ["1982", "2", "0.1", "-3", "1e+22", "2.5e-08"]
    assert [r_name(n) for n in ("if", "TRUE", "T", "_x", "x.y", "2x")] == ["`if`", "`TRUE`", "`T`", "`_x`", "x.y", "`2x`"]


def test_an_unknown_language_is_refused():
    study = STUDIES["mtcars"]
    with pytest.raises(InputError, match="there is no export to `r2`"):
        export_study(study, study.specs, "r2")
