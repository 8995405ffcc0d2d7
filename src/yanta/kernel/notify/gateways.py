"""Services outside that carry short texts: a message gateway, WeCom; where none is named, the demo's simulator."""

from __future__ import annotations

import hmac
import json
import time
from hashlib import sha256
from typing import Protocol

import httpx
from django.conf import settings
from django.core.cache import cache

from yanta.kernel.portal.demo import demo_accounts

SECONDS = 10
TOKEN_KEPT = 6600


class NotSentError(Exception):
    """The service did not take the text; the reason is its own."""


class Gateway(Protocol):
    """`send` raises `NotSentError` (or a network error) when the text did not go out."""

    def send(self, address: str, text: str, link: str = "") -> None: ...


class HttpTexts:
    """Any message gateway behind one POST: `{"to", "text"}`, signed with HMAC-SHA256 over time and body."""

    def send(self, address: str, text: str, link: str = "") -> None:
        body = json.dumps({"to": address, "text": text}, ensure_ascii=False).encode()
        at = str(int(time.time()))
        signature = hmac.new(settings.SMS_SECRET.encode(), at.encode() + b"." + body, sha256).hexdigest()
        headers = {"Content-Type": "application/json", "X-Yanta-Time": at, "X-Yanta-Signature": signature}
        answer = httpx.post(settings.SMS_GATEWAY, content=body, headers=headers, timeout=SECONDS)
        if answer.is_error:
            raise NotSentError(f"短信网关回答 {answer.status_code}")


class WeCom:
    """Messages of a self-built WeCom application (企业微信 自建应用 message/send); users go by their person number."""

    def send(self, address: str, text: str, link: str = "") -> None:
        card: dict[str, object] = {
            "touser": address,
            "msgtype": "text",
            "agentid": settings.WECOM_AGENT,
            "text": {"content": text},
        }
        if link:
            title, _, rest = text.partition("\n")
            shown = {"title": title[:128], "description": (rest or title)[:512], "url": link}
            card |= {"msgtype": "textcard", "textcard": shown}
        self._asked("message/send", {"access_token": self._token()}, card)

    def _token(self) -> str:
        kept = cache.get("wecom-token")
        if kept:
            return str(kept)
        named = {"corpid": settings.WECOM_CORP, "corpsecret": settings.WECOM_SECRET}
        token = str(self._asked("gettoken", named, None)["access_token"])
        cache.set("wecom-token", token, TOKEN_KEPT)
        return token

    @staticmethod
    def _asked(what: str, query: dict[str, str], body: dict[str, object] | None) -> dict[str, object]:
        address = f"{settings.WECOM_ADDRESS}/cgi-bin/{what}"
        answer = httpx.request(
            "GET" if body is None else "POST", address, params=query, json=body, timeout=SECONDS
        )
        told: dict[str, object] = answer.raise_for_status().json()
        if told.get("errcode"):
            cache.delete("wecom-token")
            raise NotSentError(f"企业微信回答 {told['errcode']} {told.get('errmsg', '')}")
        return told


class Simulator:
    """Keeps what would have gone out, for everybody at the demo to read."""

    def __init__(self, channel: str) -> None:
        self.channel = channel

    def send(self, address: str, text: str, link: str = "") -> None:
        from yanta.kernel.notify.models import SimulatedText

        SimulatedText.objects.create(channel=self.channel, address=address, text=text, link=link)


def is_simulating() -> bool:
    """Only the demo imitates: a school without a gateway sends nothing."""
    return bool(demo_accounts())


def texts() -> Gateway | None:
    """The way to mobile phones, or None."""
    if settings.SMS_GATEWAY:
        return HttpTexts()
    return Simulator("sms") if is_simulating() else None


def wecom() -> Gateway | None:
    """The way to WeCom, or None."""
    if settings.WECOM_CORP:
        return WeCom()
    return Simulator("wecom") if is_simulating() else None
