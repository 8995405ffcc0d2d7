"""Start-up check: logs are kept as long as the law asks."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from yanta.kernel.identity.trail.logs import LEAST_DAYS


@register("identity")
def check_log_days(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """Less than 180 days is refused; the database would refuse to delete, too."""
    if settings.LOG_DAYS >= LEAST_DAYS:
        return []
    said = f"YANTA_LOG_DAYS is {settings.LOG_DAYS}: the law asks for {LEAST_DAYS} days of network logs"
    return [Error(said, hint=f"set it to {LEAST_DAYS} or more (default 400)", id="identity.E001")]
