"""One table of estimates as a dozen programs export it: the same texts in each program's markup, to be read back.

The forms are those of esttab 3.3, outreg2 2.3, stargazer 5.2, modelsummary 2, fixest's etable, asdoc 2.3, and what
`pdftotext -layout` gives of a printed table. Nothing here knows how parity reads.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import wcwidth

#: Of a column: estimate with its stars, and what stands in brackets below it; empty texts where the column lacks the term.
Pair = tuple[str, str]


@dataclass(frozen=True)
class Made:
    """rows: label and a pair a column; statistics: label and a text a column; note: what stands in parentheses"""

    title: str
    models: tuple[str, ...]
    outcomes: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Pair, ...]], ...]
    statistics: tuple[tuple[str, tuple[str, ...]], ...]
    inside: str = "Standard errors"
    stars: str = "* p<0.10, ** p<0.05, *** p<0.01"

    @property
    def width(self) -> int:
        return len(self.models)


def _left(text: str, width: int) -> str:
    """A label cut and filled to a width on the screen, where a Chinese character takes two."""
    while wcwidth.wcswidth(text) > width:
        text = text[:-1]
    return text + " " * (width - wcwidth.wcswidth(text))


def starless(text: str) -> tuple[str, str]:
    return text.rstrip("*"), "*" * text.count("*")


def _in(text: str) -> str:
    return f"({text})" if text else ""


# ---------------------------------------------------------------- esttab


def esttab_tex(t: Made) -> str:
    def starred(text: str) -> str:
        bare, stars = starless(text)
        return f"{bare}\\sym{{{stars}}}" if stars else f"{bare:12}"

    k = t.width
    out = [
        f"\\begin{{table}}[htbp]\\centering\n\\def\\sym#1{{\\ifmmode^{{#1}}\\else\\(^{{#1}}\\)\\fi}}\n\\caption{{{_tex(t.title)}}}"
    ]
    out += [f"\\begin{{tabular}}{{l*{{{k}}}{{c}}}}", "\\hline\\hline"]
    out += ["".join(f"&\\multicolumn{{1}}{{c}}{{({i + 1})}}" for i in range(k)) + "\\\\"]
    out += ["".join(f"&\\multicolumn{{1}}{{c}}{{{_tex(o)}}}" for o in t.outcomes) + "\\\\", "\\hline"]
    for label, pairs in t.rows:
        out += [f"{_tex(label):20}&" + "&".join(starred(b) for b, _ in pairs) + "\\\\"]
        out += [f"{'':20}&" + "&".join(f"{_in(s):>12}" for _, s in pairs) + "\\\\", "[1em]"]
    out[-1] = "\\hline"
    out += [f"{_tex(label)}&" + "&".join(f"{v:>12}" for v in values) + "\\\\" for label, values in t.statistics]
    out += ["\\hline\\hline", f"\\multicolumn{{{k + 1}}}{{l}}{{\\footnotesize {t.inside} in parentheses}}\\\\"]
    marks = ", ".join(f"\\sym{{{part.split(' ')[0]}}} \\({part.split(' ')[1]}\\)" for part in t.stars.split(", "))
    out += [f"\\multicolumn{{{k + 1}}}{{l}}{{\\footnotesize {marks}}}\\\\", "\\end{tabular}\n\\end{table}"]
    return "\n".join(out) + "\n"


def _tex(text: str) -> str:
    for sign in "&%#_":
        text = text.replace(sign, f"\\{sign}")
    return text


def esttab_csv(t: Made) -> str:
    def row(*cells: str) -> str:
        return ",".join(f'="{cell}"' if cell else '=""' for cell in cells)

    out = [f'"{t.title}"'] if t.title else []
    out += [row("", *(f"({i + 1})" for i in range(t.width))), row("", *t.outcomes)]
    for label, pairs in t.rows:
        out += [row(label, *(b for b, _ in pairs)), row("", *(_in(s) for _, s in pairs))]
    out += [row(label, *values) for label, values in t.statistics]
    return "\n".join([*out, f'"{t.inside} in parentheses"', f'"="{t.stars}"']) + "\n"


def esttab_txt(t: Made, width: int = 16) -> str:
    rule = "-" * (20 + width * t.width)
    out = [t.title, rule] if t.title else [rule]
    out += [" " * 20 + "".join(f"{f'({i + 1})':>{width - 3}}   " for i in range(t.width))]
    out += [" " * 20 + "".join(f"{o[: width - 2]:>{width - 3}}   " for o in t.outcomes), rule]
    for label, pairs in t.rows:
        out += [f"{_left(label, 20)}" + "".join(f"{starless(b)[0]:>{width - 3}}{starless(b)[1]:3}" for b, _ in pairs)]
        out += [" " * 20 + "".join(f"{_in(s):>{width - 3}}   " for _, s in pairs), ""]
    out[-1] = rule
    out += [f"{_left(label, 20)}" + "".join(f"{v:>{width - 3}}   " for v in values) for label, values in t.statistics]
    return "\n".join([*out, rule, f"{t.inside} in parentheses", t.stars]) + "\n"


def esttab_rtf(t: Made) -> str:
    edges = "".join(f"\\cellx{2000 + 1656 * i}" for i in range(t.width + 1))

    def cell(text: str) -> str:
        bare, stars = starless(text)
        return f"{{{_rtf(bare)}{{\\super {stars}}}}}" if stars else f"{{{_rtf(text)}}}"

    def row(*cells: str) -> str:
        texts = "".join(f"\\pard\\intbl\\q{'l' if i == 0 else 'c'} {cell(c)}\\cell " for i, c in enumerate(cells))
        return f"{{\\trowd\\trgaph108\\trleft-108{edges}{texts.rstrip()}\\row}}"

    out = ["{\\rtf1\\ansi\\deff0 {\\fonttbl{\\f0\\fnil Times New Roman;}}", "{\\info {\\author .}{\\title 12.5}}"]
    out += [f"{{\\pard\\keepn\\ql {_rtf(t.title)}\\par}}", "{", row("", *(f"({i + 1})" for i in range(t.width)))]
    out += [row("", *t.outcomes)]
    for label, pairs in t.rows:
        out += [row(label, *(b for b, _ in pairs)), row("", *(_in(s) for _, s in pairs))]
    out += [row(label, *values) for label, values in t.statistics]
    out += [f"{{\\pard\\ql\\fs20 {t.inside} in parentheses\\par}}", f"{{\\pard\\ql\\fs20 {t.stars}\\par}}", "}", "}"]
    return "\n".join(out) + "\n"


def _rtf(text: str) -> str:
    return "".join(c if c.isascii() and c not in "\\{}" else f"\\{c}" if c in "\\{}" else f"\\u{ord(c)}?" for c in text)


def esttab_html(t: Made) -> str:
    def row(*cells: str) -> str:
        texts = []
        for c in cells:
            bare, stars = starless(c)
            texts.append(f"<td>{_html(bare)}<sup>{stars}</sup></td>" if stars else f"<td>{_html(c)}</td>")
        return f"<tr>{''.join(texts)}</tr>"

    wide = t.width + 1
    out = ['<html>\n<body>\n<table border="0" width="*">', f"<caption>{_html(t.title)}</caption>"]
    out += [f"<tr><td colspan={wide}><hr></td></tr>", row("", *(f"({i + 1})" for i in range(t.width))), row("", *t.outcomes)]
    out += [f"<tr><td colspan={wide}><hr></td></tr>"]
    for label, pairs in t.rows:
        out += [row(label, *(b for b, _ in pairs)), row("", *(_in(s) for _, s in pairs))]
    out += [f"<tr><td colspan={wide}><hr></td></tr>", *(row(label, *values) for label, values in t.statistics)]
    notes = f"{t.inside} in parentheses<br /><sup>*</sup> {_html(t.stars[2:])}"
    return "\n".join(
        [
            *out,
            f"<tr><td colspan={wide}><hr></td></tr><tr><td colspan={wide}>\n{notes}\n</td></tr>",
            "</table></body></html>",
        ]
    )


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def esttab_md(t: Made) -> str:
    def row(*cells: str) -> str:
        return "|" + "|".join(f" {c.replace('*', chr(92) + '*'):14} " for c in cells) + "|"

    out = [row("", *(f"({i + 1})" for i in range(t.width))), "|" + ":--|" + ":-:|" * t.width, row("", *t.outcomes)]
    for label, pairs in t.rows:
        out += [row(label, *(b for b, _ in pairs)), row("", *(_in(s) for _, s in pairs))]
    out += [row(label, *values) for label, values in t.statistics]
    notes = f"{t.inside} in parentheses<br>" + t.stars.replace("*", chr(92) + "*")
    return f"**{t.title}**\n\n" + "\n".join(out) + f"\n\n{notes}\n"


# ---------------------------------------------------------------- outreg2 and asdoc

OUTREG_STARS = "*** p<0.01, ** p<0.05, * p<0.1"


def _outreg_rows(t: Made) -> list[list[str]]:
    """The cells that outreg2 writes in every format."""
    out = [["", *(f"({i + 1})" for i in range(t.width))], ["VARIABLES", *t.outcomes], [""] * (t.width + 1)]
    for label, pairs in t.rows:
        out += [[label, *(b for b, _ in pairs)], ["", *(_in(s) for _, s in pairs)]]
    return [*out, [""] * (t.width + 1), *([label, *values] for label, values in t.statistics)]


def outreg2_txt(t: Made) -> str:
    notes = [[f"{t.inside} in parentheses"], [OUTREG_STARS]]
    rows = [[t.title], *_outreg_rows(t), *notes]
    return "\n".join("\t".join([*row, *[""] * (t.width + 1 - len(row))]) for row in rows) + "\n"


def outreg2_tex(t: Made) -> str:
    k = t.width + 1
    rows = [" & ".join(_tex(c) for c in row) + " \\\\" for row in _outreg_rows(t)]
    head = ["\\documentclass[]{article}", "\\begin{document}", f"\\begin{{tabular}}{{l{'c' * t.width}}}",
            f"\\multicolumn{{{k}}}{{c}}{{{_tex(t.title)}}} \\\\ \\hline"]  # fmt: skip
    notes = [
        f"\\multicolumn{{{k}}}{{c}}{{ {note}}} \\\\"
        for note in (f"{t.inside} in parentheses", OUTREG_STARS.replace("<", "$<$"))
    ]
    return "\n".join([*head, *rows, *notes, "\\end{tabular}", "\\end{document}"]) + "\n"


def outreg2_xml(t: Made) -> str:
    rows = [[t.title], *_outreg_rows(t), [f"{t.inside} in parentheses"], [OUTREG_STARS]]
    cells = "".join(
        "<Row>" + "".join(f'<Cell ss:StyleID="s24"><Data ss:Type="String">{_html(c)}</Data></Cell>' for c in row) + "</Row>"
        for row in rows
    )
    return (
        '<?xml version="1.0" encoding="US-ASCII" standalone="yes"?><?mso-application progid="Excel.Sheet"?><Workbook '
        'xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        f'<Worksheet ss:Name="Sheet1"><Table>{cells}</Table></Worksheet></Workbook>'
    )


def outreg2_doc(t: Made) -> str:
    """RTF with edges of cells that move a little from row to row."""
    rows = []
    for i, row in enumerate([*_outreg_rows(t)]):
        edges = "".join(f"\\cellx{2500 + 1400 * j + i % 3}" for j in range(t.width + 1))
        rows.append(
            f"\\trowd\\trgaph75{edges}\\pard\\intbl " + "\\cell\\pard\\intbl\\qc ".join(_rtf(c) for c in row) + "\\cell\\row"
        )
    body = "\n".join(rows)
    notes = f"\\pard\\qc {t.inside} in parentheses\\par\n\\pard\\qc {OUTREG_STARS}\\par"
    return f"{{\\rtf1\\ansi\\ansicpg1252 \\pard\\qc {_rtf(t.title)}\\par\n{body}\n{notes}}}"


# ---------------------------------------------------------------- R


def stargazer_tex(t: Made) -> str:
    def starred(text: str) -> str:
        bare, stars = starless(text)
        return bare.replace("-", "$-$") + (f"$^{{{stars}}}$" if stars else "")

    k = t.width
    out = [
        "% Table created by stargazer v.5.2.3 by Marek Hlavac",
        "\\begin{table}[!htbp] \\centering",
        f"  \\caption{{{_tex(t.title)}}}",
    ]
    out += [f"\\begin{{tabular}}{{@{{\\extracolsep{{5pt}}}}l{'c' * k}}}", "\\\\[-1.8ex]\\hline", "\\hline \\\\[-1.8ex]"]
    out += [f" & \\multicolumn{{{k}}}{{c}}{{\\textit{{Dependent variable:}}}} \\\\ \\cline{{2-{k + 1}}}"]
    out += ["\\\\[-1.8ex] & " + " & ".join(map(_tex, t.outcomes)) + " \\\\"]
    out += ["\\\\[-1.8ex] & " + " & ".join(f"({i + 1})" for i in range(k)) + "\\\\", "\\hline \\\\[-1.8ex]"]
    for label, pairs in t.rows:
        out += [f" {_tex(label)} & " + " & ".join(starred(b) for b, _ in pairs) + " \\\\"]
        out += ["  & " + " & ".join(_in(s) for _, s in pairs) + " \\\\", "  & " + " & ".join([""] * k) + " \\\\"]
    out += ["\\hline \\\\[-1.8ex]", *(f"{_tex(label)} & " + " & ".join(values) + " \\\\" for label, values in t.statistics)]
    note = "$^{*}$p$<$0.1; $^{**}$p$<$0.05; $^{***}$p$<$0.01"
    out += [
        "\\hline",
        f"\\textit{{Note:}}  & \\multicolumn{{{k}}}{{r}}{{{t.inside} in parentheses. {note}}} \\\\",
        "\\end{tabular}",
        "\\end{table}",
    ]
    return "\n".join(out) + "\n"


def stargazer_text(t: Made) -> str:
    w = 18
    rule = "=" * (22 + w * t.width)
    out = ["", t.title, rule, " " * 22 + f"{'Dependent variable:':^{w * t.width}}", " " * 22 + "-" * (w * t.width)]
    out += [
        " " * 22 + "".join(f"{o[: w - 2]:^{w}}" for o in t.outcomes),
        " " * 22 + "".join(f"{f'({i + 1})':^{w}}" for i in range(t.width)),
    ]
    out += ["-" * len(rule)]
    for label, pairs in t.rows:
        out += [
            f"{_left(label, 22)}" + "".join(f"{b:^{w}}" for b, _ in pairs),
            " " * 22 + "".join(f"{_in(s):^{w}}" for _, s in pairs),
            "",
        ]
    out += [
        "-" * len(rule),
        *(f"{_left(label, 22)}" + "".join(f"{v:^{w}}" for v in values) for label, values in t.statistics),
        rule,
    ]
    return "\n".join([*out, f"{'Note:':22}{t.inside} in parentheses; *p<0.1; **p<0.05; ***p<0.01"]) + "\n"


def stargazer_html(t: Made) -> str:
    def row(label: str, *cells: str) -> str:
        texts = (
            f"<td>{_html(starless(c)[0])}<sup>{starless(c)[1]}</sup></td>" if c.endswith("*") else f"<td>{_html(c)}</td>"
            for c in cells
        )
        return f'<tr><td style="text-align:left">{_html(label)}</td>{"".join(texts)}</tr>'

    rule = f'<tr><td colspan="{t.width + 1}" style="border-bottom: 1px solid black"></td></tr>'
    out = [f'<table style="text-align:center"><caption><strong>{_html(t.title)}</strong></caption>', rule]
    out += [f'<tr><td></td><td colspan="{t.width}"><em>Dependent variable:</em></td></tr>', row("", *t.outcomes)]
    out += [row("", *(f"({i + 1})" for i in range(t.width))), rule]
    for label, pairs in t.rows:
        out += [row(label, *(b for b, _ in pairs)), row("", *(_in(s) for _, s in pairs)), row("", *[""] * t.width)]
    out += [rule, *(row(label, *values) for label, values in t.statistics), rule]
    note = f"{t.inside} in parentheses; <sup>*</sup>p&lt;0.1; <sup>**</sup>p&lt;0.05; <sup>***</sup>p&lt;0.01"
    return "\n".join(
        [*out, f'<tr><td style="text-align:left"><em>Note:</em></td><td colspan="{t.width}">{note}</td></tr>', "</table>"]
    )


def modelsummary_tex(t: Made) -> str:
    def number(text: str) -> str:
        bare, stars = starless(text)
        return f"\\num{{{bare}}}{stars}" if bare else ""

    out = [
        "\\begin{table}",
        f"\\caption{{{_tex(t.title)}}}",
        "\\centering",
        f"\\begin{{tabular}}[t]{{l{'c' * t.width}}}",
        "\\toprule",
    ]
    out += ["  & " + " & ".join(f"({i + 1})" for i in range(t.width)) + "\\\\", "\\midrule"]
    for label, pairs in t.rows:
        out += [f"{_tex(label)} & " + " & ".join(number(b) for b, _ in pairs) + "\\\\"]
        out += [" & " + " & ".join(f"(\\num{{{s}}})" if s else "" for _, s in pairs) + "\\\\"]
    out += [
        "\\midrule",
        *(f"{_tex(label)} & " + " & ".join(f"\\num{{{v}}}" for v in values) + "\\\\" for label, values in t.statistics),
    ]
    note = f"\\rule{{0pt}}{{1em}}{t.stars.replace('<', ' $<$ ').replace(' p', ' p')}. {t.inside} in parentheses."
    return (
        "\n".join(
            [*out, "\\bottomrule", f"\\multicolumn{{{t.width + 1}}}{{l}}{{{note}}}\\\\", "\\end{tabular}", "\\end{table}"]
        )
        + "\n"
    )


def modelsummary_md(t: Made) -> str:
    def row(*cells: str) -> str:
        return "| " + " | ".join(f"{c:12}" for c in cells) + " |"

    out = ["", f"Table: {t.title}", "", row("", *(f"({i + 1})" for i in range(t.width))), "|:---|" + ":---:|" * t.width]
    for label, pairs in t.rows:
        out += [row(label, *(b for b, _ in pairs)), row("", *(_in(s) for _, s in pairs))]
    out += [row(label, *values) for label, values in t.statistics]
    return "\n".join([*out, "", f"{t.stars}; {t.inside} in parentheses"]) + "\n"


def etable_tex(t: Made) -> str:
    def starred(text: str) -> str:
        bare, stars = starless(text)
        return f"{bare.replace('-', '-')}$^{{{stars}}}$" if stars else bare

    k = t.width
    out = ["\\begingroup", "\\centering", f"\\begin{{tabular}}{{l{'c' * k}}}", "   \\tabularnewline \\midrule \\midrule"]
    out += ["   Dependent Variables: & " + " & ".join(map(_tex, t.outcomes)) + "\\\\"]
    out += [
        "   Model:          & " + " & ".join(f"({i + 1})" for i in range(k)) + "\\\\",
        "   \\midrule",
        "   \\emph{Variables}\\\\",
    ]
    for label, pairs in t.rows:
        out += [f"   {_tex(label)} & " + " & ".join(starred(b) for b, _ in pairs) + "\\\\"]
        out += ["      & " + " & ".join(_in(s) for _, s in pairs) + "\\\\"]
    out += ["   \\midrule", "   \\emph{Fixed-effects}\\\\", "   firm & " + " & ".join(["Yes"] * k) + "\\\\"]
    out += [
        "   \\midrule",
        "   \\emph{Fit statistics}\\\\",
        *(f"   {_tex(label)} & " + " & ".join(values) + "\\\\" for label, values in t.statistics),
    ]
    out += [
        "   \\midrule \\midrule",
        f"   \\multicolumn{{{k + 1}}}{{l}}{{\\emph{{Clustered (firm) standard-errors in parentheses}}}}\\\\",
    ]
    codes = "\\emph{Signif. Codes: ***: 0.01, **: 0.05, *: 0.1}"
    return "\n".join([*out, f"   \\multicolumn{{{k + 1}}}{{l}}{{{codes}}}\\\\", "\\end{tabular}", "\\par\\endgroup"]) + "\n"


def pyfixest_tex(t: Made) -> str:
    """pyfixest 0.60: the estimate over its standard error in one cell, what is what in the last sentence."""
    k = t.width
    cells = "".join(">{\\centering\\arraybackslash}X" for _ in range(k))
    out = [
        "\\begin{threeparttable}",
        f"\\caption{{{_tex(t.title)}}}",
        f"\\begin{{tabularx}}{{\\linewidth}}{{@{{}}l{cells}}}",
    ]
    out += ["\\toprule", " & " + " & ".join(map(_tex, t.outcomes)) + " \\\\", f"\\cmidrule(lr){{2-{k + 1}}}"]
    out += [" & " + " & ".join(f"({i + 1})" for i in range(k)) + " \\\\", "\\midrule", "\\addlinespace[1ex]"]
    for label, pairs in t.rows:
        both = (f"\\makecell{{{b} \\\\ ({s})}}" if b else "" for b, s in pairs)
        out += [f"{_tex(label)} & " + " & ".join(both) + " \\\\", "\\addlinespace[0.5ex]"]
    out += ["\\midrule", *(f"{_tex(label)} & " + " & ".join(values) + " \\\\" for label, values in t.statistics)]
    note = "Significance levels: * p < 0.1, ** p < 0.05, *** p < 0.01. Format of coefficient cell: Coefficient (Std. Error)"
    end = [
        "\\bottomrule",
        "\\end{tabularx}",
        f"\\noindent\\begin{{minipage}}{{\\linewidth}}\\smallskip\\footnotesize\n{note}",
    ]
    return "\n".join([*out, *end, "\\end{minipage}", "\\end{threeparttable}"]) + "\n"


def asdoc_doc(t: Made) -> str:
    """asdoc's detailed table of one model: a column a quantity; statistics beside each other below, in other edges."""
    edges = "".join(f"\\cellx{2000 + 1000 * j}" for j in range(8))
    other = "".join(f"\\cellx{e}" for e in (2000, 3500, 6000, 9000))

    def row(cells: tuple[str, ...], edges: str = edges) -> str:
        return (
            f"\\trowd\\trgaph75{edges}\\pard\\intbl "
            + "\\cell\\pard\\intbl\\qc ".join(_rtf(c) for c in cells)
            + "\\cell\\row"
        )

    out = [row((t.outcomes[0], "Coef.", "St.Err.", "t-value", "p-value", "[95% Conf", "Interval]", "Sig"))]
    for label, pairs in t.rows:
        bare, stars = starless(pairs[0][0])
        out += [row((label, bare, pairs[0][1], "2.10", ".041", "-1.5", "3.25", stars))] if bare else []
    out += [row(("Mean dependent var", "145.958", "SD dependent var", "216.875"), other)]
    out += [row(("R-squared", t.statistics[1][1][0], "Number of obs", t.statistics[0][1][0]), other)]
    body = "\n".join(out)
    return f"{{\\rtf1\\ansi \\pard {_rtf(t.title)}\\par\n{body}\n\\pard \\i {OUTREG_STARS}\\par}}"


