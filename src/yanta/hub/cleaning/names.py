"""Personal names: the written form of the document, a form for comparison, and pinyin."""

from __future__ import annotations

from functools import cache

import ibis
from ibis import ir
from pypinyin import Style, lazy_pinyin

_DOTS = "[·•．.・‧∙⋅●﹒᛫˙‐]"
# U+E863 is where older software kept 䶮.
_PRIVATE = {"\ue863": "䶮"}
_LOST = "[?？□■�〓＊*�\ue000-\uf8ff]"
# Traditional and variant characters common in names, folded for comparison only.
_VARIANTS = (
    "張陳劉楊黃趙吳孫馬鄭謝許韓馮鄧蕭葉蘇呂盧蔣賈韋鄒譚陸閻薛龍萬錢嚴賴覃莊顏關鐘鍾國華偉麗傑強學軍衛東紅曉瑋瑩潔靜瓊鳳蘭嬋"
    "喆昇堃淼珮甯於祕峯",
    "张陈刘杨黄赵吴孙马郑谢许韩冯邓萧叶苏吕卢蒋贾韦邹谭陆阎薛龙万钱严赖覃庄颜关钟钟国华伟丽杰强学军卫东红晓玮莹洁静琼凤兰婵"
    "哲升坤淼佩宁于秘峰",
)
_SURNAMES = {
    "单": "shan",
    "仇": "qiu",
    "解": "xie",
    "任": "ren",
    "区": "ou",
    "查": "zha",
    "曾": "zeng",
    "朴": "piao",
    "盖": "ge",
}
_SURNAMES |= {
    "召": "shao",
    "尉": "yu",
    "缪": "miao",
    "翟": "zhai",
    "覃": "qin",
    "乐": "yue",
    "员": "yun",
    "冼": "xian",
    "华": "hua",
}


def written_name(tidy: ir.StringValue) -> ir.StringValue:
    """As on the document: Han names without blanks, U+00B7 between parts, passport names in capitals."""
    plain = tidy
    for private, proper in _PRIVATE.items():
        plain = plain.replace(private, proper)
    han = plain.re_replace(r"\(.*?\)|\[.*?\]|（.*?）", "").re_replace(r"\s+", "").re_replace(_DOTS, "·")
    han = han.re_replace(r"^·+|·+$|(\D)\d{1,2}$", r"\1").re_replace("·+", "·")
    latin = plain.upper().re_replace(r"[,，]\s*", " ").re_replace(r"\s+", " ").strip()
    return ibis.ifelse(plain.re_search(r"\p{Han}"), han, latin).nullif("")


def name_is_lossy(written: ir.StringValue) -> ir.BooleanValue:
    """A character was lost: a mark stands for it, or letters stand among Han characters."""
    mixed = written.re_search(r"\p{Han}") & written.re_search(r"[A-Za-z]")
    return (written.re_search(_LOST) | mixed).fill_null(False)


def name_key(written: ir.StringValue) -> ir.StringValue:
    old, new = _VARIANTS
    return written.re_replace(r"[·\s'.-]", "").lower().translate(old, new)


@cache
def _reading(sign: str) -> str:
    return lazy_pinyin(sign, style=Style.NORMAL, v_to_u=False)[0].lower()


def pinyin_of(name: str) -> str:
    """Toneless pinyin, the surname first; Latin letters stay."""
    signs = [sign for sign in name if sign.isalpha()]
    if not signs:
        return ""
    first = _SURNAMES.get(signs[0]) or _reading(signs[0])
    return first + "".join(_reading(sign) for sign in signs[1:])
