"""Rows that somebody typed, `Firm FE  Yes  No`, held against their columns' commands: effects, controls, clusters, weights.

Only what is certain is said. A row whose words may be another name of what the command has is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from parity.logs.labels import heads_effects
from parity.package import effects as of_command
from parity.package.effects import FEW_DUMMIES, Groups
from parity.package.estimates import Estimated, plain
from parity.package.fit import Fit
from parity.package.model_words import model_denied
from parity.package.noted_instruments import not_among
from parity.package.notes import Note, lacking, variables
from parity.package.printed import Column, Printed, Word
from parity.package.typed_names import PERIODS, UNITS, effects_named, may_be, meant, same_effect

_YES = frozenset(("yes", "y", "x", "✓", "✔", "√", "☑", "●", "•", "included", "include", "includes", "incl", "all", "full",
                  "true", "checkmark", "是", "有", "控制", "已控制", "包含"))  # fmt: skip
_NO = frozenset(("no", "n", "✗", "✘", "×", "✕", "none", "excluded", "not included", "false", "否", "无", "未控制", "不控制",
                 "-", "–", "—", "--"))  # fmt: skip
_CLUSTERS = re.compile(r"\bcluster|聚类")
_ROBUST = re.compile(r"^(?:hetero\w* )?robust (?:s\.?e\.?s?|standard errors?|errors?)$|^稳健标准误$")
_CONTROLS = re.compile(r"(?:\bcontrols?|\bcovariates|\bcontrol variables|控制变量)$")
#: Controls that are none of those shown.
_MORE = re.compile(r"\b(?:additional|other|further|extra)\b|其他")
_MODELS = re.compile(
    r"^(?:estimators?|estimation(?: methods?| techniques?)?|methods?|models?|regressions?|估计方法|方法|模型)$"
)
_FIXED = re.compile(r"^(?:fixed[ -]?effects?|f\.?e\.?s?|固定效应)$")
_INSTRUMENTS = re.compile(r"^(?:excluded )?(?:instruments?|ivs?|instrumental variables?|工具变量)$")
_WEIGHTS = re.compile(r"^(?:(?:\w+ )?weights?|weighted|加权)$")


@dataclass(frozen=True)
class _Said:
    """A column, what a row says of it, and its command. by: what says it of all, "the note"; else the row does;
    called: whether a call puts the command there"""

    column: Column
    word: Word
    found: Fit
    yes: bool | None
    by: str = ""
    called: bool = False

    @property
    def e(self) -> Estimated:
        return self.found.estimate

    @property
    def label(self) -> str:
        """What the row is about: `Country` under `Fixed effects` is of fixed effects of the country."""
        return _whole(self.word)

    def note(self, kind: str, why: str) -> Note:
        number = f"{self.column.panel}:{self.column.number}".removeprefix(":")
        label = self.word.label if self.label == self.word.label else f"{self.word.heading.strip(' :')}: {self.word.label}"
        if self.by:
            return Note(kind, self.word.line, f"{self.by} says `{label}`; column {number}: {why} ({self.e.place})")
        said = f"says `{label}: {self.word.text}`" if self.word.text else f"is blank at `{label}`"
        return Note(kind, self.word.line, f"column {number} {said}; {why} ({self.e.place})")


def of_typed_rows(exhibit: Printed, fits: Sequence[Fit | None]) -> list[Note]:
    """A note for each column and row that is wrong about the command. fits: None where a column's command isn't certain"""
    out: list[Note] = []
    rows = _rows(exhibit, fits)
    for label, said in rows.items():
        text = _bare(said[0].label if said else label[1])
        others = [v for k, v in rows.items() if k != label]
        for pattern, check in _CHECKS:
            if pattern(text):
                out += check(text, said, others)
                break
    return out


def of_word(word: Word, exhibit: Printed, fits: Sequence[Fit | None], by: str) -> list[Note]:
    """What somebody says of every column, held against those whose commands are known."""
    said = [
        _Said(column, word, found, _yes(word.text), by) for column, found in zip(exhibit.columns, fits, strict=True)
        if found is not None and found.estimate.source is not None and found.estimate.source.request is not None
    ]  # fmt: skip
    return list(_effects(_bare(word.label), said, [])) if effects_named(word.label) is not None else []


def _bare(label: str) -> str:
    return " ".join(label.lower().split()).strip(" \t.:?()*†‡")


def _whole(word: Word) -> str:
    """The label, with the heading of effects above it where it says by itself neither effects nor anything else."""
    if not heads_effects(word.heading) or any(pattern(_bare(word.label)) for pattern, _ in _CHECKS):
        return word.label
    return f"{word.label} fixed effects"


def _rows(exhibit: Printed, fits: Sequence[Fit | None]) -> dict[tuple[int, str], list[_Said]]:
    """What each row says of the columns whose commands are known, by its line and label."""
    out: dict[tuple[int, str], list[_Said]] = {}
    explicit: set[tuple[int, str]] = set()
    for column, found in zip(exhibit.columns, fits, strict=True):
        for word in column.words:
            yes = _yes(word.text)
            if yes is False and word.text:
                explicit.add((word.line, word.label))
            if found is not None and found.estimate.source is not None and found.estimate.source.request is not None:
                out.setdefault((word.line, word.label), []).append(
                    _Said(column, word, found, yes, called=bool(exhibit.places))
                )
    # a blank is a No where the row has its Yes and no other No
    return {
        key: [s for s in said if s.word.text or (key not in explicit and any(o.yes for o in said))]
        for key, said in out.items()
    }


def _yes(text: str) -> bool | None:
    word = text.strip().lower().strip("$\\{}. ")
    if word in _YES:
        return True
    return False if word in _NO or not word else None


# ---------------------------------------------------------------- effects


def _effects(text: str, said: Sequence[_Said], others: Sequence[Sequence[_Said]]) -> Iterator[Note]:
    claimed = effects_named(text)
    assert claimed is not None
    elsewhere = [c for s in others if s and (c := effects_named(s[0].label)) is not None]
    for s in said:
        if s.yes is None:
            continue
        own = of_command.effects_of(s.e)
        here = {n for words in claimed.names for w in words for n in _any(w, s.e)}
        of_others = [n for c in elsewhere for n in c.names]
        short = {n for words in _yeses(s, others) if len(words) == 1 for n in _any(words[0], s.e)} - here
        free = [x for x in own if not any(same_effect(n, x, s.e) for n in of_others) and not {*x} <= short]
        wrong = _lacks if s.yes else _has
        for words in claimed.names:
            parts = _parts(words, s.e)
            if s.yes and len(parts) > len(words) and all(_spelled_out(p, s.e) for p in parts):
                continue  # `firm-year` of both, not crossed
            if why := wrong(parts, s, own, free, fixed=claimed.fixed, alone=not elsewhere):
                yield s.note("note-effects", why)
                break
    if not elsewhere and len(claimed.names) == 1:
        yield from _against_the_others(said, claimed.names[0])


def _any(word: str, e: Estimated) -> tuple[str, ...]:
    found = meant(word, e)
    return found.sure + found.wide


def _yeses(s: _Said, others: Sequence[Sequence[_Said]]) -> Iterator[tuple[str, ...]]:
    """Effects that other rows say the column has."""
    for row in others:
        for o in row:
            if o.column is s.column and o.yes and (c := effects_named(o.label)) is not None:
                yield from c.names


def _parts(words: Sequence[str], e: Estimated) -> tuple[str, ...]:
    """`state-year` is one word, or two that are crossed where both are known."""
    if len(words) > 1 or "-" not in words[0] or meant(words[0], e).sure:
        return tuple(words)
    parts = tuple(p.strip() for p in words[0].split("-"))
    known = all(meant(p, e).sure or plain(p) in UNITS | PERIODS for p in parts)
    return parts if known else tuple(words)


def _spelled_out(word: str, e: Estimated) -> bool:
    return any(same_effect((word,), x, e) for x in of_command.effects_of(e))


def _lacks(
    words: Sequence[str], s: _Said, own: Sequence[Groups], free: Sequence[Groups], *, fixed: bool, alone: bool
) -> str:
    """Why the command hasn't the effects that a row says it has; "" where it has them, or may have."""
    e, request = s.e, s.e.source.request
    known = [meant(w, e) for w in words]
    hidden = [n for n in _not_shown(s) if of_command.two_valued(n, e)]
    called = " and ".join(words)
    if request.model in ("random_effects", "between") and not fixed:
        return ""
    if "" in s.found.terms or of_command.centred(e) or (len(words) > 1 and not all(k.sure for k in known)):
        return ""
    if all(k.sure or k.wide for k in known):
        options = [k.sure + k.wide for k in known]
        if any(of_command.has_effects(e, of_command.codes(names, e)) is not False for names in _combined(options)):
            return ""
        if len(hidden) >= FEW_DUMMIES or (not all(k.sure for k in known) and hidden):
            return ""
    elif hidden or not fixed:
        return ""
    if any(len(words) == 1 and may_be(words[0], x, e) for x in free) or (len(words) > 1 and any(len(x) > 1 for x in free)):
        return ""
    has = ", ".join("#".join(x) for x in own)
    return f"its command has no effects of {called}" + (f", but of {has}" if has else "")


