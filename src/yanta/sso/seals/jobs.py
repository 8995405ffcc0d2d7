"""Certificates end by themselves."""

from __future__ import annotations

from django.utils import timezone

from yanta.kernel.jobs import tick
from yanta.sso.seals import services


@tick(seconds=3600)
def expire_certificates() -> None:
    """Every hour."""
    services.expire(at=timezone.now())
