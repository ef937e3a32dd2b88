"""Do-files that mean harm, and any do-file of known commands: they end with a word in time, and touch nothing outside."""

from __future__ import annotations

import gc
import itertools
import os
import subprocess
import time
import urllib.request

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parity.stata import bounds, do
from parity.stata.do import run_do
from parity.stata.steering import TooMuch

#: Every way to start something else, or to fetch; each must be said and do nothing.
SHELLS = [
    "!touch MARK", "! touch MARK", "shell touch MARK", "sh touch MARK", "winexec touch MARK", "xshell touch MARK",
    "capture !touch MARK", "qui shell touch MARK", "noi !touch MARK", "cap noi shell touch MARK",
    "if 1 {\n!touch MARK\n}", "forvalues i = 1/2 {\nshell touch MARK\n}", "local c shell\n`c' touch MARK",
    'global bang "!"\n${bang}touch MARK', "local a sh\nlocal b ell\n`a'`b' touch MARK", "program p\n!touch MARK\nend\np",
    "quietly {\n! touch MARK\n}", "/* x */ !touch MARK", "#delimit ;\nshell\n touch MARK;", "qui: !touch MARK",
    "python: import os; os.system('touch MARK')", "python\nimport os\nos.system('touch MARK')\nend",
    "python:\nopen('MARK','w')\nend", "java: System.exit(1);", "java\nint x;\nend", "mata: st_cmd(\"!touch MARK\")",
    "mata\n_stata(\"!touch MARK\")\nend", 'mata: stata("shell touch MARK")', "plugin call x", "rsource, terminator(END)",
    "rcall: system('touch MARK')", "net install x, from(http://127.0.0.1:9/)", "ssc install reghdfe", "github install a/b",
    'copy "http://127.0.0.1:9/x" MARK', "copy secret.txt MARK", "cap copy secret.txt MARK, replace",
    'use "http://127.0.0.1:9/x.dta", clear', "import delimited https://127.0.0.1:9/x.csv", "insheet using http://127.0.0.1:9/x",
    "webuse auto", "odbc load, exec(\"x\")", "file open f using MARK, write\nfile write f \"x\"", "erase secret.txt",
    "rm secret.txt", "log using MARK", "translate a MARK", "unzipfile MARK", "zipfile secret.txt, saving(MARK)",
    "mkdir MARK", "graph export MARK, replace", "putexcel set MARK", "outsheet using MARK", "export delimited using MARK",
    "save MARK, replace", "save /tmp/MARK, replace", 'do "secret.do"', "run ../secret.do", "include /etc/passwd",
    "dyndoc MARK", "update all", "adopath + secret", "sysuse auto", "window stopbox note x", "set obs 1\nexport excel MARK",
    "esttab using MARK, replace", "outreg2 using MARK", "putdocx save MARK", "estimates save MARK", "texdoc init MARK",
    "local x : dir \"/etc\" files \"*\"\ndi `\"`x'\"'", "local x : environment HOME", "file read f x", "view MARK", "edit",
    'file open f using /tmp/MARK, write replace\nfile write f "x"\nfile close f',
    "file open f using ../MARK, write\nfile close f",
    'file open f using secret.txt, write replace\nfile write f "x"\nfile close f',
    "postfile p x using ../MARK\npost p (1)\npostclose p",
    "file open f using ../outside/secret.do, read\nfile read f stolen",
    "cscript", "which !touch", "set obs 1\nsaveold MARK",
]  # fmt: skip


@pytest.fixture
def guarded(monkeypatch):
    """Nothing may be started or fetched while a do-file runs."""

    def refuse(*args, **kwargs):
        raise AssertionError(f"something was started: {args[:1]}")

    for owner, name in (
        (subprocess, "Popen"), (os, "system"), (os, "popen"), (os, "execv"), (os, "fork"), (os, "posix_spawn"),
        (urllib.request, "urlopen"), (os, "remove"), (os, "rename"),
    ):  # fmt: skip
        monkeypatch.setattr(owner, name, refuse)


@pytest.mark.parametrize("source", SHELLS)
def test_nothing_is_started_fetched_or_written(source, tmp_path, guarded, monkeypatch):
    outside = tmp_path / "outside"
    package = tmp_path / "package"
    outside.mkdir()
    package.mkdir()
    (package / "secret.txt").write_text("kept")
    (outside / "secret.do").write_text('global stolen "yes"')
    monkeypatch.chdir(package)
    before = sorted((str(p), p.read_bytes()) for p in tmp_path.rglob("*") if p.is_file())
    result = run_do(source, package, seconds=5)
    assert sorted((str(p), p.read_bytes()) for p in tmp_path.rglob("*") if p.is_file()) == before
    assert "stolen" not in result.session.macros.globals and "root:" not in str(result.printed)
    assert result.statements or result.findings


