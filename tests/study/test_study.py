"""`study.toml`: what it may say, and one clear message with file and key for everything else."""

from __future__ import annotations

import pytest

from parity.base.errors import InputError, suggest
from parity.conventions.profiles import PROFILES
from parity.data.load import check_columns, check_panel, load_frame, read_frame
from parity.study.load import load_study
from parity.study.spec import Spec, Vcov

HEAD = '[study]\ntitle = "t"\n'
SPEC = '[spec.b]\nformula = "inv ~ value"\n'
PUBLISHED = '[[published]]\nspec = "b"\nterm = "value"\nsource = "s"\n'


def problems(make_study, text: str) -> list:
    with pytest.raises(InputError) as caught:
        load_study(make_study(text))
    return list(caught.value.problems)


def test_a_whole_study(make_study):
    study = load_study(
        make_study(
            HEAD + 'unit = "firm"\ntime = "year"\n[derive]\nlv = "log(value)"\nlvl = "l(lv, 2)"\n[spec.b]\n'
            'formula = "inv ~ lvl + i(year) | firm"\nwhere = "year > 1940"\nweights = { analytic = "capital" }\n'
            'vcov = { cluster = ["firm", "year"], type = "CR1" }\n'
            'convention = { profile = "fixest", cluster_groups = "each" }\n'
            + PUBLISHED + 'estimate = "0.1"\n',
            name="人均 study <b>",
        )
    )  # fmt: skip
    (spec,) = study.specs
    assert (study.id, spec.id) == ("人均 study <b>", "b")
    assert spec.columns() == ("inv", "lvl", "year", "firm", "capital")
    assert (spec.vcov.kind, spec.vcov.cluster) == ("CR1", ("firm", "year"))
    assert spec.convention == PROFILES["fixest"].model_copy(update={"cluster_groups": "each"})
    frame = load_frame(study)
    assert list(frame.columns)[-2:] == ["lv", "lvl"]


@pytest.mark.parametrize(
    ("written", "kind", "cluster", "lags"),
    [('"HC1"', "HC1", (), None), ('{ cluster = "firm" }', "CR1", ("firm",), None),
     ('{ cluster = ["firm"], type = "CR2" }', "CR2", ("firm",), None), ("{ driscoll_kraay = 2 }", "DK", (), 2),
     ("{ newey_west = 0 }", "NW", (), 0)],
)  # fmt: skip
def test_covariances(make_study, written, kind, cluster, lags):
    study = load_study(make_study(HEAD + 'unit = "firm"\ntime = "year"\n' + SPEC + f"vcov = {written}\n"))
    assert study.specs[0].vcov == Vcov(kind=kind, cluster=cluster, lags=lags)


