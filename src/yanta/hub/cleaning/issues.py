"""Values set aside or doubted within a row that goes on: what, why and what stood there."""

from __future__ import annotations

import ibis
from ibis import ir

_ID_FAULTS = {
    "id_bad_check": "证件号校验位不对，可能有数字写错",
    "id_bad_date": "证件号中的出生日期不存在",
    "id_unknown_division": "证件号前六位从未是行政区划代码",
    "id_bad_form": "证件号的长度或格式不对",
    "id_placeholder": "证件号是占位内容，不作证件号用",
}
_UNKNOWN = {
    "sex": "性别不是标准代码，也认不出",
    "ethnic": "民族不在 GB/T 3304 中，也认不出",
    "political": "政治面貌不在 GB/T 4762 中，也认不出",
    "nationality": "国家和地区认不出",
    "id_type": "证件类型认不出",
    "native_place": "籍贯没有写到县，或认不出，暂不采用",
    "title": "职称认不出，或只写了级别，暂不采用",
    "major_code": "专业代码不在目录中",
}
_UNREAD_DATES = {
    "birth": "出生日期读不出来",
    "entry": "入学或来校时间读不出来",
    "recorded": "登记日期读不出来",
    "leave": "毕业或离校时间读不出来",
}

# Elements whose original an issue quotes; the others are not carried along once they are tidy.
QUOTED = frozenset((*_UNKNOWN, *_UNREAD_DATES, "id_no", "name", "phone", "email", "bank_account", "exam_no"))


def issues_of(t: ir.Table) -> ir.ArrayValue:
    """The list of issues of each row, empty if there is none."""
    found = [*_identity(t), *_codes(t), *_dates(t), *_crossed(t), *_contacts(t)]
    return ibis.array(found).filter(lambda issue: issue.notnull())


def _issue(
    when: ir.BooleanValue, column: str, code: str, message: str, original: ir.StringValue
) -> ir.StructValue:
    value = ibis.struct({"column": column, "code": code, "message": message, "original": original})
    return ibis.ifelse(when.fill_null(False), value, ibis.null(value.type()))


def _identity(t: ir.Table) -> list[ir.StructValue]:
    return [
        _issue(t.id_fault == code, "id_no", code, message, t.raw_id_no)
        for code, message in _ID_FAULTS.items()
    ]


def _codes(t: ir.Table) -> list[ir.StructValue]:
    plain = [
        _issue(
            t[f"tidy_{name}"].notnull() & t[f"code_{name}"].isnull(),
            name,
            f"{name}_unknown",
            message,
            t[f"raw_{name}"],
        )
        for name, message in _UNKNOWN.items()
    ]
    unit = ibis.coalesce(t.tidy_org_code, t.tidy_org_name)
    lost = unit.notnull() & t.org_code.isnull()
    return [
        *plain,
        _issue(
            lost, "org_code", "org_unknown", "单位名称或代码不在单位表和沿革表中，或对应不止一个单位", unit
        ),
    ]


def _dates(t: ir.Table) -> list[ir.StructValue]:
    unread = [
        _issue(
            t[f"tidy_{name}"].notnull() & t[f"{name}_year"].isnull(),
            name,
            f"{name}_unread",
            message,
            t[f"raw_{name}"],
        )
        if name != "leave"
        else _issue(
            t.tidy_leave.notnull() & t.leave_year.isnull() & t.entry_year.isnull(),
            name,
            "leave_unread",
            message,
            t.raw_leave,
        )
        for name, message in _UNREAD_DATES.items()
    ]
    partial = t.birth_year.notnull() & t.birth_day.isnull()
    return [
        *unread,
        _issue(partial, "birth_on", "birth_partial", "出生日期只到年月，不作出生日期用", t.raw_birth),
    ]


def _crossed(t: ir.Table) -> list[ir.StructValue]:
    other_day = t.id_valid & t.birth_on.notnull() & (t.birth_on != t.id_birth_on)
    other_sex = t.id_valid & t.sex.notnull() & (t.sex != t.id_sex)
    return [
        _issue(other_day, "birth_on", "birth_not_as_id", "出生日期与证件号中的不一致", t.raw_birth),
        _issue(other_sex, "sex", "sex_not_as_id", "性别与证件号中的不一致", t.raw_sex),
        _issue(t.name_lossy, "name", "name_lossy", "姓名中有字丢失（?、替代符号或字母）", t.raw_name),
    ]


def _contacts(t: ir.Table) -> list[ir.StructValue]:
    return [
        _issue(
            t.bare_phone.notnull() & t.phone.isnull(),
            "phone",
            "phone_invalid",
            "电话不是 11 位手机号",
            t.raw_phone,
        ),
        _issue(
            t.tidy_email.notnull() & t.email.isnull(), "email", "email_invalid", "邮箱格式不对", t.raw_email
        ),
        _issue(
            t.bare_bank_account.notnull() & t.bank_account.isnull(),
            "bank_account",
            "bank_account_invalid",
            "银行账号位数不对",
            t.raw_bank_account,
        ),
        _issue(
            t.bare_exam_no.notnull() & t.exam_no.isnull(),
            "exam_no",
            "exam_no_invalid",
            "考生号不是 14 位",
            t.raw_exam_no,
        ),
    ]
