"""What a report shows of indices and of resampling: the numbers of the computation, in JSON and in the page."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from browser import OUTSIDE, PATIENCE, browser, dress, findings
from conftest import FIXTURES
from parity.analyses.index.analysis import judged, spec_name
from parity.analyses.index.numbers import index_numbers
from parity.analyses.mediation.analysis import printed
from parity.analyses.mediation.sample import prepare
from parity.analyses.registry import analyses
from parity.analyses.replicates.histogram import BINS, histogram
from parity.analyses.replicates.intervals import percentiles
from parity.analyses.resampling.find import find
from parity.analyses.resampling.sample import prepare as prepare_resampling
from parity.analyses.run import analysed
from parity.base.cache import AnswerCache
from parity.data.derive.index import rows_of
from parity.data.derive.study_columns import add_columns
from parity.data.evaluate import Panel
from parity.data.load import load_frame, read_study_frame
from parity.engines import engine
from parity.report.chinese import told_in
from parity.report.figures import COMPARED, short
from parity.report.histogram import BARS, HEAD, histogram_svg
from parity.report.html import _spoken, to_html
from parity.report.json import from_json, to_json
from parity.report.path_diagram import LEFT as LEFT_BOX
from parity.report.path_diagram import RIGHT as RIGHT_BOX
from parity.report.path_diagram import figure, in_lines, path_svg
from parity.report.svg import LABELS, RIGHT, WIDTH
from parity.results.analysis_page import AnalysisDetail, Histogram
from parity.results.record import Record, Report, named, summarise
from parity.runs import runner
from parity.study.load import load_study

STUDY = """
[study]
title = "indices and draws"
unit = "firm"
time = "year"
[derive]
late = "year > 1945"
[index.size]
indicators = [
  { column = "value", direction = "+", dimension = "worth" },
  { column = "capital", direction = "-", dimension = "stock" },
]
[index.size.variants]
pca = { method = "pca", pca_form = "scores" }
year = { over = "year" }
[spec.a]
formula = "inv ~ size + value | firm"
vcov = { cluster = ["firm"] }
[mediation.both]
outcome = "inv"
treatment = "value"
mediators = ["f(capital, 1)", "log(capital)"]
absorb = "firm"
cluster = "firm"
draws = 150
refits = 20
[difference.late]
spec = "a"
group = "late"
permute = "rows"
draws = 60
refits = 10
[wild.w]
spec = "a"
draws = 200
refits = 20
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "shown"
    folder.mkdir()
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    (folder / "data.csv").write_bytes((FIXTURES / "grunfeld" / "data.csv").read_bytes())
    return load_study(folder)


@pytest.fixture(scope="module")
def forms(study):
    """Name of each form -> its scores, and the rows of the study."""
    made = add_columns(study, read_study_frame(study))
    return {spec_name(*key): scores for key, scores in made.indices.items()}, rows_of(made.frame, Panel("firm", "year"))


@pytest.fixture(scope="module")
def answers(forms):
    """The other side's answers: our numbers, but for one weight in its eleventh digit and one score that outranks all."""
    scores, rows = forms
    out = {name: {"numbers": {q: {t: v.tolist() for t, v in terms.items()} for q, terms in index_numbers(s, rows).items()}}
           for name, s in scores.items()}  # fmt: skip
    out["index.size.year"]["numbers"]["weight"]["value"][3] += 1e-3
    del out["index.size.pca"]["numbers"]["rank"]
    last = int(np.flatnonzero(rows.time == rows.time.max())[-1])
    out["index.size.pca"]["numbers"]["score"][""][last] = 1e3
    return out


@pytest.fixture(scope="module")
def report(study, answers, tmp_path_factory):
    """A real run without R, and the indices as held against the answers above."""
    engines = [engine(name) for name in ("py-statsmodels", "py-linearmodels")]
    cache = AnswerCache(tmp_path_factory.mktemp("cache"))
    study = study.model_copy(
        update={"specs": tuple(s.model_copy(update={"reference": "py-statsmodels"}) for s in study.specs)}
    )
    made = runner.run([study], engines=engines, jobs=1, cache=cache, details=True, transport="frozen")
    index = judged(study, answers, "live")
    records = tuple(r for r in made.records if r.kind != "index") + index.records
    return made.model_copy(update={
        "records": records, "summary": summarise(records), "analyses": (*index.details, *made.analyses),
    })  # fmt: skip