#: text of study.toml -> key of the problem, and what the message must say
WRONG = {
    "empty": ("", "", "empty"),
    "no study": (SPEC, "study", "missing"),
    "no spec": (HEAD, "", "no [spec.NAME]"),
    "empty spec table": (HEAD + "[spec]\n", "", "no [spec.NAME]"),
    "no title": ("[study]\n" + SPEC, "study.title", "missing"),
    "no formula": (HEAD + '[spec.b]\ntitle = "x"\n', "spec.b.formula", "missing"),
    "broken toml": (HEAD + "[spec.b\n", "", "not valid TOML"),
    "key twice": (HEAD + 'title = "u"\n' + SPEC, "", "not valid TOML"),
    "deep toml": ("x = " + "[" * 5000, "", "too deeply nested"),
    "long integer": ("x = " + "9" * 5000, "", "not valid TOML"),
    "top level": ("valeu = 3\n" + HEAD + SPEC, "valeu", "there is no key `valeu`"),
    "key of study": ('unit = "firm"\n' + HEAD + SPEC, "unit", "`unit` is a key of [study]"),
    "path of data": (HEAD + SPEC + '[data]\npath = "d.csv"\n', "data.path", '`data = "d.csv"` stands under [study]'),
    "data above study": ('data = "d.csv"\n' + HEAD + SPEC, "data", '`data = "d.csv"` stands under [study]'),
    "no table": (HEAD + SPEC + "[difference]\na = 3\n", "difference.a", "a table, [difference.a], is needed"),
    "near miss in study": (HEAD + 'untit = "firm"\n' + SPEC, "study.untit", "did you mean `unit`?"),
    "near miss in spec": (HEAD + SPEC + 'wieghts = "x"\n', "spec.b.wieghts", "did you mean `weights`?"),
    "near miss in vcov": (HEAD + SPEC + 'vcov = { clutser = ["firm"] }\n', "spec.b.vcov.clutser", "did you mean `cluster`?"),
    "near miss in weights": (
        HEAD + SPEC + 'weights = { analitic = "value" }\n',
        "spec.b.weights.analitic",
        "did you mean `analytic`?",
    ),
    "near miss in a threshold": (
        HEAD + SPEC + '[threshold.t]\nspec = "b"\nby = "capital"\nthreshold = 2\n',
        "threshold.t.threshold",
        "did you mean `thresholds`?",
    ),
    "near miss in a spatial model": (
        HEAD + 'unit = "firm"\ntime = "year"\n' + SPEC + '[spatial.s]\nspec = "b"\nweights = "w.csv"\nstandardize = "row"\n',
        "spatial.s.standardize",
        "did you mean `standardise`?",
    ),
    "unknown in a coupling": (
        HEAD + SPEC + '[coupling.c]\nof = ["inv", "value"]\nzzz = "x"\n',
        "coupling.c.zzz",
        "known: of, weights",
    ),
    "near miss in a difference": (
        HEAD + SPEC + '[difference.d]\nspec = "b"\ngroup = "x"\ngroop = "x"\n',
        "difference.d.groop",
        "did you mean `group`?",
    ),
    "near miss in moments": (
        HEAD + '[spec.b]\nformula = "inv ~ 1 | 0 | value ~ capital"\nmodel = "gmm"\nmoments = { wieght = "robust" }\n',
        "spec.b.moments.wieght",
        "did you mean `weight`?",
    ),
    "near miss in convention": (
        HEAD + SPEC + 'convention = { profile = "lm", cluster_group = "min" }\n',
        "spec.b.convention",
        "did you mean `cluster_groups`?",
    ),
    "near miss in published": (
        HEAD + SPEC + PUBLISHED + 'estimat = "1"\n',
        "published.0.estimat",
        "did you mean `estimate`?",
    ),
    "near miss of a profile": (HEAD + SPEC + 'convention = "regdhfe"\n', "spec.b.convention", "did you mean `reghdfe`?"),
    "near miss of a kind": (HEAD + SPEC + 'vcov = "hc1"\n', "spec.b.vcov.kind", "is none of"),
    "near miss of a model": (HEAD + SPEC + 'model = "random_effect"\n', "spec.b.model", "did you mean `random_effects`?"),
    "near miss of a published spec": (
        HEAD + '[spec.base]\nformula = "inv ~ value"\n' + PUBLISHED.replace('"b"', '"bass"') + 'estimate = "1"\n',
        "published.0.spec",
        "did you mean `base`?",
    ),
    "study a number": ("study = 3\n" + SPEC, "study", "[study]"),
    "title a number": ("[study]\ntitle = 3\n" + SPEC, "study.title", "text in quotes"),
    "title a date": ("[study]\ntitle = 2001-01-01\n" + SPEC, "study.title", "text in quotes"),
    "unit a list": (HEAD + 'unit = ["firm"]\n' + SPEC, "study.unit", "text in quotes"),
    "made a text": (HEAD + 'made = "yes"\n' + SPEC, "study.made", "true or false"),
    "unit is time": (HEAD + 'unit = "firm"\ntime = "firm"\n' + SPEC, "study", "both `firm`"),
    "spec a list": (HEAD + '[[spec]]\nformula = "inv ~ value"\n', "spec", "[spec.NAME]"),
    "spec a number": (HEAD + "[spec]\nb = 3\n", "spec.b", "[spec.b]"),
    "formula a number": (HEAD + "[spec.b]\nformula = 3\n", "spec.b.formula", "text in quotes"),
    "formula a list": (HEAD + '[spec.b]\nformula = ["inv", "value"]\n', "spec.b.formula", "text in quotes"),
    "formula code": (
        HEAD + "[spec.b]\nformula = \"inv ~ __import__('os').system('touch x')\"\n",
        "spec.b.formula",
        "can't read",
    ),
    "formula empty": (HEAD + '[spec.b]\nformula = ""\n', "spec.b.formula", "can't read the end"),
    "formula of nothing": (HEAD + '[spec.b]\nformula = "inv ~ 0"\n', "spec.b", "no regressor"),
    "formula too long": (HEAD + f'[spec.b]\nformula = "inv ~ {"x" * 100_000}"\n', "spec.b.formula", "longer than"),
    "formula with a null": (HEAD + '[spec.b]\nformula = "inv ~ va\\u0000lue"\n', "spec.b.formula", "can't read"),
    "where a number": (HEAD + SPEC + "where = 3\n", "spec.b.where", "text in quotes"),
    "where code": (HEAD + SPEC + 'where = "value > 0; rm -rf"\n', "spec.b.where", "can't read"),
    "where format": (HEAD + SPEC + 'where = "{value.__class__}"\n', "spec.b.where", "can't read"),
    "where deep": (HEAD + SPEC + f'where = "{"not " * 400}value > 1"\n', "spec.b.where", "nested more than"),
    "derive a number": (HEAD + "[derive]\nx = 3\n" + SPEC, "derive.x", "text in quotes"),
    "derive code": (HEAD + "[derive]\nx = \"system('ls')\"\n" + SPEC, "derive.x", "there is no function `system`"),
    "derive a list": ("derive = [1]\n" + HEAD + SPEC, "derive", "[derive]"),
    "vcov a list": (HEAD + SPEC + "vcov = []\n", "spec.b.vcov", "HC1"),
    "vcov nothing": (HEAD + SPEC + "vcov = {}\n", "spec.b.vcov", "give one of cluster"),
    "vcov both": (HEAD + SPEC + "vcov = { driscoll_kraay = 2, newey_west = 3 }\n", "spec.b.vcov", "give one of cluster"),
    "cluster a number": (HEAD + SPEC + "vcov = { cluster = 5 }\n", "spec.b.vcov.cluster", "a column in quotes"),
    "cluster of numbers": (HEAD + SPEC + "vcov = { cluster = [5] }\n", "spec.b.vcov.cluster.0", "text in quotes"),
    "cluster empty": (HEAD + SPEC + "vcov = { cluster = [] }\n", "spec.b.vcov", "go together"),
    "cluster twice": (HEAD + SPEC + 'vcov = { cluster = ["firm", "firm"] }\n', "spec.b.vcov", "twice"),
    "cluster of HC1": (HEAD + SPEC + 'vcov = { cluster = "firm", type = "HC1" }\n', "spec.b.vcov", "none of CR0"),
    "lags true": (HEAD + SPEC + "vcov = { newey_west = true }\n", "spec.b.vcov.lags", "whole number"),
    "lags negative": (HEAD + SPEC + "vcov = { newey_west = -1 }\n", "spec.b.vcov.lags", "greater than or equal to 0"),
    "kernel without time": (HEAD + SPEC + "vcov = { driscoll_kraay = 1 }\n", "spec.b", "needs time"),
    "differences without unit": (HEAD + SPEC + 'model = "first_difference"\n', "spec.b", "needs unit"),
    "xtreg, fe vce(robust)": (
        HEAD + '[spec.b]\nformula = "inv ~ value | firm"\nvcov = "HC1"\nconvention = "xtreg"\n',
        "spec.b",
        "vce(cluster panelvar)",
    ),
    "xtreg, re vce(robust)": (
        HEAD + 'unit = "u"\ntime = "t"\n' + SPEC + 'model = "random_effects"\nvcov = "HC1"\nconvention = "xtreg"\n',
        "spec.b",
        "vce(cluster panelvar)",
    ),
    "random effects with effects": (
        HEAD + '[spec.b]\nformula = "inv ~ value | firm"\nmodel = "random_effects"\n',
        "spec.b",
        "neither",
    ),
    "weights a text": (HEAD + SPEC + 'weights = "value"\n', "spec.b.weights", "analytic"),
    "weights both": (
        HEAD + SPEC + 'weights = { analytic = "value", frequency = "value" }\n',
        "spec.b.weights",
        "give one of",
    ),
    "convention a number": (HEAD + SPEC + "convention = 3\n", "spec.b.convention", "profile"),
    "convention without profile": (HEAD + SPEC + "convention = { small = true }\n", "spec.b.convention", "is missing"),
    "profile a list": (HEAD + SPEC + 'convention = { profile = ["lm"] }\n', "spec.b.convention", "there is no profile"),
    "setting of no kind": (HEAD + SPEC + 'convention = { profile = "lm", iid = "x" }\n', "spec.b.convention.iid", "none of"),
    "setting a text": (
        HEAD + SPEC + 'convention = { profile = "lm", small = "no" }\n',
        "spec.b.convention",
        "true or false",
    ),
    "id by hand": (HEAD + SPEC + 'id = "x"\n', "spec.b.id", "the id is the name"),
    "id a path": (HEAD + '[spec."../../x"]\nformula = "inv ~ value"\n', "spec.../../x", "letters, digits"),
    "id with control": (HEAD + '[spec."a\\u001b[31m"]\nformula = "inv ~ value"\n', "spec.a\x1b[31m", "letters, digits"),
    "id empty": (HEAD + '[spec.""]\nformula = "inv ~ value"\n', "spec.", "letters, digits"),
    "published a table": (HEAD + SPEC + '[published]\nspec = "b"\n', "published", "[[published]]"),
    "published without source": (
        HEAD + SPEC + '[[published]]\nspec = "b"\nterm = "value"\nestimate = "1"\n',
        "published.0.source",
        "missing",
    ),
    "published a number": (HEAD + SPEC + PUBLISHED + "estimate = 0.352\n", "published.0.estimate", "text in quotes"),
    "published no number": (HEAD + SPEC + PUBLISHED + 'estimate = "abc"\n', "published.0.estimate", "no printed number"),
    "published immense": (HEAD + SPEC + PUBLISHED + 'estimate = "1e400"\n', "published.0.estimate", "no printed number"),
    "published nothing": (HEAD + SPEC + PUBLISHED, "published.0", "nothing to compare"),
    "published p": (HEAD + SPEC + PUBLISHED + 'parentheses = "0.1"\nkind = "p"\n', "published.0.kind", "none of se, t"),
    "data a text file": (HEAD + 'data = "data.txt"\n' + SPEC, "study.data", "none of .csv"),
    "data missing": (HEAD + 'data = "dat.csv"\n' + SPEC, "study.data", "did you mean `data.csv`?"),
    "data above": (HEAD + 'data = "../data.csv"\n' + SPEC, "study.data", "outside"),
    "data absolute": (HEAD + 'data = "/etc/passwd.csv"\n' + SPEC, "study.data", "outside"),
    "data with a null": (HEAD + 'data = "a\\u0000.csv"\n' + SPEC, "study.data", "control"),
    "data too long": (HEAD + f'data = "{"a" * 5000}.csv"\n' + SPEC, "study.data", "can't be followed"),
}


