"""What one node of the demo province does in its own process: `python -m yanta.config.province.steps STEP FACTS`."""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import timedelta
from typing import Any

from yanta.config.province import agreeing

# A busy machine takes its time; nobody waits longer than it needs.
PATIENCE = 900


def province(facts: dict[str, Any]) -> str:
    """Fill, invite, print the codes; then let in whoever proved one, until all are there."""
    from django.conf import settings
    from django.utils import timezone

    from yanta.config.demo.accounts import PASSWORD
    from yanta.config.province.filling import PROVINCE_STAFF, fill_province
    from yanta.hub.nodes import services
    from yanta.hub.nodes.models import Node
    from yanta.kernel.base import Actor
    from yanta.kernel.portal.demo import offer

    actor = Actor.system("demo")
    fill_province(settings.YANTA_NODE_NAME, today=timezone.localdate())
    offer([(username, title) for username, title, _ in PROVINCE_STAFF], password=PASSWORD)
    codes = {
        code: services.invite(actor=actor, code=code, name=name).enrol_code for code, name in facts["schools"]
    }
    sys.stdout.write(json.dumps(codes) + "\n")
    sys.stdout.flush()
    for _ in range(PATIENCE * 2):
        for node in Node.objects.filter(state=Node.State.PENDING):
            services.activate(node, actor=actor)
        if Node.objects.filter(state=Node.State.ACTIVE).count() == len(codes):
            break
        time.sleep(0.5)
    return ""


def school(facts: dict[str, Any]) -> str:
    """Fill, join, agree to everything that is asked for, push, fetch what came back."""
    from django.conf import settings
    from django.utils import timezone

    from yanta.config.demo.accounts import PASSWORD, guests
    from yanta.config.province.filling import fill_school
    from yanta.hub.nodes import pushing, services
    from yanta.hub.nodes.models import FeedbackItem, Package, Receipt, Stream
    from yanta.hub.reporting import demo as reporting
    from yanta.kernel.base import Actor
    from yanta.kernel.portal.demo import offer

    actor = Actor.system("demo")
    made = fill_school(
        settings.YANTA_NODE_NAME, students=facts["students"], seed=facts["seed"], today=timezone.localdate()
    )
    offer([one for one in guests() if one[0] not in ("student", "teacher")], password=PASSWORD)
    upper = services.join(
        actor=actor, address=facts["address"], code=facts["code"], contact="信息中心", phone="029-8888"
    )
    deadline = time.monotonic() + PATIENCE
    while not Stream.objects.exists() and time.monotonic() < deadline:
        pushing.push_node(upper, at=timezone.now(), now=True)
        time.sleep(0.3)
    for stream in Stream.objects.filter(state=Stream.State.PROPOSED):
        services.agree(stream, actor=actor)
    began = time.monotonic()
    pushing.FIRST_PAUSE = pushing.LONGEST_PAUSE = timedelta(seconds=1)
    pushing.push_node(upper, at=timezone.now(), now=True)
    while Package.objects.filter(state__in=Package.OPEN).exists() and time.monotonic() < deadline:
        pushing.push_due(at=timezone.now())  # the province may not have let this school in yet
        time.sleep(0.3)
    seconds = time.monotonic() - began
    if facts["files"]:
        reporting.send(timezone.localdate())
        pushing.push_node(upper, at=timezone.now(), now=True)
    rows = sum(Receipt.objects.values_list("received", flat=True))
    return (
        f"学生 {made['students']}、教职工 {made['staff']}，上报 {rows} 行，{Receipt.objects.count()} 份回执，"
        f"退回 {FeedbackItem.objects.count()} 条问题，{seconds:.1f} 秒"
    )


def judge(facts: dict[str, Any]) -> str:
    """What came is taken in; one report is accepted, one returned with the reason, the others wait."""
    from yanta.hub.reporting import services
    from yanta.hub.reporting.models import ReceivedFiling
    from yanta.kernel.base import Actor
    from yanta.kernel.events.delivery import deliver_all

    deliver_all()
    actor, said = Actor.system("demo"), []
    for one in ReceivedFiling.objects.filter(state="received").order_by("node"):
        if one.node == facts["accept"]:
            services.accept(one, actor=actor)
        elif one.node == facts["send_back"]:
            services.send_back_to_school(one, actor=actor, reason=facts["reason"], codes=facts["codes"])
    for one in ReceivedFiling.objects.order_by("node", "number"):
        said.append(
            f"{one.name}：{one.title} {one.get_state_display()}{f'（{one.reason}）' if one.reason else ''}"
        )
    return "\n".join(said)


def hear(facts: dict[str, Any]) -> str:
    """The school fetches what was said of its report."""
    from django.utils import timezone

    from yanta.hub.nodes import pushing
    from yanta.hub.reporting.models import Filing
    from yanta.kernel.events.delivery import deliver_all

    for upper in pushing.uppers():
        pushing.push_node(upper, at=timezone.now(), now=True)
    deliver_all()
    return (
        "、".join(f"{one.title} {one.get_state_display()}" for one in Filing.objects.all()) or "没有填报任务"
    )


def summary(facts: dict[str, Any]) -> str:
    """The province's table, as its page shows it."""
    from django.utils import timezone

    from yanta.hub.nodes import queries

    lines = [f"{'学校':<12}{'在校生':>8}{'教职工':>8}{'校舍㎡':>10}{'待更正':>6}{'合格率':>8}"]
    for one in queries.school_lines(at=timezone.now()):
        lines.append(
            f"{one.node.name:<12}{one.students:>8,}{one.staff:>8,}{one.area:>12,.0f}{one.held:>6}{one.quality:>9}%"
        )
    lines.append(f"跨校重复 {queries.shared_open()} 人")
    return "\n".join(lines)


STEPS = {
    "province": province,
    "school": school,
    "judge": judge,
    "hear": hear,
    "summary": summary,
    **agreeing.STEPS,
}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yanta.config.settings")
    import django

    django.setup()
    sys.stdout.write(STEPS[sys.argv[1]](json.loads(sys.argv[2])) + "\n")


if __name__ == "__main__":
    main()
