"""Services outside that carry short texts: a message gateway, WeCom; where none is named, the demo's simulator."""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import Iterable
from hashlib import sha256
from typing import Any, Protocol

import httpx
from django.conf import settings
from django.core.cache import cache

from yanta.kernel.portal.demo import demo_accounts

SECONDS = 10
TOKEN_KEPT = 6600
AT_ONCE = 200


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


class _Tokened:
    """A service that gives a token for a secret and takes messages with it; `code` is its channel."""

    code = title = ""

    def token(self) -> str:
        key = f"{self.code}-token"
        kept = cache.get(key)
        if kept:
            return str(kept)
        token = self.fetch_token()
        cache.set(key, token, TOKEN_KEPT)
        return token

    def fetch_token(self) -> str:
        raise LookupError(self.code)

    def asked(
        self, address: str, *, query: dict[str, str] | None = None, body: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """The answer, unless it is a refusal; these services answer 200 and say in the body that it failed."""
        answer = httpx.request(
            "GET" if body is None else "POST",
            address,
            params=query,
            json=body,
            headers=headers,
            timeout=SECONDS,
        )
        told: dict[str, Any] = answer.raise_for_status().json()
        code = told.get("errcode") or told.get("code")
        if code:
            cache.delete(f"{self.code}-token")
            raise NotSentError(f"{self.title}回答 {code} {told.get('errmsg') or told.get('msg') or ''}")
        return told


def _parted(text: str) -> tuple[str, str]:
    title, _, rest = text.partition("\n")
    return title, rest or title


class WeCom(_Tokened):
    """Messages of a self-built WeCom application (企业微信 自建应用 message/send); users go by their person number."""

    code, title = "wecom", "企业微信"

    def send(self, address: str, text: str, link: str = "") -> None:
        card: dict[str, Any] = {"touser": address, "agentid": settings.WECOM_AGENT, "msgtype": "text"}
        title, rest = _parted(text)
        if link:
            shown = {"title": title[:128], "description": rest[:512], "url": link}
            card |= {"msgtype": "textcard", "textcard": shown}
        else:
            card["text"] = {"content": text}
        where = f"{settings.WECOM_ADDRESS}/cgi-bin/message/send"
        self.asked(where, query={"access_token": self.token()}, body=card)

    def fetch_token(self) -> str:
        named = {"corpid": settings.WECOM_CORP, "corpsecret": settings.WECOM_SECRET}
        return str(self.asked(f"{settings.WECOM_ADDRESS}/cgi-bin/gettoken", query=named)["access_token"])


class DingTalk(_Tokened):
    """Work notices of an internal DingTalk application (钉钉 工作通知 asyncsend_v2)."""

    code, title = "dingtalk", "钉钉"

    def send(self, address: str, text: str, link: str = "") -> None:
        title, rest = _parted(text)
        shown: dict[str, Any] = {"msgtype": "text", "text": {"content": text}}
        if link:
            card = {
                "title": title[:64],
                "markdown": f"**{title}**\n\n{rest}",
                "single_title": "查看",
                "single_url": link,
            }
            shown = {"msgtype": "action_card", "action_card": card}
        where = f"{settings.DINGTALK_ADDRESS}/topapi/message/corpconversation/asyncsend_v2"
        body = {"agent_id": settings.DINGTALK_AGENT, "userid_list": address, "msg": shown}
        self.asked(where, query={"access_token": self.token()}, body=body)

    def fetch_token(self) -> str:
        named = {"appkey": settings.DINGTALK_KEY, "appsecret": settings.DINGTALK_SECRET}
        return str(self.asked(f"{settings.DINGTALK_ADDRESS}/gettoken", query=named)["access_token"])


class Feishu(_Tokened):
    """Messages of a Feishu application (飞书 im/v1/messages); users go by their user_id."""

    code, title = "feishu", "飞书"

    def send(self, address: str, text: str, link: str = "") -> None:
        content = json.dumps({"text": f"{text}\n{link}".strip()}, ensure_ascii=False)
        body = {"receive_id": address, "msg_type": "text", "content": content}
        where = f"{settings.FEISHU_ADDRESS}/open-apis/im/v1/messages"
        headers = {"Authorization": f"Bearer {self.token()}"}
        self.asked(where, query={"receive_id_type": "user_id"}, body=body, headers=headers)

    def fetch_token(self) -> str:
        where = f"{settings.FEISHU_ADDRESS}/open-apis/auth/v3/tenant_access_token/internal"
        named = {"app_id": settings.FEISHU_APP, "app_secret": settings.FEISHU_SECRET}
        return str(self.asked(where, body=named)["tenant_access_token"])


class WeChat(_Tokened):
    """Template messages of a public account (公众号 模板消息); the template has the fields `thing1` and `thing2`."""

    code, title = "wechat", "微信"

    def send(self, address: str, text: str, link: str = "") -> None:
        title, rest = _parted(text)
        data = {"thing1": {"value": title[:20]}, "thing2": {"value": rest[:20]}}
        body = {"touser": address, "template_id": settings.WECHAT_TEMPLATE, "url": link, "data": data}
        where = f"{settings.WECHAT_ADDRESS}/cgi-bin/message/template/send"
        self.asked(where, query={"access_token": self.token()}, body=body)

    def fetch_token(self) -> str:
        named = {
            "grant_type": "client_credential",
            "appid": settings.WECHAT_APP,
            "secret": settings.WECHAT_SECRET,
        }
        return str(self.asked(f"{settings.WECHAT_ADDRESS}/cgi-bin/token", query=named)["access_token"])


class Simulator:
    """Keeps what would have gone out, for everybody at the demo to read."""

    def __init__(self, channel: str) -> None:
        self.channel = channel

    def send(self, address: str, text: str, link: str = "") -> None:
        from yanta.kernel.notify.models import SimulatedText

        SimulatedText.objects.create(channel=self.channel, address=address, text=text, link=link)

    def send_all(self, texts: Iterable[tuple[str, str, str]]) -> None:
        from yanta.kernel.notify.models import SimulatedText

        SimulatedText.objects.bulk_create(
            SimulatedText(channel=self.channel, address=address, text=text, link=link)
            for address, text, link in texts
        )


def is_simulating() -> bool:
    """Only the demo imitates: a school without a gateway sends nothing."""
    return bool(demo_accounts())


def texts() -> Gateway | None:
    """The way to mobile phones, or None."""
    if settings.SMS_GATEWAY:
        return HttpTexts()
    return Simulator("sms") if is_simulating() else None


def mail() -> Gateway | bool | None:
    """The simulator, True for a real mail server, or None."""
    if not settings.EMAIL_BACKEND.endswith("dummy.EmailBackend"):
        return True
    return Simulator("mail") if is_simulating() else None


_APPLICATIONS: dict[str, tuple[str, type[_Tokened]]] = {
    "wecom": ("WECOM_CORP", WeCom),
    "dingtalk": ("DINGTALK_KEY", DingTalk),
    "feishu": ("FEISHU_APP", Feishu),
    "wechat": ("WECHAT_APP", WeChat),
}


def application(code: str) -> Gateway | None:
    """The way to a message service, or None."""
    named, kind = _APPLICATIONS[code]
    if getattr(settings, named, ""):
        made: Any = kind()
        return made
    return Simulator(code) if is_simulating() else None


def wecom() -> Gateway | None:
    return application("wecom")
