"""The checks of `parity check`: the table, the panel, and for each spec the sample it would be estimated on."""

from __future__ import annotations

from parity.base.cache import AnswerCache
from parity.base.errors import InputError
from parity.data.derive.study_columns import behind
from parity.data.load import load, read_file
from parity.data.runnable import runnable
from parity.new.checks import Finding, check_panel, check_table
from parity.printed.terms import no_term, same_term
from parity.results.record import InputProblem
from parity.study.formula import columns_of
from parity.study.spec import Spec
from parity.study.study import Study


def check_study(study: Study) -> dict[str, list[Finding]]:
    """Heading -> findings: "data", then one heading a spec. Raises `InputError` where the data can't be read."""
    header = study.header
    raw = read_file(study)
    panel = [name for name in (header.unit, header.time) if name]
    unknown = [name for name in panel if name not in raw]
    heading = f"data {study.part}".strip()
    found = {heading: check_table(raw)}
    if not unknown:
        found[heading] += check_panel(raw, header.unit, header.time, header.time_order, header.time_step)
    if any(f.level == "wrong" for f in found[heading]):
        return found
    able = runnable(study, AnswerCache(None))
    where = {r.spec: [_wrong(p) for p in r.problems] for r in able.records if r.problems and r.kind != "study"}
    found[heading] += [_wrong(p) for r in able.records if r.kind == "study" for p in r.problems]
    for part in able.parts:
        loaded = load(part, raw)
        said = {f.text for f in found[heading]}
        found[heading] += [Finding("note", note) for note in loaded.notes if note not in said]
        where |= {spec.id: _check_spec(study, spec, loaded.frame) for spec in part.specs}
    where |= {f"audit.{name}": check_audit(study, name) for name in study.audits}
    first = [spec.id for spec in study.specs if spec.id in where]
    return found | {name: where[name] for name in dict.fromkeys([*first, *where])}


def check_audit(study: Study, name: str) -> list[Finding]:
    """Whether its columns are there, how many combinations its choices have, and which samples have no row."""
    from parity.audit.space import joined, space_of
    from parity.data.evaluate import Panel, condition

    try:
        space = space_of(study, name)
    except InputError as error:
        return [Finding("wrong", f"{p.key}: {p.message}" if p.key else p.message) for p in error.problems]
    panel, options = Panel.of(space.study), [c for c in space.choices if c.name == "where"]
    kept = {
        option: condition(joined([space.spec.where, value] if space.spec.where else [value]), space.frame, panel).any()
        for choice in options for option, value in zip(choice.options, choice.values, strict=True) if value is not None
    }  # fmt: skip
    varied = sum(len(c.options) > 1 for c in space.choices)
    return [
        Finding("fine", f"{space.product:,} combinations of {varied} choices"),
        *(Finding("note", f"where: `{option}` keeps no row") for option, some in kept.items() if not some),
        *(Finding("note", said) for said in space.said),
    ]


def _wrong(problem: InputProblem) -> Finding:
    return Finding("wrong", f"{problem.key}: {problem.message}" if problem.key else problem.message)


def _check_spec(study: Study, spec: Spec, frame) -> list[Finding]:
    from parity.base.errors import Unestimable
    from parity.sample.build import design_and_partialled
    from parity.sample.conditioning import conditioning

    try:
        design, partialled = design_and_partialled(study, spec, frame)
    except Unestimable as error:
        return [Finding("wrong", f"can't be estimated: {error}")]
    facts = design.facts
    lost = {"missing values": facts.n_missing, "weight zero": facts.n_zero_weight}
    lost |= {"outcomes predicted perfectly": facts.n_separated, "singletons": facts.n_singletons}
    why = ", ".join(f"{n:,} for {what}" for what, n in lost.items() if n)
    levels = "".join(f", {a.levels:,} levels of {a.name}" for a in facts.absorbed)
    groups = "".join(f", {n:,} clusters by {' and '.join(names)}" for names, n in facts.clusters.items() if len(names) == 1)
    found = [Finding("fine", f"{facts.nobs:,} rows{f' (left out: {why})' if why else ''}{levels}{groups}")]
    if facts.dropped:
        found.append(Finding("note", f"left out as absorbed or collinear: {', '.join(facts.dropped)}"))
    printed = [e.term for e in study.published if e.spec == spec.id and e.term]
    found += [
        Finding("wrong", f"[[published]]: {no_term(term, design.terms, spec, facts.dropped)}")
        for term in dict.fromkeys(printed) if same_term(term, design.terms) is None
    ]  # fmt: skip
    found += outcome_inside(study, spec)
    found += _costing_digits(design, conditioning(design, partialled))
    few = [n for names, n in facts.clusters.items() if len(names) == 1 and n < FEW_CLUSTERS]
    if few:
        found.append(Finding("note", f"few clusters ({min(few)}): the clustered standard error is too small on average"))
    return found


def outcome_inside(study: Study, spec: Spec) -> list[Finding]:
    """Columns of the data that the outcome is made of, and an index among the regressors too."""
    f, found = spec.formula, []
    outcome = behind(study, columns_of(f.outcome))
    regressors = behind(study, (c for item in (*f.exog, *f.endog) for c in columns_of(item)))
    for name, index in study.index.items():
        if regressors.isdisjoint(index.columns(name)) or not outcome.isdisjoint(index.columns(name)):
            continue
        both = sorted({i.column for i in index.indicators if not behind(study, (i.column,)).isdisjoint(outcome)})
        if both:
            shown = ", ".join(f"`{c}`" for c in both)
            text = f"the outcome `{f.outcome}` is made of what the index `{name}` is made of too ({shown}): "
            text += "part of its coefficient is arithmetic; an index without it says how much"
            found.append(Finding("note", text))
    return found


def _costing_digits(design, known) -> list[Finding]:
    """Columns that leave engines which form cross-products fewer digits than they are held to, and what helps."""
    from parity.base.tolerance import EXACT
    from parity.compare.floor import said
    from parity.sample.conditioning import CrossProducts

    loss = known.loss(CrossProducts(covariance=True, coefficients=True, net=known.effects), False)
    if loss <= EXACT or not known.why():
        return []
    example = ""
    name = next((n for n in known.far if n.isidentifier() and n in design.x_names), "")
    if name and not known.effects:
        middle = round(float(design.x[:, design.x_names.index(name)].mean()))
        example = f', for example {name}_c = "{name} - {middle}" in [derive]'
    return [Finding("note", f"columns that cost digits: {said(known, loss, 'engines that form cross-products')}{example}")]


#: Below this many clusters the usual asymptotics are doubtful (Cameron and Miller 2015: "20 to 50").
FEW_CLUSTERS = 20
