"""What a table says in words, in English and in Chinese: labels of rows, and the notes below.

`[labels]` replaces a label by its name, and a whole note by its key here (`"note.made" = "..."`; an empty text: none).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Language = Literal["en", "zh"]

#: English -> Chinese, of labels; heads that only analyses have stand with these, in `parity.study.analyses`.
LABELS_ZH: Mapping[str, str] = {
    "Yes": "是", "No": "否", "Absorbed": "被吸收", "Partly": "部分", "Controls": "控制变量", "(Intercept)": "常数项",
    "Observations": "观测值", "Clusters": "聚类数", "F": "F 值", "R²": "R²", "Within R²": "组内 R²",
    "Adjusted R²": "调整后 R²", "Residual degrees of freedom": "残差自由度", "Hausman chi²": "Hausman 检验 χ²",
    "Log likelihood": "对数似然值", "Pseudo R²": "伪 R²", "kappa": "kappa", "chi²": "χ² 值",
    "First-stage F": "第一阶段 F 值", "Anderson LM": "Anderson LM 统计量",
    "Kleibergen-Paap rk LM": "Kleibergen-Paap rk LM 统计量", "Underidentification LM": "识别不足检验 LM 统计量",
    "Cragg-Donald Wald F": "Cragg-Donald Wald F 统计量",
    "Kleibergen-Paap rk Wald F": "Kleibergen-Paap rk Wald F 统计量", "Weak identification F": "弱识别检验 F 统计量",
    "Cragg-Donald F": "Cragg-Donald F 统计量", "Stock-Yogo, 10% size": "Stock-Yogo 临界值（10%）",
    "Sargan": "Sargan 统计量", "Hansen J": "Hansen J 统计量", "Overidentification": "过度识别检验",
    "AR(1), z": "AR(1) 检验 z 值", "AR(1), p": "AR(1) 检验 p 值", "AR(2), z": "AR(2) 检验 z 值",
    "AR(2), p": "AR(2) 检验 p 值", "Instruments": "工具变量个数",
    "Anderson-Rubin F": "Anderson-Rubin F 统计量", "Endogeneity chi²": "内生性检验 χ²",
    "Exogeneity, chi²": "外生性检验 χ²",
    "Difference of groups": "组间系数差异", "p, interaction": "p 值（交互项）", "p, SUEST": "p 值（SUEST）",
    "p, permutation of units": "p 值（按个体置换）", "p, permutation of rows": "p 值（按观测置换）",
    "Wild cluster bootstrap p": "Wild 聚类自助法 p 值",
    "Wild cluster bootstrap interval": "Wild 聚类自助法置信区间", "Total effect (c)": "总效应 (c)",
    "On the mediator (a)": "对中介变量 (a)", "Of the mediator (b)": "中介变量的效应 (b)",
    "Direct effect (c')": "直接效应 (c')", "Indirect effect (a × b)": "间接效应 (a × b)", "Sobel z": "Sobel 检验 z 值",
    "Aroian z": "Aroian 检验 z 值", "Goodman z": "Goodman 检验 z 值", "Percentile interval": "百分位置信区间",
    "Bias-corrected interval": "偏差校正置信区间", "BCa interval": "BCa 置信区间",
    "Monte Carlo interval": "蒙特卡洛置信区间", "Share mediated": "中介效应占比", "Bootstrap draws": "自助抽样次数",
    "N": "样本量", "Mean": "均值", "SD": "标准差", "Min": "最小值", "Median": "中位数", "Max": "最大值", "VIF": "VIF",
    "1/VIF": "1/VIF", "Mean VIF": "VIF 均值", "{} fixed effects": "{}固定效应",
    "Index": "指数", "Dimension": "维度",
    "Indicator": "指标", "Unit": "单位", "Direction": "属性", "Entropy": "信息熵", "Weight": "权重",
    "Coefficient": "系数", "Positive": "正向", "Negative": "负向", "entropy": "熵权法",
    "principal components": "主成分分析法", "CRITIC": "CRITIC 法", "coefficient of variation": "变异系数法",
    "equal weights": "等权重法", "given weights": "给定权重", "Statistic": "统计量", "single": "单一门槛",
    "double": "双重门槛", "double, first again": "双重门槛（第一个）", "triple": "三重门槛",
    "Standard error": "标准误", "p": "p 值", "z": "z 值", "Wald": "Wald 统计量", "lag": "空间滞后", "error": "空间误差",
    "robust lag": "稳健空间滞后", "robust error": "稳健空间误差", "Least": "最小值", "Largest": "最大值",
}  # fmt: skip

#: Key -> in English, in Chinese. Those that begin with `note.` are whole notes.
TEXTS: Mapping[str, tuple[str, str]] = {
    "se": ("Standard errors in parentheses", "括号内为标准误"),
    "t": ("t statistics in parentheses", "括号内为 t 值"),
    "p": ("p-values in parentheses", "括号内为 p 值"),
    "ci": ("95 % intervals in brackets", "方括号内为 95% 置信区间"),
    "note.parentheses": ("{}: {}. Convention: {}.", "{}：{}。计算口径：{}。"),
    "homoskedastic": ("homoskedastic", "同方差"),
    "heteroskedastic": ("heteroskedasticity-robust", "异方差稳健"),
    "robust": ("robust", "异方差稳健"),
    "clustered": ("clustered by {}", "按{}聚类"),
    "and": (" and ", "和"),
    "conley": ("spatial (Conley), cutoff {}", "Conley 空间相关稳健，截断距离 {}"),
    "lags": ("{}, {} lags", "{}，滞后 {} 期"),
    "kind": ("{} ({})", "{}（{}）"),
    "unscaled": ("{}, without small-sample factor", "{}，未作小样本调整"),
    "unweighted": ("unweighted", "未加权"),
    "analytic": ("analytic weights: {}", "分析权重：{}"),
    "frequency": ("frequency weights: {}", "频数权重：{}"),
    "note.weights": ("{}.", "{}。"),
    "note.tests": ("p-values of tests in brackets.", "方括号内为检验的 p 值。"),
    "note.engines": (
        "Every column was estimated in {} engines, which agree on every number.",
        "各列均由 {} 个程序分别估计，所有数字一致。",
    ),
    "note.engines by column": (
        "Number of engines that estimated a column and agree on every number: {}.",
        "估计各列且所有数字一致的程序个数：{}。",
    ),
    "in": ("{} in {}", "{}（第 {} 列）"),
    "number in": ("{} in {}", "第 {1} 列 {0} 个"),
    "column": ("Column {}: {}.", "第 {} 列：{}。"),
    "columns": ("Columns {}: {}.", "第 {} 列：{}。"),
    "instruments": ("Diagnostics of instruments", "工具变量检验"),
    "differences": ("Differences of groups", "组间差异检验"),
    "mediations": ("Indirect effects", "中介效应检验"),
    "wild": ("Wild cluster bootstrap", "Wild 聚类自助法"),
    "note.analyses": ("{}: computed in Python and in R, which agree.", "{}：由 Python 与 R 分别计算，结果一致。"),
    "note.analyses with": (
        "{}: computed in Python and in R, which agree ({}).",
        "{}：由 Python 与 R 分别计算，结果一致（{}）。",
    ),
    "note.made": ("The data are made, not observed.", "数据为模拟生成，并非实际观测。"),
    "note.lost": (
        "Absorbed by fixed effects or collinear with other regressors, so left out: {}.",
        "因被固定效应吸收或与其他变量共线而略去：{}。",
    ),
    "note.difference of": ("Differences of groups are of {}.", "组间差异为{}的系数之差。"),
    "note.difference alone": (
        "p, interaction: all but {} is the same in both groups.",
        "交互项的 p 值：除{}外，两组其余系数相同。",
    ),
    "note.difference clusters": ("Differences of groups are clustered by {}.", "组间差异检验按{}聚类。"),
    "webb": ("Webb's points", "Webb 权重"),
    "unrestricted": ("null not imposed", "未施加原假设"),
    "note.indirect": (
        "{}: {}; for the indirect effect its bootstrap standard error.",
        "{}：{}；间接效应为自助标准误。",
    ),
    "note.z": ("p of z in brackets.", "方括号内为 z 检验的 p 值。"),
    "draws": ("{}, {} draws of whole clusters", "{}，整群抽样 {} 次"),
    "note.intervals": ("Bootstrap intervals: {}.", "自助置信区间：{}。"),
    "note.computed": ("Computed in Python and in R, which agree ({}).", "由 Python 与 R 分别计算，结果一致（{}）。"),
    "note.computed some": (
        "Computed in Python and in R, and agreeing: {}.",
        "由 Python 与 R 分别计算且一致：第 {} 列。",
    ),
    "note.sample": (
        "The sample is that of {}. Every number was computed in Python and in R, which agree.",
        "样本同{}。所有数字均由 Python 与 R 分别计算，结果一致。",
    ),
    "note.index": ("Weights: {}, over all rows.", "权重由{}确定，使用全部观测。"),
    "note.index by year": ("Weights: {}, each year's own.", "权重由{}逐年确定。"),
    "note.index levels": (
        "Entropies are those within dimensions, weights those in the whole index.",
        "信息熵为维度内的信息熵，权重为指标在总指数中的权重。",
    ),
    "note.both": (
        "Every number was computed in Python and in R, which agree.",
        "所有数字均由 Python 与 R 分别计算，结果一致。",
    ),
    "note.index base": ("Weights: {}, over the rows of {}.", "权重由{}确定，使用 {} 的观测。"),
    "note.first stage": (
        "F statistics of instruments have the small-sample factor of ivreg2, which counts every absorbed effect: where a "
        "column's convention counts others, they are not its t squared.",
        "工具变量的 F 统计量采用 ivreg2 的小样本调整，计入全部固定效应；若某列口径不同，则与其 t 值的平方不等。",
    ),
    "note.tests both": ("Tests: computed in Python and in R, which agree.", "各检验均由 Python 与 R 分别计算，结果一致。"),
    "gini of": ("Gini of {}", "基尼系数：{}"),
    "regime": ("{}, regime {}", "{}（第 {} 区间）"),
    "note.stars": ("{}.", "{} 分别表示在 {} 的水平上显著。"),
}  # fmt: skip

#: A form of a note -> the note whose label replaces it, where it has none of its own.
FORM_OF = {
    "note.engines by column": "note.engines", "note.analyses with": "note.analyses", "note.computed some": "note.computed",
    "note.index by year": "note.index", "note.index base": "note.index", "note.index levels": "note.index",
}  # fmt: skip


def label_in(language: Language, text: str, more: Mapping[str, str] = {}) -> str:
    """A label that the project gives, here or as one of `more`; others, such as the name of a column, stay as they are."""
    return more.get(text) or LABELS_ZH.get(text, text) if language == "zh" else text


def text_in(language: Language, key: str) -> str:
    """The text of a key, with braces for what it is about."""
    return TEXTS[key][language == "zh"]
