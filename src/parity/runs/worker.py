"""What happens inside a worker process: load once, build a design once, ask one engine.

Every function takes and returns plain picklable values; whatever goes wrong comes back as a value.
"""

from __future__ import annotations

import gc
import json
import re
import traceback
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from parity.base.errors import InputError
from parity.base.values import EXACT_JSON
from parity.conventions.facts import Absorbed, Facts
from parity.engines.memory import declined_for_memory
from parity.engines.undefined import declined_for_jackknife
from parity.results.estimate import Answer, Declined, Estimate, Failed
from parity.sample.conditioning import Conditioning, conditioning
from parity.study.spec import Spec
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd

    from parity.engines.base import Engine
    from parity.sample.design import Design
    from parity.sample.partialled_out import PartialledOut

ANSWER: TypeAdapter = TypeAdapter(Answer, config=EXACT_JSON)

#: Designs a worker keeps, and their bytes together, the newest apart: neighbouring tasks ask several engines for one spec.
DESIGNS_KEPT, BYTES_KEPT = 16, 2.5e8
#: A design of this size has what an estimate left behind collected at once.
BYTES_COLLECTED = 2e7


@dataclass(frozen=True)
class SpecFacts:
    """What parity counted for a spec, or why it can't be estimated at all."""

    facts: Facts | None
    terms: tuple[str, ...] = ()
    unestimable: str = ""
    conditioning: Conditioning | None = None

    @property
    def spread(self) -> Mapping[str, float]:
        """Of each term its homoskedastic standard error, about."""
        return dict(self.conditioning.spread) if self.conditioning is not None else {}


_frames: dict = {}
_designs: OrderedDict = OrderedDict()


def frame_of(study: Study, data_hash: str) -> tuple[tuple[str, ...], pd.DataFrame]:
    """The study's data, read once per worker, and the key of what they are. Raises `InputError`."""
    from parity.data.load import load_frame

    key = (str(study.folder), data_hash, str(study.header), str(study.derive), str(study.index))
    if key not in _frames:
        _frames.clear()
        frame = load_frame(study)
        if study.data_hash() != data_hash:  # an answer would be kept under the hash of what it wasn't made from
            raise InputError.at(str(study.data_path), "", "the data changed while the run was under way; run it again")
        _frames[key] = frame
    return key, _frames[key]


def design_of(study: Study, spec: Spec, data_hash: str) -> Design:
    """The design of a spec, kept for the next that asks. Raises `Unestimable` or `InputError`."""
    return _design_and_partialled(study, spec, data_hash)[0]


def _design_and_partialled(study: Study, spec: Spec, data_hash: str) -> tuple[Design, PartialledOut | None]:
    """The design, and its columns net of effects where it was built just now. Raises `Unestimable` or `InputError`."""
    from parity.sample.build import design_and_partialled

    frame_key, frame = frame_of(study, data_hash)
    key = (*frame_key, study.spec_hash(spec))
    if key in _designs:
        return _designs[key], None
    while len(_designs) >= DESIGNS_KEPT or sum(kept.nbytes for kept in _designs.values()) > BYTES_KEPT:
        _designs.popitem(last=False)
    _designs[key], partialled = design_and_partialled(study, spec, frame)
    return _designs[key], partialled


def count_facts(study: Study, spec: Spec, data_hash: str) -> bytes:
    """The facts of one spec as JSON; `read_facts` reads them. Raises `InputError` where the data can't be read now."""
    from parity.base.errors import Unestimable
    from parity.engines.own.fit import with_own_df
    from parity.sample.partialled_out import partial_out

    try:
        design, partialled = _design_and_partialled(study, spec, data_hash)
    except Unestimable as error:
        return write_facts(SpecFacts(None, unestimable=str(error)))
    known = conditioning(design, partialled if partialled is not None else partial_out(design))
    return write_facts(SpecFacts(with_own_df(design, spec), design.terms, conditioning=known))


def write_facts(counted: SpecFacts) -> bytes:
    """JSON of what was counted; keys that are tuples become lists of pairs."""
    body = asdict(counted)
    if counted.facts:
        for name in ("components", "clusters"):
            body["facts"][name] = [[list(k), v] for k, v in getattr(counted.facts, name).items()]
    return json.dumps(body).encode()


