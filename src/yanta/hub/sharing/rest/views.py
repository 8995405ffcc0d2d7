"""`/share/v1/<dataset>/`: pages of rows, changes since a position, and the document that describes both."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from yanta.hub import subjects
from yanta.hub.sharing import entries, rules
from yanta.hub.sharing.contents import Contents, contents_of
from yanta.hub.sharing.delivery import pacing
from yanta.hub.sharing.models import ReadEntry
from yanta.hub.sharing.rest import asking, openapi
from yanta.hub.sharing.rest.access import Caller, Denied, caller_of
from yanta.hub.subjects import conditions
from yanta.kernel.identity.devices import address_of
from yanta.kernel.identity.gate import public_page
from yanta.kernel.resource.problems import problem

JSON, LINES = "application/json", "application/x-ndjson"


@dataclass(frozen=True, slots=True)
class Page:
    """What one request gets; `last` is the id to go on after, None at the end."""

    rows: list[dict[str, Any]]
    ids: list[int]
    removed: list[str]
    last: int | None
    position: str


@method_decorator([csrf_exempt, public_page], name="dispatch")
class SharePage(View):
    """Refusals are problems in Chinese, and logged where it is known whose they are."""

    http_method_names = ("get", "head")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        began = time.monotonic()
        try:
            return super().dispatch(request, *args, **kwargs)
        except Denied as denied:
            return _denied(request, denied, began)


def note_denied(request: HttpRequest, denied: Denied, began: float) -> None:
    """A refusal stands in the read log where it is known whose it is."""
    if denied.grant is None:
        return
    reading = entries.Reading(
        ReadEntry.How.REST, outcome=entries.Outcome.REFUSED, status=denied.status, detail=denied.detail,
        address=address_of(request), milliseconds=_spent(began),
    )  # fmt: skip
    entries.note(denied.grant, reading)


def _denied(request: HttpRequest, denied: Denied, began: float) -> HttpResponse:
    note_denied(request, denied, began)
    answer = problem(denied.status, denied.title, denied.detail)
    if denied.wait:
        answer["Retry-After"] = str(denied.wait)
    if denied.status == 401:
        answer["WWW-Authenticate"] = "Bearer, YANTA-HMAC-SHA256, YANTA-HMAC-SM3"
    return answer


def _spent(began: float) -> int:
    return int((time.monotonic() - began) * 1000)


class RowsView(SharePage):
    """One page of what was granted."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        began = time.monotonic()
        caller = caller_of(request, code)
        contents, asked, page, paced = served(request, caller)
        answer = _answer(request, contents, asked, page)
        log(caller, contents, asked, page, answer.status_code, began)
        answer["RateLimit-Limit"] = str(caller.grant.per_minute)
        answer["RateLimit-Remaining"] = str(max(caller.grant.per_minute - paced.requests, 0))
        answer["RateLimit-Reset"] = str(60 - timezone.now().second)
        return answer


def served(request: HttpRequest, caller: Caller) -> tuple[Contents, asking.Asked, Page, rules.Paced]:
    """One page within the grant and its pace, whoever asks and at whichever door."""
    contents = contents_of(caller.grant, clear=caller.is_signed)
    asked = asking.read(request.GET, contents, wants_lines=LINES in request.headers.get("Accept", ""))
    paced = pacing.ask(caller.grant, wanted=asked.limit, at=timezone.now())
    if paced.refusal:
        raise Denied(429, "请求过多", paced.refusal, grant=caller.grant, wait=paced.wait)
    asked = replace(asked, limit=min(asked.limit, paced.rows))
    page = _page(replace(contents, names=asked.names), asked)
    pacing.give_back(caller.grant, paced.rows - len(page.rows))
    return contents, asked, page, paced


def _page(contents: Contents, asked: asking.Asked) -> Page:
    return _changed(contents, asked) if asked.since else _all(contents, asked)


def _all(contents: Contents, asked: asking.Asked) -> Page:
    """By id, so that rows which come and go meanwhile move no other; the position is taken before the first row."""
    position = asked.position or subjects.position(contents.subject)
    rows = contents.rows().filter(conditions.q(contents.subject, asked.condition), pk__gt=asked.after)
    found = contents.as_dicts(rows.order_by("pk")[: asked.limit + 1])
    kept = found[: asked.limit]
    last = kept[-1][0] if len(found) > asked.limit else None
    return Page([row for _, row in kept], [key for key, _ in kept], [], last, position)


