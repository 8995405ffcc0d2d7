"""What is done with plans."""

from yanta.systems.curricula.services.approving import (
    endorse,
    publish,
    retire,
    send_back,
    submit,
    tell_sent_back,
)
from yanta.systems.curricula.services.editing import (
    add_course,
    add_group,
    add_outcome,
    copy,
    require_draft,
    store_group,
    store_plan,
    store_plan_course,
    store_prerequisite,
    support,
)

__all__ = [
    "add_course", "add_group", "add_outcome", "copy", "endorse", "publish", "require_draft", "retire", "send_back",
    "store_group", "store_plan", "store_plan_course", "store_prerequisite", "submit", "support", "tell_sent_back",
]  # fmt: skip
