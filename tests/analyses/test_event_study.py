"""Event studies: against recorded runs of other packages, pyfixest live, formulas by hand, R, and methods subtly wrong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from conftest import FIXTURES
from parity.analyses.event_study import callaway, doubly_robust, regressions
from parity.analyses.event_study.analysis import ANALYSIS, compare_effects
from parity.analyses.event_study.methods import METHODS
from parity.analyses.frozen import Held
from parity.analyses.in_parts import Nothing
from parity.base.errors import InputError
from parity.r.session import missing_r
from parity.results.record import named
from parity.study.load import load_study, parse_study
from parity.study.study import Study

needs_r = pytest.mark.skipif(missing_r() is not None, reason="needs R")
OF = {
    "minimum_wage": ('unit = "county"\ntime = "year"', "lemp", 'first_treated = "first_treat"'),
    "castle": ('unit = "sid"\ntime = "year"', "log(homicide)", 'treatment = "post"'),
}


def study(name: str, *sections: str) -> Study:
    """A section each: the lines beside outcome and treatment."""
    panel, outcome, treated = OF[name]
    text = f'[study]\ntitle = "t"\n{panel}\n'
    for i, lines in enumerate(sections):
        text += f'\n[event_study.s{i}]\noutcome = "{outcome}"\n{treated}\n{lines}\n'
    return parse_study(text, FIXTURES / name / "study.toml")


def panel(name: str, lines: str):
    ((_, part),) = ANALYSIS.parts(study(name, lines))
    assert not isinstance(part, Nothing), part.note
    return part


def shown(name: str, lines: str) -> dict[str, dict[str, float]]:
    part = panel(name, lines)
    return METHODS[part.settings.method](part).shown()


# ---------------------------------------------------------------- recorded runs of other packages

#: csdid 0.4.3 with drdid 1.1.7 (Python), ATTgt(...).fit(est_method, base_period="varying", bstrap=False): att and se by
#: cohort (2004, 2006, 2007) and period (2004 .. 2007).
CSDID = {
    ("never", "", "doubly_robust"): (
        """-0.010503246220961887 -0.07042315810314634 -0.13725873888940268 -0.10081136308540371 0.00652011242423298
        -0.0027508187505189165 -0.004594606952862948 -0.04122447154621744 0.030506655583292613 -0.0027258928861162005
        -0.031087119389688715 -0.026054410719196838""",
        """0.02325103636816603 0.030984766757276332 0.03643566428768615 0.03435922583467294 0.023326805141804713
        0.019558561035881585 0.017755196659276322 0.02022918070410684 0.01503356028013004 0.01639583289553441
        0.017877511313343517 0.016655435349252165"""),
    ("never", "lpop", "doubly_robust"): (
        """-0.014529668304898206 -0.07642188173478573 -0.1404483368101218 -0.10690389811145896 -0.0004721460884853964
        -0.006202524579796748 0.0009605737466981815 -0.04129386558818044 0.026727796203701828 -0.004576570763525918
        -0.028447487197560732 -0.0287813610394868""",
        """0.02212915723833524 0.0286713141555611 0.03537815471009607 0.032886493002896935 0.02222343703665833
        0.018495701904182565 0.019400195422023057 0.01972114414539531 0.014065660764396418 0.015717763130264354
        0.018180881152697802 0.01623895296618497"""),
    ("never", "lpop", "weighting"): (
        """-0.014548431154139153 -0.07644986075866017 -0.14046460265549152 -0.1069325571057158 -0.0008685602909426493
        -0.006397240343385197 0.0012080452397303064 -0.04130823173872429 0.026556103623585903 -0.004660904906027649
        -0.02834030380483552 -0.028894766614560457""",
        """0.022114533111436456 0.02864886253738334 0.03537100178568211 0.03288915170894653 0.022152843418129474
        0.018457328457978307 0.019487929103448865 0.019721398187520146 0.014044158504654288 0.015669164248939913
        0.01818930909532915 0.016246409387179223"""),
    ("never", "lpop", "regression"): (
        """-0.014911237790360549 -0.07699632296605091 -0.14108010462858722 -0.10754427467304598 -0.002066058118439615
        -0.00696828306727084 0.000765525026395996 -0.04153563652932521 0.026365831746980005 -0.004759835338669477
        -0.02850210641385888 -0.028789488193824517""",
        """0.02205569307631926 0.02835974551014932 0.03483628695361812 0.0327376926434117 0.022122286483578
        0.018345785629369393 0.019195907032878545 0.019716873645372866 0.014018949322675112 0.01566996603732892
        0.018132065892470278 0.016167867253691817"""),
    ("not_yet", "", "doubly_robust"): (
        """-0.019372363675921572 -0.07831909906206024 -0.13627434632867746 -0.10081136308540371 -0.002562550942610956
        -0.0019392460957888677 0.004660876319976196 -0.04122447154621744 0.02975936476103095 -0.0024106128000968485
        -0.031087119389688715 -0.026054410719196838""",
        """0.022310112883680264 0.030390228543396902 0.0354033849689097 0.03435922583467294 0.022530235145338827
        0.019042158605818867 0.01633558424682363 0.02022918070410684 0.014533541638651452 0.016031296375517843
        0.017877511313343517 0.016655435349252165"""),
    ("not_yet", "lpop", "doubly_robust"): (
        """-0.02118305347875751 -0.08160318585567829 -0.13819182260842638 -0.10690389811145896 -0.007455236111948038
        -0.004563376993305922 0.008660699867713324 -0.04129386558818044 0.026932652900659226 -0.004200980469979675
        -0.028447487197560732 -0.0287813610394868""",
        """0.02164820771472726 0.028341541085782587 0.03422803722131828 0.032886493002896935 0.02183571540579606
        0.01829138606369349 0.01683906095637537 0.01972114414539531 0.013913625970673938 0.015548366320610815
        0.018180881152697802 0.01623895296618497"""),
}  # fmt: skip


@pytest.mark.parametrize("case", CSDID, ids=" ".join)
def test_group_time_effects_are_csdid_s(case):
    control, controls, adjustment = case
    lines = f'method = "callaway_santanna"\ncontrol_group = "{control}"\nadjustment = "{adjustment}"\n'
    found = shown("minimum_wage", lines + (f'controls = ["{controls}"]' if controls else ""))
    att, se = ([float(x) for x in text.split()] for text in CSDID[case])
    names = [f"{g}:{t}" for g in (2004, 2006, 2007) for t in (2004, 2005, 2006, 2007)]
    assert list(found["cell"]) == names
    assert list(found["cell"].values()) == pytest.approx(att, rel=1e-9, abs=1e-12)
    assert list(found["cell se"].values()) == pytest.approx(se, rel=1e-9)


def test_sun_abraham_is_fixest_s():
    # fixest 0.14.2: feols(lemp ~ sunab(g, year) | county + year, cluster = ~county), coeftable; agg = "att", "cohort"
    found = shown("minimum_wage", 'method = "sun_abraham"')
    assert list(found["effect"].values()) == pytest.approx(
        [0.00330635669251185, 0.02502182959755576, 0.02445874497117023, -0.01993181678925871, -0.05095736706518930,
         -0.13725873888939313, -0.10081136308539426], rel=1e-9)  # fmt: skip
    assert list(found["se"].values()) == pytest.approx(
        [0.0245550955318650, 0.0181543444100495, 0.0142667921546192, 0.0118575389634539, 0.0168706783846088,
         0.0365894759637626, 0.0345042719102051], rel=1e-9)  # fmt: skip
    assert found["p"]["1"] == pytest.approx(0.002653235350816230, rel=1e-8)
    simple = shown("minimum_wage", 'method = "sun_abraham"\naggregation = "simple"')
    assert [simple[q]["all"] for q in ("effect", "se", "p")] == pytest.approx(
        [-0.0399512751551736, 0.0117962774417539, 0.000763047554768768], rel=1e-8)  # fmt: skip
    group = shown("minimum_wage", 'method = "sun_abraham"\naggregation = "group"')
    assert list(group["effect"].values()) == pytest.approx([-0.0797491265747177, -0.0229095392495397, -0.0260544107191980])
    assert list(group["se"].values()) == pytest.approx(
        [0.0264791100287759, 0.0167738426850252, 0.0167257455927189], rel=1e-9)  # fmt: skip


def test_imputation_is_did_imputation_s():
    # did-imputation 0.1.0 (Python), did_imputation(..., allhorizons=True, cluster="county", minn=0): iterated to some 1e-8
    found = shown("minimum_wage", 'method = "imputation"')
    assert list(found["effect"].values()) == pytest.approx(
        [-0.031066911057007623, -0.05223483565654273, -0.1360780909594736, -0.10470744355481929], abs=5e-8)  # fmt: skip
    assert list(found["se"].values()) == pytest.approx(
        [0.01357724974023591, 0.01881242681667869, 0.03534197211918139, 0.033765853351096574], rel=1e-8)  # fmt: skip
    # and (..., aw="popwt", controls=["unemployrt"], cluster="sid")
    found = shown("castle", 'method = "imputation"\nweights = "popwt"\ncontrols = ["unemployrt"]\naggregation = "simple"')
    assert found["effect"]["all"] == pytest.approx(0.07671453685710033, rel=5e-6)
    assert found["se"]["all"] == pytest.approx(0.026191460927948617, rel=5e-6)


def _frame(name: str):
    import pandas as pd

    d = pd.read_csv(FIXTURES / name / "data.csv")
    if name == "castle":
        d["y"], d["unit"] = np.log(d.homicide), d.sid
        d["g"] = d.sid.map(d[d.post == 1].groupby("sid").year.min()).fillna(0).astype(int)
    else:
        d["y"], d["unit"], d["g"] = d.lemp, d.county, d.first_treat
    d["event"] = np.where(d.g > 0, d.year - d.g, -1).astype(float)
    d["d"] = (d.g > 0) & (d.year >= d.g)
    return d


def test_two_stages_are_pyfixest_s():
    pf = pytest.importorskip("pyfixest")
    d = _frame("castle")
    d["event"] = np.where(d.g > 0, d.year - d.g, np.inf)
    fit = pf.did2s(d, yname="y", first_stage="~ 0 | unit + year", second_stage="~ i(event, ref=-1.0)", treatment="d",
                   cluster="unit")  # fmt: skip
    found = shown("castle", 'method = "did2s"')
    tidy = fit.tidy()
    for term, value in found["effect"].items():
        (row,) = (r for n, r in tidy.iterrows() if f"::{float(term)}" in n)
        assert value == pytest.approx(row["Estimate"], abs=1e-7), term  # its first stage is iterated
        assert found["se"][term] == pytest.approx(row["Std. Error"], rel=1e-5), term


def test_local_projections_are_pyfixest_s():
    pf = pytest.importorskip("pyfixest")
    d = _frame("castle")
    fit = pf.lpdid(d, "y", "unit", "year", "g", vcov={"CRV1": "unit"}, pre_window=-5, post_window=3, att=False)
    found = shown("castle", 'method = "local_projections"\nleads = 5\nlags = 3')
    tidy = fit.tidy()
    assert [n.rsplit("::", 1)[1] for n in tidy.index] == list(found["effect"])
    assert list(found["effect"].values()) == pytest.approx(tidy["Estimate"].tolist(), rel=1e-9)
    assert list(found["se"].values()) == pytest.approx(tidy["Std. Error"].tolist(), rel=1e-9)
    assert list(found["nobs"].values()) == tidy["N"].tolist()


def test_twfe_is_pyfixest_s():
    pf = pytest.importorskip("pyfixest")
    d = _frame("castle")
    d["event"] = np.where(d.g > 0, (d.year - d.g).clip(-4, 3), -1).astype(int)
    fit = pf.feols("y ~ i(event, ref=-1) | unit + year", d, vcov={"CRV1": "unit"}).tidy()
    found = shown("castle", 'leads = 4\nlags = 3\nendpoints = "binned"')
    assert list(found["effect"]) == ["<=-4", "-3", "-2", "0", "1", "2", ">=3"]
    assert list(found["effect"].values()) == pytest.approx(fit["Estimate"].tolist(), rel=1e-9)
    assert list(found["se"].values()) == pytest.approx(fit["Std. Error"].tolist(), rel=1e-9)
    assert list(found["p"].values()) == pytest.approx(fit["Pr(>|t|)"].tolist(), rel=1e-7)


def test_the_decomposition_sums_to_twfe():
    found = shown("castle", 'method = "bacon"')
    share, effect = found["share"], found["effect"]
    assert sum(share.values()) == pytest.approx(1.0, abs=1e-12)
    assert sum(w * effect[pair] for pair, w in share.items()) == pytest.approx(effect["all"], abs=1e-12)
    assert effect["all"] == pytest.approx(shown("castle", 'aggregation = "simple"')["effect"]["all"], abs=1e-12)
    assert len(share) == 5 + 5 * 4 and "se" not in found


# ---------------------------------------------------------------- by hand


def test_without_controls_an_att_is_a_difference_of_means():
    d = _frame("minimum_wage").pivot(index="unit", columns="year", values="y")
    g = _frame("minimum_wage").groupby("unit").g.first()
    found = shown("minimum_wage", 'method = "callaway_santanna"\nbase_period = "universal"')
    for cohort, t in ((2006, 2003), (2007, 2004), (2004, 2007)):
        change = d[t] - d[cohort - 1]
        by_hand = change[g == cohort].mean() - change[g == 0].mean()
        assert found["cell"][f"{cohort}:{t}"] == pytest.approx(by_hand, abs=1e-13)
        squares = sum(((c := change[g == k]) - c.mean()).pow(2).sum() / len(c) ** 2 for k in (cohort, 0))
        assert found["cell se"][f"{cohort}:{t}"] == pytest.approx(squares**0.5, rel=1e-10)
    assert found["cell"]["2006:2005"] == 0.0 and "2006:2005" not in found["cell se"]
    assert "-1" in found["effect"] and "-1" not in found["se"]


@pytest.mark.parametrize(
    "lines",
    ['controls = ["lpop"]', 'controls = ["lpop"]\nadjustment = "weighting"\naggregation = "group"',
     'controls = ["lpop"]\nadjustment = "regression"\naggregation = "calendar"', 'aggregation = "simple"'],
)  # fmt: skip
def test_influence_is_what_a_little_more_of_a_unit_changes(lines):
    """The infinitesimal jackknife: the derivative of an average by a unit's weight is its influence."""
    part = panel("minimum_wage", f'method = "callaway_santanna"\n{lines}')
    whole, units = callaway.units_of(part)
    cells = [c for c in callaway._cells(whole, units) if c is not None]
    _, _, influence = callaway._averages(whole, units, cells)
    for unit in (3, 250, 400):
        up, down = (
            METHODS["callaway_santanna"](replace(part, weights=np.where(part.unit == unit, 1.0 + h, 1.0))).values
            for h in (1e-5, -1e-5)
        )
        assert (up - down) / 2e-5 * 500 == pytest.approx(influence[unit], rel=1e-4, abs=1e-6)