def _has(words: Sequence[str], s: _Said, own: Sequence[Groups], free: Sequence[Groups], *, fixed: bool, alone: bool) -> str:
    """Why the command has the effects that a row says it hasn't."""
    found = next((x for x in own if same_effect(words, x, s.e)), None)
    if found is None and alone and len(words) == 1 and len(own) == 1 and len(own[0]) == 1:
        found = next((x for x in own if x[0] in meant(words[0], s.e).wide), None)  # the only row, and the only effects
    return f"its command has effects of {'#'.join(found)}" if found is not None else ""


def _against_the_others(said: Sequence[_Said], words: Sequence[str]) -> Iterator[Note]:
    """A No of a command with the one effect that every Yes has, of a row whose word names no variable."""
    if any(meant(w, s.e).sure for s in said for w in words):
        return
    of_yes = [set(of_command.effects_of(s.e)) for s in said if s.yes]
    shared = set.intersection(*of_yes) if of_yes else set()
    if len(shared) != 1 or any(len(x) != 1 for x in of_yes):
        return
    (effect,) = shared
    for s in said:
        alone = of_command.effects_of(s.e) == (effect,)
        if s.yes is False and alone and not _has(words, s, (effect,), (), fixed=True, alone=True):
            yield s.note("note-effects", f"its command has effects of {'#'.join(effect)}, as those that say Yes")


