"""Options of commands that change data or leave results: those that are read, and those that leave every value as it is.

What isn't here isn't read, and a command that has it isn't run: a `rowrange()` that is passed over gives other rows.
Capitals are the letters that an abbreviation needs, as in the help files: [D], [XT], [R] of Stata 17, and those of winsor2,
astile, carryforward, labmask, gtools, distinct.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

from parity.stata_language.command import Command, Option
from parity.stata_language.dataset import DataProblem

#: Behind the bar those that change no value: what is printed, speed, permission to overwrite.
_TABLE = """
generate: Before() After()
replace:
keep:
drop:
sort: STABLE
gsort: Generate() Mfirst
order: First Last Before() After() ALPHAbetic SEQuential
aorder:
move:
duplicates: Generate() FORCE | Nolabel Fast Compress NOCompress String() Separator() SEPBY() Abbreviate() TERse Header CLean
expand: GENerate()
sample: Count BY()
bsample: CLuster() IDcluster() STRata() Weight()
isid: Sort Missok
clear:
insobs:
compress: | NOCOalesce
merge: KEEPUSing() KEEPUS() GENerate() NOGENerate NOLabel UPDATE REPLACE ASSERT() KEEP() SORTED UNIQUE UNIQMaster
 UNIQUSing _MERGE() NOKEEP FORCE | SORT NONOTEs NOREPort
append: GENerate() KEEP() NOLabel FORCE | NONOTEs
joinby: UNMatched() _MERGE() NOLabel | NONOTEs
cross:
collapse: BY() CW MERGE DOUBLE | FAST LABELFormat() LABELProgram() VERBOSE BENCH BENCHMARK
contract: Freq() NOMISS
fillin:
reshape: I() J() String
rename: Lower Upper Proper
renvars: Lower Upper
label: ADD MODIFY REPLACE NOFIX
encode: Generate() Label()
decode: Generate()
destring: Generate() REPLACE Ignore() FORCE FLOAT PERCENT DPCOMMA
tostring: Generate() REPLACE FORCE Format() Usedisplayformat
recode: Generate() PREfix() Label() COPYrest | TEST
format:
clonevar:
mvdecode: MV()
split: Parse() Generate() DESTRING Limit()
recast: FORCE
labmask: VALues()
numlabel: ADD REMOVE | FORCE DETAIL
char:
fvset:
center: Inplace Standardize PREfix() GENerate() REPLACE | Double
separate: BY() Generate() | SHORTlabel
xi: Prefix() NOOMIT
marksample: NOVarlist STRok ZEROweight | NOBy
mark: NOVarlist STRok ZEROweight | NOBy
markout: STRok
svmat: Names()
mkmat: MATrix() NOMissing ROWNames()
xpose: CLEAR Varname PROMOTE
restore: NOT PRESERVE
set: | PERManently
xtset: DELTA() CLEAR | Clocktime Daily Weekly Monthly Quarterly Halfyearly Yearly Generic Format() NOQUERY
tsfill: Full
carryforward: GENerate() | REPLACE
ipolate: Generate() Epolate
rangestat: Interval() EXCLudeself BY() CASEWise | Describe NOCHeck
xtile: Nquantiles() Cutpoints() ALTdef
pctile: Nquantiles() ALTdef
_pctile: Nquantiles() Percentiles() ALTdef
astile: NQuantiles() BY()
winsor2: Replace Suffix() Cuts() Trim BY() | Label
winsor: Generate() P() H() HIGHonly LOWonly
gquantiles: Nquantiles() Cutpoints() Percentiles() ALTdef BY() Xtile Pctile _PCTILE
frame: INTO() REPLACE
cwf:
mkf:
frlink: FRAme() GENerate()
frget: FROM() PREfix() SUFfix()
use: CLEAR NOLabel | REPLACE
save: REPLACE | EMPTYok ALL ORPHANs
import delimited: DELIMiters() VARNames() CASE() ASDOUBLE ASFLOAT ENCoding() STRINGcols() NUMERICcols() ROWRange()
 COLRange() BINDQuotes() STRIPQuotes()
 | CLEAR MAXQuotedrows() FAVORSTRfixed
import excel: SHeet() CELLRAnge() FIRSTrow CASE() ALLstring | CLEAR
table: Contents() BY() CW ROW COL SCOL REPLACE Missing STATistic() TOTALs() NOTOTALs
 | NAME() Format() Center Left CONCise CELLwidth() CSEPwidth() SCSEPwidth() STUBwidth() NFORMAT() SFORMAT() STYle()
insheet: Tab Comma DELIMiter() NAMEs NONAMEs Double | CLEAR
infile: | CLEAR
"""
#: Commands that change nothing and leave results behind.
_RESULTS = """
summarize: Detail MEANonly | Format SEParator() NOOMITted VSQUISH NOEMPTYcells BASElevels ALLBASElevels NOFVLABel FVWRAP()
tabulate: Generate() Missing SUmmarize() CHi2 Exact LRchi2 Gamma Taub V ALL MATCell() MATRow() MATCOL()
 | NOFreq NOLabel Plot SORT COlumn Row CEll EXPected CCHi2 CLRCHI2 NOLOg ROWSORT COLSORT NOKEY KEY Wrap MEans STandard FREQ
 OBS NOMEans NOSTandard NOOBS
tab1: Generate() Missing | NOFreq NOLabel Plot SORT
tab2: Missing CHi2 Exact LRchi2 Gamma Taub V ALL FIRSTonly
 | NOFreq NOLabel COlumn Row CEll EXPected CCHi2 CLRCHI2 NOLOg ROWSORT COLSORT NOKEY KEY Wrap