def test_weights_and_ranks_are_those_of_the_computation(study, forms, answers):
    scores, rows = forms
    found = {d.spec: d for d in judged(study, answers, "live").details}
    assert list(found) == ["index.size", "index.size.pca", "index.size.year"]
    for name, detail in found.items():
        index = detail.index
        assert index.labels == tuple(sorted(scores[name].weights))
        for w in index.weights:
            assert w.candidate == tuple(scores[name].weights[label][w.indicator] for label in index.labels)
        own = pd.Series(scores[name].scores)[rows.time == rows.time.max()].rank(ascending=False)
        assert [r.candidate for r in index.ranks] == sorted(own.astype(int)) and index.period == "1954"
    assert [(w.indicator, w.direction, w.dimension) for w in found["index.size"].index.weights] == [
        ("value", "+", "worth"), ("capital", "-", "stock"),
    ]  # fmt: skip
    year, pca = found["index.size.year"].index, found["index.size.pca"].index
    assert [round(w.digits) for w in year.weights] == [3, 16]
    assert year.weights[0].reference[3] - year.weights[0].candidate[3] == pytest.approx(1e-3)
    assert pca.loadings and pca.by_scores and not year.by_scores
    first = next(r for r in pca.ranks if r.reference == 1)  # from the recorded scores, where no rank was recorded
    assert first.unit == str(load_frame(study)["firm"].iloc[int(np.flatnonzero(rows.time == 1954)[-1])])


def page_of(text: str, name: str) -> str:
    """One page of a report, whether it stands in the file or is kept as JSON."""
    text = text.replace("<\\/", "</").replace('\\"', '"').replace("\\n", "\n").replace("\\u003c", "<")
    found = next(part for part in text.split("<article ")[1:] if f"</span> {name}</h1>" in part)
    return found.split("</article>")[0]


def test_the_page_shows_both_sides_and_marks_what_differs(report, forms):
    text = to_html(report)
    plain, pca, year = (page_of(text, name) for name in ("index.size", "index.size.pca", "index.size.year"))
    for name, weight in forms[0]["index.size"].weights[""].items():
        line = next(part for part in plain.split("<tr>") if f"</b> {name} " in part)
        cells = re.findall(r'<td class="num">([\d.]+)</td>', line)
        assert cells[0] == cells[1] and float(cells[0]) == pytest.approx(weight, abs=1e-9)
    assert "Every rank is the same" in plain and "of its recorded scores" not in plain
    assert '<mark class="out">1</mark>' in pca and "of its recorded scores" in pca and "standardised indicators" in pca
    value = forms[0]["index.size.year"].weights["1938"]["value"]
    assert f">{short(value)} ({short(value + 1e-3)})</td>" in year and "Weights in 1954" in year


def cells(page: str, title: str) -> dict[str, list[str]]:
    """Rows of a page's table of found numbers: name -> its numbers."""
    table = page.split(f">{title}</h2>")[1].split("</table>")[0]
    return {
        re.search(r'<th scope="row">(.*?)</th>', row)[1]: re.findall(r'<td class="num">(.*?)</td>', row)
        for row in table.split("<tr>")[2:]
    }


def test_a_mediation_shows_its_paths_its_tests_and_the_total(report, study):
    """As a run with R keeps them in its record."""
    ((_, part),) = prepare(study, load_frame(study))
    found = part.found()
    kept = named(printed(found))
    records = [r.model_copy(update={"numbers": kept}) if r.kind == "mediation" else r for r in report.records]
    page = page_of(to_html(report.model_copy(update={"records": tuple(records)})), "mediation.both")
    paths = cells(page, "Coefficients")
    lettered = {"total": "total (c)", "direct": "direct (c&#39;)", "first log(capital)": "first log(capital) (a)",
                "second log(capital)": "second log(capital) (b)"}  # fmt: skip
    for name, label in lettered.items():
        c = found.coefficients[name]
        assert paths[label] == [short(v) for v in (c.estimate, c.se, c.t, c.p)]
    sobel = [found.tests[m]["sobel"].se for m in found.model.mediators]
    assert cells(page, "Tests of the indirect effects")["se by sobel"] == [short(v) for v in sobel]
    total = cells(page, "Total effect by the delta method")["total (c)"]
    assert total[:2] == [short(found.effects["total"]), short(found.delta.se)]
    drawn = page.split('<svg class="paths"')[1].split("</svg>")[0]
    for i, m in enumerate(found.model.mediators):
        into, out, sobel = (found.coefficients[f"first {m}"], found.coefficients[f"second {m}"], found.tests[m]["sobel"])
        a, b = f"a{'₁₂'[i]}", f"b{'₁₂'[i]}"
        for letter, path in ((a, into), (b, out)):
            assert f">{letter} = {figure(path.estimate)}" in drawn and f">({figure(path.se)})<" in drawn
        assert f">{a} × {b} = {figure(found.effects[f'indirect {m}'])}<" in drawn
        assert f">Sobel z = {figure(sobel.z)}, p = {figure(sobel.p)}<" in drawn
        shown = {i.method: f"{figure(i.low)} to {figure(i.high)}" for i in found.summaries[f"indirect {m}"].intervals}
        for method, called in (("percentile", "percentile"), ("bca", "BCa")):
            assert f">{called} interval, 95%: {shown[method]}<" in drawn
    for letter, effect in (("c", "total"), ("c′", "direct")):
        assert f">{letter} = {figure(found.coefficients[effect].estimate)}" in drawn


