"""Asking another node: signed requests, signed answers, keys followed when they were changed."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson
from django.conf import settings
from django.utils import timezone

from yanta.hub.nodes import enrolment, levels, wire
from yanta.hub.nodes.models import Node
from yanta.kernel.base import Refused, signatures

BASE = "/api/v1/peer"
TIMEOUT = httpx.Timeout(60, connect=5)


class Unreachable(Exception):  # noqa: N818 - a state of affairs, not a fault of ours
    """The other node did not answer, or not as a node does."""


class Rejected(Refused):
    """The other node said no, in words; `facts` are what it told for the machine."""

    def __init__(self, message: str, *, rule: str, status: int, facts: dict[str, Any]) -> None:
        super().__init__(message, rule=rule)
        self.status, self.facts = status, facts


def check_address(address: str) -> str:
    """HTTPS, or this machine; plain HTTP elsewhere only where the installation says that the line is safe."""
    parts = urlsplit(address.rstrip("/"))
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise Refused("地址要写成 https://主机名", field="address", rule="nodes.https")
    if parts.scheme == "http" and not _is_here(parts.hostname) and not settings.YANTA_NODE_HTTP:
        raise Refused(
            "节点之间只走 HTTPS；专线内确需 HTTP 时设 YANTA_NODE_HTTP=1", field="address", rule="nodes.https"
        )
    return address.rstrip("/")


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass
class Client:
    """A conversation with one node; use as a context."""

    node: Node

    def __enter__(self) -> Client:
        self._http = _http()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, path: str) -> dict[str, Any]:
        return self.ask("GET", path, b"")

    def post(self, path: str, data: Any = None) -> dict[str, Any]:
        return self.ask("POST", path, wire.canonical(data) if data is not None else b"")

    def ask(self, method: str, path: str, body: bytes) -> dict[str, Any]:
        """The answer, believed only when the node signed it for this very request."""
        self._tell_own_key()
        try:
            return self._asked(method, path, body)
        except Rejected as rejection:
            known = str(rejection.facts.get("known", ""))
            if rejection.rule != "nodes.key" or not known or known == self.node.announced_key:
                raise
            # It knows an older key of ours than we thought, as after a restore: told again from there.
            self.node.announced_key = known
            self._tell_own_key()
            return self._asked(method, path, body)

    def _asked(self, method: str, path: str, body: bytes) -> dict[str, Any]:
        nonce = wire.new_nonce()
        response = self._send(method, path, body, nonce)
        self._check_answer(response, nonce)
        return _read(response)

    def _send(self, method: str, path: str, body: bytes, nonce: str) -> httpx.Response:
        target = path if path.startswith("/api/") else BASE + path
        time = wire.now_text(timezone.now())
        text = wire.request_text(
            node=levels.own_code(), method=method, target=target, time=time, nonce=nonce, body=body
        )
        headers = {
            wire.NODE: levels.own_code(), wire.TIME: time, wire.NONCE: nonce,
            wire.SIGNATURE: signatures.sign(text).as_text(), "Content-Type": "application/octet-stream",
        }  # fmt: skip
        address = check_address(self.node.address)
        try:
            return self._http.request(method, address + target, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise Unreachable(f"{type(error).__name__}：{self.node.name}没有应答") from error

    def _check_answer(self, response: httpx.Response, nonce: str) -> None:
        """A proxy's error page is no answer; a new key of the other node is followed once."""
        signature = response.headers.get(wire.SIGNATURE, "")
        if not signature:
            if response.status_code < 500 and "problem+json" in response.headers.get("content-type", ""):
                raise _rejection(response)
            raise Unreachable(f"{self.node.name}应答 {response.status_code}，但没有签名")
        text = wire.answer_text(nonce=nonce, status=response.status_code, body=response.content)
        try:
            wire.check_signature(text, signature, enrolment.keys_of(self.node))
        except Refused as refusal:
            if refusal.rule != "nodes.key":
                raise
            self._follow_key()
            wire.check_signature(text, signature, enrolment.keys_of(self.node))

    def _follow_key(self) -> None:
        keys = enrolment.keys_of(self.node)
        if not keys:
            raise Refused(f"没有{self.node.name}的公钥，请重新入网", rule="nodes.key")
        known = keys[0]
        response = _fetch(self._http, check_address(self.node.address) + f"{BASE}/keys?after={known.key_id}")
        enrolment.follow(self.node, _read(response)["chain"], at=timezone.now())

    def _tell_own_key(self) -> None:
        """Ours was changed: the other is told, with the old key's word for it, before anything else is sent."""
        present = signatures.own_key().key_id
        if self.node.announced_key == present:
            return
        chain = enrolment.chain_after(self.node.announced_key)
        if chain:
            self._asked("POST", "/keys", wire.canonical({"chain": chain}))
        Node.objects.filter(pk=self.node.pk).update(announced_key=present)
        self.node.announced_key = present


def _http() -> httpx.Client:
    verify: Any = settings.YANTA_NODE_CA or True
    return httpx.Client(timeout=TIMEOUT, verify=verify, follow_redirects=False, trust_env=False)


def _fetch(http: httpx.Client, url: str) -> httpx.Response:
    try:
        return http.get(url)
    except httpx.HTTPError as error:
        raise Unreachable("没有应答") from error


def _read(response: httpx.Response) -> dict[str, Any]:
    if response.status_code >= 400:
        raise _rejection(response)
    try:
        found: dict[str, Any] = orjson.loads(response.content)
    except orjson.JSONDecodeError as error:
        raise Unreachable("应答不是 JSON") from error
    return found


def _rejection(response: httpx.Response) -> Rejected | Unreachable:
    try:
        body = orjson.loads(response.content)
        facts = body.get("errors") or {}
    except (orjson.JSONDecodeError, AttributeError):
        return Unreachable(f"应答 {response.status_code}")
    if response.status_code == 429:
        return Unreachable(str(body.get("detail", "请求过多")))
    return Rejected(
        str(body.get("detail", "")), rule=str(facts.get("rule", "")), status=response.status_code, facts=facts
    )


def enrol(address: str, application: dict[str, Any]) -> dict[str, Any]:
    """The one request that nobody can sign for yet; the code proves it instead."""
    url = check_address(address) + f"{BASE}/enrol"
    with _http() as http:
        try:
            response = http.post(url, content=wire.canonical(application))
        except httpx.HTTPError as error:
            raise Refused(
                f"连不上 {address}：{type(error).__name__}", field="address", rule="nodes.enrolment"
            ) from error
    try:
        return _read(response)
    except Unreachable as error:
        raise Refused(f"{address} 不像一个节点：{error}", field="address", rule="nodes.enrolment") from error