def test_an_event_time_is_dropped_binned_or_left_in_the_reference():
    d = _frame("castle")
    for rule in ("own", "binned", "dropped", "reference"):
        inside = (d.g == 0) | d.event.between(-4, 3) if rule == "dropped" else np.ones(len(d), dtype=bool)
        s = d[inside]
        e = s.event.clip(-4, 3) if rule == "binned" else s.event
        e = e.where(s.g > 0, -1.0)
        e = e.where(e.between(-4, 3), -1.0) if rule == "reference" else e
        times = sorted(set(e) - {-1.0})
        columns = [np.ones(len(s)), *(e == t for t in times), *(s.unit == u for u in sorted(set(s.unit))[1:]),
                   *(s.year == y for y in sorted(set(s.year))[1:])]  # fmt: skip
        b = np.linalg.lstsq(np.column_stack(columns).astype(float), s.y, rcond=None)[0]
        by_hand = [x for t, x in zip(times, b[1:], strict=False) if -4 <= t <= 3]
        found = shown("castle", f'leads = 4\nlags = 3\nendpoints = "{rule}"')
        assert list(found["effect"].values()) == pytest.approx(by_hand, abs=1e-9), rule


# ---------------------------------------------------------------- R, and methods that are wrong

SECTIONS = {
    "castle": (
        'aggregation = "simple"\nconvention = "areg"', 'leads = 3\nlags = 2\nendpoints = "dropped"\nconvention = "none"',
        'leads = 3\nendpoints = "reference"\nreference = [-2]\nweights = "popwt"',
        'method = "sun_abraham"\ncontrols = ["unemployrt"]\naggregation = "calendar"\nanticipation = 1',
        'method = "imputation"\nanticipation = 1\naggregation = "group"\ncohort_weights = "equal"',
        'method = "did2s"\nweights = "popwt"\naggregation = "simple"', 'method = "bacon"\nwhere = "year > 2005"',
        'method = "local_projections"\nweighting = "equal"\ncontrols = ["poverty"]\nleads = 2\nlags = 2\nanticipation = 1',
        'method = "callaway_santanna"\nanticipation = 1\naggregation = "calendar"\ncontrols = ["unemployrt"]',
    ),
    "minimum_wage": (
        'method = "callaway_santanna"\nadjustment = "regression"\ncontrols = ["lpop"]\ncohort_weights = "equal"',
        'method = "callaway_santanna"\nweights = "lpop"\nbase_period = "universal"\naggregation = "simple"\nleads = 1',
        'method = "callaway_santanna"\nadjustment = "weighting"\ncontrols = ["lpop"]\naggregation = "group"\n'
        'control_group = "not_yet"',
        'method = "imputation"', 'method = "sun_abraham"\nwhere = "first_treat > 0"',
    ),
}  # fmt: skip


