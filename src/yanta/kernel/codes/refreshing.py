"""Keeps a process's code tables in step with what other processes publish."""

from __future__ import annotations

from time import monotonic
from typing import Any

from django.conf import settings
from django.core.signals import request_started

from yanta.kernel.codes import service

_last_look = monotonic()


def refresh(**_: Any) -> None:
    """Forget crosswalks and every set whose revision moved; at most once in `CODES_REFRESH_SECONDS`."""
    global _last_look
    pause = getattr(settings, "CODES_REFRESH_SECONDS", 2)
    if pause is None or monotonic() - _last_look < pause:
        return
    _last_look = monotonic()
    service.forget_crosswalks()
    held = service.revisions()
    if not held:
        return
    from yanta.kernel.codes.models import CodeSet

    for set_id, revision in CodeSet.objects.filter(set_id__in=held).values_list("set_id", "revision"):
        if held[set_id] != revision:
            service.forget(set_id)


request_started.connect(refresh, dispatch_uid="codes-refresh")
