"""The node's heartbeat: push what is due, apply what is complete, forget spent nonces."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from yanta.hub.nodes import applying, door, levels, pushing
from yanta.kernel.jobs import tick

TASK = "nodes.push"


@app.task(name=TASK, queue="default")
def push() -> None:
    """Woken when something is to go up now."""
    pushing.push_due(at=timezone.now())


@tick(seconds=5)
def push_upward() -> None:
    """Build, send, keep receipts, fetch feedback: for every upper node."""
    if levels.own().reports:
        pushing.push_due(at=timezone.now())


@tick(seconds=5)
def apply_arrivals() -> None:
    """Large packages, and those that a crash left complete but unapplied."""
    if levels.own().collects:
        applying.apply_waiting(at=timezone.now())


@tick(seconds=600)
def forget_nonces() -> None:
    door.forget_nonces(at=timezone.now())


def wake_after_commit() -> None:
    """If this is lost, the next beat pushes all the same."""
    transaction.on_commit(_wake, robust=True)


def _wake() -> None:
    try:
        app.configure_task(TASK, queueing_lock=TASK, queue="default").defer()
    except AlreadyEnqueued:
        return