@needs_r
@pytest.mark.parametrize("name", OF)
def test_r_finds_the_same(name):
    s = study(name, *SECTIONS[name])
    records = ANALYSIS.judged(s, Held(ANALYSIS.in_r(s), "live")).records
    assert [r.verdict for r in records] == ["agree"] * len(SECTIONS[name]), [r.note for r in records]
    assert all(r.checked > 7 and r.digits > 10 for r in records)


def held(right, wrong) -> None:
    assert compare_effects(right.shown(), right.shown()).verdict == "agree"
    assert compare_effects(right.shown(), wrong.shown()).verdict == "disagree"


def test_a_method_that_is_subtly_wrong_turns_it_red(monkeypatch):
    part = panel("minimum_wage", 'method = "callaway_santanna"\ncontrols = ["lpop"]')
    right = callaway.callaway_santanna(part)
    for place, wrong in (
        ("_outcome", lambda true: lambda *a: (true(*a)[0], 0.0 * true(*a)[1])),  # the regression taken as known
        ("_score", lambda true: lambda *a: (true(*a)[0], 0.0 * true(*a)[1])),  # the propensity score taken as known
        ("_score", lambda true: lambda *a: (true(*a)[0] ** 1.0001, true(*a)[1])),
    ):
        monkeypatch.setattr(doubly_robust, place, wrong(getattr(doubly_robust, place)))
        held(right, callaway.callaway_santanna(part))
        monkeypatch.undo()
    part = panel("castle", 'method = "sun_abraham"')
    right = regressions.sun_abraham(part)
    true = regressions.averages
    monkeypatch.setattr(regressions, "averages", lambda cells, p: true([replace(c, weight=1.0) for c in cells], p))
    held(right, regressions.sun_abraham(part))