AT, PRODUCT, INDEX = ("mean - sd", "the mean", "mean + sd"), "product with the moderator", "index of moderated mediation"
MODERATED = {
    "effect": dict(zip((*AT, PRODUCT), (0.1, 0.2, 0.3, 0.05), strict=True)), "se": {PRODUCT: 0.04}, "p": {PRODUCT: 0.21},
    "path": {"m": 0.7}, "path se": {"m": 0.06}, "indirect": dict(zip((*AT, INDEX), (0.07, 0.14, 0.21, 0.035), strict=True)),
    "indirect ci_low": dict.fromkeys(AT, -0.11), "indirect ci_high": dict.fromkeys(AT, 0.41),
}  # fmt: skip


@pytest.mark.parametrize("stage", ["x → 中介 <m>", "中介 <m> → y"])
def test_a_moderator_stands_at_the_path_that_it_moves(stage):
    record = Record(study="s", spec="moderation.w", kind="moderation", reference="a", candidate="b", verdict="agree",
                    checked=6, digits=9, numbers=named(MODERATED))  # fmt: skip
    about = {"Path": "x → 中介 <m> → y", "Moderating": "w", "Moderated path": stage}
    detail = AnalysisDetail(study="s", spec="moderation.w", reference="a", candidate="b", about=about)
    drawing = ElementTree.fromstring(path_svg(detail, [record]))
    texts = {t.text: t for t in drawing.iter("text")}
    assert "the mean: 0.14 (−0.11 to 0.41)" in texts and "index of moderated mediation: 0.035" in texts
    (moves,) = (path for path in drawing.iter("path") if path.get("class") == "weak")
    place, other = (LEFT_BOX, "b = 0.7") if stage.startswith("x") else (RIGHT_BOX, "a = 0.7")
    assert moves.get("d").startswith(f"M{place:g} ") and other in texts and "× 0.05 (0.04)" in texts
    named_by = [one.get("id") for one in (drawing.find("title"), drawing.find("desc"))]
    assert drawing.get("aria-labelledby").split() == named_by
    told = _spoken(told_in("zh"), path_svg(detail, [record]))
    assert " → y：" in told and "路径：x → 中介 &lt;m&gt;：" in told
    assert ">均值：0.14（−0.11 至 0.41）<" in told and "路径图：x → 中介 &lt;m&gt; → y" in told


def test_a_long_name_keeps_to_its_box():
    assert in_lines("nqp") == ["nqp"] and in_lines("f(nqp.means, 1)") == ["f(nqp.means, 1)"]
    assert in_lines("digital_trade_index") == ["digital_trade_", "index"]
    assert in_lines("数字贸易发展水平综合指数与其他各种指标") == ["数字贸易发展水", "平综合指数与其…"]


def test_the_page_of_instruments_shows_every_statistic():
    found = {"weak_f": {"": 12.5}, "overidentified": {"": 3.56}, "overidentified p": {"": 0.059}}
    found |= {"first_stage": {"educ": 9.25}, "first_stage p": {"educ": 0.002}, "stock_yogo": {"size 10%": 16.38}}
    kept = named(found)
    record = Record(study="s", spec="diagnostics.iv", kind="diagnostics", reference="a", candidate="b", verdict="agree",
                    checked=6, digits=9, numbers=kept)  # fmt: skip
    page = page_of(to_html(Report(versions={}, records=(record,), summary=summarise((record,)))), "diagnostics.iv")
    shown = cells(page, "Statistics")
    assert shown["First stage F, educ"] == ["9.25", "0.002"] and shown["Sargan or Hansen J"] == ["3.56", "0.059"]
    assert shown["Stock-Yogo critical value, size 10%"] == ["16.38", "–"] and len(shown) == 4


