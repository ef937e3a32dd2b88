"""Each option that a data command reads does what its help file says: worked out by hand on a few rows."""

from __future__ import annotations

import openpyxl
import pytest

from small_do import PANEL, column, run

nan = float("nan")


def rows(head: str, *lines: str) -> str:
    return "\n".join(["clear", f"input {head}", *lines, "end", ""])


#: Texts with dots, commas, percent signs and a word.
TEXTS = rows("str8 s str8 p str8 c", '"12" "5%" "1,5"', '"n/a" "50 %" "2"', '"" "" ""')
GROUPED = rows("g str2 w x", '1 "b" 3', '1 "b" .', '1 "a" 5', '2 "" 7', '2 "c" 9')
OTHER = rows("id z x str2 q", '1 10 100 "k"', '3 30 300 "m"') + "save other\n"
MASTER = OTHER + rows("id x q", "1 . 5", "1 2 6", "2 3 7")

CASES = [
    # merge
    (MASTER + "merge m:1 id using other, force keepusing(z)", "z", [10, 10, nan, 30]),
    (MASTER + "drop q\nmerge m:1 id using other", "x", [nan, 2, 3, 300]),
    (MASTER + "drop q\nmerge m:1 id using other, update", "x", [100, 2, 3, 300]),
    (MASTER + "drop q\nmerge m:1 id using other, update replace", "x", [100, 100, 3, 300]),
    (MASTER + "drop q\nmerge m:1 id using other, update", "_merge", [4, 5, 1, 2]),
    (MASTER + "drop q\nmerge m:1 id using other, update keep(match_update match_conflict)", "x", [100, 2]),
    (MASTER + "drop q\nmerge m:1 id using other, keep(masters matches)", "_merge", [3, 3, 1]),
    (MASTER + "drop q\nmerge m:1 id using other, keep(us) gen(m)", "m", [2]),
    (MASTER + "merge m:1 id using other, force", "q", [5, 6, 7, nan]),
    # append, joinby
    (MASTER + "drop q\nappend using other, generate(from) keep(x)", "from", [0, 0, 0, 1, 1]),
    (MASTER + "drop q\nappend using other, keep(x)", "id", [1, 1, 2, nan, nan]),
    (MASTER + "append using other, force", "q", [5, 6, 7, nan, nan]),
    (MASTER + "drop q\njoinby id using other, unmatched(master)", "z", [10, 10, nan]),
    (MASTER + "drop q\njoinby id using other, unmatched(using)", "_merge", [3, 3, 2]),
    # collapse, contract
    (GROUPED + "gen y = cond(_n == 1, ., 1)\ncollapse (sum) x y, by(g) cw", "x", [5, 16]),
    (GROUPED + "collapse (sum) x, by(g)", "x", [8, 16]),
    (GROUPED + "contract g x, nomiss freq(n)", "n", [1, 1, 1, 1]),
    (GROUPED + "contract w, f(n)", "n", [1, 1, 2, 1]),
    # order of rows and columns
    (GROUPED + "gsort -x, mfirst", "x", [nan, 9, 7, 5, 3]),
    (GROUPED + "gsort -x", "x", [9, 7, 5, 3, nan]),
    (GROUPED + "gsort w x, generate(n)", "n", [1, 2, 3, 4, 5]),
    (GROUPED + "duplicates tag g, gen(d)", "d", [2, 2, 2, 1, 1]),
    (GROUPED + "duplicates drop g, force", "x", [3, 7]),
    (GROUPED + "expand 2 if g == 2, gen(copy)", "copy", [0, 0, 0, 0, 0, 1, 1]),
    # texts to numbers and back
    (TEXTS + "destring s, gen(n) force", "n", [12, nan, nan]),
    (TEXTS + 'destring s, gen(n) ignore("n/a")', "n", [12, nan, nan]),
    (TEXTS + "destring p, replace percent", "p", [0.05, 0.5, nan]),
    (TEXTS + "destring c, replace dpcomma", "c", [1.5, 2, nan]),
    (rows("str8 c", '"1,5"', '"1.5"', '"."', '"1.234,5"') + "destring c, gen(n) dpcomma force", "n", [1.5, nan, nan, nan]),
    (rows("x", "1", "12345", ".a") + "tostring x, replace", "x", ["1", "12345", ".a"]),
    (rows("double x", "12345678901") + "tostring x, gen(t) format(%12.0f)", "t", ["12345678901"]),
    (rows("double x", "0.25", "2") + "tostring x, replace format(%5.1f) force", "x", ["0.2", "2.0"]),
    (rows("double x", "2.25") + "format x %5.1f\ntostring x, gen(t) usedisplayformat force", "t", ["2.2"]),
    (rows("str9 s", '"a b c"', '"d"') + "split s, limit(2) gen(t)", "t2", ["b", ""]),
    (rows("str9 s", '"1;2"', '"3"') + 'split s, parse(";") gen(t) destring', "t1", [1, 3]),
    (GROUPED + "encode w, gen(c)\ndecode c, gen(t)", "t", ["b", "b", "a", "", "c"]),
    (GROUPED + 'label define l 5 "a"\nencode w, gen(c) label(l)', "c", [6, 6, 5, nan, 7]),
    # recode
    (rows("x", "1", ".", ".a", "3") + "recode x (. = 9)", "x", [1, 9, nan, 3]),
    (rows("x", "1", ".", ".a", "3") + "recode x (missing = 9) (else = 0)", "x", [0, 9, 9, 0]),
    (GROUPED + "recode x (3 = 0) if g == 1, gen(y)", "y", [0, nan, 5, nan, nan]),
    (GROUPED + "recode x (3 = 0) if g == 1, gen(y) copyrest", "y", [0, nan, 5, 7, 9]),
    (GROUPED + "recode g x (3 = 0), prefix(n_)", "n_x", [0, nan, 5, 7, 9]),
    (GROUPED + 'recode g (1 = 7 "seven"), gen(y) label(l)\ndecode y, gen(t)', "t", ["seven"] * 3 + ["", ""]),
    (GROUPED + "mvdecode x, mv(3 = .b \\\\ 7)\ngen b = x == .b", "b", [1, 0, 0, 0, 0]),
    # labels
    (GROUPED + 'label define l 1 "one"\nlabel define l 2 "two", add\nlabel values g l\ndecode g, gen(t)', "t",
     ["one"] * 3 + ["two"] * 2),
    (GROUPED + 'label define l 1 "one"\nlabel define l 1 "uno", modify\nlabel values g l\ndecode g, gen(t)', "t",
     ["uno"] * 3 + ["", ""]),
    (GROUPED + 'label define l 1 "one" 2 "two"\nlabel define l 2 "", modify\nlabel values g l\ndecode g, gen(t)', "t",
     ["one"] * 3 + ["", ""]),
    (GROUPED + 'label define l 1 "one" 2 "two"\nlabel define l 2 "b", replace\nlabel values g l\ndecode g, gen(t)', "t",
     [""] * 3 + ["b"] * 2),
    (rows("g str2 w", '1 "p"', '2 "q"') + "labmask g, values(w)\n"
     "decode g, gen(t)", "t", ["p", "q"]),
    # egen
    (GROUPED + "egen y = total(x) if g == 1, missing", "y", [8, 8, 8, nan, nan]),
    (GROUPED + "egen y = mode(w), by(g)", "y", ["b", "b", "b", "c", "c"]),
    (GROUPED + "egen y = mode(w), minmode", "y", ["b"] * 5),
    (GROUPED + "egen y = mode(x), minmode by(g)", "y", [3, 3, 3, 7, 7]),
    (GROUPED + "egen y = mode(x), maxmode by(g)", "y", [5, 5, 5, 9, 9]),
    (GROUPED + "egen y = count(w), by(g)", "y", [3, 3, 3, 1, 1]),
    (GROUPED + "egen y = nvals(w), by(g)", "y", [2, 2, 2, 1, 1]),
    (GROUPED + "egen y = pc(x), by(g) prop", "y", [0.375, nan, 0.625, 0.4375, 0.5625]),
    (GROUPED + "egen y = pctile(x), p(25)", "y", [4] * 5),
    (GROUPED + "egen y = std(x), mean(10) std(2) by(g)", "y",
     [10 - 2**0.5, nan, 10 + 2**0.5, 10 - 2**0.5, 10 + 2**0.5]),
    (GROUPED + "egen y = rank(x), field", "y", [4, nan, 3, 2, 1]),
    (GROUPED + "egen y = rank(g), track", "y", [1, 1, 1, 4, 4]),
    (GROUPED + "egen y = rank(g), unique", "y", [1, 2, 3, 4, 5]),
    (GROUPED + "egen y = group(w), missing", "y", [3, 3, 2, 1, 4]),
    (GROUPED + "egen y = group(g w), label\ndecode y, gen(t)", "t", ["1 b", "1 b", "1 a", "", "2 c"]),
    (GROUPED + "egen y = group(w), lname(l) truncate(1)\ndecode y, gen(t)", "t", ["b", "b", "a", "", "c"]),
    (GROUPED + "egen y = tag(w), missing", "y", [1, 0, 1, 1, 1]),
    (GROUPED + "egen y = tag(w)", "y", [1, 0, 1, 0, 1]),
    (GROUPED + "egen y = cut(x), at(0, 5, 9)", "y", [0, nan, 5, 5, nan]),
    (GROUPED + "egen y = cut(x), at(0 5 9) icodes", "y", [0, nan, 1, 1, nan]),
    (GROUPED + "egen y = cut(x), group(2)", "y", [0, nan, 0, 1, 1]),
    (GROUPED + "egen y = seq(), from(2) to(3) by(g)", "y", [2, 3, 2, 2, 3]),
    (GROUPED + "egen y = seq(), block(2)", "y", [1, 1, 2, 2, 3]),
    (GROUPED + 'egen y = concat(g w), punct("-")', "y", ["1-b", "1-b", "1-a", "2-", "2-c"]),
    (GROUPED + 'label define l 1 "one"\nlabel values g l\negen y = concat(g w), decode p(_)', "y",
     ["one_b", "one_b", "one_a", "2_", "2_c"]),
    (GROUPED + "egen y = anymatch(g x), values(2 3)", "y", [1, 0, 0, 1, 1]),
    (GROUPED + "egen y = anycount(g x), v(1/5)", "y", [2, 1, 2, 1, 1]),
    (GROUPED + "egen y = anyvalue(x), v(5 9)", "y", [nan, nan, 5, nan, 9]),
    (GROUPED + "egen y = ma(g), t(3)", "y", [nan, 1, 4 / 3, 5 / 3, nan]),
    # percentiles
    (GROUPED + "xtile q = x, nquantiles(4)", "q", [1, nan, 2, 3, 4]),
    (GROUPED + "gen c = cond(_n == 1, 4, cond(_n == 2, 8, .))\nxtile q = x, cutpoints(c)", "q", [1, nan, 2, 2, 3]),
    (GROUPED + "pctile p = x, nq(4) altdef", "p", [3.5, 6, 8.5, nan, nan]),
    (GROUPED + "pctile p = x, nq(4)", "p", [4, 6, 8, nan, nan]),
    (GROUPED + "_pctile x, percentiles(50 75)\ngen y = r(r2)", "y", [8] * 5),
    (GROUPED + "astile q = x, nq(2) by(g)", "q", [1, nan, 2, 1, 2]),
    (GROUPED + "winsor2 x, cuts(25 75) suffix(_c)", "x_c", [4, nan, 5, 7, 8]),
    (GROUPED + "winsor2 x, cuts(25 75) trim", "x_tr", [nan, nan, 5, 7, nan]),
    (GROUPED + "winsor2 x, cuts(50 100) by(g) replace", "x", [4, nan, 5, 8, 9]),
    (GROUPED + "winsor x, gen(y) h(1)", "y", [5, nan, 5, 7, 7]),
    (GROUPED + "winsor x, gen(y) p(.25) highonly", "y", [3, nan, 5, 7, 7]),
    (GROUPED + "winsor x, gen(y) p(.25) lowonly", "y", [5, nan, 5, 7, 9]),
    # panels
    (PANEL + "xtset id t\ntsfill", "t", [1, 2, 3, 4, 1, 2]),
    (PANEL + "xtset id t\ntsfill, full", "t", [1, 2, 3, 4, 1, 2, 3, 4]),
    (PANEL + "replace t = 2 * t + id\nxtset id t, delta(2)\ngen y = L.x", "y", [nan, 1, nan, nan, 9]),
    (PANEL + "xtset id t\nxtset, clear\nxtset t\ncapture gen y = L.x\ngen z = _rc != 0", "z", [1] * 5),
    (PANEL + "bysort id (t): carryforward x, gen(y)", "y", [1, 4, 4, 9, 16]),
    (PANEL + "bysort id: ipolate x t, gen(y) epolate", "y",
     [1, 4, 10, 9, 16]),
    (PANEL + "bysort id: ipolate x t, gen(y)", "y", [1, 4, nan, 9, 16]),
    # shape
    (rows("id x_a x_b", "1 2 3") + "reshape long x_, i(id) j(k) string", "k", ["a", "b"]),
    (rows("id str1 k x", '1 "a" 2', '1 "b" 3') + "reshape wide x, i(id) j(k) string\nreshape long", "k", ["a", "b"]),
    (rows("id str1 k x", '1 "1" 2', '1 "b" 3') + "reshape wide x, i(id) j(k) string\nreshape long", "x", [2, 3]),
    (GROUPED + "separate x, by(g) gen(z)", "z2", [nan, nan, nan, 7, 9]),
    (GROUPED + "separate x, by(g)", "x1", [3, nan, 5, nan, nan]),
    (GROUPED + "xpose, clear varname", "v3", [1, nan, 5]),
    (GROUPED + "xpose, clear varname", "_varname", ["g", "w", "x"]),
    (GROUPED + "xpose, clear varname\nxpose, clear", "x", [3, nan, 5, 7, 9]),
    # indicators, samples, matrices
    (GROUPED + "xi i.g, prefix(D) noomit", "Dg_1", [1, 1, 1, 0, 0]),
    (GROUPED + "xi i.g", "_Ig_2", [0, 0, 0, 1, 1]),
    (GROUPED + "char g[omit] 2\nxi i.g", "_Ig_1", [1, 1, 1, 0, 0]),
    (GROUPED + "char g[omit] 2\nrename g h\nsave kept\nuse kept, clear\nxi i.h", "_Ih_1", [1, 1, 1, 0, 0]),
    (GROUPED + "char w[omit] b\nxi i.w", "_Iw_1", [0, 0, 1, nan, 0]),
    (GROUPED + "char g[omit] prevalent\nxi i.g", "_Ig_2", [0, 0, 0, 1, 1]),
    (GROUPED + "char g[note] some\nlocal said : char g[note]\ngen y = \"`said'\"", "y", ["some"] * 5),
    (GROUPED + 'label define l 1 "one"\nlabel values g l\nnumlabel l, add\ndecode g, gen(t)', "t",
     ["1. one"] * 3 + [""] * 2),
    (GROUPED + 'label define l 1 "one"\nlabel values g l\nnumlabel, add\nnumlabel, remove\ndecode g, gen(t)', "t",
     ["one"] * 3 + [""] * 2),
    (GROUPED + "ereplace x = mean(x) if g == 1, by(g)", "x", [4, 4, 4, 7, 9]),
    (GROUPED + "ereplace w = mode(w), minmode", "w", ["b"] * 5),
    (GROUPED + "bysort g: center x, prefix(d_)", "d_x", [-1, nan, 1, -1, 1]),
    (GROUPED + "center g, s gen(z)", "z", [-0.4 / 0.3**0.5] * 3 + [0.6 / 0.3**0.5] * 2),
    (GROUPED + "center x if g == 2, inplace", "x", [3, nan, 5, -1, 1]),
    (GROUPED + "gen y = invexponential(2, .5)", "y", [1.3862944] * 5),
    (GROUPED + "egen y = wtmean(x), weight(g) by(g)", "y", [4, 4, 4, 8, 8]),
    (GROUPED + "gen v = _n\negen y = wtmean(x) if g == 1, weight(v)", "y", [4.5, 4.5, 4.5, nan, nan]),
    (rows("byte(a b) str3(s) x", '1 2 "u" 3') + "gen y = b", "y", [2]),
    (TEXTS + 'gen y = regexs(1) if regexm(p, "([0-9]+) *%")', "y", ["5", "50", ""]),
    (TEXTS + 'gen y = real(regexs(2)) + 1 if regexm(c, "^([0-9])(,5)?$")', "y", [nan, nan, nan]),
    (TEXTS + 'replace s = regexs(0) + "!" if regexm(s, "n.")', "s", ["12", "n/!", ""]),
    (TEXTS + 'gen y = cond(regexm(s, "([a-z])/"), regexs(1), cond(regexm(s, "1(.)"), regexs(1), "none"))', "y",
     ["2", "n", "none"]),
    (TEXTS + 'if regexm("ab12", "([a-z]+)([0-9]+)") {\nlocal a = regexs(2)\nlocal b = regexs(1)\n}\n'
     "gen y = \"`a'-`b'\"", "y", ["12-ab"] * 3),
    (TEXTS + 'gen y = ustrregexs(1) if ustrregexm(s, "(N)", 1)', "y", ["", "n", ""]),
    (GROUPED + "mark touse [aw=x], zeroweight", "touse", [1] * 5),
    (GROUPED + "gen v = x - 3\nmark touse [aw=v]", "touse", [0, 0, 1, 1, 1]),
    ("program p\nsyntax varlist [if] [fw aw]\nmarksample touse\ngen used = `touse'\nend\n" + GROUPED
     + "gen v = x - 3\np x [aw=v]", "used", [0, 0, 1, 1, 1]),
    ("program p\nsyntax varlist [if] [fw aw]\nmarksample touse, novarlist zeroweight\ngen used = `touse'\nend\n" + GROUPED
     + "gen v = x - 3\np x [aw=v]", "used", [1] * 5),
    (GROUPED + "mkmat g x if x < ., matrix(A)\nclear\nsvmat A, names(col)", "x", [3, 5, 7, 9]),
    (GROUPED + "mkmat g x, matrix(A) nomissing\nclear\nsvmat A, names(m)", "m2", [3, 5, 7, 9]),
    (GROUPED + "mkmat x\nclear\nsvmat x, names(matcol)", "xx", [3, nan, 5, 7, 9]),
    (GROUPED + "preserve\ndrop x\nrestore, not\ngen y = 1", "y", [1] * 5),
    (GROUPED + "preserve\nreplace x = 0\nrestore, preserve\nreplace x = 1\nrestore", "x", [3, nan, 5, 7, 9]),
    (GROUPED + "recast byte x, force", "x", [3, nan, 5, 7, 9]),
    (GROUPED + "save kept\nuse g if g == 2 using kept, clear", "g", [2, 2]),
    (GROUPED + 'label define l 1 "one"\nlabel values g l\nsave kept\nuse kept, clear nolabel\ndecode g, gen(t)', "t",
     [""] * 5),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "name", "wanted"), CASES, ids=[c[0].splitlines()[-1] for c in CASES])
