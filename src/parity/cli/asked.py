"""The studies that a verb is asked about: what of them can run, and at the end what can't. The one way of every verb."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from parity.base.errors import InputError, Problem, suggest
from parity.cli.common import problem_lines, say, stop
from parity.study.analyses.registry import BY_KIND

if TYPE_CHECKING:
    from parity.study.study import Study


def study_files(paths: tuple[str, ...]) -> list[Path]:
    """Folders of studies at the paths. Without paths: those under fixtures/, or the working directory."""
    files: list[Path] = []
    for text in paths or (("fixtures",) if Path("fixtures").is_dir() else (".",)):
        path = Path(text)
        inside = [] if (path / "study.toml").is_file() or path.is_file() else sorted(path.glob("*/study.toml"))
        files += inside or [path]
    return files


@dataclass(frozen=True)
class Unread:
    """What can't be read: a study, or of it what is named, as records name it: `SPEC`, `wild.NAME`, `table.NAME`."""

    study: str
    name: str
    problems: tuple[Problem, ...]

    def is_one_of(self, names: Collection[str], key: str = "spec") -> bool:
        """Whether it is what one of these names means, of this section of study.toml."""
        return any(self.name == (name if key == "spec" else f"{key}.{name}") for name in names)

    @property
    def may_be_in_a_table(self) -> bool:
        """Tables show analyses that they don't name, such as every test of their columns."""
        kind, named, _ = self.name.partition(".")
        return bool(named) and kind in BY_KIND


def readable_studies(paths: tuple[str, ...], specs: Sequence[str] = ()) -> tuple[list[Study], list[Unread]]:
    """Studies that can be read, and what can't; of their specs, where some are asked for, only those of `specs`.

    Raises `InputError` where a path leads to no study, where none can be read, or where none of `specs` can.
    """
    from parity.study.load import load_readable

    studies: list[Study] = []
    wrong: list[Unread] = []
    nowhere: list[Problem] = []
    for file in study_files(paths):
        try:
            study, specs_wrong = load_readable(file)
            studies.append(study)
            wrong += [Unread(study.id, name, found) for name, found in specs_wrong.items() if not specs or name in specs]
        except InputError as error:
            folder = file if file.is_dir() else file.parent
            if (folder / "study.toml").is_file() and (file.is_dir() or file.name == "study.toml"):
                wrong.append(Unread(Path(os.path.abspath(folder)).name, "", error.problems))
            else:
                nowhere += error.problems
    if nowhere or not studies or (specs and not readable(specs, studies, wrong)):
        raise InputError([*nowhere, *(problem for one in wrong for problem in one.problems)])
    return studies, wrong


def readable(specs: Sequence[str], studies: Iterable[Study], unread: Iterable[Unread]) -> tuple[str, ...]:
    """The specs asked for, without those that no study has but in words that can't be read."""
    there = {spec.id for study in studies for spec in study.specs}
    return tuple(name for name in specs if name in there or not any(one.is_one_of([name]) for one in unread))


def one_study(path: str, spec: str = "") -> Study:
    """The study of a verb that can be asked about one alone, without specs that can't be read.

    Raises `InputError`, with the names where there are several, and where the spec asked for is one of those.
    """
    from parity.study.load import load_readable

    files = study_files((path,))
    if len(files) > 1:
        named = ", ".join(str(file.parent) for file in files[:8]) + (f" and {len(files) - 8} more" if files[8:] else "")
        raise InputError.at(path, "", f"{len(files)} studies are in it; ask about one: {named}")
    study, wrong = load_readable(files[0])
    if spec in wrong:
        raise InputError(wrong[spec])
    return study


@dataclass
class Asked:
    """studies: those that can be read; problems: what is wrong with the others, and with whatever is come to."""

    path: str
    studies: Sequence[Study]
    problems: list[Problem] = field(default_factory=list)
    unread: Sequence[Unread] = ()  # parts of studies; said at the end, unless others were asked for by name
    key: str = "spec"  # the section of what was asked for by name
    names: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, *paths: str) -> Asked:
        """Raises `InputError` where a path leads to no study, or where none can be read."""
        studies, unread = readable_studies(paths)
        whole = [problem for one in unread if not one.name for problem in one.problems]
        return cls(", ".join(paths), studies, whole, [one for one in unread if one.name])

    @classmethod
    def kept(cls, path: str, study: Study, wrong: Mapping[str, tuple[Problem, ...]]) -> Asked:
        """Of a study that a report keeps; wrong: what of it can't be read."""
        return cls(path, [study], unread=[Unread(study.id, name, found) for name, found in wrong.items()])

    def ask(self, key: str, names: Iterable[str]) -> None:
        """Of what can't be read, only what these names mean is said at the end, where there are any."""
        self.key, self.names = key, {*self.names, *names}

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """What is wrong inside is kept for the end, and stops nothing else."""
        try:
            yield
        except InputError as error:
            self.problems += error.problems

    def parts(self, study: Study) -> tuple[Study, ...]:
        """What of a study can run, one study a data file, without the specs and analyses that can't be built."""
        from parity.base.cache import AnswerCache
        from parity.data.runnable import runnable

        able = runnable(study, AnswerCache(None))
        self.problems += able.problems
        return able.parts

    def named(
        self, things: Callable[[Study], Iterable[str]], names: Sequence[str],
        *, key: str, what: str, none: str, quiet: bool = False,
    ) -> Iterator[tuple[Study, list[str]]]:  # fmt: skip
        """Each study that has such things, and those of its things that are asked for; names: default all.

        key, what: their table in study.toml, and the word for one. none: what is said where no study has any. A name that
        none has is a problem. Where there are several studies, the name of each is printed first, unless
        that is to be quiet.
        """
        self.ask(key, names)
        found = [(study, list(things(study))) for study in self.studies]
        known = [name for _, own in found for name in own]
        where = str(self.studies[0].file) if len(self.studies) == 1 else self.path
        unknown = [n for n in names if n not in known and not any(one.is_one_of([n], key) for one in self.unread)]
        if not known and not any(one.name.startswith(f"{key}.") for one in self.unread):
            self.problems.append(Problem(where, key if key == "spec" else "", none))
        elif unknown:
            self.problems += [Problem(where, key, f"there is no {what} `{n}`{suggest(n, known)}") for n in unknown]
            return
        for study, own in found:
            if wanted := [name for name in names or own if name in own]:
                if len(self.studies) > 1 and not quiet:
                    say(f"{study.id}\n")
                yield study, wanted

    def folder(self, folder: Path, study: Study) -> Path:
        """Where files of a study go below a folder that was asked for: each of several has one of its own. It is made."""
        place = folder / study.id if len(self.studies) > 1 else folder
        place.mkdir(parents=True, exist_ok=True)
        return place

    @property
    def wrong(self) -> tuple[Problem, ...]:
        """What was come to, and of what can't be read what was asked for, or with no names all."""
        said = (
            one for one in self.unread
            if not self.names or one.is_one_of(self.names, self.key) or (self.key == "table" and one.may_be_in_a_table)
        )  # fmt: skip
        return tuple(dict.fromkeys([*self.problems, *(problem for one in said for problem in one.problems)]))

    def end(self, *, found: bool = False) -> NoReturn:
        """Say what is wrong, and exit: 2 if anything is, else 1 if something was found, else 0."""
        stop(problem_lines(self.wrong), 2 if self.wrong else int(found))
