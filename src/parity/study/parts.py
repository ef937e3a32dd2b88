"""A study with several data files as one study a file, which everything that reads data takes.

Specs go with the file that they name, analyses of a spec with their spec, mediation and indices with the file of
`[study]`, and lines of `[derive]` with every spec that needs them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from parity.base.errors import InputError, suggest
from parity.study.analyses.registry import BY_KIND, KINDS, SECTIONS
from parity.study.derived import Step
from parity.study.formula import columns_of
from parity.study.header import DATA_FORMATS
from parity.study.study import Study

#: Analyses that nothing else rests on; a wrong one stops no other.
SEPARATE = tuple(one.kind for one in SECTIONS)
#: Those of columns of `[study]`'s own file, whatever specs there are.
OF_COLUMNS = tuple(one.kind for one in SECTIONS if one.of == "columns")
#: What a study may have and no spec.
WITHOUT_SPECS = tuple(one.kind for one in KINDS if one.alone)


def parts_of(study: Study) -> tuple[Study, ...]:
    """The study itself, or one study for each of its data files that something reads."""
    if not study.data:
        return (study,)
    named = {name: _part(study, name) for name in ("", *study.data)}
    needed = {name: part for name, part in named.items() if part.specs or (not name and stands_alone(part))}
    elsewhere = {line for name, part in needed.items() if name for line in part.derive}
    if "" in needed:  # lines that no other file needs are of the first, used or not
        main = needed[""]
        lines = {k: v for k, v in study.derive.items() if k in main.derive or k not in elsewhere}
        needed[""] = main.model_copy(update={"derive": lines})
    files = tuple(part.header.data for part in needed.values())
    return tuple(part.model_copy(update={"files": files}) for part in needed.values())


def stands_alone(study: Study) -> bool:
    """Whether it asks for anything that needs no spec."""
    return any(getattr(study, kind) for kind in WITHOUT_SPECS)


def part_of(study: Study, spec_id: str) -> Study:
    """The part that a spec is in. Raises `InputError` where there is no such spec."""
    spec = study.spec(spec_id)
    if not study.data:
        return study
    return next(part for part in parts_of(study) if part.part == (spec.data or ""))


def for_spec(study: Study, spec_id: str) -> Study:
    """The part that a spec is in, with this spec alone: its data can be read whatever is wrong with others."""
    part = part_of(study, spec_id)
    return without(part, {s.id for s in part.specs} - {spec_id}).model_copy(update={kind: {} for kind in OF_COLUMNS})


def without(study: Study, specs: Collection[str], analyses: Collection[str] = ()) -> Study:
    """The study without some specs and all that rests on them, and without some analyses, such as `mediation.NAME`."""
    if not (specs or analyses):
        return study
    kept: dict = {"specs": tuple(s for s in study.specs if s.id not in specs)}
    kept["published"] = tuple(p for p in study.published if p.spec not in specs and not _is_of(p.analysis, analyses))
    for kind in SEPARATE:
        kept[kind] = {
            name: one
            for name, one in getattr(study, kind).items()
            if not specs_of(kind, one) & {*specs} and f"{kind}.{name}" not in analyses
        }
    return study.model_copy(update=kept)


@dataclass(frozen=True)
class LeftOut:
    """A variant that is left out of its index. study: without it; readers: keys of what reads its column, `spec.main`."""

    index: str
    variant: str
    study: Study
    readers: tuple[str, ...]

    @property
    def column(self) -> str:
        return f"{self.index}.{self.variant}"


def left_out_variant(study: Study, key: str) -> LeftOut | None:
    """The study without the variant of an index that stands at this key; None where none does."""
    at = [(n, v) for n, index in study.index.items() for v in index.variants if key == f"index.{n}.variants.{v}"]
    if not at:
        return None
    name, variant = at[0]
    index = study.index[name]
    left = index.model_copy(update={"variants": {k: v for k, v in index.variants.items() if k != variant}})
    return LeftOut(
        name, variant, study.model_copy(update={"index": study.index | {name: left}}),
        tuple(_readers(study, f"{name}.{variant}")),
    )  # fmt: skip


def _readers(study: Study, column: str) -> Iterator[str]:
    """Keys of what reads a column: specs, lines, indices, sections of analyses."""
    for spec in study.specs:
        if column in spec.columns():
            yield f"spec.{spec.id}"
    for name, line in study.derive.items():
        if column in (line.reads() if isinstance(line, Step) else columns_of(line)):
            yield f"derive.{name}"
    for name, index in study.index.items():
        if any(column == i.column for form in index.forms().values() for i in form.indicators):
            yield f"index.{name}"
    for kind in SEPARATE:
        for name, settings in getattr(study, kind).items():
            if any(column in names for names in settings.columns().values()):
                yield f"{kind}.{name}"


def specs_of(kind: str, settings: Any) -> set[str]:
    """Ids of the specs that a section of an analysis reads."""
    return set(BY_KIND[kind].specs_of(settings))


def _is_of(record: str, analyses: Collection[str]) -> bool:
    """Whether the record of an analysis, or of a group of it, is of one of these."""
    return any(f"{record}.".startswith(f"{name}.") for name in analyses)


def only(study: Study, *, specs: Collection[str] = (), analyses: Collection[str] = ()) -> Study:
    """The study with what is named alone, analyses as `mediation.NAME`, and the columns that it makes.

    Whatever else is wrong is then no trouble.
    """
    return without(study, {s.id for s in study.specs} - {*specs}, separate(study) - {*analyses})


def separate(study: Study) -> set[str]:
    """Analyses that nothing else rests on, such as `mediation.NAME`."""
    return {f"{kind}.{name}" for kind in SEPARATE for name in getattr(study, kind)}


def _part(study: Study, name: str) -> Study:
    specs = tuple(s for s in study.specs if (s.data or "") == name)
    ids = {s.id for s in specs}
    header = study.data[name].header(study.header) if name else study.header
    main = {kind: {} if name else getattr(study, kind) for kind in (*OF_COLUMNS, "index")}
    of_specs = {
        kind: {k: v for k, v in getattr(study, kind).items() if v.spec in ids} for kind in SEPARATE if kind not in OF_COLUMNS
    }
    part = study.model_copy(update={
        "header": header, "data": {}, "part": name, "specs": specs, **of_specs, **main,
        "published": tuple(p for p in study.published if p.spec in ids),
    })  # fmt: skip
    wanted = [c for s in specs for c in s.columns()]
    asked = [settings for kind in SEPARATE for settings in getattr(part, kind).values()]
    wanted += [c for settings in asked for names in settings.columns().values() for c in names]
    wanted += [i.column for index in part.index.values() for form in index.forms().values() for i in form.indicators]
    return part.model_copy(update={"derive": _lines(study, wanted)})


def _lines(study: Study, wanted: Iterable[str]) -> dict:
    """The lines of `[derive]` that make some columns, and those that these need, in the study's order."""
    waiting, found = list(wanted), set()
    while waiting:
        name = waiting.pop()
        line = study.derive.get(name)
        if line is not None and name not in found:
            found.add(name)
            waiting += line.reads() if isinstance(line, Step) else columns_of(line)
    return {name: line for name, line in study.derive.items() if name in found}


