"""The audit trail, for the auditor."""

from yanta.kernel.audit.models import AuditEntry
from yanta.kernel.resource import Resource, Section, register


@register
class AuditEntryResource(Resource):
    """Read only, as the database sees to it."""

    model = AuditEntry  # type: ignore[assignment]  # append-only: a Record would bring columns that change
    title = "审计记录"
    owner = "信息中心"
    icon = "shield-check"
    columns = ["at", "actor_name", "action", "subject_label", "summary", "outcome", "address"]
    filters = ["outcome", "at", "action", "subject_type"]
    search = ["actor_name", "action", "subject_label", "summary"]
    in_search = False
    facts = [
        Section("谁", ["at", "actor_name", "address", "request_id"]),
        Section("做了什么", ["action", "outcome", "subject_type", "subject_id", "subject_label", "summary"]),
        Section("封存", ["sequence"]),
    ]
    access = {"auditor": "view export"}
