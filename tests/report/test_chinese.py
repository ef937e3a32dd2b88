"""What is told in Chinese: nothing that a person sees of these commands lacks it, and no sentence has it twice."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from click.testing import CliRunner

import parity
from parity.cli import main
from parity.diagnose.catalogue import CAUSES
from parity.engines import registry
from parity.new.checks import Finding
from parity.report.chinese import told_in
from parity.report.chinese.forms import catalogue, has_chinese, in_chinese
from parity.report.chinese.templates import pieces as pieces_of_template
from parity.report.chinese.templates import told_markup
from parity.report.findings import finding_lines
from parity.report.html import SAID_BY_SCRIPT, environment, template_text, to_html, words_of_script
from parity.report.text import WIDTH, lines_of
from parity.results.record import Difference
from parity.study.words_of_tables import LABELS_ZH
from test_formats import record, report

SOURCE = Path(parity.__file__).parent
#: Modules whose every sentence is shown by `parity check`, `parity new` or `parity explain`.
TOLD = (
    "new/checks.py", "new/study_checks.py", "new/reading.py", "new/write.py",
    "data/yearbook.py", "data/places.py", "data/workbooks.py",
    "data/codes.py", "data/missing_codes.py", "data/calendars.py", "data/evaluate.py", "data/labels.py", "data/load.py",
    "data/marks.py", "data/periods.py", "data/read.py", "data/storage.py", "data/derive/aggregate.py",
    "data/derive/changes.py", "data/derive/components.py", "data/derive/compute.py", "data/derive/index.py",
    "data/derive/shifts.py", "data/derive/topsis.py", "data/derive/variants.py", "data/derive/weighting.py",
    "base/errors.py", "sample/build.py", "sample/columns.py", "sample/conditioning.py", "sample/identified.py",
    "sample/separated.py",
    "report/explanation.py", "report/index_explanation.py", "report/progress.py", "diagnose/questions/index.py",
    "diagnose/questions/index_search.py", "diagnose/questions/reading.py", "diagnose/questions/tables.py",
    "diagnose/questions/typed.py",
)  # fmt: skip
#: Pieces of text that no person reads as a sentence.
NO_SENTENCE = {
    "utf-8-sig",
    "Unnamed: ",
    "iso week",
    "; or did",
    "reversed ",
    "does not have full column rank",
    "identical for values used",
    "leaves a rank-deficient design",
    "Demeaning failed",
    ", and dummies",
    " rows where parity has ",
    "filtered ",
    " times",
    "--seconds ",
}
ENGLISH = re.compile(r"[A-Za-z]{2,}'?[a-z]* [a-z]{2,}|[a-z]{3,} $|^ [a-z]{3,}")


def pieces(path: Path) -> Iterator[str]:
    """English of a module's texts that aren't docstrings: constants, and what stands between the values of f-strings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docs = {
        id(node.body[0].value) for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and isinstance(node.body[0], ast.Expr)
    }  # fmt: skip
    for node in ast.walk(tree):
        said = node.value if isinstance(node, ast.Constant) and id(node) not in docs else None
        if isinstance(said, str) and ENGLISH.search(said) and said not in NO_SENTENCE:
            yield said


@cache
def own_words() -> str:
    """All that forms say themselves, a line a piece."""
    forms = [key for texts in catalogue().values() for key in texts] + list(LABELS_ZH)
    return "\n".join(literal for key in forms for literal, *_ in Formatter().parse(key))


@pytest.mark.parametrize("module", TOLD)
def test_no_sentence_lacks_its_chinese(module):
    left = [piece for piece in pieces(SOURCE / module) if not all(part in own_words() for part in split(piece))]
    assert not left, f"no form in src/parity/report/chinese has this: {left}"


def split(piece: str) -> list[str]:
    """A piece is joined to others by commas and semicolons, at which lists are told one by one."""
    return [part for part in re.split(r"^[;,:()] ?|[;,:(] ?$", piece) if part]


def test_every_reason_of_an_engine_has_its_chinese():
    """Whatever stands in the adaptors of engines and is neither their title nor a piece between two values."""
    titles = {one.info.title for one in registry().values()} | {
        " and ",
        "FirstDifferenceOLS differences across gaps in time: ",
    }
    reasons = {piece for file in (SOURCE / "engines").glob("*/declared.py") for piece in pieces(file)} - titles
    reasons |= {reason for one in registry().values() for _, reason in one.info.gaps.values()}
    assert len(reasons) > 60 and not [r for r in reasons if not has_chinese(f"never: {r}")]


def test_no_sentence_has_its_chinese_twice():
    seen = Counter(re.sub(r"\{[^{}]*\}", "{}", key) for texts in catalogue().values() for key in texts)
    twice = [key for key, n in seen.items() if n > 1] + [key for key in seen if key in LABELS_ZH]
    assert not twice