tabstat: Statistics() STATs() BY() Missing SAVE CASEwise NOTotal
 | Columns() NOSEParator LABELWidth() VARWidth() LONGstub Format() NOFORMAT
correlate: Covariance | Means NOFORMat Wrap
pwcorr: LISTwise CASEwise | Obs SIG Print() STar() Bonferroni SIDak
levelsof: Local() Clean Missing Separate()
ds: HAS() NOT() | VARWidth() SKip() Detail
distinct: Joint Missing | ABBrev() MINimum() MAXimum()
unique: | Detail Missing
count:
ttest: BY() UNPaired UNEqual Welch | Level()
lincom: Level() OR HR IRR RRR EFORM | CFORMAT() PFORMAT() SFORMAT()
nlcom: POST Level() | ITERate() NOHEADer CFORMAT() PFORMAT() SFORMAT()
test: Accumulate | COEF
testparm: Accumulate
hausman: CONstant SIGMAMore SIGMALess
describe: VARList | Simple SHort Fullnames NUMBers
codebook: | Header NOTES MV Tabulate() Compact DETAIL ALL DOTS
inspect:
lookfor:
"""
#: Functions of egen, egenmore and gtools; `by()` is read for all.
_EGEN = """
rowtotal: Missing
rsum: Missing
total: Missing
sum: Missing
anymatch: Values()
eqany: Values()
anycount: Values()
neqany: Values()
anyvalue: Values()
pctile: P()
std: Mean() Std() SD()
wtmean: Weight()
mode: MINmode MAXmode
rank: Field Track Unique
pc: PROP
group: Missing Label AUTOtype | LName() Truncate()
tag: Missing
cut: AT() Group() ICodes Label
seq: From() To() Block()
concat: Punct() DECODE
ma: T()
"""


#: Of these commands alone are weights read, and of these no `if` and no `in`.
WEIGHTED = frozenset({
    "summarize", "tabulate", "tab1", "tab2", "tabstat", "correlate", "pwcorr", "collapse", "contract", "xtile", "pctile",
    "_pctile", "astile", "marksample", "mark", "gegen", "gquantiles",
})  # fmt: skip
#: gtools' commands, options that all of them have, none of which changes a value, and greshape's words for i() and j().
OF_GTOOLS = frozenset({
    "gegen", "gcollapse", "greshape", "gisid", "glevelsof", "gquantiles", "fasterxtile", "gunique", "gduplicates",
    "gcontract", "gdistinct", "hashsort",
})  # fmt: skip
_GTOOLS = frozenset({
    "compress", "forcestrl", "verbose", "benchmark", "bench", "benchmarklevel", "hashmethod", "hash", "oncollision",
    "forcemem", "forceio",
})  # fmt: skip
_GTOOLS_KEYS = {"by": "i", "keys": "j", "key": "j"}
WHOLE_DATA = frozenset({"sort", "save", "infile"})


@cache
def _options(table: str) -> dict[str, tuple[tuple[str, int], ...]]:
    """Of each command the names in full, and the letters that an abbreviation needs."""
    out = {}
    for line in re.sub(r"\n\s+", " ", table).strip().splitlines():
        head, _, listed = line.partition(":")
        words = [w.removesuffix("()") for w in listed.replace("|", " ").split()]
        needed = [sum(not letter.islower() for letter in w) for w in words]
        out[head] = tuple((w.lower(), n) for w, n in zip(words, needed, strict=True))
    return out


def listed() -> frozenset[str]:
    """Commands whose options are known."""
    return frozenset(head.split()[0] for head in _options(_TABLE)) | {"egen", "gegen", "ereplace"}


class NotRead(DataProblem):
    """An option that isn't read here."""


def in_full(command: Command) -> Command:
    """With the options' names in full. Raises `NotRead` for one that isn't read here."""
    head, known = command.name, _options(_TABLE) | _options(_RESULTS)
    if head in ("egen", "gegen", "ereplace"):
        head = (command.assigned or "").partition("(")[0].strip()
        own = (("replace", 7), ("nquantiles", 1), ("cutpoints", 1)) if command.name == "gegen" else ()
        options: tuple[tuple[str, int], ...] | None = (("by", 2), *own, *_options(_EGEN).get(head, ()))
        head = f"egen's {head}()"
    else:
        if head == "import":
            head = f"import {'excel' if command.about.startswith('exc') else 'delimited'}"
        options = known.get(head)
    if options is None:
        return command
    if command.weight is not None and command.name not in WEIGHTED:
        raise NotRead(f"{head}'s weights [{command.weight.kind}] are not read here, and may change the data", 198)
    if (command.condition or command.rows) and command.name in WHOLE_DATA:
        raise NotRead(f"{head}'s `if` and `in` are not read here, and may change the data", 198)
    given = command.options
    if command.typed in OF_GTOOLS:
        given = tuple(replace(o, name=_GTOOLS_KEYS.get(o.name, o.name) if command.typed == "greshape" else o.name)
                      for o in given if o.name not in _GTOOLS)  # fmt: skip
    return replace(command, options=tuple(_full(o, options, head) for o in given))


def _full(option: Option, options: tuple[tuple[str, int], ...], head: str) -> Option:
    for name, needed in options:
        if name == option.name or (len(option.name) >= needed and name.startswith(option.name)):
            return replace(option, name=name)
    said = option.name if option.value is None else f"{option.name}({option.value[:40]})"
    what = "its results" if head in _options(_RESULTS) else "the data"
    raise NotRead(f"{head}'s option {said} is not read here, and may change {what}", 198)
