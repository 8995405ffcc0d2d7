"""Which places somebody opens most: counted in a cookie of the browser, shown only as far as the rights of the day go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from yanta.kernel.portal.navigation import Directory, Place

COOKIE = "yanta_used"
YEAR_SECONDS = 365 * 24 * 3600
# How many are counted and how many shown; one opened less often than this is not yet a habit.
COUNTED, SHOWN, HABIT = 12, 5, 3
# Past this all counts are halved, so that last term's habits give way.
FULL = 40


@dataclass(frozen=True, slots=True)
class Visits:
    """How often each address was opened by this account, the latest first."""

    account_id: int
    counts: dict[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, request: HttpRequest, account_id: int) -> Visits:
        """Another account's habits, and whatever else a cookie may hold, count for nothing."""
        whose, *parts = request.COOKIES.get(COOKIE, "").split("|")
        if whose != str(account_id):
            return cls(account_id)
        pairs = (part.rpartition("*") for part in parts[:COUNTED])
        return cls(account_id, {url: int(n) for url, _, n in pairs if n.isdecimal() and len(n) < 4})

    def with_one_more(self, url: str) -> Visits:
        """Going on within a place is no new visit."""
        if next(iter(self.counts), None) == url:
            return self
        counts = {url: self.counts.get(url, 0) + 1, **{u: n for u, n in self.counts.items() if u != url}}
        if counts[url] > FULL:
            counts = {u: (n + 1) // 2 for u, n in counts.items()}
        return Visits(self.account_id, _kept(counts))

    def written(self) -> str:
        return "|".join([str(self.account_id), *(f"{url}*{n}" for url, n in self.counts.items())])

    def most(self, directory: Directory) -> list[Place]:
        """Those that are still open to the person."""
        often = sorted(
            (url for url, n in self.counts.items() if n >= HABIT), key=lambda url: -self.counts[url]
        )
        return [directory.by_url[url] for url in often if url in directory.by_url][:SHOWN]


def _kept(counts: dict[str, int]) -> dict[str, int]:
    """Without the rarest, but never without the latest."""
    latest, *others = counts
    kept = {latest, *sorted(others, key=lambda url: -counts[url])[: COUNTED - 1]}
    return {url: n for url, n in counts.items() if url in kept}


class UsedPlacesMiddleware:
    """A page that showed its frame counts as a visit to the place it belongs to."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        frame = getattr(request, "_shell", None)
        asked_for = (
            request.method == "GET" and "HX-Request" not in request.headers and answer.status_code == 200
        )
        if frame is None or not asked_for or not frame.is_known or frame.here is None:
            return answer
        after = frame.visits.with_one_more(frame.here.url)
        if after is not frame.visits:
            answer.set_cookie(
                COOKIE, after.written(), max_age=YEAR_SECONDS, httponly=True, samesite="Lax",
                secure=bool(settings.SESSION_COOKIE_SECURE),
            )  # fmt: skip
        return answer