def test_an_index_shows_its_scores_of_the_latest_period(report, forms):
    scores, rows = forms
    page = page_of(to_html(report), "index.size")
    shown = cells(page, "Scores in 1954")
    own = np.sort(np.asarray(scores["index.size"].scores)[rows.time == 1954])[::-1]
    assert len(shown) == 10 and [ours for ours, _ in shown.values()] == [short(v, COMPARED) for v in own]
    heat = page.split('<table class="heat every">')[1].split("</table>")[0]
    found = [re.findall(r'<td class="h(\d)" data-l="\d+">(.*?)</td>', row) for row in heat.split("<tr>")[2:]]
    assert [row[-1][1] for row in found] == [short(v, 3) for v in own] and {len(row) for row in found} == {20}
    ordered = sorted((float(text), int(shade)) for row in found for shade, text in row)
    assert [shade for _, shade in ordered] == sorted(shade for _, shade in ordered) and {s for _, s in ordered} >= {1, 5}
    drawing = ElementTree.fromstring("<svg" + page.split("<svg")[1].split("</svg>")[0] + "</svg>")
    lines = {path.get("class"): path.get("d").count("L") for path in drawing.iter("path")}
    assert lines == {"one": 19, "end": 19, "mean": 19} and len(list(drawing.iter("path"))) == 11
    words = [cell for cell in cells(page, "Entropies and weights")["value"]]
    assert words[0] == short(scores["index.size"].weights[""]["value"]) and ">entropy weights<" in page
    told = to_html(report, "zh")
    assert ">熵权<" in told and "最小值、最大值和权重都逐年计算" in told and told.count("各个体各时期的得分") == 1
    pca = cells(page_of(to_html(report), "index.size.pca"), "Scores in 1954")
    assert ["1000"] in [both[1:] for both in pca.values()]
    one = next(d for d in report.analyses if d.spec == "index.size")
    ranks = tuple(one.index.ranks[0].model_copy(update={"unit": f"unit {i}"}) for i in range(60))
    many = one.model_copy(update={"index": one.index.model_copy(update={"ranks": ranks, "units": 60})})
    text = page_of(to_html(report.model_copy(update={"analyses": (many,)})), "index.size")
    assert len(cells(text, "Scores in 1954, the first and the last 10")) == 20


def test_many_units_show_the_first_and_the_last(report):
    one = next(d for d in report.analyses if d.spec == "index.size")
    rank = one.index.ranks[0]
    ranks = tuple(rank.model_copy(update={"unit": f"unit<{i}>", "candidate": i, "reference": i}) for i in range(1, 61))
    index = one.index.model_copy(update={"ranks": ranks, "units": 5_060})
    analyses = (one.model_copy(update={"index": index}),)
    page = page_of(to_html(report.model_copy(update={"analyses": analyses})), "index.size")
    shown, every = (
        page.split("Scores in")[0] + page.split(">Ranks")[1].split("<details class")[0],
        page.split(">60</span> units</summary>")[1],
    )
    assert [int(n) for n in re.findall(r"unit&lt;(\d+)&gt;", shown)] == [*range(1, 11), *range(51, 61)]
    assert [int(n) for n in re.findall(r"unit&lt;(\d+)&gt;", every)] == [*range(1, 61)]
    assert "5,000 units in the middle" in every and not re.search(r"unit<\d", page)


def test_terms_keep_their_names_above_their_plots(report):
    one = next(d for d in report.analyses if d.spec == "mediation.both")
    (h, *_) = one.histograms
    names = ("ln_gdp", "difference", "t statistic of x", "difference of ln_gdp between groups")
    many = one.model_copy(update={"histograms": tuple(h.model_copy(update={"quantity": name}) for name in names)})
    page = page_of(to_html(report.model_copy(update={"analyses": (many,)})), "mediation.both")
    shown = [name for name in re.findall(r"<h2>([^<]+)</h2>", page)]
    assert shown == [*names[:3], "Difference of ln_gdp between groups"]


