"""Names of China's provinces as tables write them: in full, short, with spaces, in English."""

from __future__ import annotations

import re
import unicodedata

#: Short name, what its full name adds, the English name.
_TABLE = (
    ("北京", "市", "Beijing"), ("天津", "市", "Tianjin"), ("河北", "省", "Hebei"), ("山西", "省", "Shanxi"),
    ("内蒙古", "自治区", "Inner Mongolia"), ("辽宁", "省", "Liaoning"), ("吉林", "省", "Jilin"),
    ("黑龙江", "省", "Heilongjiang"), ("上海", "市", "Shanghai"), ("江苏", "省", "Jiangsu"), ("浙江", "省", "Zhejiang"),
    ("安徽", "省", "Anhui"), ("福建", "省", "Fujian"), ("江西", "省", "Jiangxi"), ("山东", "省", "Shandong"),
    ("河南", "省", "Henan"), ("湖北", "省", "Hubei"), ("湖南", "省", "Hunan"), ("广东", "省", "Guangdong"),
    ("广西", "壮族自治区", "Guangxi"), ("海南", "省", "Hainan"), ("重庆", "市", "Chongqing"), ("四川", "省", "Sichuan"),
    ("贵州", "省", "Guizhou"), ("云南", "省", "Yunnan"), ("西藏", "自治区", "Tibet"), ("陕西", "省", "Shaanxi"),
    ("甘肃", "省", "Gansu"), ("青海", "省", "Qinghai"), ("宁夏", "回族自治区", "Ningxia"),
    ("新疆", "维吾尔自治区", "Xinjiang"), ("香港", "特别行政区", "Hong Kong"), ("澳门", "特别行政区", "Macao"),
    ("台湾", "省", "Taiwan"),
)  # fmt: skip
PROVINCES = tuple(short for short, *_ in _TABLE)
_KNOWN = {
    written: short
    for short, ending, english in _TABLE
    for written in (short, short + ending, short + "省", short + "市", short + "自治区", english.lower().replace(" ", ""))
} | {"neimenggu": "内蒙古", "xizang": "西藏", "innermongolia": "内蒙古"}
_WHOLE = {"全国", "全国总计", "全国合计", "全国平均", "总计", "合计", "中国", "national", "total", "china", "nationaltotal"}


def bare(name: str) -> str:
    """Without any space, in the plain form of every character (full-width letters and spaces are folded)."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", name))


def province(name: str) -> str | None:
    """Short name of the province that a table means, or None."""
    return _KNOWN.get(bare(name).lower())


def is_whole_country(name: str) -> bool:
    """`全国`, `合计`, `National` ...: a row that is no province."""
    return bare(name).lower() in _WHOLE