def test_what_an_option_does(typed, name, wanted, tmp_path):
    session = run(typed, tmp_path)
    said = [f.text for f in session.findings if f.id not in ("abbreviated-name", "duplicates-drop-force")]
    assert said == []
    held = column(session, name)
    if any(isinstance(v, str) for v in wanted):
        assert held == wanted
    else:
        assert held == pytest.approx(wanted, nan_ok=True, rel=1e-6)


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("gen a = 1\nmove x id", ["x", "id", "t", "s", "a"]),
        ("move id x", ["t", "x", "id", "s"]),
        ("gen x10 = 1\ngen x2 = 1\naorder", ["id", "s", "t", "x", "x2", "x10"]),
        ("gen x10 = 1\ngen x2 = 1\norder _all, alphabetic", ["id", "s", "t", "x", "x10", "x2"]),
        ("gen x10 = 1\ngen x2 = 1\norder _all, sequential", ["id", "s", "t", "x", "x2", "x10"]),
        ("order s, before(t)", ["id", "s", "t", "x"]),
        ("order id, after(x)", ["t", "x", "id", "s"]),
        ("order id, last", ["t", "x", "s", "id"]),
        ("order x t, first", ["x", "t", "id", "s"]),
        ("rename x Xy\nrename *, lower", ["id", "t", "xy", "s"]),
        ("rename x ab_CD\nrename ab_CD, proper", ["id", "t", "Ab_cd", "s"]),
        ("rename (id t) (i =_old)", ["i", "t_old", "x", "s"]),
        ("rename (i* t) old_=", ["old_id", "old_t", "x", "s"]),
        ("rename * (a b c d)", ["a", "b", "c", "d"]),
        ("rename x* (y)", ["id", "t", "y", "s"]),
        ("save kept\nuse kept, replace", ["id", "t", "x", "s"]),
        ("rename x* old_=", ["id", "t", "old_x", "s"]),
        ("renvars id t, upper", ["ID", "T", "x", "s"]),
    ],
)
def test_names_and_places(typed, wanted, tmp_path):
    session = run(PANEL + typed, tmp_path)
    assert [f.text for f in session.findings] == []
    assert list(session.data.columns) == wanted


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("order id, before(id)", "can't stand before itself"),
        ("rename t ID\nrename *, lower", "already defined"),
        ("rename (id t) (a a)", "already defined"),
        ("rename * (a b c)", "as many new names"),
        ("rename (id t) a", "as many new names"),
        ("rename id t x", "syntax error in rename"),
        ("rename x* *-", "invalid name"),
        ("destring s", "either generate() or replace"),
        ("tostring x", "either generate() or replace"),
        ("carryforward x", "either gen() or replace"),
        ("set obs x[99]", "no number of observations"),
        ("set obs -1", "no number of observations"),
        ("insobs a b", "r(198)"),
        ("insobs 2, before(1)", "not read here"),
        ("egen c = cut(x)", "cut needs at() or group()"),
        ("egen c = cut(x), group(a)", "r(111)"),
        ("egen c = cut(x), group(0)", "no number of groups"),
        ("recode x (0(.5)1 = 9)", "unknown el 0(.5)1 in rule"),
        ("recode x (1/z = 9)", "unknown el z in rule"),
        ("recode x (a = 9)", "unknown el a in rule"),
        ("reshape long x, i(id) j(t)", "already defined"),
        ("expand 2, gen(x)", "already defined"),
        ('label define l 1 "a"\nlabel define l 1 "b", add', "r(180)"),
        ("egen y = mean(s)", "type mismatch"),
        ("xpose", "option clear required"),
        ("xtset id t, delta(2)", "periods less than delta()"),
        ("replace t = t^2\nxtset id t, delta(2)", "is not read here"),
        ("mkmat s", "string variable not allowed"),
        ("cumul x, gen(c)", "not known here"),
        ("lowess x t, gen(c)", "not known here: it makes variables"),
        ("char id[omit] 7\nxi i.id", "which id never is"),
        ("numlabel", "add or remove"),
        ('gen m = regexm(s, "(.)")\ngen y = regexs(1)', "another statement's rows is not known here"),
        ('gen y = regexm(s, "(")', "can't read its pattern"),
        ("gen y = regexm(x, s)", "type mismatch"),
        ("assert inlist(x, 1, 2)", "contradictions"),
        ("assert inlist(x, 1, 4, 9, 16, .) if t < 9, fast\nassert x < 0,rc0\nassert x < 1", "of `x < 1`"),
        ("merge 1:1 id t using other, keep(0)", "isn't there"),
    ],
)
def test_what_stata_refuses(typed, said, tmp_path):
    assert said in run(PANEL + typed, tmp_path).findings[0].text


