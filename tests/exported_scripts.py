"""Scripts that parity exports, run as a person would run them, but all in one process of a language: packages load once."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import IO

from parity.export import export_study
from parity.study.spec import Spec
from parity.study.study import Study

END = "# end"
#: Sources every script that standard input names, each in an environment of its own, and prints what it prints.
R_RUNNER = r"""
invisible(suppressWarnings(Sys.setlocale("LC_ALL", "C.UTF-8")))
asked <- file("stdin", open = "r", encoding = "UTF-8")
arguments <- character()
while (length(line <- readLines(asked, n = 1L)) == 1L) {
  if (line == "# end") {
    writeLines(line)
    flush(stdout())
  } else if (startsWith(line, "# in ")) {
    setwd(substring(line, 6L))
    arguments <- character()
  } else if (startsWith(line, "# with ")) {
    arguments <- c(arguments, substring(line, 8L))
  } else {
    own <- new.env()
    own$commandArgs <- function(trailingOnly = FALSE) if (trailingOnly) arguments else base::commandArgs()
    printed <- tryCatch(
      suppressWarnings(capture.output(source(line, local = own, encoding = "UTF-8"))),
      error = function(e) paste("# error", gsub("\n", " ", conditionMessage(e)))
    )
    writeLines(c(paste("# script", line), printed))
  }
}
"""
#: Runs every script that a line of standard input names, each in a namespace of its own, and prints what it prints.
PYTHON_RUNNER = """
import contextlib, io, json, os, runpy, sys, warnings
for line in sys.stdin:
    asked = json.loads(line)
    os.chdir(asked["cwd"])
    for script in asked["scripts"]:
        printed = io.StringIO()
        try:
            with contextlib.redirect_stdout(printed), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                sys.argv = [script, *asked["arguments"]]
                runpy.run_path(script)
        except Exception as error:
            printed = io.StringIO(f"# error {type(error).__name__}: {error}")
        print("# script", script)
        print(printed.getvalue())
    assert not [name for name in sys.modules if name.split(".")[0] == "parity"]
    print("# end", flush=True)
"""


@cache
def started(*command: str) -> tuple[subprocess.Popen, IO[bytes]]:
    """A process that scripts are given to until this one ends, and the file of what it complains of."""
    complaints = tempfile.TemporaryFile()  # noqa: SIM115 - of a process that lives on
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints, text=True, encoding="utf-8"
    )
    return process, complaints


def said(process: subprocess.Popen, complaints: IO[bytes], asked: str) -> list[str]:
    """Lines that the process prints until it says that it has done what was asked."""
    late = threading.Timer(600, process.kill)
    late.start()
    try:
        process.stdin.write(asked)
        process.stdin.flush()
        lines = []
        for line in process.stdout:
            if line.rstrip("\n") == END:
                return lines
            lines.append(line.rstrip("\n"))
    finally:
        late.cancel()
    started.cache_clear()
    complaints.seek(0)
    raise AssertionError(complaints.read().decode("utf-8", "replace")[-3000:])


def by_script(lines: list[str], named: Callable[[Path], str]) -> dict[str, list[str]]:
    printed: dict[str, list[str]] = {}
    for line in lines:
        if line.startswith("# script "):
            current = printed[named(Path(line.removeprefix("# script ")))] = []
        else:
            current.append(line)
    return printed


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
    asked = [f"# in {folder}", *(f"# with {a}" for a in arguments), *map(str, scripts), END]
    return by_script(said(*started("Rscript", "-e", R_RUNNER), "".join(f"{line}\n" for line in asked)), named)


def run_python(texts: dict[str, str], folder: Path, cwd: Path, *arguments: str) -> dict[str, list[str]]:
    """Script's name -> the lines it prints, run from `cwd` by one Python process that can't see parity's tests.

    arguments: of every script.
    """
    paths = []
    for name, text in texts.items():
        paths.append(folder / name)
        paths[-1].write_text(text, encoding="utf-8")
    asked = {"cwd": str(cwd), "scripts": list(map(str, paths)), "arguments": arguments}
    lines = said(*started(sys.executable, "-c", PYTHON_RUNNER), json.dumps(asked) + "\n")
    return by_script([line for line in lines if line], lambda script: script.relative_to(folder).as_posix())