# ---------------------------------------------------------------- print, workbooks, documents


def pdf_layout(t: Made) -> str:
    """What `pdftotext -layout` gives: columns of blanks, numbers centred, a page's header and number around them."""
    w = 15
    out = ["Journal of Made Results                                   17", "", f"        {t.title}", ""]
    out += [
        " " * 26 + "".join(f"{f'({i + 1})':^{w}}" for i in range(t.width)),
        " " * 26 + "".join(f"{o[: w - 2]:^{w}}" for o in t.outcomes),
        "",
    ]
    for label, pairs in t.rows:
        out += [f"  {_left(label, 24)}" + "".join(f"{b.replace('-', '−').replace('*', '∗'):^{w}}" for b, _ in pairs)]
        out += [" " * 26 + "".join(f"{_in(s):^{w}}" for _, s in pairs)]
    out += [f"  {_left(label, 24)}" + "".join(f"{v:^{w}}" for v in values) for label, values in t.statistics]
    return "\n".join([*out, "", f"  Notes: {t.inside} in parentheses. {t.stars}."]) + "\n"


def pasted(t: Made) -> str:
    """Copied out of a viewer: one blank between cells, blank cells gone."""
    out = [t.title, " ".join(f"({i + 1})" for i in range(t.width)), " ".join(o.replace(" ", "_") for o in t.outcomes)]
    for label, pairs in t.rows:
        out += [" ".join([label, *(b for b, _ in pairs if b)]), " ".join(_in(s) for _, s in pairs if s)]
    out += [" ".join([label, *values]) for label, values in t.statistics]
    return "\n".join([*out, f"{t.inside} in parentheses. {t.stars}"]) + "\n"