def ranked_in(forms, study, period: float, name: str) -> list[tuple[str, int]]:
    """Units and their ranks in one period, by pandas from the scores alone."""
    scores, rows = forms
    at = rows.time == period
    places = pd.Series(scores[name].scores)[at].rank(ascending=False).astype(int)
    return sorted(zip(load_frame(study)["firm"][at].astype(str), places, strict=True), key=lambda pair: pair[1])


def test_ranks_of_every_period_are_those_of_the_computation(study, forms, answers):
    found = {d.spec: d.index for d in judged(study, answers, "live").details}
    years = [str(year) for year in range(1935, 1955)]
    for name, index in found.items():
        assert list(index.periods) == years and index.ranked == (10,) * 20 and len(index.over) == 10
        for i, year in enumerate(years):
            own = sorted(((u.unit, (u.candidate or u.reference)[i]) for u in index.over), key=lambda pair: pair[1])
            assert own == ranked_in(forms, study, float(year), name)
            if name != "index.size":
                continue
            at = load_frame(study)["firm"][forms[1].time == float(year)].astype(str)
            made = dict(zip(at, np.asarray(forms[0][name].scores)[forms[1].time == float(year)], strict=True))
            assert [of[i] for of in index.scores] == [float(f"{made[u.unit]:.6g}") for u in index.over]
    assert all(u.candidate is None for u in found["index.size"].over)
    first = next(u for u in found["index.size.pca"].over if u.reference[-1] == 1)  # moved by the recorded scores, then only
    assert first.candidate[-1] != 1 and first.candidate[:-1] == first.reference[:-1]


def test_of_very_many_units_the_outer_ones_of_every_period_are_kept(monkeypatch):
    from parity.analyses.index import page as of_index
    from parity.data.derive.index import Rows
    from parity.study.index import IndexSettings

    monkeypatch.setattr(of_index, "MOST_UNITS", 6)
    monkeypatch.setattr(of_index, "EDGE", 2)
    time = np.repeat([1.0, 2.0], 10)
    own = np.r_[np.arange(1.0, 11.0), np.roll(np.arange(1.0, 11.0), 5)]
    numbers = {"rank": {"": own}, "weight": {}}
    form = IndexSettings(indicators=[{"column": "a", "direction": "+"}])
    units = [str(i % 10) for i in range(20)]
    rows = Rows(np.arange(20) % 10, time, tuple(units))
    index = of_index.index_detail("s", "index.x", form, ("a", "b"), numbers, numbers, ("",), rows, units).index
    assert [r.unit for r in index.ranks] == ["5", "6", "7", "2", "3", "4"] and index.units == 10
    assert [u.unit for u in index.over] == ["5", "6", "7", "2", "3", "4", "0", "1", "8", "9"] and index.ranked == (10, 10)
    assert index.periods == ("1", "2") and index.over[6].reference == (1, 6)


def drawn(detail: AnalysisDetail) -> dict[str, Histogram]:
    return {h.quantity: h for h in detail.histograms}


def test_histograms_are_those_of_the_draws(report, study):
    found = {d.spec: d for d in report.analyses if d.histograms}
    assert list(found) == ["mediation.both", "difference.late", "wild.w"]
    ((_, part),) = prepare(study, load_frame(study))
    whole = part.found()
    shown = drawn(found["mediation.both"])
    names = {"indirect effect, all mediators": "indirect", "direct effect": "direct",
             **{f"indirect effect through {m}": f"indirect {m}" for m in ("f(capital, 1)", "log(capital)")}}  # fmt: skip
    assert set(shown) == set(names)
    for name, effect in names.items():
        h, values = shown[name], whole.replicates[effect]
        assert h.estimate == whole.effects[effect] and not h.null
        edges = np.linspace(h.low, h.high, BINS + 1)
        assert h.counts == tuple(np.histogram(values, edges)[0]) and sum(h.counts) + h.below + h.above == 150
        ends = {i.method: (i.low, i.high) for i in h.intervals}
        for method in ("percentile", "bias-corrected", "bca"):
            interval = whole.summaries[effect].interval(method)
            assert ends[method] == (interval.low, interval.high)
    ends = {i.method: (i.low, i.high) for i in shown["indirect effect through log(capital)"].intervals}
    assert ends["monte-carlo"] == whole.monte_carlo["log(capital)"]
    for name, rows in prepare_resampling(study, load_frame(study)):
        numbers, (h,) = find(rows), found[name].histograms
        assert h.estimate == numbers["t" if name == "wild.w" else "difference"] and h.null
        assert sum(h.counts) + h.below + h.above + h.undefined == len(numbers["replicate"])
        assert (h.intervals[0].low, h.intervals[0].high) == percentiles(np.array(numbers["replicate"]), (0.025, 0.975))
        p = numbers["p" if name == "wild.w" else "p permutation"]
        assert found[name].about["p"] == (f"{p:.6g}" if p else "0: no draw lies as far out")
    assert found["difference.late"].about["Difference"] == "size in spec a: where late, less the others"