@pytest.mark.parametrize(("typed", "name", "wanted"), [
    ("tostring y, replace", "y", ".3333333433"), ("tostring y, gen(z)", "z", ".3333333433"),
    ("tostring l, replace", "l", "1"),
])  # fmt: skip
def test_what_real_would_not_bring_back_stays_a_number(typed, name, wanted, tmp_path):
    made = PANEL + 'gen y = 1/3\ngen l = id\nlabel define one 1 "a"\nlabel values l one\n'
    session = run(made + typed, tmp_path)
    assert not session.data["y"].text and not session.data["l"].text and "z" not in session.data.columns
    assert column(run(f"{made}{typed} force", tmp_path), name)[0] == wanted


@pytest.mark.parametrize(
    ("options", "name", "wanted"),
    [
        ("varnames(1)", "b", [2, 4, 6, 8]),
        ("varnames(1) rowrange(3)", "b", [4, 6, 8]),
        ("varnames(1) rowrange(:3)", "b", [2, 4]),
        ("varnames(1) rowrange(1:3)", "b", [2, 4]),
        ("varnames(nonames) rowrange(3:4)", "v2", ["4", "6"]),
        ("varnames(2)", "v2", [4, 6, 8]),
        ("varnames(2)", "x", ["y", "1", "z"]),
        ("colrange(2:)", "b", [2, 4, 6, 8]),
        ("colrange(2:3)", "c", ["x", "y", "1", "z"]),
        ("numericcols(3)", "c", [nan, nan, 1, nan]),
        ("stringcols(1 2)", "a", ["1", "3", "5", "7"]),
        ("stringcols(_all)", "b", ["2", "4", "6", "8"]),
        ("case(upper)", "D", [0.1, 0.2, 0.3, 0.4]),
        ("case(preserve)", "D", [0.1, 0.2, 0.3, 0.4]),
        ("bindquotes(strict) stripquotes(yes)", "b", [2, 4, 6, 8]),
        ("asdouble", "d", [0.1, 0.2, 0.3, 0.4]),
        ('delimiters(",")', "b", [2, 4, 6, 8]),
    ],
)
def test_options_of_a_text_file(options, name, wanted, tmp_path):
    lines = ["a,b,c,D", "1,2,x,0.1", "3,4,y,0.2", "5,6,1,0.3", "7,8,z,0.4"]
    (tmp_path / "f.csv").write_text("\n".join(lines) + "\n")
    session = run(f"import delimited f.csv, clear {options}", tmp_path)
    assert [f.text for f in session.findings] == []
    held = column(session, name)
    if isinstance(wanted[0], str) or isinstance(held[0], str):
        assert [v if isinstance(v, str) else f"{v:g}" for v in held] == wanted
    else:
        assert held == pytest.approx(wanted, nan_ok=True, rel=0 if "asdouble" in options else 1e-6)


