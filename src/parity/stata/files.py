"""Files of a do-file, kept to one folder: what is read lies in it, what is written goes to a scratch copy.

Absolute paths of somebody else's machine are mapped onto the folder by their longest tail that is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from parity.base import encoding


def decoded(raw: bytes) -> str:
    """The text of a do-file or of data: UTF-8, else Chinese or Western by its bytes; marks of byte order are no text."""
    return encoding.decoded(raw)[0].replace("\ufeff", "")


class Outside(Exception):
    """A path that leads out of the folder, or an address."""


class Absent(Exception):
    """A file that isn't there. beside: names of the files in the folder that it was looked for in; namesakes: files in other
    folders that are called so; pointed: whether Git LFS has left its address in its place."""

    def __init__(self, typed: str, beside: Iterable[str] = (), namesakes: Iterable[str] = (), *, pointed: bool = False):
        super().__init__(typed)
        self.pointed = pointed
        self.name, self.beside = re.split(r"[/\\]", typed.strip('" '))[-1], tuple(beside)
        self.namesakes = tuple(namesakes)


#: What Git LFS leaves in a file's place until it is asked for it.
_POINTER = b"version https://git-lfs.github.com/spec/"


def is_pointer(path: Path) -> bool:
    """Whether a file holds but its address in Git LFS."""
    try:
        if path.stat().st_size > 1000:
            return False
        return path.read_bytes().startswith(_POINTER)
    except OSError:
        return False


@dataclass
class Files:
    """folder: all that may be read; scratch: where written files go, which are read before those of the folder.

    here: the working folder within, changed by `cd`; mapped: typed path -> file that was taken for it
    unmade: names in small letters of files that the do-file would have written, had it been run
    """

    folder: Path
    scratch: Path
    here: Path = Path()
    mapped: dict[str, str] = field(default_factory=dict)
    temporary: dict[str, Path] = field(default_factory=dict)
    unmade: set[str] = field(default_factory=set)
    _programs: dict[str, list[Path]] | None = field(default=None, repr=False)
    _by_name: dict[str, list[Path]] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self.folder, self.scratch = self.folder.resolve(), self.scratch.resolve()

    def existing(self, typed: str, *endings: str) -> Path:
        """The file behind a typed path; endings are tried where it has none. Raises `Absent`, `Outside`."""
        pointed = False
        for candidate in self._candidates(typed):
            for ending in ("", *endings):
                for root in (self.scratch, self.folder):
                    found = self._in(root, candidate, ending)
                    if found is not None and is_pointer(found):
                        pointed = True
                    elif found is not None:
                        self.taken(typed, found)
                        return found
        raise Absent(typed, () if pointed else self._beside(typed), pointed=pointed)

    def elsewhere(self, typed: str, *endings: str) -> list[Path]:
        """The package's files that are called so, in whatever folder; of copies of one file the first.

        None of what the do-file itself would have made: another file of that name isn't it.
        """
        name = self._candidates(typed)[0].name.lower()
        if self._by_name is None:
            self._by_name = {}
            for path in sorted(self.folder.rglob("*")):
                if (
                    path.is_file()
                    and self._inside(path)
                    and not (_hidden(path.relative_to(self.folder)) or is_pointer(path))
                ):
                    self._by_name.setdefault(path.name.lower(), []).append(path)
        for ending in ("", *endings):
            found = [] if f"{name}{ending}" in self.unmade else self._by_name.get(f"{name}{ending}", [])
            if found:
                return found[:1] if all(_same(found[0], other) for other in found[1:]) else found
        return []

    def _beside(self, typed: str) -> list[str]:
        """Files in the folder that a path leads to, as far as it is there."""
        for candidate in self._candidates(typed):
            folder = _folder_anycase(self.folder, candidate.parent)
            if folder is not None and self._inside(folder):
                return sorted(entry.name for entry in folder.iterdir() if entry.is_file())
        return []

    def held(self, typed: str, ending: str) -> Path | None:
        """The package's own file, at the first of the places that a typed path may mean; None where it has none there."""
        found = (self._in(self.folder, self._candidates(typed)[0], e) for e in ("", ending))
        return next((path for path in found if path is not None), None)

    def _in(self, root: Path, relative: Path, ending: str) -> Path | None:
        path = Path(f"{root / relative}{ending}")
        if path.is_file() and self._inside(path):
            return path
        folder = _folder_anycase(root, relative.parent)
        if folder is None:
            return None
        wanted = f"{relative.name}{ending}".lower()
        for entry in folder.iterdir():  # Windows and macOS don't mind capitals
            if entry.name.lower() == wanted and entry.is_file() and self._inside(entry):
                return entry
        return None

    def _inside(self, path: Path) -> bool:
        real = path.resolve()
        return real.is_relative_to(self.folder) or real.is_relative_to(self.scratch)

    def _candidates(self, typed: str) -> list[Path]:
        """Relative paths that a typed one may mean, the nearest first. Raises `Outside` for an address."""
        text = typed.strip().strip('"').replace("\\", "/")
        if re.match(r"(https?|ftp)://", text):
            raise Outside(f"`{text[:60]}` is an address: nothing is fetched")
        if not text:
            raise Absent(typed)
        if text in self.temporary:
            return [self.temporary[text]]
        absolute = text.startswith(("/", "~")) or re.match(r"[A-Za-z]:", text) is not None
        parts = [p for p in re.sub(r"^[A-Za-z]:", "", text).split("/") if p not in ("", ".", "~")]
        tails = [Path(*_up(parts[i:])) for i in range(len(parts)) if _up(parts[i:])]
        if absolute:  # below the folder, then below the working folder and those above it
            above = [Path(*self.here.parts[:i]) for i in range(len(self.here.parts), 0, -1)]
            return [*tails, *(up / tail for up in above for tail in tails)]
        base = [p for p in self.here.parts]
        direct = _up([*base, *parts])
        return list(dict.fromkeys([*([Path(*direct)] if direct else []), *tails]))

    def taken(self, typed: str, found: Path) -> None:
        """Remember which file was read for a typed path."""
        root = self.scratch if found.is_relative_to(self.scratch) else self.folder
        self.mapped[typed] = str(found.relative_to(root)) if found.is_relative_to(root) else found.name

    def written(self, typed: str, ending: str = "") -> Path:
        """Where a written file goes: below the scratch folder, whatever the path. Raises `Outside`."""
        relative = self._candidates(typed)[0]
        if ending and not relative.suffix:
            relative = relative.with_name(relative.name + ending)
        path = self.scratch / relative
        if not path.resolve().is_relative_to(self.scratch):
            raise Outside(f"`{typed}` leads out of the folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def program(self, name: str) -> Path | None:
        """The package's own `name.ado`, wherever it lies in the folder; None where there is none, or several."""
        if self._programs is None:
            self._programs = {}
            for path in sorted(self.folder.rglob("*.ado")):
                if path.is_file() and self._inside(path):
                    self._programs.setdefault(path.stem, []).append(path)
        found = self._programs.get(name, [])
        return found[0] if len(found) == 1 else None

    def temp(self, name: str) -> str:
        """A name for `tempfile`: nothing but this run finds it."""
        text = f"__tempfile_{name}_{len(self.temporary)}"
        self.temporary[text] = Path("__temporary") / text
        return text

    def cd(self, typed: str) -> None:
        """Change the working folder where the path is there below the folder; stay where it isn't."""
        for candidate in self._candidates(typed):
            if (self.folder / candidate).is_dir() and (self.folder / candidate).resolve().is_relative_to(self.folder):
                self.here = candidate
                return


def _hidden(relative: Path) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in relative.parts)


def _same(one: Path, other: Path) -> bool:
    return one.stat().st_size == other.stat().st_size and one.read_bytes() == other.read_bytes()


def _up(parts: list[str]) -> list[str]:
    """Without `..`; those that lead out are dropped."""
    out: list[str] = []
    for part in parts:
        if part == "..":
            out = out[:-1]
        else:
            out.append(part)
    return out


def _folder_anycase(root: Path, relative: Path) -> Path | None:
    here = root
    for part in relative.parts:
        if (here / part).is_dir():
            here = here / part
            continue
        if not here.is_dir():
            return None
        found = next((e for e in here.iterdir() if e.is_dir() and e.name.lower() == part.lower()), None)
        if found is None:
            return None
        here = found
    return here if here.is_dir() else None
