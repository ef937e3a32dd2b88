"""Scripts that parity exports, run as a person would run them, but all of a kind in one process: packages load once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from parity.export import export_study
from parity.study.spec import Spec
from parity.study.study import Study

#: Sources every script named on standard input, each in an environment of its own, and prints what it prints.
R_RUNNER = r"""
invisible(suppressWarnings(Sys.setlocale("LC_ALL", "C.UTF-8")))
for (script in readLines(file("stdin", encoding = "UTF-8"))) {
  printed <- tryCatch(
    suppressWarnings(capture.output(source(script, local = new.env(), encoding = "UTF-8"))),
    error = function(e) paste("# error", gsub("\n", " ", conditionMessage(e)))
  )
  writeLines(c(paste("# script", script), printed))
}
"""


def written(study: Study, specs: Sequence[Spec], folder: Path) -> list[Path]:
    """The exported script of each spec as a file of `folder`."""
    paths = []
    for file, text in export_study(study, specs, "r").items():
        paths.append(folder / file)
        paths[-1].write_text(text, encoding="utf-8")
    return paths


def run_r(
    scripts: list[Path], folder: Path, *arguments: str, named: Callable[[Path], str] = lambda script: script.stem
) -> dict[str, list[str]]:
    """Name of each script -> the lines it prints, run from `folder` by one R process; arguments: of every script."""
    done = subprocess.run(
        ["Rscript", "-e", R_RUNNER, *arguments], input="".join(f"{s}\n" for s in scripts), cwd=folder,
        capture_output=True, text=True, encoding="utf-8", timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    printed: dict[str, list[str]] = {}
    for line in done.stdout.splitlines():
        if line.startswith("# script "):
            current = printed[named(Path(line.removeprefix("# script ")))] = []
        else:
            current.append(line)
    return printed


#: Runs every script named on the command line, each in a namespace of its own with what stands behind `--`, and prints what
#: it prints.
PYTHON_RUNNER = """
import contextlib, io, runpy, sys, warnings
warnings.simplefilter("ignore")
scripts, arguments = sys.argv[1:], []
if "--" in scripts:
    scripts, arguments = scripts[: scripts.index("--")], scripts[scripts.index("--") + 1 :]
for script in scripts:
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            sys.argv = [script, *arguments]
            runpy.run_path(script)
    except Exception as error:
        printed = io.StringIO(f"# error {type(error).__name__}: {error}")
    print("# script", script)
    print(printed.getvalue())
assert not [name for name in sys.modules if name.split(".")[0] == "parity"]
"""


def run_python(texts: dict[str, str], folder: Path, cwd: Path, *arguments: str) -> dict[str, list[str]]:
    """Script's name -> the lines it prints, run from `cwd` by one Python process that can't see parity's tests.

    arguments: of every script.
    """
    paths = []
    for name, text in texts.items():
        paths.append(folder / name)
        paths[-1].write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", PYTHON_RUNNER, *map(str, paths), "--", *arguments], cwd=cwd, capture_output=True, text=True,
        encoding="utf-8", timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    printed: dict[str, list[str]] = {}
    for line in done.stdout.splitlines():
        if line.startswith("# script "):
            current = printed[Path(line.removeprefix("# script ")).relative_to(folder).as_posix()] = []
        elif line:
            current.append(line)
    return printed
