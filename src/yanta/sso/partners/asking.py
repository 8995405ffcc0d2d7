"""Asking a partner's server: no redirects, no plain http but on this machine for trying out, nothing endless."""

from __future__ import annotations

import json
from typing import Any

import httpx

from yanta.sso.cas.validation import is_safe_callback
from yanta.sso.partners.rules import Distrusted

PATIENCE_SECONDS = 5.0
LONGEST = 512 * 1024


def ask(method: str, url: str, **told: Any) -> bytes:
    """The body of a good answer."""
    if not is_safe_callback(url):
        raise Distrusted("address", "登录方的地址须为 https")
    try:
        with httpx.stream(method, url, timeout=PATIENCE_SECONDS, follow_redirects=False, **told) as answer:
            body = b""
            for part in answer.iter_bytes():
                body += part
                if len(body) > LONGEST:
                    raise Distrusted("answer", "登录方的回答过大")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Distrusted("unreachable", "登录方没有应答，请稍后再试或用本校账号登录") from error
    if answer.status_code != 200:
        raise Distrusted("answer", f"登录方回答 {answer.status_code}")
    return body


def ask_json(method: str, url: str, **told: Any) -> dict[str, Any]:
    try:
        found = json.loads(ask(method, url, **told))
    except ValueError as error:
        raise Distrusted("answer", "登录方的回答不是 JSON") from error
    if not isinstance(found, dict):
        raise Distrusted("answer", "登录方的回答不是 JSON 对象")
    return found
