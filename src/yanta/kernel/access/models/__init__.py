"""Tables of rights."""

from yanta.kernel.access.models.grants import RoleGrant
from yanta.kernel.access.models.reviews import ReviewedGrant, RightsReview
from yanta.kernel.access.models.safeguards import EmergencyAccount, RoleProposal
from yanta.kernel.access.models.visitors import VisitorPass

__all__ = [
    "EmergencyAccount",
    "ReviewedGrant",
    "RightsReview",
    "RoleGrant",
    "RoleProposal",
    "VisitorPass",
]