@pytest.mark.parametrize("options", ["rowrange(3)", "bindquotes(nobind)", "stripquotes(no)", "varnames(1) rowrange(0)",
                                     "varnames(9)", "colrange(b)"])  # fmt: skip
def test_a_text_file_is_not_read_by_options_that_are_not_known(options, tmp_path):
    (tmp_path / "f.csv").write_text("a,b\n1,2\n3,4\n")
    assert run(f"import delimited f.csv, clear {options}", tmp_path).findings


def test_a_separator_that_is_named_is_no_guess(tmp_path):
    (tmp_path / "f.csv").write_text("a;b;c,d\n1;2;3,4\n")
    assert list(run("insheet using f.csv, comma clear", tmp_path).data.columns) == ["abc", "d"]
    (tmp_path / "t.txt").write_text("a,b,c\td\n1,2,3\t4\n")
    assert list(run("insheet using t.txt, tab clear", tmp_path).data.columns) == ["abc", "d"]
    assert list(run("insheet using f.csv, comma nonames clear", tmp_path).data.columns) == ["v1", "v2"]


@pytest.mark.parametrize(
    "typed", ["bysort id: ipolate x t, gen(y)", "egen y = cut(x), group(2)", "egen y = concat(x t)", "egen y = diff(x t)",
              "egen y = ma(x)", "egen y = mode(x)", "xpose, clear\ngen y = v1"],
)  # fmt: skip
def test_what_is_made_of_doubtful_values_is_doubtful(typed, tmp_path):
    session = run(f"{PANEL}replace x = runiform()\n{typed}", tmp_path)
    assert session.data["y"].doubts


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ('use "$data"', "no file is named: the global $data is empty"),
        ("local f\nuse `f'", "no file is named: the local `f' is empty"),
        ('use "$data/x.dta"', "the file `/x.dta` isn't there: the global $data is empty"),
        ('merge 1:1 id using "${a}`b\'x.dta"', "the global $a and the local `b' are empty"),
        ('global a "."\nuse "$a/x.dta"', "the file `./x.dta` isn't there"),
    ],
)
def test_a_path_of_an_empty_macro_names_it(typed, said, tmp_path):
    found = run(PANEL + typed, tmp_path).findings[-1].text
    assert said in found and ("empty" in said or "empty" not in found)


