"""A calendar under a secret address."""

from __future__ import annotations

import hashlib

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from yanta.kernel.calendar import icalendar, services, telling
from yanta.kernel.calendar.declare import calendars
from yanta.kernel.identity.gate import public_page

PER_HOUR = 120
HOUR = 3600


@require_safe
@public_page
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """What a calendar subscribes to: the address is the key; it says nothing new to who knows the last answer."""
    found = services.feed_of(secret)
    if found is None:
        raise Http404
    if _too_often(found.pk):
        return HttpResponse("读取太频繁，请稍后再试", status=429, headers={"Retry-After": str(HOUR // 4)})
    wanted = [one for one in calendars() if not found.calendars or one.key in found.calendars]
    rows = [row for kind in wanted for row in telling.told(kind, found.person_id).rows]
    text = icalendar.document(found.name, (telling.event_of(row) for row in rows))
    etag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "private, max-age=900", "Referrer-Policy": "no-referrer"}
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=304, headers=headers)
    return HttpResponse(text, content_type="text/calendar; charset=utf-8", headers=headers)


def _too_often(key: int) -> bool:
    name = f"calendar:feed:{key}"
    cache.add(name, 0, HOUR)
    return int(cache.incr(name)) > PER_HOUR
