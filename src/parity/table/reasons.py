"""Why something was not estimated or not compared, in Chinese: reasons that records have, each of a form below.

A reason of another form is shown as it is, in English: what a package said is not to be guessed at.
"""

from __future__ import annotations

import re

_LOST = {
    "have missing values": "个有缺失值", "have weight zero": "个权重为零", "are predicted perfectly": "个被完全预测",
    "are singletons": "个为单例组",
}  # fmt: skip
_PERIODS = {"whole units' residuals can't be drawn": "无法按个体整群抽取残差",
            "W y is known where all units are there": "只有各期个体齐全时才能计算 Wy"}  # fmt: skip


def _left(text: str) -> str:
    """`31 have missing values, 2 are singletons`"""
    said = []
    for piece in text.split(", "):
        n, _, what = piece.partition(" ")
        said.append(f"{n} {_LOST.get(what, what)}")
    return "，".join(said)


#: Form of a reason -> what it is in Chinese, by its groups.
REASONS = (
    ("R gave no answer", lambda: "R 没有给出结果"),
    ("not frozen", lambda: "没有冻结的结果"),
    ("no two engines have an estimate of it", lambda: "没有两个程序都能估计"),
    ("no two engines have an estimate that says anything: (.+)", lambda why: f"没有两个程序的估计有足够位数：{why}"),
    ("nothing is left to estimate", lambda: "没有可估计的参数"),
    ("no row is left", lambda: "没有剩余观测"),
    (r"no row is left: `where` keeps (\d+) of (\d+)(?:, (.+))?",
     lambda n, of, lost: f"没有剩余观测：筛选后保留 {of} 个中的 {n} 个{'，其中 ' + _left(lost) if lost else ''}"),
    (r"(\d+) rows leave no degree of freedom for (\d+) parameters", lambda n, k: f"{n} 个观测不足以估计 {k} 个参数"),
    (r"(\d+) rows for (\d+) coefficients", lambda n, k: f"{n} 个观测不足以估计 {k} 个系数"),
    ("every regressor is absorbed or collinear: (.+)", lambda names: f"所有解释变量均被吸收或共线：{names}"),
    ("the endogenous (`[^`]+`) is collinear with the fixed effects or regressors",
     lambda name: f"内生变量 {name} 与固定效应或其他解释变量共线"),
    ("the instruments are uncorrelated with the endogenous columns: nothing is identified",
     lambda: "工具变量与内生变量不相关，无法识别"),
    (r"(\d+) instruments are left for (\d+) endogenous columns", lambda z, d: f"{d} 个内生变量只剩 {z} 个工具变量"),
    ("there is only one cluster", lambda: "只有一个聚类"),
    ("the panel isn't balanced \\((\\d+) rows of (\\d+) units in (\\d+) periods\\): (.+)",
     lambda n, units, t, why: f"面板不平衡（{units} 个个体、{t} 期只有 {n} 个观测）：{_PERIODS.get(why, why)}"),
    ("(`[^`]+`) is determined by the (?:other regressors and the effects|effects or the other regressors)",
     lambda name: f"{name} 被其他解释变量和固定效应完全决定"),
    ("(`[^`]+`) is left out of spec ([^:]+): (.+)", lambda name, spec, kept: f"{name} 不在回归 {spec} 的估计中：{kept}"),
    ("regressors and effects leave nothing of the outcome", lambda: "解释变量和固定效应完全解释了被解释变量"),
    ("a regime of the model is determined by its other regressors", lambda: "某一区间的变量被其他解释变量完全决定"),
    (r"by: (\d+) of (\d+) rows of spec ([^ ]+) have no value of (`[^`]+`)",
     lambda n, of, spec, name: f"回归 {spec} 的 {of} 个观测中有 {n} 个缺少门槛变量 {name}"),
    (r"of: (\d+) of (\d+) rows have no value of (`[^`]+`)", lambda n, of, name: f"{of} 个观测中有 {n} 个缺少 {name}"),
    ("the information at the maximum is not positive definite: there are no standard errors",
     lambda: "最大值处的信息矩阵非正定，没有标准误"),
    (r"the likelihood has no maximum between (\S+) and (\S+)",
     lambda low, high: f"似然函数在 {low} 与 {high} 之间没有最大值"),
    ("scores lie between 0 and 1, but one is ([^:]+): rescale them, or multiply by 1/100",
     lambda n: f"得分应在 0 与 1 之间，却有一个为 {n}：请重新标准化，或乘以 1/100"),
    ("(?:([^:]+): )?Gini's coefficient is of values that are not negative, and not all zero",
     lambda when: f"{when + '：' if when else ''}基尼系数要求数值非负且不全为零"),
    ("a density needs two values that differ", lambda: "核密度至少需要两个不同的数值"),
    ("fewer than three rows have no summary", lambda: "不足三个观测，无法描述"),
    (r"no answer within (\S+) s; its worker was stopped", lambda s: f"{s} 秒内没有结果，已停止"),
    (r"out of memory(?: on ([\d,]+) rows)?", lambda n: f"内存不足{'（' + n + ' 个观测）' if n else ''}"),
    ("the data or settings have changed since it was recorded; run parity freeze where R is",
     lambda: "结果冻结之后数据或设置已改变；请在装有 R 的机器上运行 parity freeze"),
    ("(.+); run parity freeze", lambda why: f"{why}；请运行 parity freeze"),
    ("the data have changed since it was recorded", lambda: "结果冻结之后数据已改变"),
    ("the specification has changed since it was recorded", lambda: "结果冻结之后模型设定已改变"),
    ("not to be relied on: (.+)", lambda why: f"结果不可靠：{why}"),
    ("R is not on the PATH", lambda: "没有找到 R"),
    (r"(\d+) of (\d+) draws leave an? (?:coefficient|effect) undetermined", lambda n, of: f"{of} 次抽样中有 {n} 次无法确定"),
    ("never: (.+)", lambda why: why),
    ("not yet: (.+)", lambda why: f"尚不支持：{why}"),
)  # fmt: skip
_COMPILED = tuple((re.compile(form), said) for form, said in REASONS)


def reason(text: str) -> str:
    """A reason in Chinese, also inside another; as it is where its form is not known."""
    for form, said in _COMPILED:
        if found := form.fullmatch(text):
            inner = [g if g is None or g == text else _inside(g) for g in found.groups()]
            return said(*inner)
    return text


def _inside(group: str) -> str:
    return "；".join(reason(piece) for piece in group.split("; "))
