"""Steps committed per second, on one connection and on four; the inbox of somebody with 5 000 done items."""

from __future__ import annotations

import multiprocessing
import statistics
import time
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from yanta.kernel import workflow
from yanta.kernel.base import Actor
from yanta.kernel.identity.models import Account
from yanta.kernel.operation import operation
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.people.models import Person
from yanta.kernel.workflow import declare
from yanta.kernel.workflow.models import Instance, Version, WorkItem
from yanta.kernel.workflow.versions import draw, publish

AIM = 300
CONNECTIONS = 4
MATTERS = 60
DONE_ITEMS = 5_000
PAGE_BUDGET_MS, ROUNDS = 8, 5
STEPS = [f"step{number}" for number in range(1, 9)]
KEY = "bench.eight"
_people: list[int] = []


@operation("办结")
def settle(unit: OrgUnit, *, actor: Actor) -> None:
    """What the last step does: one row is written, as of any operation."""
    unit.short_name = actor.name[:40]
    unit.save(update_fields=["short_name", "updated_at"])


@declare.relation("bench", "测")
def _asked(_unit: OrgUnit) -> list[int]:
    return _people[:1]


@declare.relation("bench_three", "测三人")
def _asked_three(_unit: OrgUnit) -> list[int]:
    return _people[:3]


