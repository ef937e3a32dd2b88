"""The state of a running do-file: data, macros, results, what was found; and what commands may ask of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parity.stata import leaving, sample_now
from parity.stata.estimates.names import within
from parity.stata.evaluate import Context, kept, one, rows
from parity.stata.files import Files
from parity.stata.findings import Finding
from parity.stata.groups import Groups
from parity.stata.macros import Macros
from parity.stata.patterns import LastMatch
from parity.stata.results import Called, Done, Fit, Matrix, Printed, Results
from parity.stata_language.command import Command
from parity.stata_language.dataset import Column, DataProblem, Dataset
from parity.stata_language.expression import Estimate, ExpressionError, parse
from parity.stata_language.reading import OTHER_MODELS, READERS
from parity.stata_language.values import Doubles, Texts
from parity.stata_language.varlist import Resolver


def place(term: str, session: Session, equation: str = "") -> int | None:
    """The place of a coefficient of the active estimation. Raises `DataProblem` 111."""
    e = session.e
    names = e.matrices["b"].columns
    omitted = e.estimated.omitted if e.estimated is not None else ()

    def variable(name: str) -> str:
        try:
            return session.resolver.one(name) if session.data is not None else name
        except DataProblem:
            return name

    return within(equation, term, names, omitted, variable)


#: Commands that set e().
ESTIMATING = frozenset(READERS) | frozenset(OTHER_MODELS)
#: Commands whose r() is read by what follows.
SETTING_R = frozenset({
    "summarize", "tabulate", "count", "correlate", "pwcorr", "levelsof", "tabstat", "ttest", "test", "testparm", "lincom",
    "nlcom", "margins", "ds", "centile", "_pctile", "pctile", "duplicates", "unique", "distinct", "sum", "mean", "describe",
    "inspect", "hausman", "estat", "isid", "boottest", "lookfor", "tab1", "estpost", "table",
})  # fmt: skip
#: What is printed of the last estimates, not of the data at hand.
OF_ESTIMATES = frozenset({"test", "lincom", "nlcom", "margins", "hausman", "vif", "hettest", "estat ic", "abond", "sargan"})
#: Findings of one kind at one line: a loop would say the same for every round.
MOST_ALIKE = 10


class Lost(Exception):
    """The data that a command needs aren't there, or aren't what Stata would have; said already."""


@dataclass
class Session:
    """One run.

    read: doubts of what the statement at hand has read; doubtful: those of scalars and matrices, by name; baseline: the data
    that its command found, sorted for `by`. `inheritance` hands them on.
    frame: what `data` is called; frames: the other data in memory.
    """

    files: Files
    data: Dataset | None = field(default_factory=Dataset)
    scalars: dict[str, float | str] = field(default_factory=dict)
    matrices: dict[str, Matrix] = field(default_factory=dict)
    returned: Results = field(default_factory=Results)
    active: Results = field(default_factory=Results)
    s: Results = field(default_factory=Results)
    rc: int = 0
    fits: list[Fit] = field(default_factory=list)
    stored: dict[str, tuple[int | None, Results]] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    numbered: dict[str, None] = field(default_factory=dict)
    tables: list[Called] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)
    quiet: int = 0
    unstopped: int = 0
    accumulated: list[Any] = field(default_factory=list)
    shown: list[Printed] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    noted: dict[tuple[str, str, int], set[str]] = field(default_factory=dict)
    done: list[Done] = field(default_factory=list)
    preserved: list[Dataset | None] = field(default_factory=list)
    #: what each program that runs returns, the innermost last; None of one that isn't rclass
    returning: list[Results | None] = field(default_factory=list)
    programs: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    handles: dict[str, Any] = field(default_factory=dict)
    #: Of the group that a command runs for under `by`: variable -> what its value may be printed as.
    within: dict[str, tuple[str, ...]] = field(default_factory=dict)
    #: What putexcel writes into: the workbook as typed, its sheet.
    workbook: tuple[str, str] = ("", "")
    posting: dict[str, Any] = field(default_factory=dict)
    saved: dict[str, Dataset] = field(default_factory=dict)
    interpreter: Any = None
    file: str = ""
    line: int = 0
    text: str = ""
    groups: Groups | None = None
    only: NDArray[np.bool_] | None = None
    replaced: tuple[str, NDArray] | None = None
    last_match: LastMatch = field(default_factory=LastMatch)
    read: set[str] = field(default_factory=set)
    doubtful: dict[str, frozenset[str]] = field(default_factory=dict)
    baseline: Dataset | None = None
    frame: str = "default"
    frames: dict[str, Dataset | None] = field(default_factory=dict)
    macros: Macros = field(init=False)

    def __post_init__(self) -> None:
        self.macros = Macros(evaluate=self.text_of)

    @property
    def r(self) -> Results:
        """r() of the last command that sets it, computed by now."""
        return self.returned.filled()

    @r.setter
    def r(self, results: Results) -> None:
        self.returned = results

    @property
    def e(self) -> Results:
        """e() of the last estimation, computed by now."""
        return self.active.filled()

    @e.setter
    def e(self, results: Results) -> None:
        self.active = results

    # ---------------------------------------------------------------- data

    @property
    def there(self) -> Dataset:
        """The data set. Raises `Lost` where it could not be read."""
        if self.data is None:
            raise Lost
        return self.data

    @property
    def resolver(self) -> Resolver:
        return Resolver(self.there, self.settings.get("varabbrev", "on") != "off", [])

    def name(self, typed: str) -> str:
        """A variable by its name or an abbreviation, which is noted."""
        resolver = self.resolver
        found = resolver.one(typed)
        self.abbreviated(resolver)
        return found

    def names(self, text: str, *, new: bool = False) -> tuple[str, ...]:
        resolver = self.resolver
        found = resolver.many(text, new=new)
        self.abbreviated(resolver)
        return found

    def abbreviated(self, resolver: Resolver) -> None:
        for typed, variable in resolver.abbreviated or ():
            self.note("abbreviated-name", f"`{typed}` is no variable: Stata takes `{variable}`, which begins with it")

    def used(self, command: Command) -> NDArray[np.bool_]:
        """Rows that `if`, `in` and the group at hand leave. Raises `DataProblem`."""
        data = self.there
        mask = np.ones(data.rows, dtype=bool) if self.only is None else self.only.copy()
        if command.rows:
            mask &= in_rows(command.rows, data.rows)
        if command.condition:
            context = self.context(used=mask)
            mask &= kept(self.parsed(command.condition), context)
            self.read |= context.doubts
        return mask

    # ---------------------------------------------------------------- expressions

    def parsed(self, text: str):
        """Raises `DataProblem` for text that is no expression."""
        try:
            return parse(text.strip())
        except ExpressionError as error:
            raise DataProblem(str(error), 198) from None

    def context(self, *, used: NDArray[np.bool_] | None = None) -> Context:
        return Context(
            data=self.data if self.data is not None else Dataset(), resolve=self.name, groups=self.groups, used=used,
            scalars=self.scalars, stored=self.result, estimate=self.coefficient, matrix=self.matrix, replaced=self.replaced,
            unknown=self.unknown, lost=Lost, text=self.text, last_match=self.last_match,
        )  # fmt: skip

    def values(self, text: str, context: Context | None = None) -> Doubles | Texts:
        """An expression's value in every row."""
        context = context or self.context()
        found = rows(self.parsed(text), context)
        self.read |= context.doubts
        return found

    def numbers(self, text: str, context: Context | None = None) -> Doubles:
        """The same of an expression that must be numeric. Raises `DataProblem` 109."""
        found = self.values(text, context)
        if found.dtype == object:
            raise DataProblem("type mismatch", 109)
        return np.asarray(found, dtype=float)

    def value(self, text: str) -> float | str:
        """An expression's value as one number or text: that of the first row."""
        context = self.context()
        found = one(self.parsed(text), context)
        self.read |= context.doubts
        return found

    def text_of(self, text: str) -> str:
        """As a macro holds it."""
        from parity.stata.formats import macro_text

        value = self.value(text)
        return value if isinstance(value, str) else macro_text(value)

    def result(self, kind: str, name: str) -> Any:
        if kind == "c":
            return creturn(self, name)
        self.read |= {"r": self.r, "e": self.e}.get(kind, self.s).doubts
        if kind == "e" and name == "sample":
            sample = sample_now.sample(self.data, self.e)
            return np.zeros(self.data.rows if self.data else 0) if sample is None else sample.astype(float)
        held = {"r": self.r, "e": self.e, "s": self.s}[kind]
        found = held.get(name)
        if found is None and ("parity_unknown" in held.texts or name in held.drawn):
            raise Lost
        return found

    def matrix(self, kind: str, name: str) -> Matrix | None:
        if not kind:
            if name in self.unknown:
                raise Lost
            return self.matrices.get(name)
        held = {"r": self.r, "e": self.e}.get(kind)
        if held is None:
            return None
        self.read |= held.doubts
        found = held.matrices.get(name)
        if found is None and ("parity_unknown" in held.texts or name in held.drawn):
            raise Lost
        return found

    def temporary(self) -> str:
        """A name that no other column, scalar or matrix has, nor had. [P] macro, tempvar"""
        self.settings["temporaries"] = str(int(self.settings.get("temporaries", "0")) + 1)
        return f"__{int(self.settings['temporaries']):06}"

    def forget(self, command: Command) -> None:
        """A statement that sets something was lost or failed: whoever reads it is lost too."""
        word = re.match(r"(?:\+\+|--|define\s++|def\s++)?\s*+(\w++)", command.about)
        name = word.group(1) if word else ""
        if command.name in ("local", "global"):
            (self.macros.locals if command.name == "local" else self.macros.globals).pop(name, None)
            self.macros.lost.add(name if command.name == "local" else f"${name}")
        for option in command.options:  # levelsof, ds, lookfor: where the list was to go
            if option.name == "local" and option.value:
                self.macros.locals.pop(option.value.strip(), None)
                self.macros.lost.add(option.value.strip())
        if command.name in ("scalar", "matrix"):
            (self.scalars if command.name == "scalar" else self.matrices).pop(name, None)
            self.unknown.add(name)
        elif command.name == "post":  # its row is missing from the file that is made
            for posted in [self.posting[name]] if name in self.posting else self.posting.values():
                posted.doubts.add(f"lost-rows ({self.file}:{self.line})")
        elif command.name in ("return", "ereturn", "sreturn"):
            leaving.forget(self, command.name, command.about)
        elif command.name in SETTING_R:
            self.r = Results(texts={"parity_unknown": command.name})
        elif command.name in ESTIMATING:
            self.active = Results(texts={"parity_unknown": command.name})
            self.r = Results(texts={"parity_unknown": command.name})

    def coefficient(self, term: Estimate) -> float:
        """_b[x] and _se[x] of the last estimation; 0 for what was left out of it. Raises `DataProblem` 111, 301."""
        self.read |= self.e.doubts
        b = self.e.matrices.get("b")
        if b is None:
            if "parity_unknown" in self.e.texts:  # said where it was asked for
                raise Lost
            raise DataProblem("last estimates not found", 301)
        at = place(term.term, self, term.equation)
        if at is None:
            return 0.0
        if term.kind == "b":
            return float(b.values[0, at])
        if "V" not in self.e.matrices:  # of draws, said where the estimation stands
            raise Lost
        return float(np.sqrt(self.e.matrices["V"].values[at, at]))

    # ---------------------------------------------------------------- what is said

    def note(self, kind: str, text: str, *, taints: bool = False, command: str = "") -> Finding:
        """A finding at the present line, once."""
        return self.note_at(self.file, self.line, kind, text, taints=taints, command=command)

    def note_at(self, file: str, line: int, kind: str, text: str, *, taints: bool = False, command: str = "") -> Finding:
        """A finding at another line, once."""
        finding = Finding(kind, file, line, text, command, taints, self.unstopped > 0)
        known = self.noted.setdefault((kind + ", nostop" * finding.goes_on, file, line), set())
        if text not in known and len(known) <= MOST_ALIKE:
            if len(known) == MOST_ALIKE:
                finding = replace(finding, text="and more of this kind at this line, in other rounds of a loop")
            known.add(text)
            self.findings.append(finding)
        return finding

    def say(self, text: str) -> None:
        """A line that a data step prints of what it did, as Stata writes it: `(3 missing values generated)`."""
        self.show("said", text=text)

    def say_counted(self, count: int, what: str, done: str) -> None:
        """`(1,234 observations deleted)`: with commas, one of them in the singular."""
        self.say(f"({count:,} {what}{'' if count == 1 else 's'} {done})")

    def show(self, kind: str, **values: Any) -> None:
        doubts = tuple(sorted(self._doubts_of(kind, values)))
        values = {**values, "within": self.within} if self.within and kind != "said" else values
        self.shown.append(Printed(kind, self.file, self.line, values, self.quiet > 0, len(self.done), doubts))

    def _doubts_of(self, kind: str, values: Mapping[str, Any]) -> frozenset[str]:
        """Of the rows, and of the columns that the running command or its values name; behind an estimate, its own. What is
        said of one variable hangs on no other of its list."""
        if kind in OF_ESTIMATES and self.fits:
            return frozenset(self.fits[-1].doubts)
        if self.data is None:
            return frozenset(self.read)
        text, variable = self.text, str(values.get("variable", ""))
        if variable in self.data.columns:
            prefix, colon, _ = text.partition(":")
            behind = re.split(r"\bif\b|\bin\b|[,\[]", text, maxsplit=1)[1:]
            text = " ".join([prefix if colon else "", *behind])
        named = {*re.findall(r"\w+", text), variable}
        return frozenset(self.data.doubts | self.read).union(*(self.data[n].doubts for n in named if n in self.data.columns))

    def set_columns(self, new: Mapping[str, Column]) -> None:
        self.data = self.there.with_columns(new)

    def doubt_data(self, finding: Finding) -> None:
        """The rows and columns at hand aren't what Stata would have."""
        if self.data is not None:
            self.data = self.data.doubted(finding.doubt)