@pytest.mark.parametrize(("text", "key", "said"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_with_file_and_key(make_study, text, key, said):
    (problem,) = problems(make_study, text)
    assert problem.key == key
    assert said in problem.message
    assert problem.where.endswith("study.toml")
    assert len(str(problem)) < 600
    assert "pydantic" not in str(problem) and "validator" not in str(problem)


def test_all_problems_are_said_at_once(make_study):
    found = problems(make_study, HEAD + "unit = 3\n[spec.a]\nformula = 3\n[spec.b]\nformula = 'y ~'\nvcov = 5\nfoo = 1\n")
    assert [p.key for p in found] == ["study.unit", "spec.a.formula", "spec.b.formula", "spec.b.vcov", "spec.b.foo"]


def test_no_folder_no_file_no_utf8(tmp_path):
    for make, said in (
        (lambda p: None, "no such folder"),
        (lambda p: p.mkdir(), "no study.toml in it"),
        (lambda p: (p / "study.toml").write_bytes(HEAD.encode() + b'# caf\xe9\n'), "not UTF-8 text (byte 25)"),
    ):  # fmt: skip
        make(tmp_path / "s")
        with pytest.raises(InputError) as caught:
            load_study(tmp_path / "s")
        assert said in str(caught.value)
    (tmp_path / "s" / "other.toml").write_text(HEAD + SPEC)
    with pytest.raises(InputError, match="give the folder"):
        load_study(tmp_path / "s" / "other.toml")


def test_a_byte_order_mark_does_no_harm(make_study):
    folder = make_study("")
    (folder / "study.toml").write_text(HEAD + SPEC, encoding="utf-8-sig")
    assert load_study(folder).specs


def test_the_working_directory_has_its_own_name(make_study, monkeypatch):
    monkeypatch.chdir(make_study(HEAD + SPEC, name="mine"))
    assert load_study(".").id == "mine"
    assert load_study("study.toml").id == "mine"


@pytest.mark.parametrize("kind", ["link", "loop", "folder", "device", "link of the folder"])
def test_data_that_is_no_file_of_the_study(make_study, tmp_path, kind):
    folder = make_study(HEAD + SPEC, data=None)
    data = folder / "data.csv"
    outside = tmp_path / "secret.csv"
    outside.write_text("inv,value\n1,2\n")
    match kind:
        case "link":
            data.symlink_to(outside)
        case "loop":
            data.symlink_to(data)
        case "folder":
            data.mkdir()
        case "device":
            data.symlink_to("/dev/zero")
        case "link of the folder":
            (folder / "study.toml").write_text(HEAD + 'data = "inner/secret.csv"\n' + SPEC)
            (folder / "inner").symlink_to(tmp_path)
    with pytest.raises(InputError) as caught:
        load_study(folder)
    assert caught.value.problems[0].key == "study.data"


def test_a_link_inside_the_folder_is_fine(make_study):
    folder = make_study(HEAD + SPEC)
    (folder / "data.csv").rename(folder / "real.csv")
    (folder / "data.csv").symlink_to("real.csv")
    assert load_study(folder).data_hash()


# ---------------------------------------------------------------- against the data

COLUMNS = {
    "formula": ('[spec.b]\nformula = "inv ~ valeu"\n', "spec.b.formula", "did you mean `value`?"),
    "fixed effect": ('[spec.b]\nformula = "inv ~ value | frm"\n', "spec.b.formula", "did you mean `firm`?"),
    "instrument": ('[spec.b]\nformula = "inv ~ 1 | 0 | value ~ capitol"\n', "spec.b.formula", "did you mean `capital`?"),
    "where": (SPEC + 'where = "yaer > 3"\n', "spec.b.where", "did you mean `year`?"),
    "cluster": (SPEC + 'vcov = { cluster = "frim" }\n', "spec.b.vcov.cluster", "did you mean `firm`?"),
    "weights": (SPEC + 'weights = { analytic = "qqq" }\n', "spec.b.weights", "columns: firm, year, inv, value, capital"),
    "unit": ('unit = "frim"\n' + SPEC, "study.unit", "did you mean `firm`?"),
    "time": ('time = "yeer"\n' + SPEC, "study.time", "did you mean `year`?"),
    "derive": ('[derive]\na = "log(valeu)"\n' + SPEC, "derive.a", "did you mean `value`?"),
    "derive of a later one": ('[derive]\na = "bb"\nbb = "value"\n' + SPEC, "derive.a", "only further down"),
    "derive of itself": ('[derive]\na = "a"\n' + SPEC, "derive.a", "only further down"),
    "derive over a column": ('[derive]\nvalue = "inv"\n' + SPEC, "derive.value", "in the data already"),
}


@pytest.mark.parametrize(("text", "key", "said"), COLUMNS.values(), ids=COLUMNS)
def test_unknown_columns(make_study, text, key, said):
    study = load_study(make_study(HEAD + text))
    with pytest.raises(InputError) as caught:
        load_frame(study)
    (problem,) = caught.value.problems
    assert (problem.key, said in problem.message) == (key, True), problem.message


def test_all_unknown_columns_are_said_at_once(make_study):
    study = load_study(make_study(HEAD + 'unit = "u"\n[spec.b]\nformula = "a ~ b"\nvcov = { cluster = "c" }\n'))
    with pytest.raises(InputError) as caught:
        check_columns(study, ["x"])
    assert [p.key for p in caught.value.problems] == [
        "study.unit",
        "spec.b.formula",
        "spec.b.formula",
        "spec.b.vcov.cluster",
    ]


@pytest.mark.parametrize(("mark", "name"), [(";", ";"), ("\t", "tab"), ("|", "|")])
def test_another_separator_is_recognised(make_study, mark, name):
    study = load_study(make_study(HEAD + SPEC, data=f"inv{mark}value\n1{mark}2\n".encode()))
    with pytest.raises(InputError, match=f"cut by `{'[|]' if mark == '|' else name}`: save it with commas"):
        load_frame(study)


def test_repeated_unit_and_time(make_study):
    study = load_study(
        make_study(HEAD + 'unit = "u"\ntime = "t"\n[spec.b]\nformula = "y ~ t"\n', data=b"u,t,y\n1,1,2\n1,1,3\n2,1,4\n")
    )
    with pytest.raises(InputError, match="2 rows share their unit and time with another, first u = 1, t = 1 in rows 2, 3"):
        check_panel(study, read_frame(study.data_path))


def test_a_derived_column_that_has_no_meaning(make_study):
    study = load_study(make_study(HEAD + "[derive]\na = \"value == 'x'\"\n" + SPEC))
    with pytest.raises(InputError) as caught:
        load_frame(study)
    assert caught.value.problems[0].key == "derive.a"


# ---------------------------------------------------------------- hashes


def test_hashes_move_with_what_moves_numbers_and_with_nothing_else(make_study):
    def hashed(text: str, **options):
        study = load_study(make_study(text, **options))
        return study.spec_hash(study.specs[0])

    base = hashed(HEAD + SPEC)
    same = [
        HEAD.replace('"t"', '"other"') + SPEC,
        HEAD + SPEC + 'title = "x"\nreference = "r-lm"\n',
        HEAD + SPEC.replace("~", " ~  "),
    ]
    moved = [
        HEAD + SPEC + 'vcov = "HC1"\n',
        HEAD + SPEC + 'where = "value > 0"\n',
        HEAD + 'unit = "firm"\n' + SPEC,
        HEAD + SPEC + 'convention = "lm"\n',
        HEAD + SPEC.replace("value", "capital"),
        HEAD + '[derive]\nq = "value"\n' + SPEC,
        HEAD + SPEC + 'weights = { analytic = "value" }\n',
        HEAD + SPEC + 'weights = { frequency = "value" }\n',
    ]
    assert {hashed(text) for text in same} == {base}
    assert len({base, *map(hashed, moved)}) == len(moved) + 1


@pytest.mark.parametrize(
    ("stata", "ours"),
    [("aweight", "analytic"), ("fweight", "frequency"), ("pweight", "analytic")],
)
def test_weights_by_statas_names(stata, ours, make_study):
    """pweight and aweight give one estimate and one robust covariance, [U] 20.24; so their answers are one in the cache."""
    text = HEAD + SPEC + 'vcov = "HC1"\nweights = {{ {} = "value" }}\n'
    theirs, own = (load_study(make_study(text.format(name))) for name in (stata, ours))
    assert theirs.spec("b").weights.column == "value" and getattr(theirs.spec("b").weights, ours) == "value"
    assert theirs.spec_hash(theirs.spec("b")) == own.spec_hash(own.spec("b"))
    assert theirs.spec("b").weights.sampling == (stata == "pweight")


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ('{ pweight = "value" }', 'pweight means robust errors: write vcov = "HC1", or clusters'),
        ('{ pweight = "value", analytic = "value" }', "give one kind of weights"),
        ('{ pwieght = "value" }', "did you mean `pweight`?"),
    ],
)
def test_weights_that_are_refused(weights, message, make_study):
    assert message in str(problems(make_study, HEAD + SPEC + f"weights = {weights}\n"))


def test_specs_are_immutable_values():
    spec = Spec(id="s", formula="y ~ x")
    with pytest.raises(Exception, match="frozen"):
        spec.id = "t"
    assert spec == Spec(id="s", formula="y ~ x")
    assert Spec.model_validate_json(spec.model_dump_json()) == spec


def test_suggestions():
    assert suggest("valeu", ["value", "capital"]) == ": did you mean `value`?"
    assert suggest("qqq", ["value"]) == ""