def read_facts(data: bytes) -> SpecFacts:
    """The inverse of `write_facts`."""
    body = json.loads(data)
    facts = body["facts"]
    if facts is not None:
        for name in ("components", "clusters"):
            facts[name] = {tuple(k): v for k, v in facts[name]}
        facts["absorbed"] = tuple(Absorbed(a["name"], a["levels"], tuple(a["nested_in"])) for a in facts["absorbed"])
        facts = Facts(**facts | {"dropped": tuple(facts["dropped"])})
    known = body["conditioning"]
    if known is not None:
        lists = {name: tuple(known[name]) for name in ("far", "near")} | {"spread": tuple(map(tuple, known["spread"]))}
        known = Conditioning(**known | lists)
    return SpecFacts(facts, tuple(body["terms"]), body["unestimable"], known)


def ask(study: Study, spec: Spec, data_hash: str, engine: Engine) -> bytes:
    """One engine's answer as JSON. An exception, or anything that isn't an answer of this engine, is `Failed`."""
    from parity.base.errors import Unestimable

    name, design = engine.info.id, None
    try:
        rows = engine.sample(spec) if hasattr(engine, "sample") else spec  # an engine as shipped has rows of its own
        design = design_of(study, rows, data_hash)
        declined = declined_for_memory(engine, design) or declined_for_jackknife(engine, spec, design)
        answer = declined or engine.estimate(spec, design)
    except Unestimable as error:
        answer = Declined(engine=name, gap="never", reason=str(error))
    except MemoryError:
        answer = Failed(engine=name, reason="out of memory")
    except Exception as error:
        answer = _fallen(name, error, design)
    if design is not None and design.nbytes > BYTES_COLLECTED:
        gc.collect()  # packages' results refer to themselves and their data: given back before the next engine takes its own
    if not isinstance(answer, Estimate | Declined | Failed):
        answer = Failed(engine=name, reason=f"answered no estimate but {type(answer).__name__}")
    elif answer.engine != name:
        answer = Failed(engine=name, reason=f"answered in the name of `{answer.engine}`")
    return ANSWER.dump_json(_named(answer, spec, design) if design else answer)


def _named(answer: Answer, spec: Spec, design: Design) -> Answer:
    """The answer with the study's names wherever the engine speaks; the legend of its command is then not needed."""
    from parity.engines.safe import all_names, in_words

    offset = "" if spec.offset is None else str(spec.offset)
    names = all_names(design, str(spec.formula.outcome), spec.weights.column if spec.weights else "", offset)
    if isinstance(answer, Declined):
        return answer.model_copy(update={"reason": in_words(answer.reason, names)})
    said: dict = {"warnings": tuple(in_words(w, names) for w in answer.warnings)}
    if isinstance(answer, Failed):
        return answer.model_copy(update=said | {"reason": in_words(answer.reason, names)})
    command, legend, rest = answer.command.partition("  # y = ")
    beside = []
    for block in "xdz":  # whole matrices, as a package takes them
        if re.search(rf"\b{block}[,)]", command):
            beside.append(f"{block} = {', '.join(called for safe, called in names.items() if safe[0] == block)}")
    beside += ["with dummies"] * rest.endswith("and dummies")
    note = f"  # {'; '.join(beside)}" if legend and beside else ""
    return answer.model_copy(update=said | {"command": in_words(command, names, command=True) + note})


def _fallen(name: str, error: Exception, design: Design | None) -> Declined | Failed:
    """What an exception stands for: in words where its kind is known, else its last line and where it arose."""
    from parity.engines.mishaps import in_words

    frames = [
        f for f in traceback.extract_tb(error.__traceback__) if "parity" in f.filename and "worker.py" not in f.filename
    ]
    place = f" ({frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno})" if frames else ""
    known = in_words(name, error, design, place)
    if known is not None:
        return known
    said = tuple(map(str, getattr(error, "warnings", ())))
    return Failed(engine=name, reason=_one_line(error, place), warnings=said)


def _one_line(error: Exception, place: str) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return f"{type(error).__name__}: {text[:400]}{place}"
