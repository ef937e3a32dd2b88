"""The studies that a verb is asked about: what of them can run, and at the end what can't. The one way of every verb."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from parity.base.errors import InputError, Problem, suggest
from parity.cli.common import say, stop

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


def readable_studies(paths: tuple[str, ...]) -> tuple[list[Study], list[tuple[str, tuple[Problem, ...]]]]:
    """Studies that can be read, and the name and problems of each that can't.

    Raises `InputError` where a path leads to no study, or where none can be read.
    """
    from parity.study.load import load_study

    studies: list[Study] = []
    wrong: list[tuple[str, tuple[Problem, ...]]] = []
    nowhere: list[Problem] = []
    for file in study_files(paths):
        try:
            studies.append(load_study(file))
        except InputError as error:
            folder = file if file.is_dir() else file.parent
            if (folder / "study.toml").is_file() and (file.is_dir() or file.name == "study.toml"):
                wrong.append((Path(os.path.abspath(folder)).name, error.problems))
            else:
                nowhere += error.problems
    if nowhere or not studies:
        raise InputError([*nowhere, *(problem for _, problems in wrong for problem in problems)])
    return studies, wrong


def one_study(path: str) -> Study:
    """The study of a verb that can be asked about one alone. Raises `InputError`, with the names where there are several."""
    from parity.study.load import load_study

    files = study_files((path,))
    if len(files) > 1:
        named = ", ".join(str(file.parent) for file in files[:8]) + (f" and {len(files) - 8} more" if files[8:] else "")
        raise InputError.at(path, "", f"{len(files)} studies are in it; ask about one: {named}")
    return load_study(files[0])


@dataclass
class Asked:
    """studies: those that can be read; problems: what is wrong with the others, and with whatever is come to."""

    path: str
    studies: Sequence[Study]
    problems: list[Problem] = field(default_factory=list)

    @classmethod
    def of(cls, *paths: str) -> Asked:
        """Raises `InputError` where a path leads to no study, or where none can be read."""
        studies, unread = readable_studies(paths)
        return cls(", ".join(paths), studies, [problem for _, problems in unread for problem in problems])

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
        found = [(study, list(things(study))) for study in self.studies]
        known = [name for _, own in found for name in own]
        where = str(self.studies[0].file) if len(self.studies) == 1 else self.path
        if not known:
            self.problems.append(Problem(where, key if key == "spec" else "", none))
        elif unknown := [name for name in names if name not in known]:
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

    def end(self, *, found: bool = False) -> NoReturn:
        """Say what is wrong, and exit: 2 if anything is, else 1 if something was found, else 0."""
        stop("\n".join(f"parity: {problem}" for problem in dict.fromkeys(self.problems)), 2 if self.problems else int(found))
