"""Who calls, and whether the grant runs: the checks before anything is read, in the order in which they are told."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone

from yanta.hub.sharing import keys, owners, rules
from yanta.hub.sharing.models import Dataset, Grant, Nonce, Way
from yanta.kernel.identity.devices import address_of


class Denied(Exception):  # noqa: N818 - an answer, not an error
    """What the caller is told; `grant` is known when the refusal is to be logged."""

    def __init__(
        self, status: int, title: str, detail: str, *, grant: Grant | None = None, wait: int = 0
    ) -> None:
        super().__init__(detail)
        self.status, self.title, self.detail, self.grant, self.wait = status, title, detail, grant, wait


@dataclass(frozen=True, slots=True)
class Caller:
    """A caller that proved who it is."""

    grant: Grant
    is_signed: bool
    address: str | None


def caller_of(request: HttpRequest, code: str) -> Caller:
    """The grant behind the request; raises `Denied` in words."""
    proof = keys.proof_of(request.headers.get("Authorization", ""))
    if proof is None:
        raise Denied(401, "没有身份凭证", "请在 Authorization 头里带上密钥或签名，见数据集的接入说明")
    grant = _of_key(request, proof)
    if grant.dataset.code != code:
        raise Denied(403, "不在授权范围", "这个密钥授权的是另一个数据集", grant=grant)
    address = address_of(request)
    check_running(grant, address)
    return Caller(grant, proof.is_signed, address)


def _of_key(request: HttpRequest, proof: keys.Proof) -> Grant:
    rows = Grant.objects.select_related("dataset", "consumer__unit", "application")
    grant = rows.filter(key_id=proof.key_id).exclude(key_id="").first()
    text = _text(request, proof)
    if grant is None or not grant.signing_key or not keys.is_true(proof, grant.signing_key, text):
        raise Denied(401, "凭证不对", "密钥编号、密钥或签名不对")
    if proof.is_signed:
        _check_time(proof)
    return grant


def _text(request: HttpRequest, proof: keys.Proof) -> bytes:
    method, target = str(request.method), request.get_full_path()
    return keys.signed_text(method, target, proof.time, proof.nonce, request.body, scheme=proof.scheme)


def _check_time(proof: keys.Proof) -> None:
    """A signed request holds for a few minutes, and once."""
    now = timezone.now()
    if not keys.is_fresh(proof, at=now):
        raise Denied(401, "签名已过期", "签名里的时间与本节点相差超过 5 分钟，或随机数长度不在 8 到 60 之间")
    try:
        with transaction.atomic():
            Nonce.objects.create(value=f"{proof.key_id}:{proof.nonce}", at=now)
    except IntegrityError as error:
        raise Denied(401, "请求重复", "这个随机数已经用过，每次请求都要换一个") from error


def check_running(grant: Grant, address: str | None) -> None:
    """Each look goes to the database, so a revoked grant is over with its commit."""
    if grant.state != Grant.State.ACTIVE:
        why = f"：{grant.reason}" if grant.reason else ""
        raise Denied(
            403, f"授权{grant.get_state_display()}", f"授权{grant.get_state_display()}{why}", grant=grant
        )
    today = timezone.localdate()
    if not grant.valid_from <= today <= grant.valid_to:
        raise Denied(403, "授权不在有效期", f"授权期为 {grant.valid_from} 至 {grant.valid_to}", grant=grant)
    if grant.dataset.state not in Dataset.OPEN:
        raise Denied(410, "数据集已下线", "这个数据集不再提供", grant=grant)
    if not owners.is_in_service(grant.consumer.responsible_id):
        raise Denied(403, "授权已暂停", "使用方的责任人已离岗，请先更换责任人", grant=grant)
    if Way.REST not in grant.ways:
        raise Denied(403, "没有接口授权", "这份授权不含接口交付", grant=grant)
    if not rules.is_allowed(address, rules.networks_of(grant.consumer.networks)):
        raise Denied(403, "地址不在白名单", f"{address} 不在使用方登记的 IP 白名单里", grant=grant)
