"""Calling a foreign HTTP service: who we are, patience with its bad days, none with its traps."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from yanta.hub.exchange.connectors.addresses import safe_url
from yanta.hub.exchange.connectors.base import Address
from yanta.kernel.base import Refused

TIME_LIMIT = 30
TRIES = 5
LONGEST_WAIT = 60.0
LARGEST_PAGE = 64 * 1024 * 1024
_BUSY = frozenset({429, 500, 502, 503, 504})
_WORDS = {
    400: "请求参数不被接受", 401: "认证没有通过", 403: "认证没有通过或没有权限", 404: "没有这个地址", 405: "不接受这种请求",
}  # fmt: skip


class Caller:
    """GET with authentication and retries; every address asked lies on the connection's own host."""

    def __init__(
        self,
        address: Address,
        *,
        sleep: Callable[[float], None] = time.sleep,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.address, self.sleep = address, sleep
        self.base = safe_url(address.get("url"))
        self.kind = address.get("auth", "none")
        if self.kind not in ("none", "basic", "bearer", "header", "oauth2"):
            raise Refused("参数 auth 只能是 none、basic、bearer、header 或 oauth2")
        # No redirects: they lead credentials to where nobody meant them to go.
        self.client = httpx.Client(
            timeout=TIME_LIMIT, follow_redirects=False, transport=transport, trust_env=False
        )
        self._token = ""

    def get(self, where: str, params: Mapping[str, str]) -> httpx.Response:
        """The answer to a GET; busy services are asked again, more and more patiently."""
        url = self._own(where)
        answer = self._patiently(lambda: self._asked(url, params))
        if answer.status_code == 401 and self.kind == "oauth2":
            self._token = ""
            answer = self._patiently(lambda: self._asked(url, params))
        return self._checked(answer)

    def close(self) -> None:
        self.client.close()

    def _own(self, where: str) -> str:
        url = (
            urljoin(f"{self.base}/", where)
            if where.startswith("http")
            else f"{self.base}/{where.lstrip('/')}"
        )
        ours, theirs = urlsplit(self.base), urlsplit(url)
        if (ours.scheme, ours.hostname, ours.port) != (theirs.scheme, theirs.hostname, theirs.port):
            raise Refused(f"接口把我们引向别的主机 {theirs.hostname}，已停止；请核对接口地址")
        return url

    def _asked(self, url: str, params: Mapping[str, str]) -> httpx.Response:
        headers, auth = {"Accept": "application/json"}, None
        if self.kind == "basic":
            auth = httpx.BasicAuth(self.address.get("user"), self.address.secret("password"))
        elif self.kind == "bearer":
            headers["Authorization"] = f"Bearer {self.address.secret('password')}"
        elif self.kind == "header":
            headers[self.address.get("auth_header", "X-API-Key")] = self.address.secret("password")
        elif self.kind == "oauth2":
            headers["Authorization"] = f"Bearer {self._granted()}"
        request = self.client.build_request("GET", url, params=params or None, headers=headers)
        return self._bounded(request, auth)

    def _bounded(self, request: httpx.Request, auth: httpx.Auth | None) -> httpx.Response:
        answer = self.client.send(request, auth=auth, stream=True)
        body = bytearray()
        try:
            for block in answer.iter_bytes():
                body += block
                if len(body) > LARGEST_PAGE:
                    raise Refused("一页超过 64 MB，请把每页行数调小")
        finally:
            answer.close()
        # What iter_bytes gave is decoded already.
        headers = [
            (k, v) for k, v in answer.headers.items() if k not in ("content-encoding", "content-length")
        ]
        return httpx.Response(answer.status_code, headers=headers, content=bytes(body), request=request)

    def _granted(self) -> str:
        """A token by client credentials, kept until it is refused."""
        if not self._token:
            where = self._own(self.address.get("token_url") or "oauth/token")
            form = {"grant_type": "client_credentials"}
            if scope := self.address.get("scope"):
                form["scope"] = scope
            who = httpx.BasicAuth(self.address.get("user"), self.address.secret("password"))
            answer = self._patiently(lambda: self.client.post(where, data=form, auth=who))
            token = _json(self._checked(answer)).get("access_token", "")
            if not token:
                raise Refused("OAuth2：令牌地址没有给出 access_token")
            self._token = str(token)
        return self._token

    def _patiently(self, ask: Callable[[], httpx.Response]) -> httpx.Response:
        fault = ""
        for attempt in range(TRIES):
            if attempt:
                self.sleep(self._wait)
            self._wait = min(0.5 * 2**attempt, LONGEST_WAIT)
            try:
                answer = ask()
            except httpx.TransportError as broken:
                fault = (
                    "在时限内没有应答"
                    if isinstance(broken, httpx.TimeoutException)
                    else f"连不上（{broken}）"
                )
                continue
            if answer.status_code not in _BUSY:
                return answer
            fault = f"一直答复 {answer.status_code}"
            self._wait = max(self._wait, _asked_to_wait(answer))
        raise Refused(f"接口 {self.base}：试了 {TRIES} 次，{fault}")

    _wait: float = 0.0

    def _checked(self, answer: httpx.Response) -> httpx.Response:
        status = answer.status_code
        if answer.is_redirect:
            raise Refused(f"接口把我们转到 {answer.headers.get('location', '别处')}，请直接填写最终地址")
        if status >= 400:
            raise Refused(f"接口答复 {status}：{_WORDS.get(status, '请求失败')}")
        return answer


def _asked_to_wait(answer: httpx.Response) -> float:
    text = answer.headers.get("retry-after", "")
    return min(float(text), LONGEST_WAIT) if text.isdecimal() else 0.0


def _json(answer: httpx.Response) -> dict[str, Any]:
    found = json_of(answer)
    return found if isinstance(found, dict) else {}


def json_of(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError as wrong:
        raise Refused("接口的答复不是 JSON") from wrong