def test_links_that_lead_out_are_not_followed(tmp_path):
    package, outside = tmp_path / "package", tmp_path / "outside"
    (package / "sub").mkdir(parents=True)
    outside.mkdir()
    (outside / "x.csv").write_text("a\n1\n")
    (outside / "x.do").write_text("global stolen yes\n")
    (package / "link").symlink_to(outside)
    (package / "x.csv").symlink_to(outside / "x.csv")
    (package / "inner.do").symlink_to(outside / "x.do")
    for source in (
        "import delimited link/x.csv", "import delimited x.csv", 'import delimited "../outside/x.csv"', "do inner",
        "do link/x.do", f'import delimited "{outside}/x.csv"', "cd link\nimport delimited x.csv",
        'local f : dir "link" files "*"\nforeach x of local f {\nimport delimited link/`x\'\n}',
    ):  # fmt: skip
        result = run_do(source, package)
        assert result.data is None or not result.data.columns, source
        assert "stolen" not in result.session.macros.globals, source
    # what is written through a link stays in the scratch folder
    run_do("set obs 1\ngen x = 1\nsave link/made, replace\nexport delimited link/made.csv", package)
    assert sorted(p.name for p in outside.iterdir()) == ["x.csv", "x.do"]


@pytest.mark.parametrize(
    "source",
    [
        "forvalues i = 1/10000 {\nforvalues j = 1/10000 {\nlocal x = `i' * `j'\n}\n}",
        "\n".join(f"forvalues i{k} = 1/10000 {{" for k in range(60)) + "\nlocal x 1\n" + "}\n" * 60,
        "program f\nf\nend\nf",
        "program f\nf `0' `0'\nend\nf x y",
        "program f\ng\nend\nprogram g\nf\nend\nf",
        "local a x\nforvalues i = 1/60 {\nlocal a `a'`a'\n}",
        "global a $a$a x\nforvalues i = 1/1000 {\nglobal a $a$a x\n}",
        "local a `\"`a'`a'\"'\n" * 2000,
        "while 1 {\n}",
        "while 1 {\nlocal x = 1\n}",
        "set obs 5000000\nforvalues i = 1/100000 {\ngen x`i' = _n\n}",
        "set obs 2000000000",
        "set obs 10\nexpand 999999999",
        "set obs 30000\ngen a = 1\njoinby a using self",
        "set obs 100000\ngen x = _n\nsave self\ncross using self",
        "matrix A = J(100000, 100000, 1)",
        "matrix A = I(2000)\nforvalues i = 1/100000 {\nmatrix A = A * A\n}",
        'set obs 1\ngen str s = "' + "a" * 40 + '!"\ngen b = regexm(s, "(a+)+$")',
        'set obs 1\ngen str s = "' + "a" * 40 + '!"\ngen b = ustrregexm(s, "(a|a)*$")',
        "set obs 1\ngen x = 1\nreplace x = x[_n-1] + 1\ngen y = " + "sqrt(" * 4000 + "x" + ")" * 4000,
        "di " + "1+" * 20000 + "1",
        "gen x = " + "(" * 20000,
        "foreach x in " + "a " * 200000 + "{\nforeach y in " + "b " * 1000 + "{\nlocal z `x'`y'\n}\n}",
        "local x : word 999999999 of a b",
        "forvalues i = 1(1e-300)2 {\n}",
        "foreach i of numlist 1/1000000000 {\n}",
        "local x = 2^99999 * 2^99999\nset obs `x'",
        "set obs 10\ngen x = _n\ngen s = string(x, \"%9000000000.9000000000f\")",
        "set obs 10\ngen strL s = \"a\" * 2000000000",
        "set obs 10\ngen x = _n\nreshape wide x, i(x) j(x)\n" * 50,
        "set obs 3000000\ngen a = _n\ngen b = _n\ntab a b",
        "set obs 100000\ngen a = _n\ngen y = a\nreg y i.a#i.a#i.a\ndi _b[2.a]",
        "include self.do",
        "do self.do",
        "`" * 100000,
        "${" * 50000,
        "if " * 5000 + "{",
        "/*" * 50000 + "*/" * 50000 + "foo",
        "{\n" * 50000,
        '"' * 99999,
        "set obs 5\n" + "by _n: " * 3000 + "gen x = 1",
        "qui " * 50000 + "di 1",
        'set obs 1\ngen s = "' + "x" * 2000 + '"\ngen t = regexr(s, "(x*)*(x*)*(x*)*y", "")',
        'di strmatch("' + "a" * 3000 + '", "' + "*a" * 40 + 'b")',
        "matrix A = I(4999)\nmatrix B = inv(A)",
        'scalar s = "ab"\nforvalues i = 1/60 {\nscalar s = s + s\n}',
        "set obs 1000000\ngen i = 1\ngen j = _n\ngen x = 1\nreshape wide x, i(i) j(j)",
        "program s, rclass\nreturn scalar a = 1\nend\nsimulate a = r(a), reps(100000000): s",
        "tempfile t\nset obs 100\ngen a = 1\nsave `t'\nwhile 1 {\nappend using `t'\nsave `t', replace\n}",
    ],
)  # fmt: skip
def test_endless_and_huge_ones_end_with_a_word_soon_after_their_time(source, tmp_path, monkeypatch):
    monkeypatch.setattr(do, "GRACE", 0.2)  # a second is for those who wait
    (tmp_path / "self.do").write_text(source)
    started, given = time.thread_time(), 0.1  # the clock by which a run ends
    result = run_do(source, tmp_path, seconds=given)
    assert time.thread_time() - started < given + 6
    assert result.findings or result.statements


