"""Which R is here, and which packages it has: read from its files, without starting it."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

#: Packages that R engines use and Debian doesn't ship.
NOT_IN_DEBIAN = ("fixest", "lfe", "ivreg")
R_REMEDY = "install R (on Debian or Ubuntu: apt-get install r-base-core)"


@dataclass(frozen=True)
class R:
    """One installation of R.

    home       R_HOME; program: what starts it; version: "4.5.0"
    libraries  existing library folders, in the order in which R searches them
    """

    home: Path
    program: Path
    version: str
    libraries: tuple[Path, ...]

    def package(self, name: str) -> str | None:
        """Version of an installed package, as R's packageVersion() prints it; None if there is none. "R" is R itself."""
        if name == "R":
            return self.version
        for library in self.libraries:
            version = _version(library / name / "DESCRIPTION")
            if version:
                return version
        return None


def probe() -> R | None:
    """The R on the PATH, or None: there is none, or PARITY_R=none."""
    if os.environ.get("PARITY_R") == "none":
        return None
    program = shutil.which("R") or shutil.which("Rscript")
    if program is None:
        return None
    home = _home(Path(program))
    if home is None:
        return None
    version = _version(home / "library" / "base" / "DESCRIPTION")
    if version is None:
        return None
    starter = home / "bin" / "R"
    return R(home, starter if starter.exists() else Path(program), version, _libraries(home, version))


def remedy(packages: Iterable[str]) -> str:
    """How to get these R packages here, as one or two commands."""
    packages = list(packages)
    debian = [p for p in packages if p not in NOT_IN_DEBIAN] if shutil.which("apt-get") else []
    cran = [p for p in packages if p not in debian]
    commands = []
    if debian:
        commands.append("apt-get install " + " ".join(f"r-cran-{p.lower()}" for p in debian))
    if cran:
        names = ", ".join(f'"{p}"' for p in cran)
        commands.append(f"in R: install.packages({names if len(cran) == 1 else f'c({names})'})")
    return "; ".join(commands)


def _home(program: Path) -> Path | None:
    """R_HOME as the `R` script itself sets it (it ignores the variable), else the variable."""
    real = program.resolve()
    for script in (real, program.with_name("R"), real.with_name("R")):
        if script.name == "R" and script.is_file():
            with script.open("rb") as file:
                found = re.search(rb"^R_HOME_DIR=[\"']?([^\"'\n]+)", file.read(4096), re.MULTILINE)
            if found and (home := Path(os.fsdecode(found[1].strip()))).is_dir():
                return home
    given = os.environ.get("R_HOME")
    return Path(given) if given and Path(given).is_dir() else None


def _version(description: Path) -> str | None:
    try:
        text = description.read_bytes()
    except OSError:
        return None
    found = re.search(rb"^Version:\s*(\S+)", text, re.MULTILINE)
    return found[1].decode("ascii", "replace").replace("-", ".") if found else None  # as packageVersion() prints it


def _libraries(home: Path, version: str) -> tuple[Path, ...]:
    """The folders of .libPaths(): R_LIBS, R_LIBS_USER, R_LIBS_SITE (or what etc/Renviron says of them), R's own."""
    try:
        renviron = (home / "etc" / "Renviron").read_text(encoding="utf-8", errors="replace")
    except OSError:
        renviron = ""
    listed = [os.environ.get("R_LIBS", "")]
    for name in ("R_LIBS_USER", "R_LIBS_SITE"):
        default = re.search(rf"^{name}=\$\{{{name}:?-'?([^'}}]*)'?\}}", renviron, re.MULTILINE)
        fallback = {"R_LIBS_USER": "%U", "R_LIBS_SITE": "%S"}[name]
        listed.append(os.environ.get(name) or (default[1] if default else fallback))
    folders: list[Path] = []
    for entry in [e for text in listed for e in text.split(os.pathsep) if e] + [str(home / "library")]:
        folder = _expand(entry, home, version)
        if folder is not None and folder.is_dir() and folder.resolve() not in folders:
            folders.append(folder.resolve())
    return tuple(folders)


def _expand(entry: str, home: Path, version: str) -> Path | None:
    """R's conversion specifiers in library paths; %U is the personal library, %S the site library beside R's own."""
    major_minor = ".".join(version.split(".")[:2])
    if entry == "%S":
        return home / "site-library"
    if entry == "%U":
        return next(iter(Path.home().glob(f"R/*-library/{major_minor}")), None)
    entry = entry.replace("%V", version).replace("%v", major_minor)
    pattern = Path(entry.replace("%p", "*")).expanduser()  # %p, the platform, is only known to R
    if "%p" not in entry or not pattern.is_absolute():
        return pattern
    return next(Path(pattern.anchor).glob(str(pattern.relative_to(pattern.anchor))), None)