def _combined(options: Sequence[Sequence[str]]) -> Iterator[tuple[str, ...]]:
    if not options:
        yield ()
        return
    for first in options[0]:
        for rest in _combined(options[1:]):
            yield (first, *rest)


def _not_shown(s: _Said) -> list[str]:
    """Regressors without a row in the column."""
    return [n for n in of_command.plain_regressors(s.e) if n not in variables(s.found.terms)]


# ---------------------------------------------------------------- controls, covariances, weights


def _controls(text: str, said: Sequence[_Said], others: Sequence[Sequence[_Said]]) -> Iterator[Note]:
    """A Yes of a command whose every regressor is shown, where controls aren't; a No of one that has others."""
    several = any(s and _CONTROLS.search(s[0].label.lower().strip(" .:?")) for s in others)
    hide = any(s.yes and _not_shown(s) for s in said)
    for s in said:
        if s.yes is None or "" in s.found.terms:
            continue
        regressors, hidden = of_command.plain_regressors(s.e), _not_shown(s)
        effects = of_command.effects_of(s.e)
        if s.yes and not hidden and not _products(s):
            plainer = any(o.yes is False and set(of_command.plain_regressors(o.e)) >= set(regressors) for o in said)
            more = _MORE.search(text) is not None
            if hide or plainer or ((more or len(regressors) <= 1) and not effects):
                yield s.note("note-controls", "its command has no regressor but those shown")
        unsaid = any(o.yes is not False and o.column is s.column for row in others for o in row)
        if s.yes is False and hidden and not several and not (unsaid and any(of_command.two_valued(n, s.e) for n in hidden)):
            yield s.note("note-controls", f"its command has {', '.join(hidden[:3])} too")


