"""Asking an app's server: no redirects, https but on this machine for trying out, nothing endless."""

from __future__ import annotations

import json
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpx

from yanta.kernel.base import Refused

PATIENCE_SECONDS = 5.0
LONGEST = 256 * 1024


class Distrusted(Refused):
    """What came back does not prove who it is; the rule names what was wrong for the log."""

    def __init__(self, rule: str, words: str) -> None:
        super().__init__(words, rule=f"scan.{rule}")


def ask_json(method: str, url: str, **told: Any) -> dict[str, Any]:
    """The JSON object of a good answer; raises `Distrusted`."""
    if not _is_safe(url):
        raise Distrusted("address", "登录方的地址须为 https")
    try:
        answer = httpx.request(method, url, timeout=PATIENCE_SECONDS, follow_redirects=False, **told)
        found = json.loads(answer.content[:LONGEST])
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise Distrusted("unreachable", "登录方没有应答，请稍后再试或用其他方式登录") from error
    if answer.status_code != 200 or not isinstance(found, dict):
        raise Distrusted("answer", f"登录方回答 {answer.status_code}，请重新扫码")
    return found


def _is_safe(url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme == "https":
        return True
    try:
        return parts.scheme == "http" and ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
