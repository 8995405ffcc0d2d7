"""Writing a notice, seeing beforehand whom it reaches, and reading its receipt."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone

from yanta.kernel.base import Refused
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.base.scope import scope_of
from yanta.kernel.files import store
from yanta.kernel.files.models import StoredFile
from yanta.kernel.notify import audiences, channels, notices
from yanta.kernel.notify.audiences import PERMISSION
from yanta.kernel.notify.models import Message, Notice
from yanta.kernel.people.models import Person
from yanta.kernel.portal.pages import PortalPage

ALLOWED = ("pdf", "png", "jpg", "docx", "xlsx", "zip")
MOST_FILES = 5
PER_PAGE = 50
TABS = (("unread", "未读"), ("unconfirmed", "未确认"), ("read", "已读"), ("all", "全部"))
# What a message costs on its way is small; a person wants to know whether it is seconds or minutes.
PER_SECOND = 500


class WriterPage(PortalPage):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.actor.account_id is not None and not self.actor.may(PERMISSION):
            raise NotAllowed("您没有发通知的权限", rule=PERMISSION)
        return super().dispatch(request, *args, **kwargs)


def _audience(asked: Any) -> str:
    """Boxes that are ticked, and numbers that are typed."""
    typed = asked.get("people", "").replace("，", " ").replace(",", " ").replace("、", " ").split()
    return " ".join([*asked.getlist("audience"), *(f"person:{number}" for number in typed)])[:4000]


class ComposeView(WriterPage):
    template = "notify/compose.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.form({})

    def form(self, given: Any, error: Refused | None = None) -> HttpResponse:
        chosen = given.getlist("audience") if given else []
        return self.page(
            422 if error else 200, choices=audiences.choices_for(self.actor), chosen=chosen, given=given, only=Notice.Only.choices,
            error=error.message if error else "", field=getattr(error, "field", "") or "", limit=notices.limit(),
        )  # fmt: skip

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            with transaction.atomic():
                notice = self._compose(request)
        except Refused as refusal:
            return self.form(request.POST, refusal)
        return HttpResponseRedirect(f"/notices/{notice.pk}/")

    def _compose(self, request: HttpRequest) -> Notice:
        asked = request.POST
        files = self._files(request)
        notice = notices.compose(
            actor=self.actor, title=asked.get("title", "")[:100], body=asked.get("body", "")[:5000], audience=_audience(asked),
            only=Notice.Only(asked["only"] if asked.get("only") in Notice.Only.values else ""),
            link=asked.get("link", "").strip()[:300], is_urgent="is_urgent" in asked,
            needs_confirmation="needs_confirmation" in asked, confirm_by=_moment(asked.get("confirm_by"), "confirm_by"),
            send_at=_moment(asked.get("send_at"), "send_at"),
        )  # fmt: skip
        notices.attach(notice, files)
        return notice

    def _files(self, request: HttpRequest) -> list[StoredFile]:
        given = request.FILES.getlist("files")
        if len(given) > MOST_FILES:
            raise Refused(f"附件最多 {MOST_FILES} 个", field="files", rule=notices.RULE)
        return [
            store(one.name or "附件", one, actor=self.actor, purpose=notices.PURPOSE, allow=ALLOWED)
            for one in given
        ]


def _moment(text: str | None, field: str) -> datetime | None:
    if not text:
        return None
    try:
        return timezone.make_aware(datetime.fromisoformat(text))
    except ValueError:
        raise Refused("时间写得不完整", field=field, rule=notices.RULE) from None


class EstimateView(WriterPage):
    """How many people, and how they are reached, while one chooses."""

    def post(self, request: HttpRequest) -> HttpResponse:
        only = request.POST.get("only", "")
        try:
            reached = audiences.people_in(_audience(request.POST), only=only, actor=self.actor)
        except Refused as refusal:
            return render(request, "notify/estimate.html", {"refusal": refusal.message, "reached": None})
        context = {
            "refusal": "", "reached": reached, "ways": _ways(reached), "limit": notices.limit(),
            "seconds": max(1, reached.count // PER_SECOND),
        }  # fmt: skip
        return render(request, "notify/estimate.html", context)


def _ways(reached: audiences.Reached) -> list[tuple[str, int]]:
    """How many of them have a phone and an address."""
    people = reached.people.order_by()
    found = [("mail", people.exclude(email="").count()), ("sms", people.filter(phone__isnull=False).count())]
    return [(channels.title_of(code), count) for code, count in found if channels.is_ready(code)]


class NoticeView(PortalPage):
    """The receipt: sums that add up, who has read and who has not; superiors see their own people."""

    template = "notify/notice.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        notice = Notice.objects.filter(pk=pk).select_related("author", "org_unit").first()
        if notice is None:
            raise Http404
        rows, is_whole = self._rows(notice)
        tab = request.GET.get("tab", "unconfirmed" if notice.needs_confirmation else "unread")
        shown = (
            _of_tab(rows, tab)
            .select_related("person__home_unit")
            .order_by("person__home_unit__path", "person__name")
        )
        page = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
        ways = [(channels.title_of(code), state, count) for code, state, count in notices.ways_of(notice)]
        verbs = [
            verb
            for verb in (notices.approve, notices.refuse, notices.remind, notices.recall)
            if verb.offered_to(self.actor, notice)
        ]
        return self.page(
            notice=notice, receipt=notices.receipt_of(notice), page=page, tab=tab, ways=ways if is_whole else [], is_whole=is_whole,
            tabs=[one for one in TABS if one[0] != "unconfirmed" or notice.needs_confirmation], verbs=verbs if is_whole else [],
            files=[one.file for one in notice.attachments.select_related("file")],
        )  # fmt: skip

    def _rows(self, notice: Notice) -> tuple[Any, bool]:
        """All recipients for who may see the notice; for others those of the recipients who are in their reach."""
        rows = Message.objects.filter(notice=notice)
        if Notice.objects.visible_to(self.actor).filter(pk=notice.pk).exists():
            return rows, True
        permission = "notify.notice.view"
        scope = scope_of(Person, self.actor, permission) if self.actor.may(permission) else None
        if scope is None:
            raise Http404
        near = rows.filter(person__in=Person.objects.filter(scope).exclude(pk=self.actor.person_id))
        if not near.exists():
            raise Http404
        return near, False


def _of_tab(rows: Any, tab: str) -> Any:
    if tab == "unread":
        return rows.filter(read_at=None)
    if tab == "read":
        return rows.filter(read_at__isnull=False)
    return rows.filter(confirmed_at=None) if tab == "unconfirmed" else rows
