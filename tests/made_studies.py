"""Made studies on disk, in every format that R can read too, and clean variations of them that change no number."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pydantic import ValidationError

from parity.study.load import load_study
from parity.study.spec import Spec
from parity.study.study import Study
from random_studies import _derive, _index, _panel, _spec

#: Specs beside the random ones: what the random ones lack.
OTHERS = (
    {"formula": "y ~ x1 + i(sector) | unit"},
    {"formula": "y ~ l(x2, 1) + f(x1) | unit + year", "vcov": {"cluster": ["unit"]}},
    {"formula": "d(y, 1) ~ d(x1, 1) + x2"},
    {"formula": "log(sales) ~ x1:x2 + i(state, x2) + x1 * south"},
    {"formula": "y ~ 0 + i(region) + x1", "where": "x2 > 0 and not south == 1 or is_missing(x3)"},
    {"formula": "y ~ x1 | unit", "where": "sector in [1, 2] and region != 'East'"},
    {"formula": "y ~ x2 | state^sector | w ~ z1 + z2", "vcov": {"cluster": ["state"]}},
    {"formula": "y ~ x1 + x2", "vcov": {"driscoll_kraay": 2}},
    {"formula": "y ~ x1 + d(x2)", "vcov": {"newey_west": 1}, "where": "x3 <= 4"},
    {"formula": "y ~ x1_cut + x2_high + x3_filled + x2_growth | unit + sector", "convention": "reghdfe"},
    {"formula": "float(y) ~ score + score.a + exp(x2) + sqrt(abs(x3)) - 1", "weights": {"frequency": "times"}},
    {"formula": "y ~ x1 + x2", "model": "first_difference", "weights": {"analytic": "pop"}},
    {"formula": "y ~ ratio + x2_part | unit + year", "where": "region not in ['West'] and x2 >= -1"},
)
STEPS = {
    "x2_high": {"median_split": "x2", "at": "units", "ties": "high"},
    "x3_filled": {"interpolate": "x3", "edges": "nearest"},
    "x2_growth": {"growth": "x2"},
    "ratio": "(x1 - x2) / (pop + 1) ^ 2",
    "x2_part": {"interact": ["x2", "x1"], "centre": True},
    "east": {"dummy": "region", "values": ["East"]},
}


@dataclass(frozen=True)
class Made:
    """frame: as it is to be written; toml: the study as a table; form: how the file is written."""

    frame: pd.DataFrame
    toml: dict[str, Any]
    form: str = "csv"
    written: Callable[[pd.DataFrame, Path], None] | None = None


def made(seed: int, specs: int = 5) -> Made:
    """A random panel with random specs and some of the others."""
    rng = random.Random(seed)
    frame = _panel(rng, np.random.default_rng(seed))
    frame["region"] = np.array(["East", "West", "北方"], dtype=object)[frame["state"] % 3]
    derive = {name: step.model_dump(exclude_defaults=True) | {k: v for k, v in step.model_dump().items() if k == "by" and v}
              for name, step in _derive(rng).items()} | STEPS  # fmt: skip
    index = _index(rng).model_dump(exclude_defaults=True)
    index["indicators"] = [{k: v for k, v in i.items() if v is not None} for i in index["indicators"]]
    chosen = [dict(spec) for spec in rng.sample(OTHERS, specs - 2)]
    while len(chosen) < specs:
        spec = {k: v for k, v in _spec(rng).items() if v is not None}
        try:
            Spec(id="a", **spec)
        except ValidationError:
            continue
        chosen.append(spec)
    toml = {
        "study": {"title": f"Made {seed}", "unit": "unit", "time": "year"}, "derive": derive, "index": {"score": index},
        "spec": {f"s{i}": spec for i, spec in enumerate(chosen, start=1)},
    }  # fmt: skip
    return Made(frame, toml)


def on_disk(one: Made, folder: Path) -> Study:
    """Write the data file and study.toml, and load them."""
    folder.mkdir(parents=True, exist_ok=True)
    ending, _, encoding = one.form.partition(":")
    path = folder / f"data.{ending}"
    if one.written:
        one.written(one.frame, path)
    elif ending == "csv":
        path.write_bytes(one.frame.to_csv(index=False, na_rep="").encode(encoding or "utf-8"))
    elif ending == "dta":
        one.frame.to_stata(path, write_index=False, version=118)
    else:
        one.frame.to_excel(path, index=False)
    header = one.toml["study"] | {"data": path.name} | ({"encoding": encoding} if encoding else {})
    (folder / "study.toml").write_text(as_toml(one.toml | {"study": header}), encoding="utf-8")
    return load_study(folder)


def as_toml(tables: dict[str, Any]) -> str:
    lines = []
    for name in ("study", "derive", "index", "spec"):
        table = tables.get(name, {})
        if name in ("spec", "index"):
            for key, inner in table.items():
                lines += ["", f"[{name}.{json.dumps(key, ensure_ascii=False)}]", *_pairs(inner)]
        else:
            lines += ["", f"[{name}]", *_pairs(table)]
    return "\n".join(lines) + "\n"


def _pairs(table: dict[str, Any]) -> list[str]:
    return [f"{json.dumps(k, ensure_ascii=False)} = {_value(v)}" for k, v in table.items()]


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(_pairs(value)) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


# ---------------------------------------------------------------- clean variations


def _with(one: Made, frame: pd.DataFrame | None = None, **study: Any) -> Made:
    toml = one.toml | {"study": one.toml["study"] | study}
    return replace(one, frame=one.frame if frame is None else frame, toml=toml)


def shuffled(one: Made, rng: random.Random) -> Made:
    return _with(one, one.frame.sample(frac=1, random_state=rng.randrange(10**6)).reset_index(drop=True))


def columns_moved(one: Made, rng: random.Random) -> Made:
    names = list(one.frame)
    rng.shuffle(names)
    return _with(one, one.frame[names])


def other_format(one: Made, rng: random.Random) -> Made:
    return replace(one, form=rng.choice(("dta", "xlsx", "csv:gb18030", "csv:utf-16", "csv:utf-8-sig", "csv")))


def other_spelling(one: Made, rng: random.Random) -> Made:
    """Quotes around every cell, CRLF, exponents and trailing zeros, a blank before a number, a blank line."""

    def write(frame: pd.DataFrame, path: Path) -> None:
        out = io.StringIO(newline="")
        how = rng.choice((csv.QUOTE_ALL, csv.QUOTE_MINIMAL))
        rows = csv.writer(out, quoting=how, lineterminator=rng.choice(("\r\n", "\n")))
        rows.writerow(frame.columns)
        for row in frame.itertuples(index=False):
            rows.writerow([_spelled(v, rng) for v in row])
        text = out.getvalue()
        path.write_bytes((text + "\n").encode())

    return replace(one, form="csv", written=write)


def _spelled(value: Any, rng: random.Random) -> str:
    if isinstance(value, str):
        return value
    if value is None or value != value:
        return rng.choice(("", "NA", ".", "NaN"))
    text = repr(float(value)) if not float(value).is_integer() else str(int(value))
    if "e" in text:
        return text
    return rng.choice(
        (text, text, f" {text}", f"{text}0" if "." in text else f"{text}.0", f"{text}e0", f"+{text}"[value < 0 :])
    )


def other_names(one: Made, rng: random.Random) -> Made:
    """Units under other names: texts, long numbers, codes with a leading letter."""
    change = rng.choice((lambda u: f"省{u}", lambda u: f"c{u:02d}", lambda u: int(u) * 7 + 1000, lambda u: -int(u)))
    return _with(one, one.frame.assign(unit=[change(u) for u in one.frame["unit"]]))


def other_periods(one: Made, rng: random.Random) -> Made:
    """The same periods by other names; filters on the year go."""
    year = one.frame["year"]
    change = rng.choice((
        lambda y: f"{y}年", lambda y: f"{y - 2000}" if y > 2009 else y - 2000, lambda y: f"{y}-12-31", lambda y: f"{y}年度",
        lambda y: f"{1990 + (y - 2000) // 4}q{(y - 2000) % 4 + 1}",
        lambda y: f"{1990 + (y - 2000) // 12}-{(y - 2000) % 12 + 1:02d}",
        lambda y: 2000 + (y - 2000) / 4, lambda y: f"1{['jan', 'mar', 'may'][(y - 2000) % 3]}{2000 + (y - 2000) // 3}",
        lambda y: f"{1980 + (y - 2000) // 2}h{(y - 2000) % 2 + 1}", lambda y: f"2001-01-{y - 1999:02d}",
    ))  # fmt: skip
    new = [change(int(y)) for y in year]
    if len({type(v) for v in new}) > 1:
        new = [int(v) for v in new]
    keep = {k: {w: v for w, v in s.items() if w != "where" or "year" not in v} for k, s in one.toml["spec"].items()}
    keep = {k: v for k, v in keep.items() if "year" not in json.dumps(v) or not isinstance(new[0], float)}
    derive = {k: v for k, v in one.toml["derive"].items()}
    toml = one.toml | {"spec": keep or one.toml["spec"], "derive": derive}
    return replace(one, frame=one.frame.assign(year=new), toml=toml)


def floats(one: Made, rng: random.Random) -> Made:
    return _with(one, storage=rng.choice(("float", {"x1": "float"}, {"x2": "float", "ratio": "float"})))


def more_missing(one: Made, rng: random.Random) -> Made:
    draw = np.random.default_rng(rng.randrange(10**6))
    name = rng.choice(("x2", "w", "region", "z1"))
    values = one.frame[name].astype(object).where(draw.random(len(one.frame)) > 0.08, None)
    return _with(one, one.frame.assign(**{name: values if name == "region" else values.astype(float)}))


def harder(one: Made, rng: random.Random) -> Made:
    """With what many mistakes need: missing values, weights of zero, a period that no unit has, groups of one row."""
    for _ in range(3):
        one = more_missing(one, rng)
    draw = np.random.default_rng(rng.randrange(10**6))
    frame = one.frame[one.frame["year"] != 2003].reset_index(drop=True)
    n = len(frame)
    alone = np.where(draw.random(n) < 0.1, 90 + np.arange(n), frame["sector"])
    frame = frame.assign(
        sector=alone, times=np.where(draw.random(n) < 0.1, 0, frame["times"]),
        pop=frame["pop"].where(draw.random(n) > 0.1, 0.0),
        x2=frame["x2"].round(1), x1=np.where(draw.random(n) < 0.05, -1.0, frame["x1"]).round(2),
    )  # fmt: skip
    return _with(one, frame)


VARIATIONS = (shuffled, columns_moved, other_format, other_spelling, other_names, other_periods, floats, more_missing)


def variation(seed: int) -> Made:
    """A made study, changed in one to three ways."""
    rng = random.Random(seed)
    one = made(seed)
    for change in rng.sample(VARIATIONS, rng.randint(1, 3)):
        one = change(one, rng)
    return one if one.written is None else replace(one, form="csv")