@needs_r
def test_one_treated_and_one_control_unit_have_no_standard_error():
    s = study("castle", 'method = "callaway_santanna"\nwhere = "sid in [1, 4]"')
    (record,) = ANALYSIS.judged(s, Held(ANALYSIS.in_r(s), "live")).records
    assert record.verdict == "agree" and not [n for n in record.numbers if n.quantity in ("se", "cell se", "t")]


def test_what_has_no_effect_says_why():
    def of(name, lines):
        s = study(name, lines)
        (record,) = ANALYSIS.judged(s, Held({}, "", "unavailable", "no R")).records
        return record.note

    assert "determined by effects" in of("castle", 'where = "sid in [1, 2, 3, 10, 11, 26, 27]"')
    assert "isn't balanced" in of("castle", 'method = "bacon"\nwhere = "sid > 1 or year > 2002"')
    assert "no cohort" in of("castle", 'method = "callaway_santanna"\nwhere = "year < 2005"')
    assert "weights" in of("castle", 'method = "callaway_santanna"\nweights = "poverty"')
    assert "periods without an untreated row" in of("castle", 'method = "imputation"\nwhere = "sid in [1, 2, 3, 10, 11]"')
    assert "no row is treated" in of("castle", 'method = "did2s"\naggregation = "simple"\nwhere = "year < 2005"')
    assert "no standard error" in of("castle", 'method = "sun_abraham"\ncluster = "year"')
    text = '[study]\ntitle = "t"\nunit = "sid"\ntime = "year"\n[derive]\nback = "year < 2005"\n[event_study.a]\n'
    back = parse_study(text + 'outcome = "homicide"\ntreatment = "back"\n', FIXTURES / "castle" / "study.toml")
    ((_, nothing),) = ANALYSIS.parts(back)
    assert "goes back to 0" in nothing.note
    for lines, said in (
        ('base_period = "universal"', "base_period belongs to"), ('method = "bacon"\nweights = "popwt"', "neither"),
        ('endpoints = "binned"', "needs leads or lags"), ('aggregation = "group"', "aggregation: method"),
        ('first_treated = "year"', "one of them"),
    ):  # fmt: skip
        with pytest.raises(InputError) as error:
            study("castle", lines)
        assert said in str(error.value)