def test_both_sides_of_a_form_have_the_same_holes():
    for texts in catalogue().values():
        for english, chinese in texts.items():
            there = [{name for _, name, _, _ in Formatter().parse(text) if name is not None} for text in (english, chinese)]
            assert there[1] <= there[0], english
            assert not any(kind for _, _, kind, _ in Formatter().parse(chinese)), english
            words = "".join(literal for literal, *_ in Formatter().parse(english))
            assert re.search(r"[\u3000-\u9fff\uff00-\uffef]", chinese) or not re.search(r"[a-z]{2}", words), english


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("279 rows, 50 columns", "279 行，50 列"),
        ("248 rows (left out: 31 for missing values), 31 levels of 省份", "248 行（剔除：缺失值 31 行），省份 共 31 个水平"),
        ("there is no column `a`; columns: a, b and 3 more", "没有列 `a`；现有列：a、b 等，另有 3 个"),
        ("there is no column `a`: did you mean `b` or `c`?", "没有列 `a`；是否想写 `b` 或 `c`？"),
        ("left out: rows 全国, column B of sheet 人口, which has no head", "略去：行 全国、工作表 人口 的 B 列（无表头）"),
        ("missing values in 2 columns: 人均 GDP 3%, b under 1%", "2 列有缺失值：人均 GDP 3%，b 不足 1%"),
        (
            "Standard errors × 0.9; all 8 engines move, because no small-sample factor is applied, there is no factor "
            "for K and inference is by the normal distribution instead of t with 10 degrees of freedom.",
            "标准误 × 0.9；全部 8 个程序都随之变动，因为未作小样本调整，没有关于 K 的系数，"
            "推断用正态分布而非自由度为 10 的 t 分布。",
        ),
        (
            "these columns leave 8.6 digits: `a` and `b` hardly vary within the fixed effects",
            "这些列只剩 8.6 位有效数字：`a` and `b` 在固定效应之内几乎不变",
        ),
        ("`rows` and `columns` and what nobody has said", "`rows` and `columns` and what nobody has said"),
        ("can't be estimated: what nobody has said", "can't be estimated: what nobody has said"),
    ],
)
def test_a_sentence_is_told_whole_or_stays_as_it_is(english, chinese):
    assert in_chinese(english) == chinese
    assert told_in("en")(english) == english


def test_every_cause_has_its_chinese():
    """By its template, whatever its holes are called; and its formula, where that has words."""
    forms = {re.sub(r"\{[^{}]*\}", "{}", key) for key in catalogue()["causes"]}
    assert not [cause.id for cause in CAUSES if re.sub(r"\{[^{}]*\}", "{}", cause.sentence) not in forms]
    formulas = {cause.formula for cause in CAUSES if re.search(r"[a-z]{3,} [a-z]{2,}", cause.formula)}
    assert not [
        text for text in formulas if in_chinese(re.sub(r"\{[^{}]*\}", "7", text)) == re.sub(r"\{[^{}]*\}", "7", text)
    ]


@pytest.mark.parametrize("name", ["report", "overview", "page", "analysis", "found", "try", "cause"])
def test_the_text_of_a_pages_templates_has_its_chinese(name):
    """Literal text and labels, and texts that are chosen in a template and go through `told`."""
    source, inside, found = template_text(f"{name}.html.j2"), False, []
    for _, kind, text in environment().lex(source):
        if kind == "data":
            _, ends = told_markup(text, inside)
            found += [] if inside and ">" not in text else pieces_of_template(text[text.find(">") + 1 :] if inside else text)
            inside = ends
        if kind == "string" and ENGLISH.search(text):
            found.append(
                text.strip("\"'").replace("term{}", "terms").replace("{:,}", "7").replace("{}", "7").replace("%d", "7")
            )
    assert not [text for text in found if text not in NAMES and in_chinese(text) == text]


#: Literal text of templates that is the same in every language.
NAMES = {"parity", "parity:", "parity cause", "study-", ", ", " in "}


def test_a_page_is_told_in_chinese_and_names_stay():
    named = report(record("Weights", "agree"), record("b", "disagree", differences=(OFF,) * 2))
    page = to_html(named, "zh")
    assert '<html lang="zh-CN">' in page and "回归设定" in page and "不同之处" in page and "var WORDS" in page
    assert ">Weights</a>" in page  # the name of a spec is no word of ours
    text = re.sub(r"<(script|style|code).*?</\1>", " ", page, flags=re.DOTALL)
    assert not [one for one in re.split(r"<[^>]*>", text) if re.search(r"[a-z]{3,} [a-z]{3,}", one)]
    assert "told(" not in re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    english = to_html(named)
    assert '<html lang="en">' in english and "var WORDS" not in english and not re.search(r"[\u4e00-\u9fff]", english)