def _drawing() -> str:
    nodes = ['<startEvent id="s"/>', '<endEvent id="e"/>']
    for name in STEPS:
        who = 'relation:bench_three" yanta:sign="all' if name == "step4" else "relation:bench"
        verb = ' yanta:operation="organisation.orgunit.settle"' if name == STEPS[-1] else ""
        nodes.append(f'<userTask id="{name}" name="{name}" yanta:assignees="{who}"{verb}/>')
    ways = zip(["s", *STEPS], [*STEPS, "e"], strict=True)
    flows = [f'<sequenceFlow id="f{a}{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in ways]
    return (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:yanta="urn:yanta:bpmn" id="d"'
        f' targetNamespace="urn:bench"><process id="bench" isExecutable="true">{"".join(nodes + flows)}</process></definitions>'
    )


def run(*, address: str) -> dict[str, Any]:
    """ratio = aim ÷ steps per second over four connections; ≤ 1 is within the budget."""
    _declare()
    root = OrgUnit.add_root(code="B", name="测试学校")
    units = [root.add_child(code=f"B{at}", name=f"单位{at}").pk for at in range(MATTERS * (CONNECTIONS + 1))]
    alone, processor = _steps(units[:MATTERS])
    together = _at_once(units[MATTERS:])
    inbox = _inbox()
    return {
        "ratio": AIM / max(together, 0.001), "steps_per_second_1": round(alone), "steps_per_second_4": round(together),
        "cpu_ms_per_step": round(processor, 2),
        "statements_per_step": _statements(), "replay_ms": _replay_ms(), **inbox,
    }  # fmt: skip


def _declare() -> None:
    _people[:] = [Person.objects.create(number=f"B{at:07d}", name=f"测{at}").pk for at in range(3)]
    declare.process(KEY, "测试", subject=OrgUnit, applicant=lambda _unit: None, tells_applicant=False)
    publish(draw(KEY, "测试", base=KEY, xml=_drawing()), actor=Actor.system("bench"))


def _actor(person: int) -> Actor:
    return Actor(account_id=None, person_id=person, name="测试人")


def _through(unit: OrgUnit) -> int:
    """One matter from beginning to end; how many steps were committed."""
    instance = workflow.start(KEY, subject=unit, actor=Actor.system("bench"))
    for serial, person in enumerate(_turns(), start=1):
        item = WorkItem(instance_id=instance.pk, serial=serial, person_id=person)
        instance = workflow.act(item, "approve", actor=_actor(person))
    assert instance.state == Instance.State.ENDED, instance.state
    return 1 + len(_turns())


def _turns() -> list[int]:
    """Whose turn it is, one after the other, as the drawing says; people know it from their page."""
    first, *others = _people
    return [first, first, first, first, *others, first, first, first, first]


def _steps(units: list[int]) -> tuple[float, float]:
    """Steps per second, and our own milliseconds of processor for one."""
    rows = list(OrgUnit.objects.filter(pk__in=units))
    _through(rows[0])
    began, used = time.perf_counter(), time.process_time()
    count = sum(_through(unit) for unit in rows[1:])
    used = time.process_time() - used
    return count / (time.perf_counter() - began), used / count * 1000


def _at_once(units: list[int]) -> float:
    """Each connection in a process of its own, as in the school; all begin together."""
    connection.close()
    context = multiprocessing.get_context("fork")
    ready, answers = context.Barrier(CONNECTIONS + 1), context.Queue()
    shares = [units[at::CONNECTIONS] for at in range(CONNECTIONS)]
    workers = [context.Process(target=_worker, args=(share, ready, answers)) for share in shares]
    for worker in workers:
        worker.start()
    ready.wait()
    began = time.perf_counter()
    count = sum(answers.get() for _ in workers)
    took = time.perf_counter() - began
    for worker in workers:
        worker.join()
    return count / took


def _worker(units: list[int], ready: Any, answers: Any) -> None:
    rows = list(OrgUnit.objects.filter(pk__in=units))
    _through(rows[0])
    ready.wait()
    answers.put(sum(_through(unit) for unit in rows[1:]))
    connection.close()


def _statements() -> float:
    """What one signature costs the database, without the step that carries out an operation."""
    from django.test.utils import CaptureQueriesContext

    unit = OrgUnit.objects.get(code="B").add_child(code="BQ", name="数一数")
    instance = workflow.start(KEY, subject=unit, actor=Actor.system("bench"))
    item = WorkItem.objects.get(instance=instance, state=WorkItem.State.TODO)
    with CaptureQueriesContext(connection) as seen:
        workflow.act(item, "approve", actor=_actor(item.person_id or 0))
    return len(seen)


def _replay_ms() -> float:
    instance = Instance.objects.filter(state=Instance.State.ENDED).order_by("pk")[0]
    return _milliseconds(lambda: workflow.replay(instance))


def _inbox() -> dict[str, float]:
    person = Person.objects.create(number="BINBOX01", name="很忙的人").pk
    version = Version.objects.get(process__key=KEY, state=Version.State.CURRENT)
    now = timezone.now()
    with transaction.atomic():
        matters = Instance.objects.bulk_create(
            Instance(
                version=version, process=KEY, title=f"事项{at}", subject_type="organisation.orgunit",
                subject_id=1_000_000 + at, state="running" if at < 40 else "ended", outcome="" if at < 40 else "granted",
                started_at=now,
            )
            for at in range(DONE_ITEMS + 40)
        )  # fmt: skip
        WorkItem.objects.bulk_create(
            WorkItem(
                instance=one, serial=1, token="step1#1", node="step1", node_title="step1", person_id=person, group=1, round=1,
                state="todo" if at < 40 else "done", arrived_at=now, acted_at=None if at < 40 else now,
            )
            for at, one in enumerate(matters)
        )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE workflow_workitem, workflow_instance")
    return _pages(person)


def _pages(person: int) -> dict[str, float]:
    """Whole answers to a browser, as `bench/pages.py` measures them: session, rights, queries and template included."""
    client = _signed_in(person)
    following = client.get("/todos/?tab=done").content.decode().split("before=")[1].split('"')[0]
    pages = {
        "todo": "/todos/",
        "done": "/todos/?tab=done",
        "done_next": f"/todos/?tab=done&before={following}",
        "started": "/todos/?tab=started",
    }
    spent = {f"inbox_{name}_ms": _page_ms(client, path) for name, path in pages.items()}
    return {**spent, "inbox_ratio": round(max(spent.values()) / PAGE_BUDGET_MS, 2)}


def _signed_in(person: int) -> Client:
    account = Account.objects.create(
        username="binbox01", name="很忙的人", person_id=person, state=Account.State.ACTIVE
    )
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(account)
    return client


def _page_ms(client: Client, path: str) -> float:
    assert client.get(path).status_code == 200, path
    return min(_milliseconds(lambda: client.get(path)) for _ in range(ROUNDS))


def _milliseconds(question: Callable[[], Any]) -> float:
    """Processor time of this process, the median of thirty."""
    took = []
    for _ in range(30):
        began = time.process_time()
        question()
        took.append(time.process_time() - began)
    return round(statistics.median(took) * 1000, 2)
