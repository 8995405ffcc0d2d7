"""The server: asyncio carries the bytes, ldaptor reads and writes LDAP, threads ask the database."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import ssl
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from django.db import close_old_connections
from ldaptor.protocols import pureber, pureldap
from ldaptor.protocols.ldap import ldaperrors

from yanta.sso.applications.models import Decision
from yanta.sso.ldap import searching
from yanta.sso.ldap.binding import CONFIDENTIALITY, INSUFFICIENT_RIGHTS, UNWILLING, Binder, Bound, Failure
from yanta.sso.ldap.current import Current
from yanta.sso.ldap.journal import Journal
from yanta.sso.ldap.plain import SimpleBind, done, simple_bind
from yanta.sso.ldap.searching import PAGES, STARTTLS, WHOAMI, Asked

log = logging.getLogger(__name__)
MESSAGE_BYTES = 65_536
IDLE_SECONDS, CONNECTIONS, CONNECTIONS_OF_ADDRESS = 300.0, 2_000, 200
SEARCHES_A_CONNECTION = 20_000
PROTOCOL_ERROR, UNAVAILABLE, OTHER = 2, 52, 80
DISCONNECTION = "1.3.6.1.4.1.1466.20036"
Granted, Refused = Decision.Outcome.GRANTED, Decision.Outcome.REFUSED

_inner = pureldap.LDAPBERDecoderContext(fallback=pureber.BERDecoderContext())
_CONTEXT = pureldap.LDAPBERDecoderContext_TopLevel(
    inherit=pureldap.LDAPBERDecoderContext_LDAPMessage(
        fallback=pureldap.LDAPBERDecoderContext(fallback=pureber.BERDecoderContext()), inherit=_inner
    )
)


class TooLarge(Exception):  # noqa: N818 - a state of affairs
    """More than a message may be, or no LDAP at all; nothing of it is read into memory."""


@dataclass
class Server:
    """One process's directory; `tls` None serves plain connections from this machine only, unless `plain` says otherwise."""

    binder: Binder
    journal: Journal
    tls: ssl.SSLContext | None = None
    plain: bool = False
    threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(8))
    open: Counter[str] = field(default_factory=Counter)
    current: Current = field(default_factory=Current)

    async def serve(self, host: str, port: int, *, secure: bool = False) -> asyncio.Server:
        """Listens; `secure` is LDAPS."""
        found: Any = self.tls if secure else None
        return await asyncio.start_server(
            lambda reader, writer: self._met(reader, writer, secure),
            host,
            port,
            ssl=found,
            backlog=512,
            reuse_address=True,
        )

    async def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, secure: bool) -> None:
        address = str((writer.get_extra_info("peername") or ("",))[0])
        if self.open.total() >= CONNECTIONS or self.open[address] >= CONNECTIONS_OF_ADDRESS:
            self.journal.note("connect", Refused, reason="连接太多", rule="ldap.connections", address=address or None)  # fmt: skip
            writer.close()
            return
        self.open[address] += 1
        line = Line(self, reader, writer, address, secure)
        try:
            await line.run()
        except (ConnectionError, asyncio.IncompleteReadError, TimeoutError, ssl.SSLError):
            pass
        except asyncio.CancelledError:
            # Only the end of the process cancels a connection; asyncio would report it as an error of ours.
            pass
        except Exception:
            log.exception("connection of %s", address)
        finally:
            self.open[address] -= 1
            if not self.open[address]:
                del self.open[address]
            with contextlib.suppress(OSError, ssl.SSLError):
                writer.close()

    async def blocking(self, work: Any, *arguments: Any) -> Any:
        """In a thread, where waiting for the database or a hash stops nobody else."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, _clean, work, arguments)


def _clean(work: Any, arguments: tuple[Any, ...]) -> Any:
    close_old_connections()
    return work(*arguments)


@dataclass
class Line:
    """One connection, its requests one after the other."""

    server: Server
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    address: str
    secure: bool
    bound: Bound | None = None
    searches: int = 0

    async def run(self) -> None:
        while True:
            try:
                async with asyncio.timeout(IDLE_SECONDS):
                    raw = await _message(self.reader)
                bind = simple_bind(raw)
                message: Any = _read(raw) if bind is None else None
            except asyncio.IncompleteReadError:
                return
            except Exception as fault:
                self._tell_off(fault)
                return
            if bind is not None:
                await self._bind(bind)
            elif isinstance(message.value, pureldap.LDAPUnbindRequest):
                return
            else:
                await self._answered(message)
            await self.writer.drain()

    def _tell_off(self, fault: Exception) -> None:
        """What cannot be read ends the connection (RFC 4511 section 4.1.1)."""
        if isinstance(fault, TimeoutError):
            return
        reason = f"{type(fault).__name__} {fault}".strip()
        self._note("message", Refused, reason=f"不能识别的消息：{reason}", rule="ldap.message")
        answer = pureldap.LDAPExtendedResponse(resultCode=PROTOCOL_ERROR, responseName=DISCONNECTION.encode(), errorMessage="protocol error")  # fmt: skip
        self.writer.write(pureldap.LDAPMessage(answer, id=0).toWire())

    def _note(self, step: str, outcome: str, **told: Any) -> None:
        self.server.journal.note(step, outcome, address=self.address or None, agent="LDAP", **told)

    def _send(self, message: Any, answer: Any, controls: Any = None) -> None:
        self.writer.write(pureldap.LDAPMessage(answer, id=message.id, controls=controls).toWire())

    async def _answered(self, message: Any) -> None:
        asked = message.value
        if isinstance(asked, pureldap.LDAPBindRequest):
            await self._bind(SimpleBind(message.id, _text(asked.dn), _text(asked.auth)), is_simple=asked.version == 3 and not asked.sasl)  # fmt: skip
        elif isinstance(asked, pureldap.LDAPSearchRequest):
            await self._search(message)
        elif isinstance(asked, pureldap.LDAPExtendedRequest):
            await self._extended(message)
        elif not isinstance(asked, pureldap.LDAPAbandonRequest):
            self._read_only(message)

    # Binding

    async def _bind(self, asked: SimpleBind, *, is_simple: bool = True) -> None:
        dn, self.bound = asked.dn, None
        try:
            if not is_simple:
                raise Failure(7, "只支持 LDAPv3 简单绑定", rule="ldap.method")
            self._check_confidential()
            if not dn:
                raise Failure(UNWILLING, "不允许匿名绑定", rule="ldap.anonymous")
            self.bound = await self._again(dn, asked.password) or await self.server.blocking(
                self.server.binder.bind, dn, asked.password, self.address
            )
        except Failure as failure:
            self._note("bind", Refused, reason=failure.said, rule=failure.rule, service=dn, account=failure.account)  # fmt: skip
            self._send(asked, _bind_answer(failure.code, failure.said))
            return
        except Exception:
            log.exception("bind of %s", dn)
            self._send(asked, _bind_answer(UNAVAILABLE, "unavailable"))
            return
        found = self.bound
        if found is not None:
            self._note("bind", Granted, service=dn, application=found.door.application, account=found.account)
        self.writer.write(done(asked.id))

    async def _again(self, dn: str, password: str) -> Bound | None:
        binder = self.server.binder
        known = binder.known(dn)
        if known is None:
            return None
        return binder.again(known, await self.server.current.of(known.account.pk, self.address), password)

    def _check_confidential(self) -> None:
        if self.secure or self.server.plain or _is_here(self.address):
            return
        raise Failure(CONFIDENTIALITY, "须先用 StartTLS 或 LDAPS 加密", rule="ldap.tls")

    # Searching

    async def _search(self, message: Any) -> None:
        asked = message.value
        dn = _text(asked.baseObject)
        if not dn and int(asked.scope) == searching.BASE:
            self._entry(message, searching.root_entry(self.server.binder.base), asked)
            self._send(message, _search_done(0, ""))
            return
        try:
            found, wanted = await self._found(message, dn)
        except Failure as failure:
            self._note("search", Refused, reason=failure.said, rule=failure.rule, service=dn, **self._who())
            self._send(message, _search_done(failure.code, failure.said))
            return
        except Exception:
            log.exception("search under %s", dn)
            self._send(message, _search_done(OTHER, "internal error"))
            return
        for one in found.entries:
            self._entry(message, one, asked)
        self._note("search", Granted, reason=f"{len(found.entries)} 条", service=f"{dn} {_shown(asked.filter)}", **self._who())  # fmt: skip
        controls = [(PAGES.encode(), None, _page_value(found.cookie))] if wanted.page is not None else None
        self._send(message, _search_done(found.code, ""), controls)

    async def _found(self, message: Any, dn: str) -> tuple[searching.Found, Asked]:
        if self.bound is None:
            raise Failure(INSUFFICIENT_RIGHTS, "须先绑定，不允许匿名查询", rule="ldap.anonymous")
        self.searches += 1
        if self.searches > SEARCHES_A_CONNECTION:
            raise Failure(51, "这个连接查询太多", rule="ldap.rate")
        asked = message.value
        page, cookie = _page_of(message)
        wanted = Asked(dn, int(asked.scope), asked.filter, int(asked.sizeLimit), page, cookie)
        base = self.server.binder.base
        found = await self.server.blocking(lambda: searching.search(self.bound, wanted, base=base))
        return found, wanted

    def _who(self) -> dict[str, Any]:
        if self.bound is None:
            return {}
        return {"application": self.bound.door.application, "account": self.bound.account}

    def _entry(self, message: Any, entry: Any, asked: Any) -> None:
        dn, values = entry
        wanted = {_text(one).lower() for one in asked.attributes}
        everything = not wanted or "*" in wanted
        kept = [
            (name, [] if asked.typesOnly else values[name])
            for name in values
            if everything or name.lower() in wanted or (not dn and "+" in wanted)
        ]
        self._send(message, pureldap.LDAPSearchResultEntry(objectName=dn, attributes=kept))

    # The rest

    async def _extended(self, message: Any) -> None:
        name = _text(message.value.requestName)
        if name == STARTTLS:
            await self._start_tls(message)
            return
        if name == WHOAMI:
            code, said = 0, _own_name(self.bound, self.server.binder.base)
            answer = pureldap.LDAPExtendedResponse(resultCode=code, response=said.encode())
        else:
            answer = pureldap.LDAPExtendedResponse(resultCode=PROTOCOL_ERROR, errorMessage="unsupported")
        self._send(message, answer)

    async def _start_tls(self, message: Any) -> None:
        if self.server.tls is None or self.secure:
            code = UNAVAILABLE if self.server.tls is None else 1
            self._send(message, pureldap.LDAPExtendedResponse(resultCode=code, responseName=STARTTLS.encode()))  # fmt: skip
            return
        self._send(message, pureldap.LDAPExtendedResponse(resultCode=0, responseName=STARTTLS.encode()))
        await self.writer.drain()
        await self.writer.start_tls(self.server.tls)
        # Whoever was bound in the clear is nobody now (RFC 4513 section 3.1.1), and nothing sent before the handshake is read.
        self.secure, self.bound = True, None

    def _read_only(self, message: Any) -> None:
        kind = type(message.value).__name__.removeprefix("LDAP").removesuffix("Request")
        self._note(kind.lower()[:16], Refused, reason="目录只读，改动在主数据里做", rule="ldap.read_only", **self._who())  # fmt: skip
        answers = {
            "Modify": pureldap.LDAPModifyResponse, "Add": pureldap.LDAPAddResponse, "Del": pureldap.LDAPDelResponse,
            "ModifyDN": pureldap.LDAPModifyDNResponse, "Compare": pureldap.LDAPCompareResponse,
        }  # fmt: skip
        answer = answers.get(kind)
        if answer is not None:
            self._send(message, answer(resultCode=UNWILLING, errorMessage="read only"))


async def _message(reader: asyncio.StreamReader) -> bytes:
    """One BER message, its length looked at before its body is read."""
    head = await reader.readexactly(2)
    if head[0] != 0x30:
        raise TooLarge("不是 LDAP 消息")
    length = head[1]
    if length & 0x80:
        octets = length & 0x7F
        if not 1 <= octets <= 4:
            raise TooLarge("长度写法不正确")
        more = await reader.readexactly(octets)
        head, length = head + more, int.from_bytes(more, "big")
    if length > MESSAGE_BYTES:
        raise TooLarge(f"消息 {length} 字节，最大 {MESSAGE_BYTES}")
    return head + await reader.readexactly(length)


def _read(raw: bytes) -> Any:
    message, _used = pureber.berDecodeObject(_CONTEXT, raw)
    if not isinstance(message, pureldap.LDAPMessage):
        raise TooLarge("不是 LDAP 消息")
    return message


def _text(value: Any) -> str:
    raw = getattr(value, "value", value)
    return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw or "")


def _bind_answer(code: int, said: str) -> Any:
    # Why a password was not accepted is for the log; the client hears the code and what it can do about it.
    told = said if code in (7, 13, 51, 53) else ""
    return pureldap.LDAPBindResponse(resultCode=code, errorMessage=told.encode())


def _search_done(code: int, said: str) -> Any:
    return pureldap.LDAPSearchResultDone(resultCode=code, errorMessage=said.encode())


def _page_of(message: Any) -> tuple[int | None, str]:
    """Size and cookie of the paging control; none without it."""
    for kind, _critical, value in message.controls or ():
        if _text(kind) == PAGES:
            raw = value if isinstance(value, bytes) else getattr(value, "value", b"")
            sequence, _used = pureber.berDecodeObject(pureber.BERDecoderContext(), raw)
            return int(sequence[0].value), _text(sequence[1])[:200]
        if _critical:
            raise Failure(12, "不支持这个控制", rule="ldap.control")
    return None, ""


def _page_value(cookie: str) -> bytes:
    return bytes(pureber.BERSequence([pureber.BERInteger(0), pureber.BEROctetString(cookie)]).toWire())


def _own_name(bound: Bound | None, base: str) -> str:
    if bound is None:
        return ""
    code = bound.door.application.code
    return f"u:{bound.account.username}" if bound.account else f"dn:cn=client,o={code},{base}"


def _shown(node: Any) -> str:
    """The filter as the log keeps it."""
    try:
        return _text(node.asText())
    except (AttributeError, TypeError, ldaperrors.LDAPException):
        return type(node).__name__


def _is_here(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