def check_files(study: Study) -> None:
    """Every data file, and every file of weights, is a file inside the study's folder. Raises `InputError`."""
    for part in parts_of(study):
        key = f"data.{part.part}.file" if part.part else "study.data"
        _check_file(part, key, part.header.data, tuple(DATA_FORMATS))
    for one in SECTIONS:
        for name, settings in getattr(study, one.kind).items():
            for key, formats in one.files.items():
                _check_file(study, f"{one.kind}.{name}.{key}", getattr(settings, key), formats)


def _check_file(study: Study, key: str, given: str, formats: Collection[str]) -> None:
    where = str(study.file)
    try:
        resolved = (study.folder / given).resolve()
        inside, exists, folder = resolved.is_relative_to(study.folder.resolve()), resolved.is_file(), resolved.is_dir()
    except (OSError, RuntimeError, ValueError) as error:  # a name too long, a loop of links
        raise InputError.at(
            where, key, f"`{given[:80]}` can't be followed: {getattr(error, 'strerror', None) or error}"
        ) from None
    if not inside:
        raise InputError.at(where, key, f"`{given}` lies outside the study's folder")
    if not exists:
        names = [p.name for p in study.folder.iterdir() if p.suffix.lower() in formats and p.is_file()]
        what = f"`{given}` is a folder" if folder else f"there is no file `{given}`"
        raise InputError.at(where, key, f"{what}{suggest(given, names)}")
