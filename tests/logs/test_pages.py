"""Pages that show a session of Stata, Markdown and HTML, read as logs: whose window is whose, and on what line."""

from __future__ import annotations

import html

import pytest

from parity.logs import pages
from parity.logs.log import read_log
from parity.package.folder import File, listing
from parity.package.inventory import role
from parity.package.running import log_script

WINDOW = """\
------------------------------------------------------------------------------
           y |      Coef.   Std. Err.      z    P>|z|     [95% Conf. Interval]
-------------+----------------------------------------------------------------
           x |        .25        .125     2.00   0.046     .0050045    .4949955
       _cons |         -1          .5    -2.00   0.046    -1.979982   -.0200180
------------------------------------------------------------------------------
"""
SPOKEN = f"""# Week 1

Text with a number, 0.25.

```stata
. logit y x
{WINDOW}```

```r
. glm(y ~ x)
{WINDOW}```
"""


def cell(code: str, output: str) -> str:
    """A notebook's cell of code with its output, as pages of notebooks have them."""
    return (f'<div class=" highlight hl-stata"><pre><span></span>{html.escape(code)}\n</pre></div>\n'
            f'<div class="output_text">\n<pre>\n{html.escape(output)}</pre></div>\n')  # fmt: skip


CODE = "/* of\nboth */\nquietly logit y x\nprobit y x, ///\n    vce(robust)"
NOTEBOOK = f"<!DOCTYPE html>\n<html>\n<p>0.25</p>\n{cell('logit y x', WINDOW)}{cell(CODE, WINDOW)}</html>"


def test_blocks_of_markdown():
    assert pages.is_page(SPOKEN) and not pages.is_page(SPOKEN.replace("P>|z|", "p"))
    log = read_log(SPOKEN.encode(), "notes.md")
    assert [log.commands[w.command].text for w in log.windows] == ["logit y x"]  # R's block isn't Stata's
    assert SPOKEN.split("\n")[log.windows[0].rows[0].place.line - 1].split()[0] == "x"
    assert not log.outside


def test_cells_of_a_notebook():
    """Output of several statements follows all of them: those that print are asked which it is of."""
    log = read_log(NOTEBOOK.encode(), "notebook.html")
    assert [log.commands[w.command].text for w in log.windows] == ["logit y x", "probit y x, vce(robust)"]
    assert [log.commands[w.command].quiet for w in log.windows] == [False, False]
    lines = NOTEBOOK.split("\n")
    assert [html.unescape(lines[w.rows[0].place.line - 1]).split()[0] for w in log.windows] == ["x", "x"]


@pytest.mark.parametrize(("name", "text", "due"), [
    ("notes.md", SPOKEN, "log"), ("notes.Rmd", SPOKEN, "log"), ("notes.Rmd", SPOKEN.replace("|", " "), "other code"),
    ("notebook.html", NOTEBOOK, "log"), ("notes.md", SPOKEN.replace("|", " "), "other"),
    ("notes.md", "| a | b |\n|---|---|\n| 1 | 2 |\n" + SPOKEN, "table"),
])  # fmt: skip
def test_roles(tmp_path, name, text, due):
    (tmp_path / name).write_text(text)
    (found,) = listing(tmp_path).files
    assert isinstance(found, File) and role(found) == due


BLOCK = "".join(f"        {line}\n" for line in WINDOW.splitlines())
INDENTED = f"""# Week 2

1. a list whose text stands below it

    0.25 of it

```
quietly probit y /// a comment
    x
logit y x
```

{BLOCK}
Words.

```
foreach v in x {{  // one

    // by one
    logit y `v'
}}
```

{BLOCK}Words again.
"""


def test_output_that_is_indented():
    """As nbconvert writes Markdown: fences hold code though they name no language."""
    log = read_log(INDENTED.encode(), "notes.md")
    assert [log.commands[w.command].text for w in log.windows] == ["logit y x", "logit y `v'"]
    assert [INDENTED.split("\n")[w.rows[0].place.line - 1].split()[0] for w in log.windows] == ["x", "x"]
    assert not log.outside
    assert not read_log(INDENTED.replace("|z|", "z").encode(), "notes.md").commands  # nothing says that it is Stata's


def test_statements_of_a_block_run_alone():
    """`{` that no code has holds a block's output together; a do-file of it would never end. Loops keep their braces."""
    script = log_script(read_log(INDENTED.encode(), "notes.md").commands)
    assert " ".join(script.split()) == "quietly probit y x logit y x foreach v in x { logit y `v' }"
