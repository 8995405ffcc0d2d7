"""Telling applications that a session has ended: each protocol says how, the worker says it and keeps the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from yanta.sso.applications import decisions
from yanta.sso.applications.models import Entry
from yanta.sso.applications.rules import next_try

BATCH, AT_ONCE = 64, 8
PATIENCE_SECONDS = 5.0
# A worker that dies while it tells leaves the notice to the next after this time.
LEASE = timedelta(minutes=2)
Notice = Entry.Notice


@dataclass(frozen=True, slots=True)
class Letter:
    """What is posted to an application, and where."""

    url: str
    data: dict[str, str] = field(default_factory=dict)
    content: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)


Writer = Callable[[Entry], Letter | None]
FrontPage = Callable[[Entry], str | None]
Ending = Callable[[Entry], None]
_writers: dict[str, Writer] = {}
_front_pages: dict[str, FrontPage] = {}
_endings: dict[str, Ending] = {}


def channel(protocol: str) -> Callable[[Writer], Writer]:
    """`@channel("cas")`: the letter that ends an entry at the application; None where it wants none."""

    def declare(writer: Writer) -> Writer:
        _writers[protocol] = writer
        return writer

    return declare


def front_page(protocol: str) -> Callable[[FrontPage], FrontPage]:
    """`@front_page("oidc")`: the page of the application that the leaving browser opens in a frame; None for none."""

    def declare(page: FrontPage) -> FrontPage:
        _front_pages[protocol] = page
        return page

    return declare


def on_ending(protocol: str) -> Callable[[Ending], Ending]:
    """`@on_ending("oidc")`: what stops on our side when an entry ends, such as its tokens."""

    def declare(ending: Ending) -> Ending:
        _endings[protocol] = ending
        return ending

    return declare


def front_pages_of(entries: Iterable[Entry]) -> list[tuple[Entry, str]]:
    """Entries with the page that signs out in the browser itself, each page once."""
    found: dict[str, Entry] = {}
    for entry in entries:
        page = _front_pages[entry.protocol](entry) if entry.protocol in _front_pages else None
        if page:
            found.setdefault(page, entry)
    return [(entry, page) for page, entry in found.items()]


def collect() -> int:
    """Entries of sessions that have ended are to be told of; how the session ended does not matter."""
    now = timezone.now()
    found = Entry.objects.filter(notice=Notice.OPEN, session__ended_at__isnull=False)
    return int(found.update(notice=Notice.WAITING, due_at=now, ended_at=now))


def tell_due() -> int:
    """Tell what is due, several applications at once; returns how many were tried."""
    told = 0
    while entries := _claimed():
        letters = [(entry, _letter(entry)) for entry in entries]
        for entry in (entry for entry, letter in letters if letter is None):
            _note(entry, Notice.NONE, "应用没有登记退出通知地址")
        to_post = [(entry, letter) for entry, letter in letters if letter is not None]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            answers = list(pool.map(post, [letter for _, letter in to_post]))
        for (entry, letter), problem in zip(to_post, answers, strict=True):
            _answered(entry, letter, problem)
        told += len(entries)
    return told


def _claimed() -> list[Entry]:
    now = timezone.now()
    with transaction.atomic():
        due = Entry.objects.filter(notice=Notice.WAITING, due_at__lte=now).order_by("due_at")
        rows = list(
            due.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)[:BATCH]
        )
        Entry.objects.filter(pk__in=rows).update(attempts=F("attempts") + 1, due_at=now + LEASE)
    return list(
        Entry.objects.filter(pk__in=rows).select_related("application", "session__account").order_by("pk")
    )


def _letter(entry: Entry) -> Letter | None:
    if entry.attempts == 1 and entry.protocol in _endings:
        _endings[entry.protocol](entry)
    writer = _writers.get(entry.protocol)
    return writer(entry) if writer else None


def post(letter: Letter) -> str:
    """Post it; empty when it arrived, else why not."""
    try:
        answer = httpx.post(
            letter.url, data=letter.data or None, content=letter.content, headers=letter.headers, timeout=PATIENCE_SECONDS,
            follow_redirects=False,
        )  # fmt: skip
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"{type(error).__name__} {error}".strip()
    return "" if answer.status_code < 400 else f"对方回答 {answer.status_code}"


def _answered(entry: Entry, letter: Letter, problem: str) -> None:
    again = next_try(entry.attempts, at=timezone.now()) if problem else None
    if problem and again:
        Entry.objects.filter(pk=entry.pk).update(due_at=again, result=problem[:200])
        return
    _note(entry, Notice.FAILED if problem else Notice.SENT, problem)
    outcome = decisions.Outcome.FAILED if problem else decisions.Outcome.GRANTED
    decisions.record(
        entry.protocol, "sign_out", outcome, application=entry.application, account=entry.session.account,
        reason=problem or f"已通知应用退出（第 {entry.attempts} 次）", service=letter.url,
    )  # fmt: skip


def _note(entry: Entry, notice: str, result: str) -> None:
    Entry.objects.filter(pk=entry.pk).update(notice=notice, due_at=None, result=result[:200])
