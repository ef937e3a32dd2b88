"""Options of estimations that are read, or that change no number; what isn't among them may change what is estimated.

The commands' help files: [R] regress, areg, ivregress, newey; [XT] xtreg; reghdfe 6.12, ivreg2 4.1, ivreghdfe 1.1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from parity.base.errors import suggest
from parity.stata_language.command import Command, Option
from parity.stata_language.dataset import DataProblem
from parity.stata_language.request import Declined

#: Read by the readers, or about what is printed alone.
_ALL = frozenset({
    "vce", "robust", "cluster", "noconstant", "level", "noheader", "notable", "nolog", "log", "beta", "eform", "depname",
    "plus", "cformat", "pformat", "sformat", "coeflegend", "nolstretch", "noomitted", "omitted", "vsquish", "noemptycells",
    "emptycells", "baselevels", "allbaselevels", "nofvlabel", "fvwrap", "fvwrapon", "noci", "nopvalues", "nofooter",
    "nofootnote", "title", "first", "small",
})  # fmt: skip
_HDFE = frozenset({
    "absorb", "noabsorb", "keepsingletons", "residuals", "tolerance", "iterate", "maxiterations", "verbose", "nowarn",
    "warn", "timeit", "summarize", "nosample", "compact", "poolsize", "technique", "acceleration", "transform", "prune",
    "fast", "preconditioner", "nocompact", "noprune",
    "parallel", "nopartialout", "savefe", "constant", "noregress", "ffirst", "savefirst", "saverf",
    "nosummarize", "liml", "fuller", "kclass", "gmm2s", "cue", "dofadjustments", "groupvar", "fastregress", "keepmata",
})  # fmt: skip
_IVREG2 = frozenset({
    "ffirst", "rf", "sfirst", "savefirst", "savefprefix", "saverf", "saverfprefix", "savesfirst", "partial", "orthog",
    "endog",
    "endogtest", "redundant", "noid", "nooutput", "bw", "kernel", "dkraay", "nocollin", "subtitle", "rname", "noprint",
    "liml", "fuller", "kclass", "gmm2s", "cue", "center",
})  # fmt: skip
_HAC = frozenset({"lat", "lon", "timevar", "panelvar", "lagcutoff", "distcutoff", "display", "star", "bartlett", "dropvar"})
KNOWN: dict[str, frozenset[str]] = {
    "regress": frozenset({"absorb", "hc2", "hc3"}), "areg": frozenset({"absorb", "hc2", "hc3"}),
    "xtreg": frozenset({"fe", "re", "be", "wls", "i", "sa", "dfadj", "theta", "nonest"}),
    "reghdfe": _HDFE | {"group_id", "individual_id", "aggregation"}, "ivreghdfe": _HDFE | (_IVREG2 - {"partial", "center"}),
    "ivregress": frozenset({"wmatrix", "igmm", "center"}), "ivreg2": _IVREG2,
    "ivreg": frozenset({"first", "hascons", "noheader", "small"}),
    "xtivreg2": _IVREG2 | {"fe", "ivar", "tvar", "i", "t"},
    "newey": frozenset({"lag", "force"}), "xtscc": frozenset({"lag", "fe", "re", "pooled"}),
    "logit": frozenset({"iterate", "or", "nolrtest", "difficult", "offset"}),
    "probit": frozenset({"iterate", "nolrtest", "difficult", "offset"}),
    "poisson": frozenset({"iterate", "irr", "nolrtest", "difficult", "offset", "exposure"}),
    "mlogit": frozenset({"iterate", "rrr", "baseoutcome", "basecategory", "difficult"}),
    "ologit": frozenset({"iterate", "or", "difficult"}), "oprobit": frozenset({"iterate", "difficult"}),
    "arima": frozenset({"arima", "ar", "ma", "difficult"}),
    "ivprobit": frozenset({"twostep", "mle", "asis", "difficult"}),
    "tobit": frozenset({"ll", "ul"}), "gmm": frozenset({"instruments", "onestep", "twostep", "igmm", "winitial", "wmatrix"}),
    "xtabond": frozenset({"lags", "maxldep", "twostep", "artests"}),
    "xtdpdsys": frozenset({"lags", "maxldep", "twostep", "artests"}),
    "logistic": frozenset({"iterate", "or", "coef", "nolrtest", "difficult", "offset"}), "mean": frozenset({"over"}),
    "total": frozenset({"over"}),
    "cluster2": frozenset({"fcluster", "tcluster"}),
    "xtdpd": frozenset({"dgmmiv", "lgmmiv", "div", "liv", "iv", "twostep", "hascons", "artests"}),
    "jive": frozenset({"ujive1", "ujive2", "jive1", "jive2"}),
    "xtivreg": frozenset({"fe", "re", "be", "fd", "ec2sls", "nosa", "regress", "i", "theta"}),
    "xtabond2": frozenset({
        "gmmstyle", "ivstyle", "twostep", "noleveleq", "orthogonal", "artests", "h", "nodiffsargan", "svmat",
        "svvar", "nomata",
    }),
    "var": frozenset({"lags", "exog", "dfk", "lutstats", "nobigf", "nocnsreport"}),
    "sureg": frozenset({"dfk", "corr", "isure", "nocnsreport"}),
    "x_ols": frozenset({"xreg", "coord"}), "ols_spatial_HAC": _HAC, "reg2hdfespatial": _HAC | {"altfetime", "altfepanel"},
    "acreg": frozenset({"spatial", "latitude", "longitude", "id", "time", "dist", "lag", "lagdist", "hac", "bartlett",
                        "pfe1", "pfe2", "dropsingletons", "correctr2"}),
}  # fmt: skip


#: Options that are nothing without their parentheses.
_VALUED = ("absorb", "cluster", "vce", "lag", "level", "bw")


#: Those that one letter stands for.
_ONE_LETTER = ("absorb", "robust", "level", "beta", "verbose", "keepsingletons")
#: Fewest letters of those that other words are near to: `group()` of reghdfe is another option, so are `fe`, `hc2`, `noci`.
_LEAST = {
    "groupvar": 6, "kclass": 1, "ivar": 1, "noconstant": 3, "vce": 3, "hc2": 3, "hc3": 3,
    "baseoutcome": 1, "basecategory": 1, "keepsingletons": 4, "dofadjustments": 3, "keepmata": 8, "kernel": 3, "dkraay": 3,
    "offset": 3, "exposure": 1, "iterate": 4, "timevar": 1, "panelvar": 1,
}  # fmt: skip
#: What the readers look for: a shorter word that stands for one of these must reach them as that.
_EFFECTIVE = frozenset({
    "vce", "robust", "cluster", "noconstant", "level", "absorb", "small", "hc2", "hc3", "fe", "re", "be", "wls", "sa",
    "dfadj", "keepsingletons", "dofadjustments", "group_id", "individual_id", "aggregation", "liml", "fuller", "kclass",
    "gmm2s", "cue", "bw", "kernel", "dkraay", "partial", "center", "wmatrix", "igmm", "lag", "pooled", "ivar", "i", "force",
    "onestep", "twostep", "winitial", "instruments", "offset", "exposure", "fcluster", "tcluster",
    "iterate", "asis", "lags", "exog", "dfk",
    "ujive1", "ujive2", "jive1", "jive2", "fd", "ec2sls", "nosa",
})  # fmt: skip
#: Known by name of all commands, and refused by those: the help files.
_REFUSED = {
    "newey": ("vce", "robust", "cluster"), "xtscc": ("vce", "robust", "cluster"), "areg": ("noconstant",),
    "xtreg": ("noconstant",), "mean": ("robust", "noconstant"), "total": ("robust", "noconstant"),
    "cluster2": ("vce", "robust", "cluster", "noconstant"), **dict.fromkeys(("var", "sureg"), ("vce", "robust", "cluster")),
}  # fmt: skip


def _abbreviates(typed: str, full: str) -> bool:
    return full.startswith(typed) and len(typed) >= _LEAST.get(full, 1 if full in _ONE_LETTER else 2)


def spelled_out(command: Command) -> Command:
    """The command with each option in full that bears on the numbers and may be abbreviated.

    Raises `Declined` where a short word may stand for several options of which one does, and `DataProblem` for an option
    that the command hasn't. Of a command that isn't read here nothing changes.
    """
    if command.name not in KNOWN:
        return command
    known = _ALL | KNOWN[command.name]
    return replace(command, options=tuple(replace(o, name=_in_full(o.name, known, command.name)) for o in command.options))


def _in_full(typed: str, known: frozenset[str], of: str) -> str:
    meant = {typed} if typed in known else {full for full in known if _abbreviates(typed, full)}
    effective = sorted(meant & _EFFECTIVE)
    # `r` is robust of xtreg too, `a` absorb beside aggregation()
    for full in ("robust", "absorb", "noconstant"):
        effective = [full] if full in effective else effective
    if len(effective) > 1:
        raise Declined(f"{of}'s option {typed} may stand for {' or '.join(effective)}: write it out")
    if effective and effective[0] in _REFUSED.get(of, ()):
        raise DataProblem(f"option {effective[0]} not allowed of {of}", 198)
    return effective[0] if effective else typed


#: Options that may stand several times, by how they begin.
_SEVERAL = {"xtabond2": ("gmm", "iv"), "xtdpd": ("dg", "lg", "div", "liv", "iv")}


def _check_given_once(command: Command, known: Iterable[str]) -> None:
    """Raises `DataProblem` for an option with two values, of which Stata would take neither; `a()` and `agg()` are two."""
    names = (*_VALUED, *sorted(known))
    given: dict[str, Option] = {}
    several = _SEVERAL.get(command.name, ())
    for option in (o for o in command.options if o.value is not None and not o.name.startswith(several)):
        full = next((name for name in names if name.startswith(option.name)), option.name)
        other = given.setdefault(full, option)
        if other.value != option.value:
            said = max(option.name, other.name, key=len)
            raise DataProblem(f"option {said}() is given twice, {other.value[:30]} and {option.value[:30]}", 198)  # type: ignore[index]


def check_options(command: Command) -> None:
    """Raises `Declined` for an option that is neither read nor known to leave the numbers as they are."""
    known = _ALL | KNOWN[command.name]
    _check_given_once(command, known)
    for i, option in enumerate(command.options):
        if option.name in known or any(_abbreviates(option.name, full) for full in known):
            continue
        said = option.name if option.value is None else f"{option.name}({option.value[:40]})"
        meant = _meant(option, command.options[i - 1] if i else None, known)
        raise Declined(f"{command.name}'s option {said} is not known here and may change the numbers{meant}")


def _meant(option: Option, before: Option | None, known: Iterable[str]) -> str:
    """What an option that isn't known may have been meant for, as a half-sentence."""
    if option.name in ("if", "in"):
        return f": `{option.name}` stands before the comma"
    bare = before is not None and before.value is None and len(before.name) >= 2
    if bare and any(full.startswith(before.name) for full in _VALUED):  # type: ignore[union-attr]
        return f": did you mean `{before.name}({option.name})`?"  # type: ignore[union-attr]
    return suggest(option.name, set(known) - set(_LEAST))
