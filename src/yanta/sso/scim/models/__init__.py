"""Tables of both directions."""

from yanta.sso.scim.models.server import Door, Link, OwnGroup
from yanta.sso.scim.models.targets import Change, Copy, Reconciliation, Target

__all__ = ["Change", "Copy", "Door", "Link", "OwnGroup", "Reconciliation", "Target"]
