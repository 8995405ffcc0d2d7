"""CPU of the pages and of the API beside their budgets, on the demo school."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.test import Client
from django.utils import timezone

from yanta.config.demo import build
from yanta.config.demo.accounts import PASSWORD
from yanta.masterdata.models import Student

ACCOUNT = "registry"
ROUNDS, REPEATS = 7, 30


@dataclass(frozen=True, slots=True)
class Page:
    """An address and what it may cost."""

    name: str
    path: str
    budget_ms: float | None
    budget_kb: float | None = None


class Queries:
    """Counts what is asked of the database."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Callable[..., Any], *args: Any) -> Any:
        self.count += 1
        return execute(*args)


def run(*, address: str) -> dict[str, Any]:
    """Milliseconds of CPU a page costs this process, its queries and its size; ratio = least CPU ÷ budget."""
    build("small", today=timezone.localdate())
    client = signed_in()
    student = Student.objects.order_by("pk").first()
    assert student
    pages = [
        Page("list", "/masterdata/student/?status=01", 8, 30),
        Page("record", f"/masterdata/student/{student.pk}/", 6),
        Page("form", f"/masterdata/student/{student.pk}/edit/", 6),
        Page("api", "/api/v1/masterdata/student/?page_size=100", 6),
        Page("home", "/", 15),
        Page("cards", "/?_part=cards", None),
    ]
    figures = {page.name: measure(client, page) for page in pages}
    return {"ratio": max(one["ratio"] for one in figures.values() if "ratio" in one), **figures}


def signed_in() -> Client:
    """A clerk of the owning department, who sees every student."""
    client = Client(SERVER_NAME="127.0.0.1")
    answer = client.post("/sign-in/", {"login": ACCOUNT, "password": PASSWORD})
    assert answer.status_code == 302, f"{ACCOUNT} cannot sign in: {answer.status_code}"
    return client


def measure(client: Client, page: Page) -> dict[str, Any]:
    """The best of several rounds: whatever else the machine does only adds."""

    def get() -> bytes:
        answer = client.get(page.path)
        assert answer.status_code == 200, f"{page.path}: {answer.status_code}"
        return bytes(answer.content)

    get()
    queries = Queries()
    with connection.execute_wrapper(queries):
        size = len(get()) / 1000
    spent = [cpu_ms(get) for _ in range(ROUNDS)]
    figures: dict[str, Any] = {
        "cpu_ms": round(min(spent), 2),
        "cpu_ms_median": round(statistics.median(spent), 2),
        "queries": queries.count,
        "kb": round(size, 1),
    }
    if page.budget_ms:
        figures |= {"budget_ms": page.budget_ms, "ratio": round(min(spent) / page.budget_ms, 2)}
    if page.budget_kb:
        figures["budget_kb"] = page.budget_kb
    return figures


def cpu_ms(work: Callable[[], Any]) -> float:
    gc.collect()
    spent = []
    for _ in range(REPEATS):
        began = time.process_time()
        work()
        spent.append(time.process_time() - began)
    return statistics.median(spent) * 1000