#: What takes all memory or time before any clock is looked at, and what is said of it.
TOO_LARGE = {
    "set obs 2\ngen double t = cond(_n == 1, 0, 2e9)\ntsset t\ntsfill": "2,000,000,000 rows",
    "set obs 40000\ngen a = _n\ngen b = _n\nfillin a b": "1,600,000,000 rows",
    "set obs 100000\ngen a = _n\ntempfile t\nsave `t'\ncross using `t'": "10,000,000,000 rows",
    "set obs 100000\ngen a = 1\ntempfile t\nsave `t'\njoinby a using `t'": "10,000,000,000 rows",
    "set obs 10\nexpand 100000000": "1,000,000,000 rows",
    "set obs 1e300": "1e+300 rows",
    "insobs 100000000": "100,000,000 rows",
    "set obs 100000\ngen id = _n\ngen j = _n\ngen x = 1\nreshape wide x, i(id) j(j)": "100,000 rows of 100,000",
    "set obs 130000\ngen i = 1\ngen long j = _n\ngen x = 1\nreshape wide x, i(i) j(j)": "130,000 variables",
    "matrix A = J(40000, 40000, 1)": "40,000 x 40,000",
    "matrix A = I(4999)\nmatrix B = inv(A)": "takes longer",
    "matrix A = I(4999)\nmatrix B = A * A": "takes longer",
    "matrix A = J(200, 200, 1)\nmatrix B = A # A": "40,000 x 40,000",
    'scalar s = 50000000 * "abc"': "150,000,000 characters",
    'scalar s = 30000000 * "abc"\nscalar s = s + s': "180,000,000 characters",
    'scalar s = 1000000 * "a"\nscalar s = subinstr(s, "a", 2000 * "b", .)': "2,000,000,000 characters",
    "di %999999999.0g 1": "invalid %format",
    'di string(1, "%9.999999999f")': "invalid %format",
}


@pytest.mark.parametrize(("source", "said"), TOO_LARGE.items())
def test_what_is_too_large_is_refused_before_it_is_made(source, said, tmp_path):
    started = time.process_time()
    result = run_do(source, tmp_path)
    assert time.process_time() - started < 3
    assert said in " ".join(f.text for f in result.findings)


def test_an_author_who_catches_errors_does_not_catch_what_is_too_large(tmp_path):
    """Stata may well make it."""
    result = run_do("set obs 10\ngen x = 1\ncapture expand 100000000\nglobal n = _N\nsum x", tmp_path)
    assert [(f.id, f.line) for f in result.findings] == [("too-much", 3)]
    assert result.printed[0].doubts and result.data.rows == 10


