"""Consumers and agreements as they are saved."""

from __future__ import annotations

from yanta.hub.sharing import owners, rules
from yanta.hub.sharing.models import Agreement, Consumer
from yanta.kernel.base import Refused
from yanta.kernel.base.signatures import PublicKey


def check_consumer(consumer: Consumer) -> None:
    """Refuses addresses that are none, and a responsible person who does not work here."""
    try:
        consumer.networks = "\n".join(rules.networks_of(consumer.networks))
    except ValueError as error:
        raise Refused("IP 白名单里有读不懂的地址，每行一个地址或网段", field="networks") from error
    if not owners.is_in_service(consumer.responsible_id):
        raise Refused("责任人须是在岗教职工", field="responsible")


def check_agreement(agreement: Agreement) -> None:
    """Refuses a key that is none, and a consumer that is no node."""
    if agreement.consumer.kind != Consumer.Kind.NODE:
        raise Refused("节点协议只用于类别为“外部节点”的使用方", field="consumer")
    try:
        key = PublicKey.from_pem(agreement.algorithm, agreement.pem.strip() + "\n")
    except ValueError as error:
        raise Refused("公钥读不出来，请粘贴对方节点给出的 PEM 文本", field="pem") from error
    agreement.pem, agreement.key_id = key.pem, key.key_id