def in_rows(text: str, n: int) -> NDArray[np.bool_]:
    """`in 5`, `in 1/10`, `in -5/l`, `in f/3`: a mask over n rows. Raises `DataProblem`."""
    first, slash, last = text.replace(" ", "").partition("/")

    def at(word: str) -> int:
        if word.lower() in ("f", "l"):
            return 1 if word.lower() == "f" else n
        try:
            number = int(float(word))
        except ValueError:
            raise DataProblem(f"`in {text}` is no range of rows", 198) from None
        return n + number + 1 if number < 0 else number

    begin = at(first)
    end = at(last) if slash else begin
    if not 1 <= begin <= end or end > n:
        raise DataProblem("observation numbers out of range", 198)
    mask = np.zeros(n, dtype=bool)
    mask[begin - 1 : end] = True
    return mask


def creturn(session: Session, name: str) -> float | str | None:
    """c(name)."""
    data = session.data
    known: dict[str, float | str] = {
        "N": float(data.rows if data else 0), "k": float(len(data.columns) if data else 0), "pi": float(np.pi),
        "rc": float(session.rc),
        "pwd": ".", "os": "Unix", "stata_version": 18.0, "version": 18.0, "filename": data.path if data else "",
        "mindouble": -8.988465674311e307, "maxdouble": 8.9884656743e307, "epsdouble": 2.220446049250313e-16,
        "maxvar": 5000.0,
        "username": "", "hostname": "", "sysdir_plus": "", "current_date": "", "current_time": "", "dirsep": "/",
        "matsize": 400.0, "MP": 1.0, "SE": 1.0, "flavor": "IC", "bit": 64.0, "processors": 1.0, "processors_max": 1.0,
        "born_date": "", "osdtl": "", "machine_type": "", "linesize": 80.0,
        "alpha": "a b c d e f g h i j k l m n o p q r s t u v w x y z", "level": 95.0,
        "varabbrev": session.settings.get("varabbrev", "on"),
        "ALPHA": "A B C D E F G H I J K L M N O P Q R S T U V W X Y Z",
        "Mons": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
        "sortedby": " ".join(data.sorted_by) if data else "", "changed": 0.0, "more": "off",
        "type": session.settings.get("type", "float"),
    }  # fmt: skip
    return known.get(name)