def test_a_run_ends_when_it_takes_the_memory_of_the_machine(tmp_path, monkeypatch):
    """A process that has given memory back takes it again unseen, so what the system says is made here."""
    held = itertools.count(1_000_000, 100)
    monkeypatch.setattr(bounds, "resident", lambda: next(held))
    monkeypatch.setattr(bounds, "_physical", lambda: 3_000)
    result = run_do("set obs 10\nforvalues i = 1/100 {\ngen double x`i' = _n\n}\ndi 1", tmp_path)
    assert any(f.id == "too-much" and "memory" in f.text for f in result.findings)
    assert 5 < len(result.data.columns) < 20


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("while 1 {\nlocal x = 1\nquietly di `x'\n}\nglobal after 1", "nothing ends it"),
        ("while (1) {\n}\nglobal after 1", "nothing ends it"),
        ("forvalues i = 1/10000 {\nforvalues j = 1/10000 {\nlocal x = 1\n}\n}\nglobal after 1", "a run may have"),
    ],
)
def test_what_never_ends_is_foretold_whatever_the_time_given(source, said, tmp_path):
    started = time.process_time()
    result = run_do(source, tmp_path, seconds=3600)
    assert time.process_time() - started < 5
    assert said in result.findings[0].text and result.findings[0].id == "too-much"
    assert result.session.macros.globals["after"] == "1"


@pytest.mark.parametrize(
    "source",
    [
        "local i 0\nwhile 1 {\nlocal ++i\nif `i' > 3 continue, break\n}\nglobal after `i'",
        "local i 0\nlocal last continue, break\nwhile 1 {\nlocal ++i\nif `i' > 3 {\n`last'\n}\n}\nglobal after `i'",
        "local i 0\nwhile 0 {\nlocal ++i\n}\nglobal after 4",
    ],
)
def test_a_while_with_a_way_out_is_run(source, tmp_path):
    result = run_do(source, tmp_path, seconds=60)
    assert not result.findings and result.session.macros.globals["after"] == "4"


def test_do_files_that_call_themselves_twice_end_the_run_once(tmp_path):
    (tmp_path / "self.do").write_text("capture do self.do\ncapture do self.do\n")
    started = time.process_time()
    result = run_do("capture do self.do\nglobal after 1", tmp_path, seconds=3600)
    assert time.process_time() - started < 5
    assert [f.text for f in result.findings] == ["the run was ended: do-files call each other more than 64 deep"]
    assert "after" not in result.session.macros.globals


def test_macros_of_empty_macros_are_given_up(tmp_path):
    lines = [f"local {name} " + f"\\`{inner}'" * 10 for name, inner in zip("abcdefghijk", "bcdefghijkl", strict=True)]
    result = run_do("\n".join([*lines, "local l", 'di "`a\'"']), tmp_path, seconds=3600)
    assert ["macros hold macros" in f.text for f in result.findings] == [True]


