"""What the consumer does with a grant: files, the read-only door, pushes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from yanta.hub.sharing.delivery import files, pushing, schemas
from yanta.hub.sharing.models import FileKind, Grant, Push, Subscription, Way
from yanta.hub.sharing.services.applications import speaks_for_consumer
from yanta.kernel.base import Actor, Refused
from yanta.kernel.jobs import start
from yanta.kernel.operation import Label, operation

PEOPLE = ("clerk", "head", "teacher", "engineer")


def _has(way: Way) -> Callable[[Any], bool]:
    return lambda grant: grant.state == Grant.State.ACTIVE and way in grant.ways


def _require(actor: Actor, grant: Grant, way: Way) -> None:
    if not speaks_for_consumer(actor, grant.consumer):
        raise Refused("由使用方的责任人或使用单位办理", rule="sharing.consumer")
    if way not in grant.ways or grant.state != Grant.State.ACTIVE:
        raise Refused(f"这份授权不含{way.label}，或已不在有效期")


@operation("生成文件", icon="file-export", bulk=False, roles=PEOPLE, when=_has(Way.FILE))
def make_file(grant: Grant, *, actor: Actor, kind: Annotated[FileKind, Label("格式")] = FileKind.CSV) -> None:
    """In the background; the responsible person is told when it can be fetched."""
    from yanta.hub.sharing.jobs import produce_shared_file

    _require(actor, grant, Way.FILE)
    delivery = files.ask(grant, kind, asked_by=actor.name)
    start(produce_shared_file, actor=actor, delivery_id=delivery.pk)


@operation("开通只读库", icon="database-plus", bulk=False, roles=PEOPLE, when=_has(Way.SCHEMA))
def open_schema(grant: Grant, *, actor: Actor) -> dict[str, str]:
    """The consumer's database account with a new password, told once to the responsible person."""
    _require(actor, grant, Way.SCHEMA)
    if actor.person_id != grant.consumer.responsible_id and not actor.is_system:
        raise Refused("口令只由使用方的责任人本人领取", rule="sharing.key")
    access, password = schemas.open_for(grant)
    return {"role": access.role, "schema": access.schema, "password": password}


@operation("设置推送", icon="webhook", bulk=False, roles=PEOPLE, when=_has(Way.WEBHOOK))
def subscribe(grant: Grant, *, actor: Actor, address: Annotated[str, Label("推送地址", "https://…")]) -> None:
    """From now on every change within the grant is pushed there."""
    _require(actor, grant, Way.WEBHOOK)
    pushing.subscribe(grant, address)


def _subscription(grant: Grant) -> Subscription:
    found = Subscription.objects.filter(grant=grant).first()
    if found is None:
        raise Refused("还没有设置推送")
    return found


def _is_pushed(grant: Grant) -> bool:
    return grant.state == Grant.State.ACTIVE and Subscription.objects.filter(grant=grant).exists()


@operation("测试推送", icon="send", bulk=False, roles=PEOPLE, when=_is_pushed)
def test_push(grant: Grant, *, actor: Actor) -> None:
    """An empty batch now; refused in the words of the other side when it does not arrive."""
    _require(actor, grant, Way.WEBHOOK)
    push = pushing.test(_subscription(grant))
    if push.state == Push.State.WAITING:
        raise Refused("前面还有未送达的批次，测试排在其后")


@operation("重放推送", icon="history", bulk=False, roles=PEOPLE, when=_is_pushed)
def replay(
    grant: Grant, *, actor: Actor, after: Annotated[int, Label("从哪个序号之后", "0 为全部行重新推送")] = 0
) -> None:
    """What was pushed after that number goes out again, as it is now."""
    _require(actor, grant, Way.WEBHOOK)
    pushing.replay(_subscription(grant), after=after)


@operation("重新发送", icon="refresh", roles=PEOPLE, when=lambda one: one.state == Push.State.DEAD)
def retry_push(push: Push, *, actor: Actor) -> None:
    """A batch that was given up."""
    grant = push.subscription.grant
    _require(actor, grant, Way.WEBHOOK)
    if push.state != Push.State.DEAD:
        raise Refused("只有未能送达的批次需要重新发送")
    pushing.retry(push)
