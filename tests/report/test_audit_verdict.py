"""The verdict of an audit: each word where its definition has it, at the thresholds too, and nowhere else."""

from __future__ import annotations

import re

import numpy as np
import pytest

from conftest import ROOT
from made_outcomes import made
from parity.audit.document import document, sensitivity
from parity.audit.hangs import Wilds
from parity.audit.wild import Wild
from parity.conventions.profiles import PROFILES
from parity.report.audit_first import caveats, sentences
from parity.report.audit_options import WHOSE, choice, under
from parity.report.chinese.forms import in_chinese
from parity.results.audit import AuditAxis
from parity.results.audit_first_stage import FirstStages
from parity.results.audit_sensitivity import AuditEstimate, FewestRemoved
from parity.results.audit_verdict import HALF, MOSTLY, Verdict, verdict


def said(p, coef=None, sizes=None, **given):
    """Of an audit of two choices, or of `sizes`."""
    sizes = sizes or (len(p) // 2, 2)
    of = made(sizes, lambda c: np.ones(len(c)) if coef is None else np.asarray(coef, dtype=float), p=p)
    return document(of, name="n", spec="s", term="x", **given)


def one_firm():
    after = AuditEstimate(coef=0.1, se=0.2, p=0.999, df=30.0, nobs=90.0)
    return sensitivity(removals=[
        FewestRemoved(aim="ends", level=0.05, kind="firm", groups=30, fewest=1, removed=("7",), after=after)
    ])  # fmt: skip


def far(stars: int, of: int) -> list[float]:
    """p of a product of 10 x 10 options, so that whatever has no star differs in two choices from the audited one."""
    p = np.full((10, 10), 0.01)
    for i, j in [(i, j) for i in range(1, 10) for j in range(1, 10)][: of - stars]:
        p[i, j] = 0.5
    return p.ravel().tolist()


@pytest.mark.parametrize(
    ("word", "audit"),
    [
        ("holds", lambda: said([0.01, 0.02, 0.03, 0.049])),
        ("holds", lambda: said([0.05, 0.9, 0.8, 0.7])),
        ("hangs on one group", lambda: said([0.01] * 4, sensitivity=one_firm())),
        ("hangs on one choice", lambda: said([0.01, 0.2, 0.01, 0.2])),
        ("hangs on one choice", lambda: said([0.01, 0.2, 0.3, 0.4])),
        ("nothing to compare", lambda: said([0.01, 0.02], coef=[1.0, np.nan], sizes=(2,))),
        ("mostly holds", lambda: said(far(90, 100), sizes=(10, 10))),
        ("unsettled", lambda: said(far(89, 100), sizes=(10, 10))),
        ("fragile", lambda: said([0.01, *[0.5] * 9], sizes=(10,), wilds=Wilds(of=lambda spec: 0.04))),
        ("fragile", lambda: said([0.01, 0.02], sizes=(2,), wild=[Wild("audited", 0, 9, 512, 0.07)])),
        ("no claim", lambda: said([0.01] * 4, coef=[0.0, 1.0, 2.0, 3.0])),
        ("", lambda: said([0.01] * 4, coef=[np.nan] * 4)),
    ],
)  # fmt: skip
def test_each_word_is_said_where_its_definition_has_it(word, audit):
    found = audit()
    assert verdict(found) == word
    first = "" if not word else sentences(found)[0].lower()
    assert first.startswith(
        {"hangs on one group": "hangs on one firm of 30:", "no claim": "no claim to judge:"}.get(word, word)
    )


def test_what_is_in_doubt_is_fragile_whatever_else_holds():
    calm = said([0.01] * 4)
    base = calm.summary.base
    own = AuditEstimate(coef=base.coef, se=1.0, p=0.2, df=30.0, nobs=120.0)
    elsewhere = calm.model_copy(update={"printed": own})
    assert verdict(calm) == "holds" and verdict(elsewhere) == "fragile"
    assert sentences(elsewhere)[:2] == (
        "Fragile: the audited estimate says otherwise on its own rows.",
        "On the rows that all specifications have, `x` is positive and significant at 5 % in all 4 ways to estimate it.",
    )
    same = calm.model_copy(update={"printed": own.model_copy(update={"p": 0.04})})
    assert verdict(same) == "holds"

    def first_stage(base: float, below: int):
        stage = FirstStages(limit=10.0, specs=4, below=below, least=3.0, median=20.0, largest=90.0, base=base)
        return calm.model_copy(update={"summary": calm.summary.model_copy(update={"first_stage": stage})})

    assert verdict(first_stage(9.9, 4)) == "fragile" and verdict(first_stage(10.0, 0)) == "holds"
    assert verdict(first_stage(10.0, 1)) == "mostly holds"


def test_a_choice_that_parts_the_ways_is_named_though_few_keep_the_claim():
    """A third of all, but all of those as audited: that is one choice, not a weak claim."""
    p = np.tile([0.01, 0.2, 0.3], 4)
    found = said(p.tolist(), sizes=(4, 3))
    assert verdict(found) == "hangs on one choice" and found.hangs.kept / found.summary.estimable < HALF


def test_the_page_of_audits_defines_every_verdict_and_its_thresholds():
    page = (ROOT / "docs/audit.md").read_text(encoding="utf-8")
    words = [word for word in Verdict.__args__ if word]
    assert not [word for word in words if f"| *{word.replace('one group', 'one firm')}* |" not in page]
    assert f"{100 * MOSTLY:g} %" in page and f"{100 * HALF:g} %" in page


def test_every_package_has_words():
    assert set(WHOSE) == set(PROFILES)


def test_what_is_said_first_is_told_in_chinese_too():
    told = [
        said([0.01, 0.02, 0.03, 0.049], coef=[1, 2, 3, 4]), said([0.01, 0.2, 0.01, 0.2]), said([0.5, 0.01, 0.4, 0.3]),
        said([0.01] * 4, sensitivity=one_firm()), said(far(90, 100), sizes=(10, 10)), said(far(40, 100), sizes=(10, 10)),
        said([0.01, 0.02], sizes=(2,), wild=[Wild("audited", 0, 9, 512, 0.07)]), said([0.01] * 4, coef=[0, 1, 2, 3]),
        said([0.01, 0.2], sizes=(2,), wilds=Wilds(of=lambda spec: 0.03)),
        said([0.01, 0.01, 0.6], sizes=(3,), coef=[1, -1, 2]),
        said([0.06, 0.01], sizes=(2,), wilds=Wilds(of=lambda spec: 0.3)), said([0.01] * 12, sizes=(12,), coef=range(1, 13)),
        said([0.01], sizes=(1,)),
    ]  # fmt: skip
    for audit in told:
        for sentence in (*sentences(audit), *caveats(audit)):
            assert "。" in in_chinese(sentence) and not re.search("[a-z]{3,} [a-z]{3,}", in_chinese(sentence)), sentence


@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("w", "in"), ("w + z", "out"), ("leave_out.firm", "none"), ("leave_out.firm", "7"), ("where", "all"),
        ("where", "year > 1985"), ("transform.y", "as it is"), ("transform.y", "log(y)"), ("transform.y", "lag(y)"),
        ("transform.y", "winsorise(y, 1, 99)"), ("transform.y", "trim(y, 5, 95)"), ("transform.y", "y / 2"),
        ("index.i", "pca"), ("index.i", "without roads"), ("absorb", "none"), ("absorb", "firm + year"), ("weights", "none"),
        ("weights", "aweight pop"), ("vcov", "iid"), ("vcov", "HC1"), ("vcov", "CR1 by firm and year"), ("instruments", "z"),
        ("instruments", "z + w"), ("outcome", "y2"), ("treatment", "x2"), ("other", "o1"),
        *(("convention", name) for name in PROFILES),
    ],
)  # fmt: skip
def test_every_option_has_words_in_both_languages(name, option):
    axis = AuditAxis(name=name, options=("out", "in") if name.startswith("w ") or name == "w" else (option,), base=0)
    found = said([0.01, 0.2, 0.01, 0.2]).model_copy(update={"axes": (axis,)})
    for text in (under(found, name, option), choice(found, name)):
        assert text and (in_chinese(text) != text or text == f"`{name}`"), text
