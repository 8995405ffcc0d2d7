"""Three administrators (三员): system, security and audit, kept apart where the school wants it (GB/T 22239 8.1.5)."""

from __future__ import annotations

from collections.abc import Collection

from django.conf import settings

from yanta.kernel.access import roles

THREE = frozenset({roles.ENGINEER.code, roles.SECURITY.code, roles.AUDITOR.code})
_LOOKING = frozenset({"view", "export"})
# The system administrator sets and never decides on it, and does not read what is written about it.
_NOT_THE_SYSTEMS = frozenset({
    "access.rolegrant.grant", "access.rolegrant.appoint", "access.roleproposal.approve", "access.roleproposal.turn_down",
    "access.reviewedgrant.keep", "access.reviewedgrant.take_back", "access.rightsreview.open_review",
    "access.rightsreview.close_review", "identity.signin.export", "applications.decision.export",
})  # fmt: skip
_NOT_THE_SYSTEMS_NOUNS = ("audit.auditentry.", "audit.auditanchor.")
# The security administrator decides, and sets nothing of what it decides on.
_SECURITYS_PACKAGES = ("access.", "identity.", "audit.", "applications.", "jobs.")
_NOT_THE_SECURITYS = frozenset({
    "access.rolegrant.grant", "access.rolegrant.appoint", "access.roleproposal.propose",
    "access.emergencyaccount.seal", "identity.account.open_service_account", "identity.account.issue_token",
    "access.visitorpass.invite", "applications.application.approve", "applications.application.add",
    "applications.application.edit",
})  # fmt: skip


def is_on() -> bool:
    return bool(settings.SEPARATE_ADMINISTRATORS)


def kept(role: str, permissions: frozenset[str]) -> frozenset[str]:
    """What is left of a role's permissions where the three are separated."""
    if not is_on() or role not in THREE:
        return permissions
    return frozenset(one for one in permissions if _may(role, one))


def _may(role: str, permission: str) -> bool:
    if role == roles.AUDITOR.code:
        return permission.rpartition(".")[2] in _LOOKING
    if role == roles.SECURITY.code:
        looks = permission.rpartition(".")[2] == "view"
        return (permission.startswith(_SECURITYS_PACKAGES) or looks) and permission not in _NOT_THE_SECURITYS
    return permission not in _NOT_THE_SYSTEMS and not permission.startswith(_NOT_THE_SYSTEMS_NOUNS)


def mixed(held: Collection[str]) -> frozenset[str]:
    """The administrators' roles that one account may not hold together; empty when it holds one or none."""
    found = THREE & set(held)
    return found if is_on() and len(found) > 1 else frozenset()


def refusal_to_hold(role: str, held: Collection[str]) -> str | None:
    """Why an account that holds these roles may not be given this one, or None."""
    together = mixed({*held, role})
    if role not in together:
        return None
    names = "、".join(roles.ROLES[code].title for code in sorted(together))
    return f"三员分立：{names}不能由一人兼任"