def test_the_drawing_has_the_heights_of_the_counts_and_the_places_of_the_ends(report):
    h = drawn(next(d for d in report.analyses if d.spec == "mediation.both"))["direct effect"]
    text = histogram_svg(h, "said")
    bars = re.search(r'<g class="bars"><path d="([^"]*)"', text)[1]
    tops = [float(y) for _, y in re.findall(r"[ML]([\d.]+) ([\d.]+)", bars)]
    tall = BARS * np.array(h.counts) / max(h.counts)
    assert min(tops) == pytest.approx(HEAD, abs=0.1) and max(tops) == pytest.approx(HEAD + BARS, abs=0.1)
    assert {round(HEAD + BARS - t) for t in tall} <= {round(t + d) for t in tops for d in (-0.1, 0, 0.1)}
    numbers = [h.low, h.high, h.estimate, *(v for i in h.intervals for v in (i.low, i.high))]
    low, high = min(numbers), max(numbers)
    low, high = low - 0.02 * (high - low), high + 0.02 * (high - low)

    def place(value: float) -> float:
        return LABELS + (value - low) / (high - low) * (WIDTH - LABELS - RIGHT)

    lines = re.findall(r'd="M([\d.]+) [\d.]+L([\d.]+) [\d.]+"', text[text.index('class="intervals"') :])
    assert len(lines) == len(h.intervals) + 1
    for (a, b), i in zip(lines, h.intervals, strict=False):
        assert (float(a), float(b)) == pytest.approx((place(i.low), place(i.high)), abs=0.11)
    assert float(lines[-1][0]) == float(lines[-1][1]) == pytest.approx(place(h.estimate), abs=0.11)
    assert f">{short(h.estimate)}</text>" in text and 'aria-label="said"' in text


NUMBERS = st.floats(allow_nan=True, allow_infinity=True, width=32) | st.sampled_from([0.0, 1.0, 1.0, 2.0])


@given(st.lists(NUMBERS, max_size=60), st.floats(-1e6, 1e6))
def test_every_draw_is_counted_once(values, estimate):
    h = histogram("x", values, estimate)
    if not any(math.isfinite(v) for v in values):
        assert h is None
        return
    assert len(h.counts) == BINS and h.low < h.high
    assert sum(h.counts) + h.below + h.above + h.undefined == len(values)
    assert h.undefined == sum(math.isnan(v) for v in values)
    assert from_json(to_json(_only(h))).analyses[0].histograms == (h,)
    assert "<svg" in histogram_svg(h, "")


def _only(h: Histogram) -> Report:
    one = AnalysisDetail(study="s", spec="wild.w", reference="a", candidate="b", histograms=(h,))
    return Report(versions={}, records=(), summary={}, analyses=(one,))


def test_far_draws_are_told_not_shown():
    h = histogram("t", [*np.linspace(-1, 1, 101), 50.0, math.inf, -80.0, math.nan], 0.5)
    assert (h.below, h.above, h.undefined, sum(h.counts)) == (1, 2, 1, 101) and h.low == -1 and h.high < 9


def test_collected_only_where_asked_and_the_same_bytes_from_json(report, study):
    kept = from_json(to_json(report))
    assert kept == report and to_html(kept) == to_html(report)
    bare = runner.run([study], engines=[engine("py-statsmodels"), engine("r-stata")], jobs=1, transport="frozen")
    assert bare.analyses is None and '"analyses"' not in to_json(bare)


def test_a_page_without_details_still_stands():
    record = Record(
        study="s", spec="index.x", kind="index", reference="a", candidate="b", verdict="agree", checked=1, digits=9
    )
    text = to_html(Report(versions={}, records=(record,), summary=summarise((record,))))
    assert "index.x" in text and "Weights" not in text


