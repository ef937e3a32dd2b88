"""What a run's summary says in Chinese: the one catalogue of its phrases. What files, engines and causes say stays so."""

from __future__ import annotations

from collections.abc import Mapping

VERDICTS_ZH: Mapping[str, str] = {
    "failed": "失败", "disagree": "不一致", "vacuous": "未作比较", "stale": "已过期", "explained": "已解释",
    "unavailable": "不可用", "declined": "不适用", "agree": "一致",
}  # fmt: skip

#: Kind of record -> what its records are called.
KINDS_ZH: Mapping[str, str] = {
    "index": "项指数与派生列", "mediation": "项中介分析", "diagnostics": "项工具变量诊断", "difference": "项组间差异检验",
    "wild": "项 Wild 聚类自助法", "bootstrap": "项聚类自助法", "summary": "项样本描述", "distribution": "项分布分析",
    "coupling": "项耦合协调度", "threshold": "项门槛回归", "margins": "项边际效应", "spatial": "项空间模型",
    "moderation": "项调节效应", "test": "项系数检验", "quantile": "项分位数回归", "reading": "个数据文件",
    "event_study": "项事件研究（双重差分）",
    "study": "项研究", "audit": "项稳健性审计", "table": "张表",
}  # fmt: skip

TRANSPORTS_ZH: Mapping[str, str] = {"live": "实时运行", "frozen": "使用冻结结果"}

PHRASES_ZH: Mapping[str, str] = {
    "nothing": "没有比较任何数值。",
    "agree": "{total} 个回归设定中有 {agree} 个在 {engines} 个引擎中结果一致",
    "bad": "{count} 个存在问题（{names}）",
    "alone": "{count} 个未作任何比较",
    "beside": "{total} {kind}中有 {agree} 个在 Python 与 R 中一致",
    "wrong": "{total} {kind}无法按所写运行",
    "printed": "另有 {total} 处分析的印刷数字，其中 {agree} 处一致",
    "reading same": "R 自行读取的数据与此相同",
    "reading other": "R 自行读取的数据与此不同",
    "compared": "共比较 {count} 个数值",
    "more": "等",
    "head verdict": "结果", "head spec": "设定", "head engines": "引擎", "head digits": "位数", "head printed": "印刷",
    "record": "{verdict} {name}：{what}",
    "sides": "{candidate} 对照 {reference}：{what}",
    "differ": "{checked} 个数值中有 {count} 个不同",
    "to digits": "{checked} 个数值一致至 {digits} 位",
    "moves": "{checked} 个数值中有 {count} 个变动",
    "by causes": "由以下原因解释：{causes}",
    "or": "或（数据无法区分）",
    "cause": "原因 {id}：{text}",
    "difference": "{name}：{ours} 与 {theirs}，前 {digits} 位一致",
    "difference printed": "{name}：印刷为 {ours}，计算为 {theirs}，前 {digits} 位一致",
    "only one": "{name}：仅一方有此数值（{value}）",
    "and more": "另有 {count} 处",
    "warning": "引擎提示：{text}",
    "unavailable": "{names} 不可用（{why}）",
    "made": "模拟数据，并非实际观测：{names}。",
    "read": "{study} 的数据：{text}",
}  # fmt: skip