def test_its_page_draws_the_effects():
    from parity.report.effects import effects_svg

    s = study("castle", "leads = 3\nlags = 2")
    (record,) = ANALYSIS.judged(s, Held({}, "", "unavailable", "no R")).records
    found = shown("castle", "leads = 3\nlags = 2")
    record = record.model_copy(update={"numbers": named(found)})
    svg = effects_svg([record])
    assert svg.count("<circle") == len(found["effect"]) == 5
    assert all(f">{term}</text>" in svg for term in found["effect"])
    assert effects_svg([record.model_copy(update={"kind": "spatial"})]) == ""
    assert effects_svg([record.model_copy(update={"numbers": ()})]) == ""


@pytest.mark.parametrize("command", ["csdid", "eventstudyinteract", "did_imputation", "did2s", "lpdid", "xtevent"])
def test_a_do_file_s_event_study_is_told_what_to_write(command):
    from parity.stata_language.other_models import IN_A_STUDY, without_engine
    from parity.stata_language.reading import estimation

    assert estimation(command)
    assert f'[event_study.NAME] with method = "{IN_A_STUDY[command]}"' in without_engine(command)
    assert IN_A_STUDY[command] in METHODS


def test_other_models_of_a_do_file_are_told_what_to_write():
    from parity.stata_language.other_models import OTHER_MODELS, SECTIONS, without_engine
    from parity.study.analyses.registry import SECTIONS as KNOWN

    assert set(SECTIONS.values()) <= {one.kind for one in KNOWN}
    for command, section in SECTIONS.items():
        assert f"write it in the study, [{section}.NAME]" in without_engine(command)
    for command in ("teffects", "rdrobust", "did_multiplegt", "xt2treatments", "spreg"):
        assert OTHER_MODELS[command] in without_engine(command) and ": " in without_engine(command)


