"""The school's code set of persons is the register of people itself."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from yanta.kernel.codes.providers import Columns, code_set_provider
from yanta.kernel.people.models import Person


@code_set_provider(
    "SCHOOL_PERSON", title="人员编码", owner="人事处", width=12, columns=Columns(code="number")
)
def persons() -> QuerySet[Any]:
    return Person.objects.filter(merged_into=None)
