"""What pages of sharing have in common: who may look, and how conditions and fields are asked."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, QueryDict

from yanta.hub.subjects import Subject, conditions
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.portal.pages import PortalPage

CLAUSES = range(2)


class SharingPage(PortalPage):
    """For the staff; a subclass may ask for more."""

    permission = "sharing.dataset.view"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.actor.account_id is not None and not self.actor.may(self.permission):
            raise NotAllowed("数据共享面向教职工开放", rule=self.permission)
        return super().dispatch(request, *args, **kwargs)


def condition_text(data: QueryDict, subject: Subject) -> str:
    """The rows of the condition form as JSON; what is written by hand goes before."""
    if data.get("condition", "").strip():
        return data.get("condition", "")
    clauses = []
    for number in CLAUSES:
        name, test = data.get(f"where_{number}", ""), data.get(f"is_{number}", "eq")
        if not name:
            continue
        clause: dict[str, Any] = {"field": name, "is": test}
        if test not in conditions.BARE:
            written = data.get(f"value_{number}", "").strip()
            clause["value"] = _listed(written) if test in (*conditions.LISTS, "under") else written
        clauses.append(clause)
    if not clauses:
        return ""
    return json.dumps(clauses[0] if len(clauses) == 1 else {"all": clauses}, ensure_ascii=False)


def _listed(written: str) -> list[str]:
    return [one.strip() for one in written.replace("，", ",").replace("、", ",").split(",") if one.strip()]


def tests() -> list[tuple[str, str]]:
    return list(conditions.WORDS.items())