def _changed(contents: Contents, asked: asking.Asked) -> Page:
    """Touched rows by id: those inside as they are now, those outside as removed if this grant ever had them."""
    try:
        changes = subjects.changes(contents.subject, asked.since)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Denied(400, "读不懂的请求", "changed_since 应原样使用上一次应答里的 position") from error
    position = asked.position or changes.position
    touched = [key for key in sorted({*changes.ids, *changes.gone_ids}) if key > asked.after]
    part = touched[: asked.limit]
    rows = contents.rows().filter(conditions.q(contents.subject, asked.condition), pk__in=part)
    found = contents.as_dicts(rows)
    ids = [key for key, _ in found]
    gone = entries.seen_by(contents.grant, sorted(set(part) - set(ids)))
    removed = [contents.row_key(key) for key in sorted(gone)]
    last = part[-1] if len(touched) > len(part) else None
    return Page([row for _, row in found], ids, removed, last, position)


def _answer(request: HttpRequest, contents: Contents, asked: asking.Asked, page: Page) -> HttpResponse:
    document = document_of(contents, asked, page)
    following, position = document["next"], document["position"]
    lines = (*page.rows, *_removals(page.removed)) if asked.is_lines else ()
    body = b"".join(orjson.dumps(row) + b"\n" for row in lines) if asked.is_lines else orjson.dumps(document)
    tag = f'"{hashlib.sha256(_unmoving(body, position)).hexdigest()[:32]}"'
    known = tag in request.headers.get("If-None-Match", "")
    kind = LINES if asked.is_lines else JSON
    answer = HttpResponse(status=304) if known else HttpResponse(body, content_type=kind)
    answer["ETag"], answer["Cache-Control"] = tag, "private, no-store"
    if following:
        answer["Link"] = f'<{_address(request, following)}>; rel="next"'
    if position:
        answer["X-Position"] = position
    return answer


def document_of(contents: Contents, asked: asking.Asked, page: Page) -> dict[str, Any]:
    """The page as it is told; the last one says from which position its changes can be asked for."""
    return {
        "dataset": contents.grant.dataset.code, "version": contents.grant.dataset.version, "rows": page.rows,
        "removed": page.removed, "next": asked_next(asked, page),
        "position": asking.packed({"position": page.position}) if page.last is None else None,
    }  # fmt: skip


def _unmoving(body: bytes, position: str | None) -> bytes:
    """The position moves with every transaction of the school, the rows do not."""
    return body.replace(position.encode(), b"") if position else body


def asked_next(asked: asking.Asked, page: Page) -> str | None:
    if page.last is None:
        return None
    return replace(asked, position=page.position).cursor(page.last)


def _removals(removed: Sequence[str]) -> list[dict[str, Any]]:
    return [{"_id": key, "_removed": True} for key in removed]


def _address(request: HttpRequest, cursor: str) -> str:
    query = {name: request.GET[name] for name in request.GET if name not in ("cursor", "changed_since")}
    return request.build_absolute_uri(f"{request.path}?{urlencode({**query, 'cursor': cursor})}")


def log(
    caller: Caller,
    contents: Contents,
    asked: asking.Asked,
    page: Page,
    status: int,
    began: float,
    *,
    about: str = "",
) -> None:
    """What was given to whom, in the read log."""
    reading = entries.Reading(
        ReadEntry.How.REST, asked.names, page.ids, contents.persons_of(page.ids), status=status,
        milliseconds=_spent(began), address=caller.address, is_signed=caller.is_signed,
        detail="；".join(part for part in (about, "只取变更" if asked.since else "") if part),
    )  # fmt: skip
    entries.note(caller.grant, reading)


class DocumentView(SharePage):
    """The OpenAPI document of the caller's own grant."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        caller = caller_of(request, code)
        server = request.build_absolute_uri("/").rstrip("/")
        document = openapi.document_of(contents_of(caller.grant, clear=True), server)
        return HttpResponse(orjson.dumps(document), content_type=JSON)