def _products(s: _Said) -> bool:
    """Whether the command has products or factors that no row shows: they may be controls."""
    request = s.e.source.request
    shown = variables(s.found.terms)
    several = (t for t in request.regressors if len(t.factors) > 1 or t.factors[0].kind == "factor")
    return any(f.name not in shown for t in several for f in t.factors) or bool(request.partialled)


def _clusters(text: str, said: Sequence[_Said], others: Sequence[Sequence[_Said]]) -> Iterator[Note]:
    """`Clustered SE: Yes`, `Clustered by firm: Yes`, `Cluster: firm`."""
    named = text.partition(" by ")[2] or text.partition(" at ")[2]
    for s in said:
        clusters = [part for c in s.e.source.request.cluster for part in c.split("#")]
        if s.yes is False and s.word.text:
            if clusters and (not named or not lacking(named, clusters, s.e)):
                yield s.note("note-clusters", f"its command clusters by {', '.join(clusters)}")
            continue
        claim = named if s.yes else s.word.text
        if s.word.text and not clusters:
            yield s.note("note-clusters", "its command doesn't cluster")
        elif s.word.text and claim and any(lacking(p, clusters, s.e) for p in re.split(r" and |[,&/×+]", claim)):
            yield s.note("note-clusters", f"its command clusters by {', '.join(clusters)}")


def _robust(text: str, said: Sequence[_Said], others: Sequence[Sequence[_Said]]) -> Iterator[Note]:
    for s in said:
        kind = s.e.source.request.kind
        if s.e.drawn:
            continue
        if s.yes and kind == "iid":
            yield s.note("note-robust", "its command doesn't ask for robust standard errors")
        elif s.yes is False and s.word.text and kind.startswith("HC"):
            yield s.note("note-robust", "its command asks for robust standard errors")


def _weights(text: str, said: Sequence[_Said], others: Sequence[Sequence[_Said]]) -> Iterator[Note]:
    for s in said:
        weight = s.e.source.request.weight
        if s.yes and weight is None:
            yield s.note("note-weights", "its command has no weights")
        elif s.yes is False and s.word.text and weight is not None:
            yield s.note("note-weights", f"its command has the weight {weight.expression}")


def _fixed(text: str, said: Sequence[_Said], others: Sequence[Sequence[_Said]]) -> Iterator[Note]:
    """`Fixed effects: Yes`, of whatever variable."""
    for s in said:
        own = of_command.effects_of(s.e)
        if s.yes and not own and not of_command.any_effects(s.e) and "" not in s.found.terms:
            yield s.note("note-effects", "its command has no effects")
        elif s.yes is False and s.word.text and own:
            yield s.note("note-effects", f"its command has effects of {'#'.join(own[0])}")


def _models(text: str, said: Sequence[_Said], others: Sequence[Sequence[_Said]]) -> Iterator[Note]:
    for s in said:
        if why := model_denied(s.word.text, s.e, s.called):
            yield s.note("note-model", why)


def _instruments(text: str, said: Sequence[_Said], others: Sequence[Sequence[_Said]]) -> Iterator[Note]:
    """Variables of the data in a row of instruments that the column's command doesn't have among its own."""
    for s in said:
        strange = not_among(s.word.text, s.e.source.request.instruments, s.e)
        if strange and s.e.source.request.endogenous:
            yield s.note("note-instruments", f"`{strange}` is no instrument of its command")


_CHECKS: tuple[tuple[Callable[[str], object], Callable[..., Iterator[Note]]], ...] = (
    (effects_named, _effects), (_CLUSTERS.search, _clusters), (_ROBUST.search, _robust), (_CONTROLS.search, _controls),
    (_FIXED.search, _fixed), (_WEIGHTS.search, _weights), (_MODELS.search, _models), (_INSTRUMENTS.search, _instruments),
)  # fmt: skip
