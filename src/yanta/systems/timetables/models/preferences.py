"""What matters more and what less when a term's timetable is made."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q

from yanta.kernel.base.models import Record

WISHES = (
    "evening", "weekend", "wishes", "spread", "class_gaps", "teacher_gaps", "class_load", "teacher_load", "same_room", "room_fit",
    "links",
)  # fmt: skip


def weight(title: str, default: int, words: str) -> models.PositiveSmallIntegerField:
    """From 0 (no matter) to 10 (before everything else)."""
    return models.PositiveSmallIntegerField(
        title, default=default, validators=[MaxValueValidator(10)], help_text=f"{words}；0 不管，10 最要紧"
    )


class Preference(Record):
    """One term's weights; a term without a row takes the values a new row has."""

    org_path = None
    org_path_reason = "一个学期的课表是全校的"
    title_needs = ("term",)

    term = models.OneToOneField("masterdata.Term", models.PROTECT, verbose_name="学期", related_name="+")
    evening = weight("少排晚上", 2, "每次课排在晚上要扣的分")
    weekend = weight("不排周末", 8, "每次课排在周末要扣的分")
    wishes = weight("照顾时间要求", 6, "教师和教学班“希望”“尽量不排”的时间没有满足")
    spread = weight("一门课分散在几天", 6, "同一教学班的两次课在同一天")
    class_gaps = weight("学生少空堂", 3, "行政班一天里两次课之间空着两节以上")
    teacher_gaps = weight("教师少空堂", 2, "教师一天里两次课之间空着两节以上")
    class_load = weight("学生一天不太满", 4, "行政班一天的课超过上限，每多一节")
    teacher_load = weight("教师一天不太累", 4, "教师一天的课超过上限，每多一节")
    same_room = weight("教室固定", 2, "同一教学班的两次课不在同一教室")
    room_fit = weight("教室大小合适", 1, "教室空座太多，每空二十个座位")
    links = weight("满足关联组", 6, "不是“必须满足”的关联组没有满足")
    class_most = models.PositiveSmallIntegerField("学生一天最多几节", default=8)
    teacher_most = models.PositiveSmallIntegerField("教师一天最多几节", default=6)
    travel = models.PositiveSmallIntegerField(
        "换校区要空几节课",
        default=1,
        help_text="上一节在一个校区、下一节在另一个校区，中间至少空几节；午休、晚饭算在内",
    )

    class Meta:
        verbose_name = "排课侧重"
        ordering = ("-term__starts_on",)
        constraints = [
            models.CheckConstraint(
                condition=Q(class_most__gte=2) & Q(teacher_most__gte=2) & Q(travel__lte=4),
                name="preference_plausible", violation_error_message="一天至少 2 节，换校区至多空 4 节",
            ),
            *(
                models.CheckConstraint(condition=Q(**{f"{name}__lte": 10}), name=f"preference_{name}")
                for name in WISHES
            ),
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "timetable_preference"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.term.name}排课侧重"
