"""What awaits heads of units among their to-dos."""

from __future__ import annotations

from django.db.models import Min

from yanta.kernel.access import proposals, reviews
from yanta.kernel.access.models import ReviewedGrant, RoleProposal
from yanta.kernel.base import Actor
from yanta.kernel.portal.todos import Todo, todos


@todos
def to_sign(actor: Actor) -> list[Todo]:
    """Rights that wait for the actor's signature."""
    if not actor.may(reviews.keep.permission):
        return []
    waiting = ReviewedGrant.objects.filter(verdict=ReviewedGrant.Verdict.WAITING).visible_to(
        actor, reviews.keep.permission
    )
    count = waiting.count()
    address = "/access/reviewedgrant/?verdict=waiting"
    due = ReviewedGrant.objects.filter(verdict=ReviewedGrant.Verdict.WAITING).aggregate(
        by=Min("review__due_on")
    )
    said = Todo(
        f"{count} 项权限待复核", address, kind="权限", icon="user-check", due_on=due["by"], count=count
    )
    return [said] if count else []


@todos
def to_approve(actor: Actor) -> list[Todo]:
    """Rights that the system administrator has set and somebody else decides on."""
    if not actor.may(proposals.approve.permission):
        return []
    waiting = RoleProposal.objects.filter(state=RoleProposal.State.WAITING)
    count = waiting.exclude(proposed_by_id=actor.account_id).count()
    words = f"{count} 项授权待批准"
    address = "/access/roleproposal/?state=waiting"
    return [Todo(words, address, kind="权限", icon="user-question", count=count)] if count else []