def test_bundled_studies_ask_every_method():
    methods = {s.method for name in OF for s in load_study(FIXTURES / name).event_study.values()}
    assert methods == set(METHODS)


def test_estimated_shares_add_what_a_multinomial_draw_of_cohorts_varies():
    """Of an event time with n rows, shares p and effects b: (sum of p b^2 - (sum of p b)^2) / n."""
    known = shown("minimum_wage", 'method = "sun_abraham"')
    estimated = shown("minimum_wage", 'method = "sun_abraham"\nshares = "estimated"')
    units = {2004: 20, 2006: 40, 2007: 131}
    for event in (-2, -3, 0, 1, 3):
        cells = [(n, known["cell"][f"{g}:{event}"]) for g, n in units.items() if f"{g}:{event}" in known["cell"]]
        rows = sum(n for n, _ in cells)
        mean = sum(n * b for n, b in cells) / rows
        added = (sum(n * b**2 for n, b in cells) / rows - mean**2) / rows
        variances = [found["se"][str(event)] ** 2 for found in (estimated, known)]
        assert variances[0] - variances[1] == pytest.approx(added, rel=1e-6, abs=1e-15), event
        assert (added > 0) == (len(cells) > 1)


def test_a_decomposition_is_summed_by_kind_of_comparison():
    found = shown("castle", 'method = "bacon"')
    for kind, says in (
        ("earlier vs later", "vs later"),
        ("later vs earlier", "vs earlier"),
        ("treated vs never", "vs never"),
    ):
        pairs = [name for name in found["share"] if says in name]
        total = sum(found["share"][name] for name in pairs)
        assert found["total share"][kind] == pytest.approx(total, abs=1e-14)
        mean = sum(found["share"][name] * found["effect"][name] for name in pairs) / total
        assert found["mean effect"][kind] == pytest.approx(mean, abs=1e-14)
    assert set(found["total share"]) == {"earlier vs later", "later vs earlier", "treated vs never"}


@pytest.mark.parametrize("method", ["twfe", "sun_abraham", "callaway_santanna", "imputation", "did2s"])
def test_clusters_are_those_of_the_rows_that_are_left(method):
    """A unit treated from the start is left out, with the cluster that it alone is of."""
    lines = f'method = "{method}"\ntreatment = "early"\n' + (
        'always_treated = "dropped"\nreference = [-1, -2]' if method == "twfe" else ""
    )
    text = f"""[study]\ntitle = "t"\nunit = "sid"\ntime = "year"\n[derive]\nearly = "post == 1 or sid == 1"
[event_study.a]\noutcome = "homicide"\n{lines}\n"""
    ((_, part),) = ANALYSIS.parts(parse_study(text, FIXTURES / "castle" / "study.toml"))
    found = METHODS[method](part).shown()
    assert found["clusters"] == {"": 49.0} and found["nobs"] == {"": 539.0}
