"""CalDAV, to be read: the calendars are written by doing business, so nothing is put into them from a device."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import quote, unquote, urlsplit

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.utils.decorators import method_decorator
from django.utils.http import http_date
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from yanta.kernel.calendar import icalendar, services, telling
from yanta.kernel.calendar import multistatus as xml
from yanta.kernel.calendar.declare import Calendar, calendar_named, calendars
from yanta.kernel.calendar.models import ToldEntry
from yanta.kernel.calendar.multistatus import APPLE, CAL, CS, DAV, Answer, Asked, NotUnderstood, node, tag
from yanta.kernel.identity import devices
from yanta.kernel.identity.gate import public_page
from yanta.kernel.identity.models import Account

ROOT = "/dav/"
TOKEN = "urn:yanta:sync:"  # noqa: S105 - the beginning of a sync token, which opens nothing
LARGEST = 1024 * 1024
HEADERS = {"DAV": "1, 3, calendar-access", "Allow": "OPTIONS, GET, HEAD, PROPFIND, REPORT"}
XML_TYPE, ICS_TYPE = "application/xml; charset=utf-8", "text/calendar; charset=utf-8"
COLOURS = {
    "ink": "#1f3a5fff", "brick": "#b5532fff", "green": "#2f7d5bff", "amber": "#b7791fff", "violet": "#6b4fa0ff",
    "grey": "#6b7280ff",
}  # fmt: skip
READ_ONLY = "日历由学校的业务生成，只能读取；请在相应的系统里办理"


def address_of_object(row: ToldEntry, home: str) -> str:
    return f"{home}{row.calendar}/{quote(row.uid, safe='')}.ics"


def etag_of(row: ToldEntry) -> str:
    digest = hashlib.sha256(f"{row.sequence}:{row.changed_at.timestamp()}:{row.text}".encode()).hexdigest()
    return f'"{digest[:32]}"'


@public_page
def well_known(request: HttpRequest) -> HttpResponse:
    """Where a device that knows only the host begins (RFC 6764)."""
    return HttpResponsePermanentRedirect(ROOT)


well_known = csrf_exempt(well_known)


@method_decorator([csrf_exempt, public_page], name="dispatch")
class DavView(View):
    """Who asks is told by name and password of a device; the address says whose calendars, which are one's own."""

    http_method_names: ClassVar[list[str]] = ["get", "head", "options", "propfind", "report"]
    account: Account

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method == "OPTIONS":
            return HttpResponse(headers=HEADERS)
        refused = self._signed_in(request, kwargs.get("owner"))
        if refused is not None:
            return refused
        if str(request.method).lower() not in self.http_method_names:
            return HttpResponse(
                READ_ONLY, status=403, headers=HEADERS, content_type="text/plain; charset=utf-8"
            )
        try:
            answer = super().dispatch(request, *args, **kwargs)
        except NotUnderstood as refusal:
            status = 400 if str(refusal) == "malformed" else 403
            answer = HttpResponse(xml.refusal(str(refusal)), status=status, content_type=XML_TYPE)
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
        answer.headers["Cache-Control"] = "private, no-cache"
        return answer

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponse(status=405, headers=HEADERS)

    def _signed_in(self, request: HttpRequest, owner: str | None) -> HttpResponse | None:
        address = devices.address_of(request) or ""
        if services.is_shut_out(address):
            return HttpResponse("错误的密码太多，请十分钟后再试", status=429, headers={"Retry-After": "600"})
        name, password = _basic(request.META.get("HTTP_AUTHORIZATION", ""))
        account = services.account_for(name, password, address=address) if name else None
        if account is None:
            challenge = {"WWW-Authenticate": 'Basic realm="Yanta calendar", charset="UTF-8"'}
            return HttpResponse("请用登录名和“日历”页生成的设备密码", status=401, headers=challenge)
        self.account = account
        if owner is not None and owner != account.username:
            return HttpResponse(xml.refusal("need-privileges"), status=403, content_type=XML_TYPE)
        return None

    @property
    def name(self) -> str:
        return quote(self.account.username, safe="")

    @property
    def principal(self) -> str:
        return f"{ROOT}principals/{self.name}/"

    @property
    def home(self) -> str:
        return f"{ROOT}calendars/{self.name}/"

    def asked(self, request: HttpRequest) -> Asked:
        if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
            raise NotUnderstood("malformed")
        return xml.parsed(request.body)

    def multistatus(self, answers: Iterable[Answer], asked: Asked, *, token: str = "") -> HttpResponse:
        return HttpResponse(
            xml.multistatus(answers, asked.wanted, token=token), status=207, content_type=XML_TYPE
        )

    def common(self, title: str, *kinds: Any) -> dict[str, Any]:
        """What every collection says of itself."""
        reports = [node(DAV, "supported-report", node(DAV, "report", kind)) for kind in _reports()]
        return {
            tag(DAV, "resourcetype"): [node(DAV, "collection"), *kinds],
            tag(DAV, "displayname"): title,
            tag(DAV, "current-user-principal"): xml.href(self.principal),
            tag(DAV, "principal-URL"): xml.href(self.principal),
            tag(DAV, "owner"): xml.href(self.principal),
            tag(DAV, "current-user-privilege-set"): [
                node(DAV, "privilege", node(DAV, "read")),
                node(DAV, "privilege", node(DAV, "read-current-user-privilege-set")),
            ],
            tag(DAV, "supported-report-set"): reports,
        }


