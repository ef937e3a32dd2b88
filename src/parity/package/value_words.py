"""The words around a window that is no estimate, held against its command: titles, hypotheses, groups, names of models.

What Stata prints around a window of a kind is known as phrases. One of another kind's, or one that says something else of
its command than the run does, is denied; so is a hypothesis that no phrase of its kind has. Any other words among the
numbers of such a window leave them unverified. [R], [XT]: the entries of the commands, and their output.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from parity.base.tolerance import WRITTEN_HYPOTHESIS
from parity.logs.lines_around import PIECE
from parity.package.estimates import plain
from parity.package.notes import Note
from parity.package.printed import Printed
from parity.package.row_labels import is_called, spells
from parity.package.verdict import Judged, share

if TYPE_CHECKING:
    from parity.package.values import Group

Told = Mapping[str, Any]
#: What is due in place of a phrase, "" where it is right.
Check = Callable[[re.Match, Told], str]


def _as_it_is(found: re.Match, told: Told) -> str:
    return ""


# ---------------------------------------------------------------- what each phrase must say


def _assumed(found: re.Match, told: Told) -> str:
    due = "i.i.d." if told["iid"] else "normal"
    return "" if found[1].lower() == due else f"{due} error terms"


def _variables(found: re.Match, told: Told) -> str:
    """`Variables: fitted values of y`, `Variables: x z`, `Variables: All independent variables`."""
    said, names = found[1].strip(), told["names"]
    if not names:
        due = f"fitted values of {told['outcome']}"
        of = re.fullmatch(r"fitted values of (\S+)", said, re.IGNORECASE)
        return "" if of and spells(of[1], told["outcome"]) else due
    shown = said.split()
    every = "all independent variables" in said.lower() or (
        len(shown) == len(names) and all(any(spells(s, n) for n in names) for s in shown)
    )
    levels = any("." in n or "#" in n for n in names)  # whose spelling isn't known here
    return "" if every or levels else " ".join(names)


def _powers(found: re.Match, told: Told) -> str:
    of = found.groupdict().get("of")
    return "" if of and spells(of, told["outcome"]) else f"powers of fitted values of {told['outcome']}"


def _nested(found: re.Match, told: Told) -> str:
    less, more = told["names"]
    given = [name if shown == "." else shown for shown, name in zip(found.groups(), told["names"], strict=True)]
    right = given[0] in (less, ".") and given[1] in (more, ".") and (given[0] != given[1] or less == more)
    return "" if right or "." in told["names"] else f"{less} nested within {more}"


def _obtained(found: re.Match, told: Told) -> str:
    """`b = consistent under H0 and Ha; obtained from xtreg`, and B of the other model."""
    first = found["model"] == "b"
    due = ("consistent", "h0 and ha") if first else ("inconsistent", "ha, efficient under h0")
    cmd = told["commands"][0 if first else 1]
    said = (found["is"].lower(), found["under"].lower().replace("ho", "h0"))
    if said != due:
        return f"{found['model']} is {due[0]} under {due[1]}"
    return "" if not found["of"] or not cmd or found["of"] == cmd else f"obtained from {cmd}"


def _panel_model(found: re.Match, told: Told) -> str:
    panel = told["panel"]
    unit = panel[0] if panel else found[2]
    right = spells(found[1], told["outcome"]) and all(spells(found[i], unit) for i in (2, 4, 5))
    return "" if right else f"{told['outcome']}[{unit},t]"  # periods are printed as t, whatever they are called


def _title_of_means(found: re.Match, told: Told) -> str:
    variances = "" if told["title"] != "Two-sample" else "unequal" if told["unequal"] else "equal"
    said = ((found[2] or "") + "equal").lower() if found[0].lower().endswith("variances") else ""
    if (found[1].lower(), said) == (told["title"].lower(), variances):
        return ""
    return f"{told['title']} t test{f' with {variances} variances' * bool(variances)}"


def _means(found: re.Match, told: Told) -> str:
    """`diff = mean(Low) - mean(High)`, `mean(diff) = mean(x - z)`, `mean = mean(x)`."""
    names = told["names"]
    due = " - ".join(n[0] for n in names)
    said = [found[1], found[2]] if found[2] else found[1].split(" - ") if len(names) == 2 else [found[1]]
    right = len(said) == len(names) and all(is_called(s, n) for s, n in zip(said, names, strict=True))
    return "" if right else due


def _hypothesis(found: re.Match, told: Told) -> str:
    due = told.get("mean", 0.0)
    return "" if abs(float(found["value"]) - due) <= WRITTEN_HYPOTHESIS * max(abs(due), 1.0) else f"{due:g}"


def _freedom(found: re.Match, told: Told) -> str:
    said = (found[1] or "").lower()
    return "" if said == told["unequal"].lower() else f"{told['unequal']} degrees of freedom".strip()


def _statistics(found: re.Match, told: Told) -> str:
    shown, due = [plain(s) for s in found[1].split(",")], list(told["statistics"])
    known = [_SHORT.get(plain(s), plain(s)) for s in due]
    return "" if [_SHORT.get(s, s) for s in shown] == known else ", ".join(due)


def _grouped(found: re.Match, told: Told) -> str:
    return "" if spells(found[1], told["by"]) else told["by"] or "no groups"


def _of_variables(found: re.Match, told: Told) -> str:
    shown, due = found[1].split(), told["variables"]
    return "" if len(shown) == len(due) and all(map(spells, shown, due)) else " ".join(due)


#: Statistics of tabstat under one name.
_SHORT = {"count": "n", "median": "p50", "med": "p50", "sem": "semean", "var": "variance", "v": "variance", "me": "mean",
          "mea": "mean", "r": "range", "k": "kurtosis", "sk": "skewness"}  # fmt: skip
_NUMBER = r"(?P<value>-?(?:\d++(?:\.\d*+)?+|\.\d++)(?:e[-+]?\d++)?+)"
_COEFFICIENTS = r"(?P<model>[bB]) = (?P<is>(?:in)?consistent) under (?P<under>H[0o] and Ha|Ha, efficient under H[0o])"
#: (kind of a window, the phrase, what it must say of the command). Some kinds are there to be told apart alone.
_PHRASES: tuple[tuple[str, re.Pattern[str], Check], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE if kind != "hausman" else 0), check)
    for kind, pattern, check in (
        ("hettest", r"Breusch-Pagan ?/ ?Cook-Weisberg test for heteroske?dasticity\.?", _as_it_is),
        ("hettest", r"Assumption: (normal|i\.i\.d\.) error terms", _assumed),
        ("hettest", r"Variables?: (.+)", _variables),
        ("hettest", r"H[0o]: constant variance\.?", _as_it_is),
        ("imtest", r"(?:White's|Cameron & Trivedi's).*", _as_it_is),
        ("szroeter", r"Szroeter's.*", _as_it_is),
        ("bgodfrey", r"Breusch-Godfrey.*|Durbin's alternative.*", _as_it_is),
        ("archlm", r"LM test for autoregressive conditional.*", _as_it_is),
        ("ovtest", r"Ramsey RESET test for omitted variables", _as_it_is),
        ("ovtest", r"(?:Ramsey RESET test using|Omitted:) powers of (?:the )?"
                   r"(?:fitted values of (?P<of>\S+)|independent variables)", _powers),
        ("ovtest", r"H[0o]: model has no omitted variables", _as_it_is),
        ("lrtest", r"(?:Likelihood|LR)[- ](?:ratio )?test", _as_it_is),
        ("lrtest", r"\(?Assumption: (\S+) nested (?:with)?in (\S+?)\)?", _nested),
        ("xttest3", r"(?:Modified )?Wald test(?: for .*)?", _as_it_is),
        ("hausman", r"Test(?: of)?:? H[0o]: +[Dd]ifference in coefficients not systematic", _as_it_is),
        ("hausman", _COEFFICIENTS.replace("(?:in)?c", "(?:[Ii]n)?[Cc]") + r"(?:; obtained from (?P<of>\w+)\.?)?", _obtained),
        ("hausman", r"-+ Coefficients -+|\(?V_b-V_B is not positive definite\)?", _as_it_is),
        ("xttest0", r"Breusch and Pagan Lagrangian multiplier test for random effects", _as_it_is),
        ("xttest0", r"([\w~]+)\[([\w~]+),([\w~]+)\] = Xb \+ u\[([\w~]+)\] \+ e\[([\w~]+),([\w~]+)\]", _panel_model),
        ("xttest0", r"Test: Var\(u\) = 0|Estimated results:", _as_it_is),
        ("xttest2", r"Breusch-Pagan LM test of independence.*", _as_it_is),
        ("estat overid", r"Tests? of overidentifying restrictions?:?", _as_it_is),
        ("estat endogenous", r"Tests? of endogeneity:?", _as_it_is),
        ("estat endogenous", r"H[0o]: variables are exogenous", _as_it_is),
        ("abond", r"Arellano-Bond test for zero autocorrelation in first-differenced errors", _as_it_is),
        ("abond", r"H[0o]: no autocorrelation", _as_it_is),
        ("sargan", r"Sargan test of overidentifying restrictions", _as_it_is),
        ("sargan", r"H[0o]: overidentifying restrictions are valid", _as_it_is),
        ("ttest", r"(two-sample|one-sample|paired) t test(?: with (un)?equal variances)?", _title_of_means),
        ("ttest", r"(?:diff|mean\(diff\)|mean) = mean\((.+?)\)(?: - mean\((.+)\))?(?: t = .*)?", _means),
        ("ttest", rf"H[0o]: (?:diff|mean\(diff\)|mean) = {_NUMBER}", _hypothesis),
        ("ttest", rf"Ha: (?:diff|mean\(diff\)|mean) (?P<than><|!=|~=|>) {_NUMBER}", _hypothesis),
        ("ttest", r"(Satterthwaite's|Welch's)? ?degrees of freedom(?: =.*)?", _freedom),
        ("tabstat", r"Summary statistics: (.+)", _statistics),
        ("tabstat", r"Summary for variables: (.+)", _of_variables),
        ("tabstat", r"(?:by categories of|Group variable): (\S+)(?: \(.*\)?)?", _grouped),
    )
)  # fmt: skip
#: Kinds all of whose phrases are known.
_CLOSED = (
    "hettest",
    "ovtest",
    "lrtest",
    "hausman",
    "xttest0",
    "estat overid",
    "estat endogenous",
    "abond",
    "sargan",
    "ttest",
)
_HYPOTHESIS = re.compile(r"(?:H[0oa]|Test(?: of)?:? H[0o]|Test): ", re.IGNORECASE)
#: Words that are a statistic's, or a note's.
_OTHER = re.compile(r"(?:note|warning|\()|.*[=<>]|.*:$|.*\d$", re.IGNORECASE)
_WORD = re.compile(r"(?<![A-Za-z])[A-Za-z]{3,}+")


def of_value_words(exhibit: Printed, group: Group | None, cells: Sequence[Judged]) -> tuple[list[Judged], list[Note]]:
    """The cells, none of them verified among words that nobody knows there; and what is wrong about its words."""
    if group is None or share(cells) != share(cells) or share(cells) <= 0.5:
        return list(cells), []
    told, at = group.said[-1].values.get("told") or {}, f"({group.file}:{group.line})"
    notes, strange = [], ""
    last = max((c.cell.place.line for c in cells), default=0)
    tails: list[str] = []
    for line, text in _pieces(exhibit):
        mine, others = _found(text, exhibit.kind)
        if mine is not None:
            match, check = mine
            tails += [than] if (than := match.groupdict().get("than")) else []
            due = check(match, told) if told else ""
            if due:
                notes.append(Note("note-window", line, f"the window says `{text[:70]}`; its command's is {due[:70]} {at}"))
        elif others or (exhibit.kind in _CLOSED and _HYPOTHESIS.match(text)):
            said = f"the window says `{text[:70]}`, which `{group.texts[0][:60]}` doesn't print"
            notes.append(Note("note-window", line, f"{said} {at}"))
        elif exhibit.kind in _CLOSED and line <= last and len(_WORD.findall(text)) > 1 and not _OTHER.match(text):
            strange = strange or text
    if exhibit.kind == "ttest" and tails and [t.replace("~=", "!=") for t in tails] != ["<", "!=", ">"]:
        notes.append(Note("note-window", exhibit.line, f"the window's alternatives are {', '.join(tails)} {at}"))
    notes += [Note("note-window", line, f"{text} {at}") for line, text in _heads(exhibit, told)]
    reason = f"the window says `{strange[:60]}`, and what that is isn't known"
    if not strange and (shown := _headed_otherwise(exhibit, told)):
        strange, reason = (
            shown,
            f"the window is headed `{shown[:60]}`, which is no name or label of its variable in the data",
        )
    out = [replace(c, verdict="not verified", estimated=None).because(reason) if strange else c for c in cells]
    return out, list(dict.fromkeys(notes))


def _pieces(exhibit: Printed) -> Iterator[tuple[int, str]]:
    for s in exhibit.words:
        if s.name == PIECE:
            yield s.line, " ".join(s.text.replace("–", "-").replace("—", "-").split())


def _found(text: str, kind: str) -> tuple[tuple[re.Match, Check] | None, bool]:
    """The phrase of a kind that a text is; and whether it is one of another kind."""
    hits = [(of, match, check) for of, pattern, check in _PHRASES if (match := pattern.fullmatch(text))]
    mine = next(((match, check) for of, match, check in hits if of == kind), None)
    return mine, mine is None and bool(hits) and hits[0][0] != "tabstat"


def _heads(exhibit: Printed, told: Told) -> Iterator[tuple[int, str]]:
    """Which models the columns of hausman are said to be of, and which variable the groups of tabstat."""
    names = {c.name: c for column in exhibit.columns for row in column.rows for c in row.cells if c.name}
    if exhibit.kind == "hausman" and told:
        for begins, due in zip(("(b) ", "(B) "), told["names"], strict=True):
            said = next((n.removeprefix(begins) for n in names if n.startswith(begins)), "")
            if said and said not in (due, ".") and not spells(said, due):
                yield exhibit.line, f"the column `{begins.strip()}` is headed `{said}`; its command has `{due}`"
    key = [(s.line, s.text) for s in exhibit.words if s.name == "key"]
    due = [*(f"{share} percentage" for share in told.get("shares", ()))]
    if exhibit.kind == "tabulate" and key and "shares" in told and [t for _, t in key if t != "frequency"] != due:
        yield key[0][0], f"the window's key says {', '.join(t for _, t in key)}; its command asks for {', '.join(due)}"
    if exhibit.kind == "tabstat" and told.get("by"):
        for s in exhibit.words:
            if s.name == "row variable" and not spells(s.text, told["by"]):
                yield s.line, f"the window's groups are of `{s.text}`; its command's of `{told['by']}`"


def _headed_otherwise(exhibit: Printed, told: Told) -> str:
    """What heads a tabulation, or percentiles, and is neither name nor label of its variable; "" where nothing does."""
    headed = told.get("headed")
    if exhibit.kind == "tabulate" and isinstance(headed, list):
        places = {"row variable": headed[0], "column variable": headed[-1] if len(headed) > 1 else None}
        shown = [(s.text, places[s.name]) for s in exhibit.words if places.get(s.name) is not None]
    elif exhibit.kind == "summarize" and isinstance(headed, tuple) and exhibit.columns[0].outcome:
        shown = [(exhibit.columns[0].outcome, headed)]
    else:
        return ""
    return next((text for text, of in shown if not _heads_of(text, *of)), "")


def _heads_of(shown: str, name: str, label: str) -> bool:
    """Cut and parted into lines, a label is printed in pieces."""
    known = shown.isascii() and label.isascii()  # else bytes of one encoding may stand for another's
    return not known or spells(shown, name) or (bool(label) and bool(plain(shown)) and plain(shown) in plain(label))