def _busy(seconds: float) -> None:
    """Takes seconds of the processor."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def test_a_run_that_waits_for_a_busy_machine_goes_on_and_one_that_computes_nothing_ends():
    from parity.stata import do

    with do.ended_after(-0.9):
        time.sleep(0.3)  # as if others had the processor
    before = do.WAITING
    do.WAITING = 1
    try:
        with pytest.raises(TooMuch), do.ended_after(-0.9):
            time.sleep(5.0)
    finally:
        do.WAITING = before


def test_no_module_is_left_half_loaded_when_the_time_is_up(tmp_path, monkeypatch):
    from parity.stata.do import ended_after
    from parity.stata.steering import TooMuch

    (tmp_path / "slowly_loaded.py").write_text(
        "import time\nend = time.thread_time() + 1.4\nwhile time.thread_time() < end:\n    pass\nwhole = True\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(TooMuch), ended_after(0.1):
        import slowly_loaded

        _busy(5.0)
    assert slowly_loaded.whole


# ---------------------------------------------------------------- any program of the known commands

NAMES = st.sampled_from(["x", "y", "z", "g", "s", "nosuch", "_n", "x*", "g-z", "数"])
NUMBERS = st.sampled_from(["1", "0", "-3", "2.5", ".", ".a", "1e300", "99999999999"])
TEXTS = st.sampled_from(['"a"', '""', '"b c"', '`"q"\''])
FUNCTIONS = st.sampled_from(["log", "abs", "missing", "sum", "string", "length", "upper", "real", "mod", "cond", "max"])
OPERATORS = st.sampled_from(["+", "-", "*", "/", "^", "==", ">", "&", "|", "!="])
EXPRESSIONS = st.recursive(
    NAMES | NUMBERS | TEXTS,
    lambda inner: st.one_of(
        st.tuples(inner, OPERATORS, inner).map(" ".join),
        st.tuples(FUNCTIONS, st.lists(inner, min_size=1, max_size=3)).map(lambda f: f"{f[0]}({', '.join(f[1])})"),
        inner.map(lambda e: f"({e})"),
        inner.map(lambda e: f"x[{e}]"),
        inner.map(lambda e: f"!{e}"),
    ),
    max_leaves=6,
)
ROWS = st.sampled_from([" in 1/3", " in 2", " in 5/1", " in f/l"])
CONDITION = st.one_of(st.just(""), EXPRESSIONS.map(lambda e: f" if {e}"), ROWS)
VARIABLES = st.lists(NAMES, min_size=1, max_size=3).map(" ".join)
MAKING = st.sampled_from(["gen", "replace", "gen byte", "gen double", "gen str5", "egen"])
EGEN = st.sampled_from(["mean", "sd", "group", "rank", "total", "tag", "pctile", "seq", "rowmean"])
VERBS = st.sampled_from("""
drop|keep|sum|tab|sort|gsort|order|count|list|levelsof|corr|tabstat|encode|destring|tostring|recode|collapse|contract
duplicates drop|xtset|compress|reg|areg|xtreg|reghdfe|ivregress 2sls|predict|test|lincom|winsor2|xtile q =|reshape wide
reshape long|expand|fillin|merge 1:1|append using|joinby|rename|label var|bysort g: gen n =|by g: sum|xi: reg|eststo: reg
capture|quietly|preserve|restore|foreach v of varlist|ttest|pwcorr|hausman|matrix A =|scalar a =|display|assert|isid|tsfill
egen m = |svmat|margins, dydx(x)|mvdecode|split|clonevar k =|stack|xi|mvencode|format|label values|cross using|pctile
""".strip().replace("\n", "|").split("|"))  # fmt: skip
OPTIONS = st.sampled_from("""
|, gen(w)|, replace|, detail|, fe|, absorb(g)|, vce(cluster g)|, by(g)|, i(g) j(y)|, force|, clear| using self, nogen| [aw=x]
| [fw=y]|, robust|, missing|, p(10)
""".strip().replace("\n", "|").split("|"))  # fmt: skip
COMMANDS = st.one_of(
    st.tuples(MAKING, NAMES, EXPRESSIONS, CONDITION).map(lambda p: f"{p[0]} {p[1]} = {p[2]}{p[3]}"),
    st.tuples(EGEN, VARIABLES, OPTIONS).map(lambda p: f"egen n = {p[0]}({p[1]}){p[2]}"),
    st.tuples(VERBS, VARIABLES, CONDITION, OPTIONS).map(lambda p: f"{p[0]} {p[1]}{p[2]}{p[3]}"),
    st.tuples(st.sampled_from(["if", "forvalues i =", "foreach v in"]), EXPRESSIONS).map(
        lambda p: f"{p[0]} {p[1]} {{\ndi 1\n}}"
    ),
    st.text(alphabet="`'\"{}()[]$#,;:=./*\\ abcx1\n", max_size=30),
)

DATA = 'clear\ninput x y g str3 s\n1 2 1 a\n2 . 1 b\n. 4 2 ""\n5 1 2 a\n7 7 3 c\nend\nsave self, replace\n'


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(COMMANDS, min_size=1, max_size=8))
def test_any_program_runs_or_is_a_finding(tmp_path, commands):
    """Whatever stands there ends as run, a finding or lost; nothing of ours fails, and nothing is silent."""
    result = run_do(DATA + "\n".join(commands), tmp_path, seconds=1)
    ours = [f for f in result.findings if f.id == "failed-here"]
    assert not ours, [f"{f.command} -> {f.text}" for f in ours]
    for statement in result.statements:
        assert statement.status in ("run", "finding", "lost")
        if statement.status == "finding":
            assert any(f.line == statement.line for f in result.findings), statement
    if result.data is not None:
        assert all(len(c.values) == result.data.rows for c in result.data.columns.values())


def test_time_that_is_up_as_an_object_ends_is_called_again():
    """What is raised in `__del__` is printed and lost."""

    class Slow:
        def __del__(self):
            _busy(0.3)

    one = Slow()
    with pytest.raises(TooMuch), do.ended_after(-0.9):
        del one
        _busy(1.0)


def test_time_that_is_up_while_garbage_is_collected_is_called_again(tmp_path):
    """An exception in a callback of the collector is swallowed."""

    def slow(phase, info):
        _busy(0.3)

    gc.callbacks.append(slow)
    try:
        with pytest.raises(TooMuch), do.ended_after(-0.9):
            gc.collect()
            _busy(1.0)
    finally:
        gc.callbacks.remove(slow)
