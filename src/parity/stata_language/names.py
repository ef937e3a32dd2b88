"""Names of commands and how far each may be cut. [U] 11.2; minimal abbreviations as the manuals underline them.

A command that isn't here keeps the name it was typed under.
"""

from __future__ import annotations

from functools import cache

#: name -> its shortest abbreviation; "" where it takes none.
SHORTEST = {
    "append": "ap", "areg": "", "args": "", "assert": "", "bootstrap": "", "boottest": "", "by": "", "bysort": "bys",
    "capture": "cap",
    "cd": "", "clear": "", "cluster": "", "coefplot": "", "collapse": "", "compare": "", "compress": "", "confirm": "conf",
    "constraint": "cons", "continue": "", "contract": "", "correlate": "cor", "count": "cou", "cross": "",
    "datasignature": "",
    "decode": "", "describe": "d", "destring": "", "did_imputation": "", "display": "di", "drop": "", "duplicates": "",
    "egen": "",
    "else": "", "encode": "", "end": "", "error": "err", "estadd": "", "estat": "", "estimates": "est", "estout": "",
    "eststo": "",
    "esttab": "", "exit": "e", "expand": "", "export": "", "file": "", "fillin": "", "foreach": "", "format": "form",
    "forvalues": "forv",
    "generate": "g", "gettoken": "gettoken", "global": "gl", "graph": "gr", "gsort": "gs", "hausman": "",
    "histogram": "hist",
    "if": "", "import": "", "include": "", "infile": "inf", "infix": "", "input": "inp", "insheet": "insheet", "insobs": "",
    "inspect": "ins", "ivreg": "", "ivreg2": "", "ivreghdfe": "", "ivregress": "", "ivprobit": "", "ivtobit": "",
    "joinby": "", "keep": "",
    "kdensity": "", "ktest": "", "label": "la", "levelsof": "", "lfit": "", "lincom": "", "list": "l", "local": "loc",
    "log": "",
    "logistic": "logi", "logit": "", "macro": "ma", "margins": "", "marginsplot": "", "mata": "", "matrix": "mat",
    "mean": "", "merge": "mer",
    "mkdir": "", "mlogit": "mlog", "more": "", "mvdecode": "", "mvencode": "", "nbreg": "", "net": "", "newey": "",
    "nlcom": "",
    "noisily": "n", "notes": "note", "numlabel": "", "ologit": "olog", "oprobit": "oprob", "order": "order",
    "outreg2": "", "outsheet": "",
    "pause": "", "pctile": "", "poisson": "pois", "ppmlhdfe": "", "predict": "", "preserve": "pres", "probit": "prob",
    "program": "pr", "psmatch2": "", "putexcel": "", "pwcorr": "", "pwd": "", "qreg": "", "quietly": "qui", "range": "",
    "recode": "",
    "reg3": "", "regress": "reg", "reghdfe": "", "rename": "ren", "replace": "", "reshape": "", "restore": "res",
    "return": "ret",
    "rmdir": "", "robvar": "", "run": "ru", "sample": "", "save": "sa", "scalar": "sca", "scatter": "sc", "separate": "",
    "set": "",
    "shell": "sh", "sort": "so", "split": "", "stack": "", "statsby": "", "stcox": "", "streg": "", "stset": "",
    "suest": "", "sum": "",
    "summarize": "su", "sureg": "", "svy": "", "svyset": "", "syntax": "", "sysuse": "", "tab1": "", "tab2": "", "table": "",
    "tabstat": "", "tabulate": "ta", "tempfile": "", "tempname": "", "tempvar": "", "test": "te", "testparm": "",
    "timer": "", "tobit": "",
    "tokenize": "token", "tostring": "", "tsfill": "", "tsset": "", "ttest": "", "twoway": "tw", "type": "ty", "use": "u",
    "version": "vers",
    "webuse": "", "which": "", "while": "", "winsor": "", "winsor2": "", "xi": "", "xtile": "", "xtivreg": "",
    "xtivreg2": "", "xtabond": "",
    "xtabond2": "", "xtlogit": "", "xtreg": "", "xtscc": "", "xtset": "", "xtsum": "", "xtdescribe": "", "do": "",
    "anova": "an",
    "oneway": "on", "rdrobust": "", "sgmediation": "", "sgmediation2": "", "bdiff": "", "ritest": "", "leebounds": "",
    "sdid": "",
    "sleep": "", "ssc": "", "translate": "", "copy": "", "erase": "", "query": "q", "about": "", "adopath": "", "ado": "",
    "glm": "", "gmm": "", "nl": "", "zip": "", "zinb": "", "heckman": "", "treatreg": "", "cnsreg": "", "mvreg": "",
    "vif": "",
    "codebook": "codebook", "char": "char", "collect": "", "etable": "", "dtable": "", "frame": "frame", "frames": "",
    "browse": "br", "edit": "ed", "help": "h",
    "cls": "", "discard": "", "mi": "", "ereturn": "eret", "sreturn": "sret", "_pctile": "", "astile": "",
    "rangestat": "", "gegen": "",
    "gcollapse": "", "gsum": "", "ftools": "", "fcollapse": "", "unique": "", "distinct": "", "mdesc": "",
    "misstable": "", "tsreport": "",
    "ds": "", "lookfor": "", "isid": "", "sortpreserve": "", "aorder": "", "move": "", "graphexport": "", "clonevar": "",
    "dfuller": "",
    "xtunitroot": "", "xttest0": "", "xttest3": "", "xtcsd": "", "swilk": "", "sktest": "", "ranksum": "", "signrank": "",
    "prtest": "",
    "estpost": "", "estwrite": "", "xtqreg": "", "xthreg": "", "spmatrix": "", "spregress": "", "spxtregress": "",
    "xsmle": "",
    "pvar": "", "var": "", "irf": "", "arima": "", "areg2": "", "regsave": "", "tabout": "", "texdoc": "", "texsave": "",
    "asdoc": "",
    "putdocx": "", "putpdf": "", "dyndoc": "", "logout": "", "reg2logit": "", "factor": "fac", "pca": "", "rotate": "",
    "alpha": "",
    "bayes": "", "lasso": "", "dslasso": "", "teffects": "", "eventstudyinteract": "", "csdid": "", "did_multiplegt": "",
    "bacondecomp": "", "did2s": "", "lpdid": "", "xtevent": "",
    "reclink": "", "nearmrg": "", "geodist": "", "spmap": "", "maptile": "", "binscatter": "", "cibar": "", "lpoly": "",
    "lowess": "",
    "egenmore": "", "carryforward": "", "ipolate": "", "mipolate": "", "tsappend": "", "stem": "", "symmetry": "",
    "python": "", "java": "",
    "window": "", "unab": "", "fvset": "", "mark": "", "markout": "", "marksample": "", "findfile": "", "checksum": "",
    "rolling": "", "loneway": "",
}  # fmt: skip

