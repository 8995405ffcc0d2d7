"""Which lines are no data, and which rows must be held back, with the reason for the clerk."""

from __future__ import annotations

import ibis
from ibis import ir

from yanta.hub.cleaning.identity import PLACEHOLDER
from yanta.hub.intake.elements import BY_NAME

SKIPS = {
    "title": "标题行",
    "header": "表头行",
    "blank": "空行",
    "ruler": "分隔线",
    "total": "合计行",
    "footer": "表尾说明",
    "not_people": "此表没有姓名列，不是人员名单",
}

REASONS = {
    "name_missing": "没有姓名，无法知道是谁的记录。请补上姓名后重放。",
    "cells_shifted": "这一行比表头多出内容，可能有分隔符没有加引号，各列已经错位。请对照原文改正后重放。",
    "name_unreadable": "姓名里没有文字（只有数字或符号），请改正后重放。",
    "test_row": "像是测试数据（姓名、编号或证件号是占位内容），不入库。请确认后删除，或改正后重放。",
    "weak_identity": "没有编号、有效证件号和电话，又找不到唯一对应的人。请补上任一项后重放。",
}

_TOTAL = r"^\W*(合\s*计|总\s*计|小\s*计|共\s*计|累\s*计|总\s*人\s*数|人数\s*合计|本页\s*[合小共]\s*计|平均)"
_COUNTED = r"^\W*(总?共|合计|总计|小计)?\s*[:：]?\s*\d+\s*(条|人|行|笔|名|项)"
_FOOTER = (
    r"^\W*(制表|填表|审核|复核|填报|统计|打印|导出|报表|经办|联系)\s*(人|时间|日期|单位|说明)"
    r"|^\W*(注|备注|说明|附注)\s*[:：]|^\W*第\s*\d+\s*页|^\W*以[上下](数据|内容|空白)|[（(]章[)）]|^\W*(负责人|签字|盖章)"
)
_TEST_NAME = (
    r"测试|试用|演示|示例|样例|(?i:\b(test(er|ing|user)?|demo|sample|dummy)\d*\b)"
    r"|^(?i:a{2,}|x{2,}|abc\d*|asdf.*|qwer.*|admin|user\d*|root)$"
)
_GENERIC = ["张三", "李四", "王五", "赵六", "某某", "某某某", "XXX", "无名"]
_DUMMY_NUMBER = r"^(0{2,}\d{0,2}|0*1|1{4,}|2{4,}|8{4,}|9{4,}|12345\d*|TEST\w*|[A-Z]?0{4,}\d?|20[5-9]\d{7})$"
_DUMMY_PHONE = r"^(1(\d\d)?0{8}|1{6,}|12345\d*|0+|1[3-9]\d0{8}|13[38]0{4}0*|9{6,})$"


def skip_kind(t: ir.Table) -> ir.StringValue:
    """Why a line is no data; null for data."""
    text = t.line.replace("\x1f", " ").strip()
    bare = t.line.replace("\x1f", "").strip()
    few = t.filled <= 4
    own = ibis.coalesce(t.tidy_name, "")
    nobody = t.tidy_name.isnull() | own.re_search(r"^\W*(总?共|合计)?\s*\d+\s*(人|条|名)?$|计$")
    headers = sorted(BY_NAME["name"].headers)
    return ibis.cases(
        (t.head_kind.notnull(), t.head_kind),
        (t.filled == 0, "blank"),
        (bare.re_search(r"^[-=_+|\s]+$"), "ruler"),
        (text.re_search(_TOTAL) & nobody, "total"),
        (bare.re_search(_COUNTED) & (few | nobody), "total"),
        (text.re_search(_FOOTER) & few, "footer"),
        (own.replace(" ", "").isin(headers), "header"),
        else_=ibis.null("string"),
    )


def quarantine_reason(t: ir.Table) -> ir.StringValue:
    """Why a row must be held back; null for a row that can go on."""
    name = ibis.coalesce(t.name, "")
    signs = (
        name.upper().isin(_GENERIC).ifelse(1, 0)
        + t.bare_id_no.re_search(PLACEHOLDER).fill_null(False).ifelse(1, 0)
        + t.bare_number.re_search(_DUMMY_NUMBER).fill_null(False).ifelse(1, 0)
        + t.bare_phone.re_search(_DUMMY_PHONE).fill_null(False).ifelse(1, 0)
        + t.bare_bank_account.re_search(r"^(0+|1{6,}|12345\d*)$").fill_null(False).ifelse(1, 0)
    )
    tested = name.re_search(_TEST_NAME) | (ibis.coalesce(t.tidy_status, t.tidy_category, "") == "测试")
    said = ibis.coalesce(t.tidy_name, "").re_search(_TEST_NAME) | ibis.coalesce(
        t.tidy_category, ""
    ).re_search("测试")
    return ibis.cases(
        (tested | said | (signs >= 2), "test_row"),
        (t.surplus, "cells_shifted"),
        (t.name.isnull(), "name_missing"),
        (~name.re_search(r"\p{L}"), "name_unreadable"),
        else_=ibis.null("string"),
    )
