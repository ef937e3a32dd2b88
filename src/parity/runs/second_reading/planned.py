"""How the second reading of a study is had: asked of R, from what was frozen, or why not; and how it is frozen."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parity.analyses.frozen import answers_of, freeze_answers
from parity.analyses.run import answers_key, ask_r
from parity.base.pool import Call, Lost
from parity.r.probe import probe
from parity.r.session import missing_r
from parity.results.estimate import Failed
from parity.results.record import Record
from parity.runs.ask import Question
from parity.runs.second_reading.readers import READERS
from parity.runs.second_reading.records import DATA_FILE, RECORDS, ended, read_again
from parity.runs.second_reading.words import given_of, hash_of, shared_words, spec_hash
from parity.study.study import Study

#: Of the file with R's frozen answers.
NAME = "second-reading"


@dataclass(frozen=True)
class SecondReading:
    """content: the key of its records in a cache. records: those that are known already; else `question` is to be asked."""

    study: Study
    content: str
    records: tuple[Record, ...] = ()
    question: Question | None = None


def second_reading_of(study: Study, data_hash: str, transport: str) -> SecondReading:
    """Plan it. A study that was never a file has none. Raises `InputError` where a frozen file can't be read."""
    if not study.text:
        return SecondReading(study, "")
    key = answers_key(study, NAME, hash_of([data_hash, study.part, study.text, _reader(study)]), transport)
    kept = ""
    if transport == "frozen" or missing_r():
        held = answers_of(study, NAME, content_of(study, data_hash), transport, dict)
        if held.verdict:
            return SecondReading(study, "", (ended(study, DATA_FILE, held.verdict, _why(held.note), held.how),))
        kept = json.dumps(held.answers)
    call = Call((str(study.folder), study.part, NAME), "python" if kept else "r", read_again, (study, data_hash, kept))
    return SecondReading(study, key, question=Question(call, "", _read(study)))


def _why(note: str) -> str:
    return note if note.startswith("the data or settings") else f"not read a second time: {note}"


def _read(study: Study):
    def read(result: Any) -> tuple[Record, ...]:
        if isinstance(result, Lost):
            return (ended(study, DATA_FILE, "failed", result.reason),)
        return RECORDS.validate_json(result) if not isinstance(result, Failed) else ()

    return read


def _reader(study: Study) -> str:
    """R's package for the format, and its version."""
    package, r = READERS.get(Path(study.header.data).suffix.lower(), ""), probe()
    return f"{package} {r.package(package)}" if package and r else ""


def content_of(study: Study, data_hash: str) -> str:
    """SHA-256 of the data and of the words of study.toml that every sample depends on."""
    return hash_of([data_hash, shared_words(study)])


# ---------------------------------------------------------------- frozen


def freeze_second_reading(study: Study) -> tuple[Path, int] | None:
    """Record R's reading. Returns the file and how many samples it holds.

    Raises `InputError` where R failed: a reference with holes is not written. Of a spec that can't be estimated nothing is
    recorded, whatever R makes of it.
    """
    if not study.text:
        return None
    answers = ask_r(answer_in_r, study, 600.0, lambda: [DATA_FILE])
    refused = {name for name, answer in answers.items() if "failed" in answer}
    if refused - {DATA_FILE}:
        answers = {k: v for k, v in answers.items() if k not in refused & _unestimable(study)}
    return freeze_answers(study, NAME, content_of(study, study.data_hash()), answers), len(answers) - 1


def _unestimable(study: Study) -> set[str]:
    """Names of the answers about specs that have no sample on our side either. Raises `InputError`."""
    from parity.base.errors import Unestimable
    from parity.data.load import load_frame
    from parity.sample.build import build_design

    frame, found = load_frame(study), set()
    for spec in study.specs:
        try:
            build_design(study, spec, frame)
        except Unestimable:
            found.add(f"spec {spec.id}")
    return found


def answer_in_r(study: Study) -> bytes:
    """JSON: "data file" and each spec -> digest of R's reading, or {"gap": why} or {"failed": why}. Runs in a worker."""
    from parity.runs.second_reading.asking import NotRead, open_study, read_columns, read_sample
    from parity.runs.second_reading.digests import digest_of_columns, digest_of_sample

    def answer(ask) -> dict[str, Any]:
        try:
            return ask()
        except NotRead as gap:
            return {"gap": str(gap)}
        except RuntimeError as error:
            return {"failed": str(error)}

    try:
        n = open_study(study.data_path.resolve(), given_of(study))
    except NotRead as gap:
        return json.dumps({DATA_FILE: {"gap": str(gap)}}).encode()
    except RuntimeError as error:
        return json.dumps({DATA_FILE: {"failed": str(error)}}).encode()
    out = {
        f"spec {s.id}": answer(lambda s=s: digest_of_sample(read_sample(s.id))) | {"hash": spec_hash(study, s)}
        for s in study.specs
    }
    out[DATA_FILE] = answer(lambda: digest_of_columns(read_columns(), n))
    return json.dumps(out).encode()
