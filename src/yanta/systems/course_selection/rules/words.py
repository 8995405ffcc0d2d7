"""Refusals in words: which rule, which value, what to do next."""

from __future__ import annotations

from django.utils.translation import gettext as _

DAYS = "一二三四五六日"


def said(verb: str, outcome: str, code: str, detail: str) -> str:
    """The answer as the student reads it."""
    if outcome == "granted":
        return _GRANTED[verb]()
    if outcome == "waiting":
        return _("已排入候补，您是第 %(n)s 位；有人退出时按先后自动递补") % {"n": detail}
    if outcome == "unknown":
        return _("没有这个教学班")
    return refusal(code, detail)


_GRANTED = {
    "take": lambda: _("选课成功"), "drop": lambda: _("已退课"), "swap": lambda: _("换班成功"),
    "leave": lambda: _("已取消候补"), "fill": lambda: _("候补成功，已为您递补"), "draw": lambda: _("中签"),
    "add": lambda: _("教务处已为学生加选"), "remove": lambda: _("教务处已为学生退选"), "wait": lambda: _("选课成功"),
}  # fmt: skip
_PLAIN = {
    "window": lambda: _("现在没有开放的选课轮次"),
    "closed": lambda: _("这个教学班不开放选课"),
    "full": lambda: _("没有空座位了，可以排候补"),
    "queue": lambda: _("已有同学在候补，空出的座位先给他们；您可以排候补"),
    "passed": lambda: _("这门课程您已经修过并取得学分"),
    "plan": lambda: _("这个教学班只给培养方案里有这门课程的学生"),
    "absent": lambda: _("您没有选这个教学班，无从退出"),
    "lost": lambda: _("未中签"),
}


def refusal(code: str, detail: str) -> str:
    """Why not; `detail` is what the decision wrote beside the code. Nothing when there is no code."""
    if not code:
        return ""
    if code in _PLAIN:
        return _PLAIN[code]()
    return _DETAILED[code](detail)


def _population(detail: str) -> str:
    return _("正在进行的“%(r)s”不对您的专业或年级开放") % {"r": detail}


def _chosen(detail: str) -> str:
    return _("这门课程您已选了教学班 %(n)s；要换班请用“换班”") % {"n": detail}


def _sex(detail: str) -> str:
    return _("这个教学班只收男生") if detail == "1" else _("这个教学班只收女生")


def _needs(detail: str) -> str:
    return _("先修课程还没有通过：%(c)s") % {"c": detail}


def _time(detail: str) -> str:
    name, day, periods = detail.split("|")
    return _("与已选的“%(c)s”时间冲突：星期%(d)s第 %(p)s 节") % {
        "c": name,
        "d": DAYS[int(day) - 1],
        "p": periods,
    }


def _campus(detail: str) -> str:
    name, day, periods = detail.split("|")
    return _("与已选的“%(c)s”不在一个校区，星期%(d)s第 %(p)s 节前后没有赶路时间") % {
        "c": name, "d": DAYS[int(day) - 1], "p": periods,
    }  # fmt: skip


def _credits(detail: str) -> str:
    now, most = detail.split("|")
    return _("学分超过上限：已选 %(n)s 学分，上限 %(m)s") % {"n": now, "m": most}


_DETAILED = {
    "population": _population, "chosen": _chosen, "sex": _sex, "needs": _needs, "time": _time, "campus": _campus,
    "credits": _credits,
}  # fmt: skip