def _reports() -> list[Any]:
    return [node(CAL, "calendar-query"), node(CAL, "calendar-multiget"), node(DAV, "sync-collection")]


def _basic(header: str) -> tuple[str, str]:
    kind, _space, value = header.partition(" ")
    if kind.lower() != "basic":
        return "", ""
    try:
        name, _colon, password = base64.b64decode(value, validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return name.strip(), password


class RootView(DavView):
    """Where a device finds who it is."""

    def propfind(self, request: HttpRequest) -> HttpResponse:
        asked = self.asked(request)
        props = self.common("Yanta") | {tag(CAL, "calendar-home-set"): xml.href(self.home)}
        return self.multistatus([Answer(ROOT, props)], asked)


class PrincipalView(DavView):
    """The person."""

    def propfind(self, request: HttpRequest, owner: str) -> HttpResponse:
        asked = self.asked(request)
        mail = self.account.person.email if self.account.person else ""
        props = self.common(self.account.name, node(DAV, "principal")) | {
            tag(CAL, "calendar-home-set"): xml.href(self.home),
            tag(CAL, "calendar-user-address-set"): [xml.href(f"mailto:{mail}")]
            if mail
            else [xml.href(self.principal)],
        }
        return self.multistatus([Answer(self.principal, props)], asked)


class HomeView(DavView):
    """The person's calendars."""

    def propfind(self, request: HttpRequest, owner: str) -> HttpResponse:
        asked = self.asked(request)
        answers = [Answer(self.home, self.common("日历"))]
        if request.headers.get("Depth", "1") != "0":
            answers += [Answer(f"{self.home}{one.key}/", self.of_calendar(one)) for one in calendars()]
        return self.multistatus(answers, asked)

    def of_calendar(self, kind: Calendar) -> dict[str, Any]:
        return _about(self, kind, telling.told(kind, self.account.person_id or 0).revision)


def _about(view: DavView, kind: Calendar, revision: int) -> dict[str, Any]:
    return view.common(kind.title, node(CAL, "calendar")) | {
        tag(CS, "getctag"): f"{kind.key}-{revision}",
        tag(DAV, "sync-token"): f"{TOKEN}{kind.key}:{revision}",
        tag(CAL, "supported-calendar-component-set"): [node(CAL, "comp", name="VEVENT")],
        tag(CAL, "supported-calendar-data"): [
            node(CAL, "calendar-data", **{"content-type": "text/calendar", "version": "2.0"})
        ],
        tag(CAL, "calendar-description"): f"{kind.title}，由学校的业务生成，只读",
        tag(CAL, "calendar-timezone"): icalendar.document("", []),
        tag(APPLE, "calendar-color"): COLOURS[kind.colour],
        tag(APPLE, "calendar-order"): str(kind.order),
        tag(DAV, "getcontenttype"): ICS_TYPE,
    }


class CalendarView(DavView):
    """One calendar: what is in it, what changed, all of it as a file."""

    @property
    def kind(self) -> Calendar:
        found = calendar_named(self.kwargs["key"])
        if found is None:
            raise Http404
        return found

    def told(self) -> telling.Told:
        return telling.told(self.kind, self.account.person_id or 0)

    def get(self, request: HttpRequest, **_address: str) -> HttpResponse:
        told = self.told()
        etag = f'"{self.kind.key}-{told.revision}"'
        if request.headers.get("If-None-Match") == etag:
            return HttpResponse(status=304, headers={"ETag": etag})
        text = icalendar.document(self.kind.title, (telling.event_of(row) for row in told.rows))
        return HttpResponse(text, content_type=ICS_TYPE, headers={"ETag": etag})

    def propfind(self, request: HttpRequest, **_address: str) -> HttpResponse:
        asked, told = self.asked(request), self.told()
        answers = [Answer(f"{self.home}{self.kind.key}/", _about(self, self.kind, told.revision))]
        if request.headers.get("Depth", "1") != "0":
            answers += [self.answer(row, asked) for row in told.rows]
        return self.multistatus(answers, asked)

    def report(self, request: HttpRequest, **_address: str) -> HttpResponse:
        asked = self.asked(request)
        if asked.kind == "sync-collection":
            return self.changes(asked)
        if asked.kind == "calendar-multiget":
            return self.multistatus(self.named(asked), asked)
        if asked.kind == "calendar-query":
            rows = [row for row in self.told().rows if asked.is_events and _meets(row, asked)]
            return self.multistatus((self.answer(row, asked) for row in rows), asked)
        raise NotUnderstood("supported-report")

    def changes(self, asked: Asked) -> HttpResponse:
        """Everything for who comes the first time, else what changed and what went."""
        told, person = self.told(), self.account.person_id or 0
        rows = (
            telling.since(self.kind, person, _revision(asked.token, self.kind, told.revision))
            if asked.token
            else told.rows
        )
        answers = (
            Answer(address_of_object(row, self.home), status="404 Not Found") if row.is_gone else self.answer(row, asked)
            for row in rows
        )  # fmt: skip
        return self.multistatus(answers, asked, token=f"{TOKEN}{self.kind.key}:{told.revision}")

    def named(self, asked: Asked) -> Iterable[Answer]:
        known = {address_of_object(row, self.home): row for row in self.told().rows}
        by_path = {unquote(path): row for path, row in known.items()}
        for asked_for in asked.hrefs:
            row = by_path.get(_path_of(asked_for))
            yield Answer(asked_for, status="404 Not Found") if row is None else self.answer(row, asked)

    def answer(self, row: ToldEntry, asked: Asked) -> Answer:
        props: dict[str, Any] = {
            tag(DAV, "resourcetype"): "",
            tag(DAV, "getetag"): etag_of(row),
            tag(DAV, "getcontenttype"): f"{ICS_TYPE}; component=vevent",
            tag(DAV, "getlastmodified"): http_date(row.changed_at.timestamp()),
        }
        if tag(CAL, "calendar-data") in asked.wanted:
            props[tag(CAL, "calendar-data")] = telling.text_of(row)
        return Answer(address_of_object(row, self.home), props)


def _path_of(address: str) -> str:
    """Clients give whole addresses or paths, quoted in their own way."""
    try:
        return unquote(urlsplit(address).path)
    except ValueError:
        return ""


def _revision(token: str, kind: Calendar, last: int) -> int:
    text = token.removeprefix(f"{TOKEN}{kind.key}:")
    if not (text.isascii() and text.isdecimal() and len(text) < 16 and int(text) <= last):
        raise NotUnderstood("valid-sync-token")
    return int(text)


def _meets(row: ToldEntry, asked: Asked) -> bool:
    if asked.until is not None and row.starts_at >= asked.until:
        return False
    if asked.since is not None and max(row.ends_at, row.starts_at + datetime.resolution) <= asked.since:
        return False
    return all(_says(row, name, text) for name, text in asked.texts)


def _says(row: ToldEntry, name: str, text: str) -> bool:
    lines = (line for line in row.text.split("\n") if line.partition(":")[0].partition(";")[0] == name)
    return any(text.casefold() in line.partition(":")[2].casefold() for line in lines)


class ObjectView(CalendarView):
    """One entry as a file."""

    def row(self) -> ToldEntry | None:
        return telling.one(self.kind, self.account.person_id or 0, self.kwargs["uid"])

    def get(self, request: HttpRequest, **_address: str) -> HttpResponse:
        row = self.row()
        if row is None:
            return HttpResponse(status=404)
        return HttpResponse(telling.text_of(row), content_type=ICS_TYPE, headers={"ETag": etag_of(row)})

    def propfind(self, request: HttpRequest, **_address: str) -> HttpResponse:
        asked, row = self.asked(request), self.row()
        if row is None:
            return HttpResponse(status=404)
        return self.multistatus([self.answer(row, asked)], asked)

    def report(self, request: HttpRequest, **_address: str) -> HttpResponse:
        return self.http_method_not_allowed(request)