def test_the_bundled_study_keeps_its_pages_small():
    """Sixty-three forms of three indices: recorded answers, weights once per form, the latest period's scores."""
    study = load_study(FIXTURES / "digital_trade")
    found = analysed(analyses()["columns"], study, "frozen")
    assert len(found.details) == 63 and {r.verdict for r in found.records} == {"agree"}
    assert len(found.model_dump_json(include={"details"})) < 500_000
    assert all(r.reference == r.candidate for d in found.details for r in d.index.ranks)


@pytest.fixture(scope="module")
def file(report, tmp_path_factory):
    found = tmp_path_factory.mktemp("page") / "report.html"
    found.write_text(to_html(report), encoding="utf-8")
    return found


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    with browser(tmp_path_factory.mktemp("profile")) as found:
        yield found


UNFOLD = "for (const part of document.querySelectorAll('details')) part.open = arguments[0];"
#: Colours move nothing, and axe judges them and places apart: each is seen once.
LOOKS = [("light", 1280), ("dark", 360), ("print", 703)]


@pytest.mark.parametrize(("look", "width"), LOOKS)
def test_in_a_browser(driver, file, look, width):
    dress(driver, width, dark=look == "dark", media="print" if look == "print" else "")
    for spec in ("", "index-size", "index-size-pca", "index-size-year", "mediation-both", "difference-late", "wild-w"):
        driver.get("about:blank")
        driver.get(f"{file.as_uri()}#{spec and f'shown.{spec}'}")
        if spec:
            shown = driver.find_elements("css selector", ".page.open .weights, .page.open .histogram")
            assert shown and all(e.rect["width"] > 250 for e in shown)
        for unfolded in (False, True):
            driver.execute_script(UNFOLD, unfolded)
            assert driver.execute_script(OUTSIDE) == []
        assert look == "print" or findings(driver) == []
        for plot in driver.find_elements("css selector", ".page.open .histogram .bars path"):
            assert plot.rect["width"] > 50 and plot.value_of_css_property("fill") != "rgb(0, 0, 0)"
    dress(driver, 1280)


def test_narrow_letters_fit_too(file, tmp_path):
    """The tests above have the wide ones; here the names of tables and plots take less room than their numbers."""
    with browser(tmp_path / "profile", fonts="narrow") as narrow:
        for width in (1280, 360):
            dress(narrow, width)
            for spec in ("", "index-size-year", "mediation-both", "wild-w"):
                narrow.get("about:blank")
                narrow.get(f"{file.as_uri()}#{spec and f'shown.{spec}'}")
                narrow.execute_script(UNFOLD, True)
                assert narrow.execute_script(OUTSIDE) == []


def shown_ranks(driver) -> list[list[str]]:
    rows = driver.find_elements("css selector", ".page.open .ranks tbody tr")
    return [row.text.split() for row in rows if row.is_displayed()]


def test_ranks_of_another_period_by_keyboard(driver, file, study, forms):
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.ui import WebDriverWait

    driver.get("about:blank")
    driver.get(f"{file.as_uri()}#shown.index-size-pca")
    WebDriverWait(driver, PATIENCE).until(lambda d: d.find_elements("css selector", ".page.open .periods select"))
    select = driver.find_element("css selector", ".page.open .periods select")
    assert select.accessible_name == "Period" and [o.text for o in select.find_elements("css selector", "option")] == [
        str(year) for year in range(1954, 1934, -1)
    ]  # fmt: skip
    assert len(driver.find_elements("css selector", ".page.open .ranks mark")) > 0
    for _ in range(40):
        if driver.switch_to.active_element == select:
            break
        ActionChains(driver).send_keys(Keys.TAB).perform()
    for year in (1953.0, 1952.0):
        ActionChains(driver).send_keys(Keys.ARROW_DOWN).perform()
        heading = driver.find_element("css selector", ".page.open .periods h2")
        WebDriverWait(driver, PATIENCE).until(lambda _, h=heading, y=year: h.text == f"Ranks in {y:g}")
        wanted = ranked_in(forms, study, year, "index.size.pca")
        assert shown_ranks(driver) == [[unit, str(place), str(place)] for unit, place in wanted]
    assert not driver.find_elements("css selector", ".page.open .ranks mark")
    assert "Every rank is the same" in driver.find_element("css selector", ".page.open .periods [role=status]").text
    ActionChains(driver).send_keys(Keys.HOME).perform()
    assert "another rank" in driver.find_element("css selector", ".page.open .periods [role=status]").text
