"""The portal's own pages. `PortalPage` is the base of every page that no declaration can express."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View
from django.views.decorators.http import require_GET, require_POST

from yanta.kernel.base import Actor
from yanta.kernel.portal import cards, menu, navigation, todos
from yanta.kernel.portal.assets import BUILT, asset
from yanta.kernel.portal.shell import shell_of

YEAR_SECONDS = 365 * 24 * 3600


class PortalPage(View):
    """A page for whoever is signed in; others go to the sign-in page and come back."""

    template = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.actor.account_id is None:
            return redirect_to_login(request.get_full_path())
        return super().dispatch(request, *args, **kwargs)

    @property
    def actor(self) -> Actor:
        return getattr(self.request, "actor", None) or Actor.nobody()

    def page(self, status: int = 200, **context: Any) -> HttpResponse:
        return render(self.request, self.template, {"actor": self.actor, **context}, status=status)


class HomeView(PortalPage):
    """What awaits me, what is next, what changed, my applications.

    The page stands before the systems are asked: `_part=cards` brings what they say, in one request, and
    `_part=whole` everything at once for a browser that runs no scripts.
    """

    template = "portal/home.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        part = request.GET.get("_part", "")
        if part not in ("cards", "whole"):
            return self._page(request, cards=None, todos=())
        found = todos.todos_of(self.actor)
        shown = cards.columns_of(cards.cards_for(self.actor), waiting=len(found))
        frame = shell_of(request)
        frame.know_todos(todos.total(found))
        if part == "whole":
            return self._page(request, cards=shown, todos=found)
        self.template = "portal/cards_part.html"
        waiting, unread = frame.counts
        return self.page(cards=shown, todos=found, waiting=waiting, unread=unread)

    def _page(self, request: HttpRequest, **context: Any) -> HttpResponse:
        return self.page(
            now=timezone.localtime(), favourites=favourites_of(request), counts_later=False, **context
        )


class CountsView(PortalPage):
    """The numbers of the frame, for a page that was shown before they were counted."""

    template = "portal/counts.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        waiting, unread = shell_of(request).counts
        return self.page(waiting=waiting, unread=unread)


class ApplicationsView(PortalPage):
    """Everything the person may use, by area; `q` finds among it, `_part=menu` for the menu at the side."""

    template = "portal/applications.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        directory, wanted = shell_of(request).directory, request.GET.get("q", "").strip()
        found = menu.found_in(directory, wanted)
        if request.GET.get("_part") == "menu":
            return self._menu(request, found if wanted else None)
        areas = [navigation.Area("找到的应用", found)] if wanted else directory.areas
        return self.page(
            areas=areas, wanted=wanted, chosen=chosen_by(request),
            favourites=() if wanted else favourites_of(request),
        )  # fmt: skip

    def _menu(self, request: HttpRequest, found: list[navigation.Place] | None) -> HttpResponse:
        """What was found, or the areas again, marked as they are on the page that asks."""
        frame = shell_of(request)
        frame.here = frame.directory.here(urlsplit(request.headers.get("HX-Current-URL", "")).path)
        self.template = "portal/areas.html" if found is None else "portal/found.html"
        return self.page(frame=frame, places=found)


def chosen_by(request: HttpRequest) -> list[str]:
    """The addresses the person starred, kept in a cookie of the browser."""
    return [url for url in request.COOKIES.get("yanta_stars", "").split("|") if url]


def favourites_of(request: HttpRequest, most: int = 8) -> list[navigation.Place]:
    """The starred places; before anything is starred, what is used most, then the first ones of the menu."""
    frame = shell_of(request)
    chosen = [url for url in chosen_by(request) if url in frame.directory.by_url]
    if chosen:
        return [frame.directory.by_url[url] for url in chosen[:most]]
    first = [place for area in frame.directory.areas for place in area.places if place.in_menu]
    return list(dict.fromkeys([*frame.most_used, *first]))[:most]


@login_not_required
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Keep the language and return to where the person was."""
    back = request.META.get("HTTP_REFERER", "/")
    answer = HttpResponseRedirect(
        back if url_has_allowed_host_and_scheme(back, {request.get_host()}) else "/"
    )
    wanted = request.POST.get("language", "")
    if translation.check_for_language(wanted):
        answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, wanted, max_age=YEAR_SECONDS, samesite="Lax")
    return answer


@login_not_required
@require_GET
def offline(request: HttpRequest) -> HttpResponse:
    """What the service worker shows when the network is away."""
    return render(request, "portal/offline.html")


@login_not_required
@require_GET
def web_manifest(request: HttpRequest) -> JsonResponse:
    """What a phone needs to install the portal."""
    icons = [
        {"src": asset("favicon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
        {"src": asset("icon-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "any maskable"},
        {"src": asset("icon-192.png"), "sizes": "192x192", "type": "image/png", "purpose": "any"},
    ]
    return JsonResponse({
        "name": "雁塔数字校园", "short_name": "雁塔", "lang": "zh-CN", "start_url": "/", "scope": "/", "display": "standalone",
        "background_color": "#faf9f6", "theme_color": "#1f3a5f", "icons": icons,
    }, content_type="application/manifest+json")  # fmt: skip


@login_not_required
@require_GET
def service_worker(request: HttpRequest) -> HttpResponse:
    """Served from the root, so that its scope is the whole portal."""
    text = (BUILT / "sw.js").read_text("utf-8") if (BUILT / "sw.js").is_file() else ""
    text = text.replace("__STYLE__", asset("style.css")).replace("__APP__", asset("app.js"))
    return HttpResponse(text, content_type="text/javascript", headers={"Cache-Control": "no-cache"})
