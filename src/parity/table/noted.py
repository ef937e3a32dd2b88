"""What an analysis says of its rows and draws, in a table's language: the notes of records are written in English.

A note is of pieces between semicolons, each of a form that stands here; one of none of them is shown as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from parity.study.words_of_tables import Language
from parity.table.numbers import listed
from parity.table.reasons import reason

_WHY = {
    "missing values": "缺失值", "singletons": "单例组", "in no group": "不属于任何一组",
    "singletons of their group": "组内单例", "absorbed": "被吸收",
}  # fmt: skip
_MODELS = {
    "spatial lag": "空间滞后模型（SAR）",
    "spatial error": "空间误差模型（SEM）",
    "spatial Durbin": "空间杜宾模型（SDM）",
}
_EFFECTS = {
    "no effects": "无固定效应", "effects of units": "个体固定效应", "effects of periods": "时间固定效应",
    "effects of units and periods": "个体与时间双固定效应",
}  # fmt: skip
_ROWS = {
    "rows of W sum to one": "空间权重矩阵行标准化", "W over its largest eigenvalue": "空间权重矩阵按最大特征值标准化",
    "W as given": "空间权重矩阵未标准化",
}  # fmt: skip
_DENSITIES = {
    "by fitted values": "拟合值差商", "by quantiles of residuals": "残差分位数差商", "by a gaussian kernel": "高斯核",
    "by a epanechnikov kernel": "Epanechnikov 核", "by a epan2 kernel": "Epanechnikov 核（epan2）",
}  # fmt: skip
_BANDWIDTHS = {
    "hall-sheather": "Hall-Sheather", "bofinger": "Bofinger", "bofinger-stata": "Bofinger（Stata）",
    "chamberlain": "Chamberlain",
}  # fmt: skip
_ERRORS = {"homoskedastic": "同方差"}
_VARIANCES = {
    "": "两个协方差矩阵各用自身的误差方差", "efficient": "均用有效估计的误差方差（sigmamore）",
    "consistent": "均用一致估计的误差方差（sigmaless）",
}  # fmt: skip


def _degrees(text: str) -> str:
    return "正态分布" if text == "normal" else f"自由度 {text.split()[0]}"


def _quantile_errors(text: str) -> str:
    """Of a quantile regression: iid, robust, clustered, or drawn."""
    if drawn := re.fullmatch(r"by ([\d,]+) draws of whole (.+)", text):
        return f"{'按观测' if drawn[2] == 'rows' else f'按{drawn[2]}整群'}自助抽样 {drawn[1]} 次"
    return {"iid": "独立同分布", "robust": "异方差稳健"}.get(text, f"按{text.removeprefix('clustered by ')}聚类")


def _of_cells(text: str) -> str:
    """`x` in 青海, 2015, `z` in 西藏, 2015 and 3 more -> x（青海，2015）、z（西藏，2015）等."""
    text, more, _ = text.partition(" and ")
    cells = (re.fullmatch(r"`(.+)` in (.+)", cell) for cell in re.split(r", (?=`)", text))
    return "、".join(f"{c[1]}（{c[2].replace(', ', '，')}）" for c in cells if c) + ("等" if more else "")


#: Form of a piece -> what it is in Chinese, by its groups.
_FORMS = (
    (r"R refitted the first ([\d,]+) of ([\d,]+) draws", lambda n, of: f"R 复核了 {of} 次抽样中的前 {n} 次"),
    (r"R refitted all ([\d,]+) of [\d,]+ draws", lambda n: f"R 复核了全部 {n} 次抽样"),
    (r"(\d+) rows left out \(([^()]+)\)", lambda n, why: f"剔除 {n} 个观测（{_WHY.get(why, why)}）"),
    (
        r"([\d,]+) draws of whole units' residuals; N \(T - 1\) = ([\d,]+)",
        lambda n, of: f"按个体整群抽取残差 {n} 次；N(T-1) = {of}",
    ),
    (
        r"(spatial \w+) model, (\d+) x (\d+), ([\w ]+), ([\w ]+)",
        lambda m, n, t, e, w: f"{_MODELS.get(m, m)}，{n} 个个体 × {t} 期，{_EFFECTS.get(e, e)}，{_ROWS.get(w, w)}",
    ),
    (r"added to spec (\S+): (.+)", lambda spec, terms: f"在回归 {spec} 中加入：{terms}"),
    (r"added to (.+?): (.+)", lambda equation, terms: f"在{equation}中加入：{terms}"),
    (
        r"(\d+) rows of spec (\S+), (\d+) of spec (\S+)",
        lambda n, one, m, other: f"回归 {one} 有 {n} 个观测，回归 {other} 有 {m} 个",
    ),
    (
        r"([^,;]+), (normal|[\d.]+ degrees of freedom)(?:, (N - K|G - 1))?",
        lambda v, df, rule: f"{_ERRORS.get(v, v)}，{_degrees(df)}{f'（{rule}）' if rule else ''}",
    ),
    (
        r"Hausman's test of ([^,;]+) against ([^,;]+), (each covariance with its own|both covariances with the) "
        r"error variance(?: of the (efficient|consistent) estimate)?",
        lambda b, of, _, whose: f"Hausman 检验：{b} 与 {of}，{_VARIANCES[whose or '']}",
    ),
    (
        r"(\d+) missing values of indicators interpolated within units: (.+)",
        lambda n, at: f"{n} 个指标缺失值在个体内线性插值：{_of_cells(at)}",
    ),
    (
        r"(\d+) missing values of indicators before or after a unit's known ones as the nearest year's: (.+)",
        lambda n, at: f"{n} 个指标缺失值位于首尾，取最近年份的值：{_of_cells(at)}",
    ),
    (
        r"(\d+) missing values of indicators before or after a unit's known ones extrapolated: (.+)",
        lambda n, at: f"{n} 个指标缺失值位于首尾，线性外推：{_of_cells(at)}",
    ),
    (r"(\d+) rows with a missing indicator have no score", lambda n: f"{n} 个观测因指标缺失而无得分"),
    (r"(\d+) rows with a missing indicator interpolated in scores", lambda n: f"{n} 个观测因指标缺失，得分为插值"),
    (r"(\d+) rows", lambda n: f"{n} 个观测"),
    (r"fixed effects are taken out as least squares finds them \(Canay\)", lambda: "固定效应按 Canay（2011）两步法剔除"),
    (
        r"fixed effects are of location and scale \(method of moments\)",
        lambda: "固定效应进入位置与尺度函数（矩估计分位数回归，MMQR）",
    ),
    (
        r"standard errors ([^;]+?)(?:, density (by [\w ]+), bandwidth ([\w-]+))?",
        lambda whose, density, rule: (
            f"标准误：{_quantile_errors(whose)}"
            + (f"，密度：{_DENSITIES[density]}，带宽：{_BANDWIDTHS[rule]}" if density else "")
        ),
    ),
    (
        r"at ([\d.]+) other solutions are as good, (.+) from (\S+) to ([^\s:]+)(: not shown)?",
        lambda q, name, low, high, _: f"{q} 分位数的解不唯一（{name} 可取 {low} 至 {high}），未列出",
    ),
    (
        r"([\d,]+) of ([\d,]+) draws have no solution of their own, and are left out",
        lambda n, of: f"{of} 次抽样中有 {n} 次解不唯一，已剔除",
    ),
    (r"(\d+) of (\d+) fitted scales are not positive", lambda n, of: f"{of} 个观测中有 {n} 个尺度拟合值不为正"),
    (r"without neighbours: (.+)", lambda units: f"无邻接单元的个体：{units}"),
    (r"weights of (.+) left out: not in the sample", lambda units: f"权重矩阵中不在样本内的个体已剔除：{units}"),
)


#: Where a note names a column of the data, or several.
_COLUMNS = re.compile(
    r"(?<=`)[^`]+(?=` in )|(?:(?<=clustered by )|(?<=draws of whole )(?!rows\b))[^,;]+|(?<=added to )spec \S+: .+"
)


def noted(note: str, language: Language | None, label: Callable[[str], str] = str) -> str:
    """A record's note in the language of a table; label: what the table calls a column."""
    note = _COLUMNS.sub(lambda found: _called(found[0], label), note)
    if language != "zh" or not note:
        return note
    whole = _piece(note)
    return whole if whole != note else listed([_piece(piece) for piece in note.split("; ")], language)


def _called(named: str, label: Callable[[str], str]) -> str:
    """Columns, or `spec ID: TERMS`, where a label of the spec stands in place of both words."""
    where, colon, terms = named.rpartition(": ")
    spec = where.removeprefix("spec ")
    where = label(spec) if colon and label(spec) != spec else where
    called = (" × ".join(label(factor) for factor in term.split(":")) for term in terms.split(", "))
    return f"{where}{colon}{', '.join(called)}"


def _piece(text: str) -> str:
    for form, said in _FORMS:
        if found := re.fullmatch(form, text):
            return said(*found.groups())
    return reason(text)
