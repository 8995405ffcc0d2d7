"""The school's code set of organisation units is the tree itself."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from yanta.kernel.codes.providers import Columns, code_set_provider
from yanta.kernel.organisation.models import OrgUnit


@code_set_provider(
    "SCHOOL_ORG_UNIT",
    title="组织机构代码",
    owner="人事处",
    width=20,
    columns=Columns(valid_from="valid_from", valid_to="valid_to"),
)
def org_units() -> QuerySet[Any]:
    return OrgUnit.objects.all()
