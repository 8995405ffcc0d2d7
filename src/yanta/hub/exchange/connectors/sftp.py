"""A drop behind SFTP: one session per connector, the server known by its key."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import asyncssh

from yanta.hub.exchange.connectors.addresses import safe_name
from yanta.hub.exchange.connectors.base import Address
from yanta.hub.exchange.connectors.drops import DONE, Parcel
from yanta.kernel.base import Refused

TIME_LIMIT = 20
T = TypeVar("T")


class SftpPlace:
    """asyncssh behind plain calls; opened at the first of them."""

    def __init__(self, address: Address) -> None:
        self.address, self.folder = address, address.get("path", ".").rstrip("/") or "/"
        self._loop = asyncio.new_event_loop()
        self._session: asyncssh.SSHClientConnection | None = None
        self._sftp: asyncssh.SFTPClient | None = None

    def parcels(self) -> list[Parcel]:
        async def listed() -> list[Parcel]:
            entries = await (await self._opened()).readdir(self.folder)
            regular = [e for e in entries if e.attrs.type == asyncssh.FILEXFER_TYPE_REGULAR]
            found = [Parcel(str(e.filename), e.attrs.size or 0, float(e.attrs.mtime or 0)) for e in regular]
            return sorted(found, key=lambda parcel: parcel.name)

        return self._run(listed())

    def fetch(self, name: str, to: Path) -> None:
        async def fetched() -> None:
            await (await self._opened()).get(self._at(name), str(to))

        self._run(fetched(), limit=3600)

    def put_away(self, name: str, under: str) -> None:
        async def moved() -> None:
            sftp = await self._opened()
            await sftp.makedirs(f"{self.folder}/{DONE}", exist_ok=True)
            await sftp.rename(self._at(name), f"{self.folder}/{DONE}/{safe_name(under)}")

        self._run(moved())

    def deliver(self, made: Path, name: str) -> None:
        async def delivered() -> None:
            sftp = await self._opened()
            draft = self._at(f".{name}.part")
            await sftp.put(str(made), draft)
            if (await sftp.stat(draft)).size != made.stat().st_size:
                await sftp.remove(draft)
                raise Refused("上传的文件大小不符，原文件未动")
            await sftp.posix_rename(draft, self._at(name))

        self._run(delivered(), limit=3600)

    def close(self) -> None:
        if self._session is not None:
            self._session.close()
            self._run(self._session.wait_closed())
            self._session = self._sftp = None
        self._loop.close()

    def _at(self, name: str) -> str:
        return f"{self.folder}/{safe_name(name)}"

    def _run(self, work: Coroutine[Any, Any, T], *, limit: int = TIME_LIMIT) -> T:
        try:
            return self._loop.run_until_complete(asyncio.wait_for(work, limit))
        except (asyncssh.Error, OSError, TimeoutError) as fault:
            raise Refused(f"SFTP：{_words(fault)}") from fault

    async def _opened(self) -> asyncssh.SFTPClient:
        if self._sftp is None:
            self._session = await self._connected()
            self._sftp = await self._session.start_sftp_client()
        return self._sftp

    async def _connected(self) -> asyncssh.SSHClientConnection:
        at = self.address
        host, port = at.get("host"), at.number("port", 22)
        if not at.get("host_key"):
            offered = await asyncssh.get_server_host_key(host, port)
            text = offered.export_public_key().decode().strip() if offered else ""
            raise Refused(
                f"首次连接请与对方核对服务器公钥，并填入参数 host_key = {' '.join(text.split()[:2])}"
            )
        secret = at.secret("password")
        keys = [asyncssh.import_private_key(secret)] if secret.startswith("-----BEGIN") else None
        known = asyncssh.import_known_hosts(
            f"[{host}]:{port} {at.get('host_key')}\n{host} {at.get('host_key')}\n"
        )
        return await asyncssh.connect(
            host, port, username=at.get("user"), password=None if keys else secret, client_keys=keys,
            known_hosts=known, connect_timeout=TIME_LIMIT, config=None, agent_path=None,
        )  # fmt: skip


def _words(fault: BaseException) -> str:
    if isinstance(fault, asyncssh.HostKeyNotVerifiable):
        return "服务器公钥与登记的不同，可能换了服务器，也可能有人冒充；请核对后再改 host_key"
    if isinstance(fault, asyncssh.PermissionDenied):
        return "账号、口令或密钥不对，或没有目录的权限"
    if isinstance(fault, TimeoutError):
        return "在时限内没有应答"
    if isinstance(fault, asyncssh.SFTPNoSuchFile):
        return "目录或文件不存在"
    return f"连接失败（{str(fault)[:200]}）"