OFF = Difference(quantity="se", term="x", reference=0.5, candidate=0.25, digits=0.3, allowed=1e-9)


def test_what_the_script_of_a_page_says_has_its_chinese():
    script = template_text("report.js") + template_text("theme.js")
    said = set(re.findall(r'told\("([^"]+)"', script)) | set(re.findall(r'\? "([●▲][^"]*)" : "', script))
    assert said <= set(SAID_BY_SCRIPT) and all(in_chinese(text) != text for text in SAID_BY_SCRIPT)
    assert "{b} 个设定中的 {a} 个" in words_of_script("zh") and not words_of_script("en")


def test_an_explanation_is_told_in_chinese():
    example = SOURCE.parents[1] / "docs/examples/one_line"
    asked = ["explain", str(example), "baseline", "--target-se", "capital=.0723707", "--language", "zh"]
    result = CliRunner().invoke(main, asked)
    assert result.exit_code == 0 and "标准误是稳健的（HC1），但没有聚类；声明的是 CR1（按 firm 聚类）。" in result.output
    own = [line for line in result.output.splitlines() if "出处" not in line and "写法" not in line]
    assert not re.search(r"[a-z]{3,} [a-z]{3,}", "\n".join(own).replace("parity cause", ""))


def test_long_texts_take_no_longer_than_their_length():
    text = "there is no column `" + "`; columns: a, b" * 20_000
    assert in_chinese(text)


def test_lines_of_chinese_break_between_characters_and_not_before_a_comma():
    text = "面板：" + "平衡，" * 60
    lines = lines_of(text, initial="  ", subsequent="    ")
    assert len(lines) > 2 and all(not line.strip().startswith("，") for line in lines)
    assert {len(line) for line in lines[1:-1]} <= {40, 41, 42}
    assert "".join(line.strip() for line in lines) == text
    wide = finding_lines([Finding("note", "279 rows, 50 columns")], told_in("zh"))
    assert wide == ["  提示  279 行，50 列"] and WIDTH == 80


@pytest.mark.parametrize("study", ["grunfeld", "cigarettes"])
def test_a_check_in_chinese_has_no_english_sentence(study):
    fixtures = SOURCE.parents[1] / "fixtures"
    result = CliRunner().invoke(main, ["check", str(fixtures / study), "--language", "zh"])
    assert result.exit_code == 0 and "个个体" in result.output
    assert not re.search(r"[a-z]{3,} [a-z]{3,}", re.sub(r"`[^`]*`", "", result.output))


def test_what_is_wrong_is_told_in_chinese(tmp_path):
    env = {"LANG": "zh_CN.UTF-8", "LC_ALL": None, "LC_MESSAGES": None}
    result = CliRunner().invoke(main, ["new", str(tmp_path / "a"), "--data", str(tmp_path / "none.csv")], env=env)
    assert result.exit_code == 2 and "没有这个文件" in result.output
    (tmp_path / "gbk.csv").write_bytes("省份,年份,韧性\n北京,2020,1,234\n".encode("gb18030"))
    result = CliRunner().invoke(main, ["new", str(tmp_path / "a"), "--data", str(tmp_path / "gbk.csv")], env=env)
    assert result.exit_code == 2 and "第 2 行有 4 个值，表头有 3 个" in result.output


def test_what_is_read_of_a_drawing_is_told_and_names_in_it_stay():
    said = "Histogram of 999 draws of the t statistic of R&amp;D: estimate 0.1"
    drawing = f'<svg role="img" aria-label="{said}"><text>lower</text></svg>'
    page = environment("zh").from_string("<div>{{ d | spoken }}</div>").render(d=drawing)
    assert 'aria-label="R&amp;D 的 t 统计量的 999 次抽样的直方图：估计值 0.1"><text>lower</text>' in page
    assert drawing in environment("en").from_string("{{ d | spoken }}").render(d=drawing)
    for said in (
        "Effects with 95 % intervals: −1: 0.2; 0: 0.3", "Specification curve: 4,096 coefficients from −0.1 to 0.6",
        "Forest plot of dt: in all 9 engines 0.608, 95 percent interval 0.5 to 0.7",
        "1,000 draws in 40 bins; 1 of them lower than the bins show: what to expect under the null",
    ):  # fmt: skip
        assert not re.search("[A-Za-z]{3,}", in_chinese(said)), said


def test_a_test_of_a_mediation_is_no_kind_of_clustering():
    """`se by sobel` has the form of `CR1 by firm`."""
    for said in ("se by sobel", "p by delta method", "z by goodman"):
        assert "聚类" not in in_chinese(said) != said
