"""What is not handed in yet, and what a person wants at hand."""

from __future__ import annotations

import uuid

from django.db import models

from yanta.kernel.base.models import Record


class Draft(Record):
    """What one person has filled in so far of one service (or 一件事); `revision` tells two devices apart."""

    org_path = None
    org_path_reason = "本人还没有提交的内容"
    person_path = "person"
    history = False  # kept while one types

    person = models.ForeignKey("people.Person", models.CASCADE, verbose_name="本人", related_name="+")
    service = models.CharField("事项", max_length=80)
    about = models.BigIntegerField("为谁", default=0)
    token = models.UUIDField("提交标识", default=uuid.uuid4, editable=False)
    answers = models.JSONField("内容", default=dict)
    revision = models.PositiveIntegerField("修订", default=0)

    class Meta:
        verbose_name = "办事草稿"
        constraints = [models.UniqueConstraint(fields=["person", "service", "about"], name="hall_draft_once")]

    def __str__(self) -> str:
        return self.service


class Favourite(Record):
    """A service that somebody wants at hand."""

    org_path = None
    org_path_reason = "本人的收藏"
    person_path = "person"
    history = False  # a star, put and taken

    person = models.ForeignKey("people.Person", models.CASCADE, verbose_name="本人", related_name="+")
    service = models.CharField("事项", max_length=80)

    class Meta:
        verbose_name = "收藏事项"
        constraints = [models.UniqueConstraint(fields=["person", "service"], name="hall_favourite_once")]

    def __str__(self) -> str:
        return self.service
