"""The docs: what they show is what the commands print, the site builds without a warning, and no link in it is dead."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import subprocess
import sys
import time
import tomllib
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import click
import pytest
from click.testing import CliRunner

from browser import PATIENCE, browser, dress, findings, requested
from conftest import ROOT
from parity.cli import main

sys.path.insert(0, str(ROOT / "docs"))
import refresh

PAGES = [p for p in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]) if "examples" not in p.parts]
#: Commands of a page that take seconds, so that they are run here too; the others are run by docs/refresh.py.
LIGHT = re.compile(r"^parity \w+ docs/examples/one_(digit|line)\b")


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def commands(text: str) -> list[str]:
    """Every `parity ...` in blocks of shell or YAML, comments of blocks, and code spans that hold a whole command."""
    blocks = re.findall(r"```(?:sh|yaml)\n(.*?)```", text, re.S)
    lines = [line.strip().removeprefix("- run: ") for block in blocks for line in block.splitlines()]
    lines += re.findall(r"<!-- output of: (.+?) -->", text) + re.findall(r"`(parity [a-z]+ [^`\n]*)`", text)
    return [line.split("|")[0].split("#")[0].strip() for line in lines if re.match(r"parity [a-z]+\b", line)]


def said(command: str) -> list[str]:
    """Words of a command; placeholders of reference tables stand as they are."""
    return [w for w in shlex.split(command.replace("[", " ").replace("]", " ").replace("...", " "))][1:]


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_commands_have_verbs_and_options_that_exist(page):
    context = click.Context(main)
    for command in commands(page.read_text(encoding="utf-8")):
        verb, *words = said(command)
        found = main.get_command(context, verb)
        assert found is not None, command
        known = {
            name for option in found.get_params(click.Context(found)) for name in (*option.opts, *option.secondary_opts)
        }
        used = {w.split("=")[0] for w in words if re.match(r"--?[a-z]", w)}
        assert used <= known, (command, used - known)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_toml_and_yaml_can_be_read(page):
    text = page.read_text(encoding="utf-8")
    for block in re.findall(r"```toml\n(.*?)```", text, re.S):
        tomllib.loads(block)
    for block in re.findall(r"```yaml\n(.*?)```", text, re.S):
        yaml = pytest.importorskip("yaml", reason="pyyaml is a development dependency")
        assert yaml.safe_load(block)


def light_blocks():
    for name in refresh.pages():
        for match in refresh.BLOCK.finditer((ROOT / name).read_text(encoding="utf-8")):
            if match["how"] == "content" or LIGHT.match(match["command"]):
                yield pytest.param(match, id=f"{name}: {match['command']}"[:110])


@cache
def printed(words: tuple[str, ...]) -> tuple[int, str, str]:
    """A command of `parity`, once for all pages that show it, and by the workers of these tests."""
    assert words[0] == "parity"
    with contextlib.chdir(ROOT):
        done = CliRunner().invoke(main, words[1:], env={"COLUMNS": "80"})
    return done.exit_code, done.stdout, done.stderr


@pytest.mark.parametrize("match", list(light_blocks()))
def test_pages_show_what_the_command_prints(match):
    assert refresh.lasting(refresh.block(match, printed)) == refresh.lasting(match[0]), "run `python docs/refresh.py`"


def test_what_is_shown_of_commands_is_not_empty():
    blocks = [m for name in refresh.pages() for m in refresh.BLOCK.finditer((ROOT / name).read_text(encoding="utf-8"))]
    assert len(blocks) > 8 and all(m["output"].strip() for m in blocks)
    assert len(list(light_blocks())) > 4


class Page(HTMLParser):
    """What a page of the site loads, where it links to, and the places it offers."""

    def __init__(self, path: Path):
        super().__init__()
        self.loads, self.links, self.places = [], [], set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.places |= {found[name] for name in ("id", "name") if found.get(name)}
        if tag == "a" and found.get("href"):
            self.links.append(found["href"])
        elif tag == "link" and found.get("rel") in ("stylesheet", "icon", "preload", "preconnect"):
            self.loads.append(found["href"])
        elif found.get("src"):
            self.loads.append(found["src"])


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    pytest.importorskip("mkdocs", reason="mkdocs is a development dependency")
    pytest.importorskip("material", reason="mkdocs-material is a development dependency")
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", folder], cwd=ROOT,
        capture_output=True, text=True,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"}, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0 and "WARNING" not in done.stdout + done.stderr, done.stdout + done.stderr
    return folder


def test_no_link_of_the_site_is_dead_and_nothing_is_loaded_from_outside(site):
    pages = {path: Page(path) for path in site.rglob("*.html") if path.name != "404.html"}
    assert len(pages) > 25
    dead, found = [], {}  # every page has the links of the navigation
    for path, page in pages.items():
        for address in dict.fromkeys(page.loads + page.links):
            parts = urlsplit(address)
            if parts.scheme in ("http", "https", "mailto") and address not in page.loads:
                continue
            place = os.path.normpath(path.parent / unquote(parts.path)) if parts.path else str(path)
            if place not in found:
                found[place] = (target := Path(place).resolve(), target.exists())
            target, exists = found[place]
            fine = not parts.scheme and not parts.netloc and exists
            if fine and parts.fragment and target in pages:
                fine = unquote(parts.fragment) in pages[target].places
            if not fine:
                dead.append((path.name, address))
    assert not dead


def test_a_cause_that_a_page_names_is_a_link_to_it(site):
    for page in ("evidence/as-shipped.html", "phrasebook.html"):
        assert [link for link in Page(site / page).links if re.match(r"(\.\./)?causes/[a-z-]+\.html$", link)], page
    assert Page(site / "causes" / "index.html").links.count("hc2.html") >= 1


def test_every_page_stands_in_the_navigation_and_every_verb_in_the_reference(site):
    home = Page(site / "index.html").links
    for path in (ROOT / "docs").rglob("*.md"):
        where = path.relative_to(ROOT / "docs").with_suffix(".html").as_posix().replace("README", "index")
        assert "examples" in path.parts or where in {urlsplit(link).path for link in home}, where
    places = Page(site / "reference" / "command-line.html").places
    assert {f"parity-{verb}" for verb in main.list_commands(click.Context(main))} <= places
    keys = Page(site / "reference" / "study.html").places
    assert {name.lower() for name in json.loads((ROOT / "schemas" / "study.json").read_text())["$defs"]} <= keys


def test_the_search_works_from_a_disk(site, tmp_path):
    with browser(tmp_path / "profile") as driver:
        driver.get((site / "index.html").as_uri())
        driver.get_log("performance")
        driver.find_element("css selector", ".md-search__input").send_keys("driscoll")
        until = time.monotonic() + PATIENCE
        while not (found := driver.find_elements("css selector", ".md-search-result__item")) and time.monotonic() < until:
            time.sleep(0.2)
        assert found
        asked = requested(driver)
        assert asked and all(url.startswith(("file:", "data:", "about:", "blob:")) for url in asked)


#: The theme wraps its tables a moment after the page is loaded; then none is left outside.
WRAPPED = """
const tables = [...document.querySelectorAll(".md-typeset table:not([class])")];
return tables.every((table) => table.closest(".md-typeset__scrollwrap"));
"""
#: The theme's colours and places take a moment to change, also with the window's width: half-way they say nothing.
STILL = """
const still = document.createElement("style");
still.textContent = "*, *::before, *::after, *::placeholder { transition: none !important; animation: none !important; }";
document.head.append(still);
"""
#: Letters and colours of a page, and the widths of its window. Colours are chosen when it is loaded, the width after.
LOOKS = [("wide", False, (1280, 360)), ("wide", True, (360, 1280)), ("narrow", False, (1280, 360))]
#: Colours move nothing, and axe judges them and places apart: it sees each once, and the first page in every look.
JUDGED = {("wide", False, 1280), ("wide", True, 360)}
#: Widths of cells with a command, and texts of the code in them: one question to the browser, not one for each of hundreds.
CELLS = "return [...document.querySelectorAll('td.command')].map((e) => e.getBoundingClientRect().width)"
CODES = "return [...document.querySelectorAll('td.command code')].map((e) => e.innerText)"


@pytest.fixture(scope="module")
def windows(tmp_path_factory):
    """Fonts -> a browser with them, opened once."""
    with contextlib.ExitStack() as opened:
        yield cache(lambda fonts: opened.enter_context(browser(tmp_path_factory.mktemp("window") / "profile", fonts=fonts)))


@pytest.mark.parametrize(("fonts", "dark", "widths"), LOOKS)
def test_the_site_fits_its_window_and_axe_finds_nothing_serious(site, windows, fonts, dark, widths):
    """Commands in tables break, tables and code scroll by keyboard; a moderate finding is the theme's own."""
    driver = windows(fonts)
    for page in ("index.html", "tutorial-stata.html", "phrasebook.html", "reference/command-line.html", "zh.html"):
        dress(driver, widths[0], dark=dark)
        driver.get((site / page).as_uri())
        until = time.monotonic() + PATIENCE
        while not driver.execute_script(WRAPPED) and time.monotonic() < until:
            time.sleep(0.1)
        driver.execute_script(STILL)
        for width in widths:
            dress(driver, width, dark=dark)
            assert driver.execute_script("return innerWidth") == width
            driver.execute_script("window.dispatchEvent(new Event('resize'))")  # focus.js looks at the tables again
            assert driver.execute_script("return document.documentElement.scrollWidth") <= width
            if page == "index.html" or (fonts, dark, width) in JUDGED:
                assert findings(driver, ("minor", "moderate")) == [], page
            assert all(wide >= 160 for wide in driver.execute_script(CELLS)), page
            if page == "phrasebook.html":
                code = driver.execute_script(CODES)
                assert any("value + capital | firm" in text for text in code) and not any("\\|" in text for text in code)
                box = driver.find_element("css selector", ".md-typeset__scrollwrap")
                whole, part = box.get_property("scrollWidth"), box.get_property("clientWidth")
                assert width < 1000 or whole <= part


