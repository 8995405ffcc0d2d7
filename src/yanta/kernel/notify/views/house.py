"""What engineers look at: how much goes out, what does not, and the wording of every message."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Avg, Count, F, Q
from django.db.models.functions import TruncHour
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from yanta.kernel.base import Refused
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.notify import channels, dispatching, wording
from yanta.kernel.notify.declare import Template, Texts, category_title, template_named, templates
from yanta.kernel.notify.models import Dispatch, Message, Wording
from yanta.kernel.portal.pages import PortalPage

SEES = "notify.dispatch.view"
HOURS = 24


class StatisticsView(PortalPage):
    template = "notify/statistics.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        if not self.actor.may(SEES):
            raise NotAllowed("您没有查看消息发送情况的权限", rule=SEES)
        now = timezone.now()
        since = now - timedelta(hours=HOURS)
        recent = Dispatch.objects.filter(state=Dispatch.State.SENT, sent_at__gt=since)
        named = dict(dispatching.standing())
        return self.page(
            rows=[(code, channels.title_of(code), channels.is_ready(code), named.get(code, {})) for code in channels.order()],
            states=Dispatch.State.choices, hours=_by_hour(recent, now), waiting=Dispatch.objects.filter(state="waiting", due_at__lte=now).count(),
            dead=Dispatch.objects.filter(state__in=["failed", "nowhere"]).count(), reads=_reads(now),
            delay=recent.aggregate(by=Avg(F("sent_at") - F("due_at")))["by"], sent=recent.count(),
            reasons=Dispatch.objects.filter(state__in=["failed", "nowhere"]).order_by().values_list("error").annotate(n=Count("pk")).order_by("-n")[:8],
        )  # fmt: skip


def _by_hour(recent: Any, now: Any) -> dict[str, Any]:
    counted = dict(
        recent.order_by().annotate(hour=TruncHour("sent_at")).values_list("hour").annotate(n=Count("pk"))
    )
    first = timezone.localtime(now).replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS - 1)
    hours = [first + timedelta(hours=n) for n in range(HOURS)]
    return {
        "type": "bar", "unit": "条", "labels": [f"{hour:%H}" for hour in hours],
        "series": [{"name": "送出", "values": [counted.get(hour, 0) for hour in hours]}],
    }  # fmt: skip


def _reads(now: Any) -> list[tuple[str, int, int]]:
    """By system, how many messages of the last thirty days were read."""
    rows = Message.objects.filter(created_at__gt=now - timedelta(days=30)).order_by().values_list("template")
    found: dict[str, list[int]] = {}
    for code, count, read in rows.annotate(n=Count("pk"), r=Count("pk", filter=Q(read_at__isnull=False))):
        sums = found.setdefault(category_title(code.partition(".")[0]), [0, 0])
        sums[0] += count
        sums[1] += read
    return sorted(((title, count, read) for title, (count, read) in found.items()), key=lambda one: -one[1])


class WordingsPage(PortalPage):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.actor.account_id is not None and not self.actor.may(wording.reword.permission):
            raise NotAllowed("您没有修改消息措辞的权限", rule=wording.reword.permission)
        return super().dispatch(request, *args, **kwargs)


class WordingsView(WordingsPage):
    """Every declared message, by system."""

    template = "notify/wordings.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        changed = set(Wording.objects.filter(is_current=True).values_list("template", flat=True))
        text = request.GET.get("q", "").strip()
        shown = [
            one
            for one in templates()
            if not text or text in one.title or text in one.code or text in one.body
        ]
        groups: dict[str, list[Template]] = {}
        for one in shown:
            groups.setdefault(category_title(one.category), []).append(one)
        return self.page(
            groups=groups, changed=changed, text=text, titles=dict(map(_entitled, channels.order()))
        )


def _entitled(code: str) -> tuple[str, str]:
    return code, channels.title_of(code)


class WordingView(WordingsPage):
    """One message: its variables, the text in force, a preview, the versions."""

    template = "notify/wording.html"

    def kind(self, code: str) -> Template:
        try:
            return template_named(code)
        except LookupError:
            raise Http404 from None

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        kind, language = self.kind(code), _language(request.GET.get("language"))
        version = request.GET.get("version", "")
        kept = (
            Wording.objects.filter(template=code, language=language, number=int(version)).first()
            if version.isdecimal() and len(version) < 6
            else None
        )
        texts = Texts(kept.title, kept.body, kept.short) if kept else wording.in_force(kind, language)
        return self.shown(kind, language, texts)

    def shown(
        self, kind: Template, language: str, texts: Texts, *, error: str = "", field: str = ""
    ) -> HttpResponse:
        try:
            sample = wording.preview(kind, texts)
        except Refused:
            sample = None
        return self.page(
            422 if error else 200, kind=kind, language=language, languages=Wording.Language.choices, texts=texts, sample=sample,
            error=error, field=field, versions=Wording.objects.filter(template=kind.code, language=language),
            declared=kind.texts(language), names=sorted(kind.names),
        )  # fmt: skip

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        kind, asked = self.kind(code), request.POST
        language = _language(asked.get("language"))
        texts = Texts(
            asked.get("title", "")[:300], asked.get("body", "")[:5000], asked.get("short", "")[:300]
        )
        verb = asked.get("verb", "")
        try:
            if verb == "restore":
                wording.restore(actor=self.actor, template=code, language=Wording.Language(language))
            elif verb == "save":
                wording.reword(
                    actor=self.actor, template=code, language=Wording.Language(language), title=texts.title, body=texts.body,
                    short=texts.short, reason=asked.get("reason", "")[:200],
                )  # fmt: skip
            else:
                wording.check(kind, texts)
                return self.shown(kind, language, texts)
        except Refused as refusal:
            return self.shown(kind, language, texts, error=refusal.message, field=refusal.field or "")
        return HttpResponseRedirect(f"/messages/wordings/{code}/?language={language}")


def _language(text: str | None) -> str:
    return text if text in Wording.Language.values else Wording.Language.CHINESE.value