PREFIXES = frozenset({
    "quietly", "noisily", "capture", "by", "bysort", "xi", "eststo", "bootstrap", "statsby", "svy", "version", "rolling",
    "bayes",
    "jackknife", "permute", "simulate", "mi", "stepwise", "nestreg", "fp", "collect", "estadd", "asdoc", "frame", "preserve",
})  # fmt: skip

#: Old or doubled names of the same command.
ALIASES = {
    "bys": "bysort", "bs": "bootstrap", "xtile2": "xtile", "sum": "summarize", "tab": "tabulate", "gen": "generate",
    "corr": "correlate",
    "!": "shell", "tsset": "xtset", "saveold": "save", "renvars": "renvars", "d": "describe", "est": "estimates",
    "ivreg29": "ivreg2", "gduplicates": "duplicates", "greshape": "reshape", "gisid": "isid", "glevelsof": "levelsof",
    "hashsort": "gsort", "gcollapse": "collapse", "fcollapse": "collapse", "gunique": "unique",
    "gdistinct": "distinct", "fasterxtile": "xtile", "gsort2": "gsort", "gcontract": "contract", "fmerge": "merge",
    "fegen": "egen", "flevelsof": "levelsof", "fisid": "isid", "fsort": "sort", "sreshape": "reshape",
    "frames": "frame", "mer": "merge", "useold": "use", "outs": "outsheet",
}  # fmt: skip


@cache
def _table() -> dict[str, str]:
    found: dict[str, str] = {}
    for name, least in SHORTEST.items():
        for end in range(len(least) or len(name), len(name) + 1):
            found.setdefault(name[:end], name)
    return found | {name: name for name in SHORTEST} | ALIASES


def canonical(typed: str) -> str:
    """The full name of a command, or what was typed."""
    return _table().get(typed, typed)