def test_the_readme_counts_what_is_bundled():
    from parity.study.load import load_study

    studies = [load_study(path.parent) for path in sorted((ROOT / "fixtures").glob("*/study.toml"))]
    made = sorted(s.id for s in studies if s.header.made)
    words = dict(zip(range(12, 18), ["twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"], strict=True))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert (
        f"All bundled studies: {words[len(studies)]}. {words[len(studies) - len(made)].capitalize()} are real data" in readme
    )
    assert f"Made data, not observed: {', '.join(made)}." in readme
    specs = sum(len(s.specs) for s in studies)
    assert f"{specs} of {specs} specifications agree" in readme
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"{words[len(studies)].capitalize()} bundled studies with {specs} specs" in changes


def test_the_readmes_name_every_verb():
    for name in ("README.md", "README.zh.md"):
        rows = [line for line in (ROOT / name).read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
        named = set(re.findall(r"`([a-z]+)`", " ".join(row.split("|")[1] for row in rows)))
        assert named == set(main.list_commands(click.Context(main))), name


def test_the_table_of_conventions_is_that_of_the_profiles():
    from parity.conventions.profiles import PROFILES

    page = (ROOT / "docs" / "adding-a-study.md").read_text(encoding="utf-8")
    rows = [
        [c.strip() for c in line.strip("|").split("|")]
        for line in page.splitlines()
        if re.match(r"\| `\w+`.*(kept|dropped) \|$", line)
    ]
    found = {name: row[1:] for row in rows for name in re.findall(r"`(\w+)`", row[0])}
    assert list(PROFILES) == [name for name in PROFILES if name in found] and len(found) == len(PROFILES)
    t = {"G - 1": "groups", "smaller of G - 1 and N - K": "min", "N - K": "resid", "normal": "normal"}
    scale = {"(N-1)/(N-K)": "(n-1)/(n-k)", "N/(N-K)": "n/(n-k)", "1": "none"}
    for name, (counted, factor, df, singletons) in found.items():
        profile = PROFILES[name]
        assert singletons == {"keep": "kept", "drop": "dropped"}[profile.singletons], name
        if not profile.small:
            assert (factor, df) == ("1", "normal"), name
            continue
        assert t.get(df, "lfe") == profile.t_cluster, name
        assert scale[factor.split()[-1]] == profile.cluster_scale, name
        groups = "each" if factor.startswith("own") else "min" if "G/(G-1)" in factor else "none"
        assert groups == profile.cluster_groups, name
        nested = {"nonnested": "nested", "panel": "but the panel's", "lfe": "if any effect is nested",
                  "full": "every effect", "linearmodels": "the only one"}  # fmt: skip
        assert factor == "1" or counted.startswith("the same") or nested[profile.count_fixef] in counted, name


def test_every_key_of_a_printed_number_is_documented():
    from parity.study.published import Published

    page = (ROOT / "docs" / "adding-a-study.md").read_text(encoding="utf-8").split("## Printed numbers")[1].split("\n## ")[0]
    first = {
        name for line in page.splitlines() if line.startswith("| `") for name in re.findall(r"`(\w+)`", line.split("|")[1])
    }
    assert first == set(Published.model_fields)
