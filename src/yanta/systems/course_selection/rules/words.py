"""Refusals in words: which rule, which value, what to do next."""

from __future__ import annotations

from django.utils.translation import gettext as _

from yanta.masterdata import weeks

MINUTE = 60


def said(verb: str, outcome: str, code: str, detail: str) -> str:
    """The answer as the student reads it."""
    if outcome == "granted":
        return _GRANTED[verb]()
    if outcome == "waiting":
        return _("已排入候补，您是第 %(n)s 位；有人退出时按先后自动递补") % {"n": detail}
    if outcome == "unknown":
        return _("没有这个教学班")
    return refusal(code, detail)


def in_line(place: int, seconds: int | None) -> str:
    """Where somebody stands before the entrance; without seconds nobody is let in."""
    if seconds is None:
        return _("选课暂停中，您在入口排第 %(n)s 位，位置保留；恢复后自动提交") % {"n": place}
    if seconds < MINUTE:
        return _("您在入口排第 %(n)s 位，约 %(s)s 秒后轮到；轮到后自动提交，刷新页面不会丢位置") % {
            "n": place, "s": seconds,
        }  # fmt: skip
    return _("您在入口排第 %(n)s 位，约 %(m)s 分钟后轮到；轮到后自动提交，刷新页面不会丢位置") % {
        "n": place, "m": -(-seconds // MINUTE),
    }  # fmt: skip


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


def _passed(detail: str) -> str:
    if not detail:
        return _("这门课程您已经修过并取得学分")
    return _("这门课程您已经修过并取得学分，“%(r)s”不接受再次修读") % {"r": detail}


def _retake(detail: str) -> str:
    return _("这门课程您修过、没有通过，属于重修；“%(r)s”不接受重修") % {"r": detail}


def _first(detail: str) -> str:
    return _("“%(r)s”只接受重修，您没有修过这门课程") % {"r": detail}


def _beside(detail: str) -> str:
    return _("要与已选的“%(c)s”同时修读，请先退“%(c)s”") % {"c": detail}


def _language(detail: str) -> str:
    name, least, mine = detail.split("|")
    if mine:
        return _("这个教学班用%(n)s授课，要求%(n)s水平 %(l)s 级，您登记的是 %(m)s 级") % {
            "n": name, "l": least, "m": mine,
        }  # fmt: skip
    return _("这个教学班用%(n)s授课，要求%(n)s水平 %(l)s 级，您还没有登记水平") % {"n": name, "l": least}


def _chosen(detail: str) -> str:
    return _("这门课程您已选了教学班 %(n)s；要换班请用“换班”") % {"n": detail}


def _sex(detail: str) -> str:
    return _("这个教学班只收男生") if detail == "1" else _("这个教学班只收女生")


def _needs(detail: str) -> str:
    return _("先修课程还没有通过：%(c)s") % {"c": detail}


def _time(detail: str) -> str:
    name, day, periods = detail.split("|")
    return _("与已选的“%(c)s”时间冲突：%(d)s第 %(p)s 节") % {
        "c": name,
        "d": weeks.day_name(int(day)),
        "p": periods,
    }


def _campus(detail: str) -> str:
    name, day, periods = detail.split("|")
    return _("与已选的“%(c)s”不在一个校区，%(d)s第 %(p)s 节前后没有赶路时间") % {
        "c": name, "d": weeks.day_name(int(day)), "p": periods,
    }  # fmt: skip


def _group(detail: str) -> str:
    name, now, most = detail.split("|")
    return _("“%(g)s”的学分超过上限：这组已选 %(n)s 学分，上限 %(m)s") % {"g": name, "n": now, "m": most}


def _credits(detail: str) -> str:
    now, most = detail.split("|")
    return _("学分超过上限：已选 %(n)s 学分，上限 %(m)s") % {"n": now, "m": most}


_DETAILED = {
    "population": _population, "chosen": _chosen, "sex": _sex, "needs": _needs, "time": _time, "campus": _campus,
    "credits": _credits, "group": _group, "passed": _passed, "retake": _retake, "first": _first, "beside": _beside,
    "language": _language,
}  # fmt: skip
