"""Tables of the registry, the sign-on sessions and the log of decisions."""

from yanta.sso.applications.models.decisions import Decision
from yanta.sso.applications.models.registry import (
    AccessRule,
    Application,
    AttributeRelease,
    Consent,
    PairwiseId,
)
from yanta.sso.applications.models.sessions import Entry, SsoSession

__all__ = [
    "AccessRule",
    "Application",
    "AttributeRelease",
    "Consent",
    "Decision",
    "Entry",
    "PairwiseId",
    "SsoSession",
]
