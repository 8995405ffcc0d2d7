"""Consumers as they are saved."""

from __future__ import annotations

from yanta.hub.sharing import owners, rules
from yanta.hub.sharing.models import Consumer
from yanta.kernel.base import Refused


def check_consumer(consumer: Consumer) -> None:
    """Refuses addresses that are none, and a responsible person who does not work here."""
    try:
        consumer.networks = "\n".join(rules.networks_of(consumer.networks))
    except ValueError as error:
        raise Refused("IP 白名单里有读不懂的地址，每行一个地址或网段", field="networks") from error
    if not owners.is_in_service(consumer.responsible_id):
        raise Refused("责任人须是在岗教职工", field="responsible")
