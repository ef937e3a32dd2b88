"""Every harmonised number of a study, as JSON: `python harmonised_numbers.py STUDY [--jobs N] [--python-only]`.

What `parity run` compares, before it compares: used to see that no number depends on the hash seed, on the number of
jobs, or on the order of rows and columns.
"""

from __future__ import annotations

import argparse
import json
import sys

from parity.base.pool import Call, run_calls
from parity.compare.harmonise import harmonise
from parity.engines import registry
from parity.results.estimate import Estimate
from parity.runs.plan import plan_study
from parity.runs.worker import ANSWER, ask, count_facts, read_facts
from parity.study.load import load_study


def numbers(folder: str, jobs: int, languages: tuple[str, ...]) -> dict[str, float]:
    study = load_study(folder)
    engines = [e for e in registry().values() if e.info.language in languages]
    plan = plan_study(study, study.specs, engines, "live")
    calls = [Call((s.id, ""), "python", count_facts, (study, s, plan.data_hash)) for s in study.specs]
    for entry in plan.entries:
        if entry.answer is None:
            lane = "r" if entry.engine.info.language == "r" else "python"
            key = (entry.spec.id, entry.engine.info.id)
            calls.append(Call(key, lane, ask, (study, entry.spec, plan.data_hash, entry.engine)))
    answers: dict = {}
    run_calls(calls, jobs=jobs, timeout=120.0, done=answers.__setitem__)
    out: dict[str, float] = {}
    for (spec_id, engine), answer in sorted(answers.items()):
        if not engine:
            continue
        estimate = ANSWER.validate_json(answer)
        if not isinstance(estimate, Estimate):
            out[f"{spec_id}|{engine}|{estimate.kind}|"] = 0.0
            continue
        side = harmonise(estimate, read_facts(answers[spec_id, ""]).facts, study.spec(spec_id))
        for (quantity, term), q in side.quantities.items():
            out[f"{spec_id}|{engine}|{quantity}|{term}"] = q.value / q.scale if q.scale > 0 else q.value
    return out


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("study")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--python-only", action="store_true")
    arguments = parser.parse_args()
    languages = ("python",) if arguments.python_only else ("python", "r")
    json.dump(numbers(arguments.study, arguments.jobs, languages), sys.stdout)