def xlsx(t: Made) -> bytes:
    """A workbook: title merged over all columns, estimates as numbers with a format, stars in their format, the table at
    B3."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.cell(2, 2, t.title)
    sheet.merge_cells(start_row=2, start_column=2, end_row=2, end_column=2 + t.width)
    rows = _outreg_rows(t)
    for i, row in enumerate(rows, 3):
        for j, text in enumerate(row, 2):
            bare, stars = starless(text)
            if j > 2 and i > 5 and bare.replace("-", "").replace(".", "").isdecimal():
                cell = sheet.cell(i, j, float(bare))
                decimals = len(bare.partition(".")[2])
                cell.number_format = ("0." + "0" * decimals if decimals else "0") + "".join(f'"{s}"' for s in stars)
            elif text:
                sheet.cell(i, j, text)
    last = 3 + len(rows)
    sheet.cell(last, 2, f"{t.inside} in parentheses")
    sheet.merge_cells(start_row=last, start_column=2, end_row=last, end_column=2 + t.width)
    sheet.cell(last + 1, 2, OUTREG_STARS)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def docx(t: Made) -> bytes:
    """A Word document as asdoc and putdocx make them: a paragraph, a table with a merged row, notes."""
    import docx as word

    document = word.Document()
    document.add_paragraph(t.title)
    rows = _outreg_rows(t)
    table = document.add_table(rows=len(rows), cols=t.width + 1)
    for i, row in enumerate(rows):
        for j, text in enumerate(row):
            bare, stars = starless(text)
            paragraph = table.cell(i, j).paragraphs[0]
            paragraph.add_run(bare)
            if stars:
                paragraph.add_run(stars).font.superscript = True
    document.add_paragraph(f"{t.inside} in parentheses")
    document.add_paragraph(OUTREG_STARS)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


#: Name of an exporter, with the ending of its files -> the table as it writes it.
EXPORTERS: dict[str, Callable[[Made], str | bytes]] = {
    "esttab.tex": esttab_tex, "esttab.csv": esttab_csv, "esttab.txt": esttab_txt, "esttab.rtf": esttab_rtf,
    "esttab.html": esttab_html, "esttab.md": esttab_md, "outreg2.txt": outreg2_txt, "outreg2.tex": outreg2_tex,
    "outreg2.xls": outreg2_xml, "outreg2.doc": outreg2_doc, "stargazer.tex": stargazer_tex, "stargazer.txt": stargazer_text,
    "stargazer.html": stargazer_html, "modelsummary.tex": modelsummary_tex, "modelsummary.md": modelsummary_md,
    "etable.tex": etable_tex, "pyfixest.tex": pyfixest_tex, "layout.txt": pdf_layout, "book.xlsx": xlsx, "word.docx": docx,
}  # fmt: skip