def test_a_heading_that_is_no_name_gives_the_place_of_its_column(tmp_path):
    (tmp_path / "w.csv").write_text("country,1990,2000\nA,1,2\n")
    session = run("import delimited w.csv, clear varnames(1)", tmp_path)
    assert {n: c.label for n, c in session.data.columns.items()} == {"country": "", "v2": "1990", "v3": "2000"}
    book = openpyxl.Workbook()
    book.active.append(["country", 1990, "2000"])
    book.active.append(["A", 1, 2])
    book.save(tmp_path / "w.xlsx")
    session = run("import excel using w.xlsx, firstrow clear", tmp_path)
    assert {n: c.label for n, c in session.data.columns.items()} == {"country": "country", "B": "1990", "C": "2000"}


@pytest.mark.parametrize(
    ("typed", "name", "wanted"),
    [
        ("export delimited using f.csv, replace", "g", ["one", "one", "one", "2", "2"]),
        ("export delimited using f.csv, replace nolabel", "g", [1, 1, 1, 2, 2]),
        ("export delimited g x using f.csv if x > 3 & x < ., nolabel", "x", [5, 7, 9]),
        ("export delimited w x using f.csv in 2/3", "x", [nan, 5]),
        ("outsheet x using f.csv if g == 2, comma", "x", [7, 9]),
        ("export delimited x using f.csv, novarnames", "v1", [3, nan, 5, 7, 9]),
    ],
)
def test_what_is_exported_is_what_is_read_again(typed, name, wanted, tmp_path):
    made = GROUPED + 'label define l 1 "one"\nlabel values g l\n'
    session = run(f"{made}{typed}\nimport delimited f.csv, clear", tmp_path)
    assert [f.text for f in session.findings] == []
    held = column(session, name)
    assert held == wanted if isinstance(wanted[0], str) else held == pytest.approx(wanted, nan_ok=True)
    assert len(session.data.columns) == (1 if " x using" in typed and "w x" not in typed and "g x" not in typed else
                                         2 if " x using" in typed else 3)  # fmt: skip


@pytest.mark.parametrize(
    ("using", "master", "doubted"),
    [
        ("sort a", "sort a", True),  # ties of both were drawn
        ("", "", True),
        ("drop if c == 20", "", False),  # each key has one row on a side
        ("", "drop if b == 2", False),
    ],
)
def test_rows_that_m_to_m_pairs_by_chance_are_in_doubt(tmp_path, using, master, doubted):
    code = rows("a c", "1 10", "1 20", "2 30") + f"{using}\nsave other\n" + rows("a b", "1 1", "1 2", "2 3", "2 4")
    done = run(code + f"{master}\nmerge m:m a using other\n", tmp_path)
    assert ("merge-m-m" in " ".join(done.data.doubts)) == doubted
