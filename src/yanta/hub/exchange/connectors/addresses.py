"""Where connections may lead: folders below the allowed ones, hosts that are no trap."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from yanta.kernel.base import Refused

# Names and addresses under which clouds hand out machine credentials to whoever asks.
_METADATA_HOSTS = frozenset(
    {"metadata", "metadata.google.internal", "instance-data", "metadata.azure.internal"}
)
_METADATA_ADDRESSES = frozenset(
    map(ipaddress.ip_address, ("100.100.100.200", "192.0.0.192", "fd00:ec2::254"))
)


def safe_folder(text: str, allowed: Iterable[Path]) -> Path:
    """The folder or file itself, links resolved, if it lies in an allowed folder."""
    if not text.strip():
        raise Refused("请填写文件或目录的路径", field="address")
    if "://" in text or "\0" in text:
        raise Refused("路径应写作服务器上的绝对路径，不能是网址", field="address")
    places = [Path(os.path.realpath(place)) for place in allowed]
    wanted = Path(os.path.realpath(Path(text) if text.startswith("/") else places[0] / text))
    if not any(wanted == place or place in wanted.parents for place in places):
        listed = "、".join(str(place) for place in places)
        raise Refused(f"只能读写这些目录之内的文件：{listed}", field="address", rule="exchange.folders")
    return wanted


def safe_host(host: str) -> str:
    """The host, if it is neither link-local nor a cloud's metadata service, by name or by what it resolves to."""
    name = host.strip().strip("[]").rstrip(".").lower()
    if not name or any(sign in name for sign in "/\\@ \t\r\n"):
        raise Refused(f"主机名“{host}”不对", field="address")
    if name in _METADATA_HOSTS:
        raise Refused(f"不能连接云平台的元数据地址 {host}", field="address", rule="exchange.hosts")
    for address in _addresses(name):
        if (
            address.is_link_local
            or address.is_multicast
            or address.is_unspecified
            or address in _METADATA_ADDRESSES
        ):
            raise Refused(f"不能连接链路本地或元数据地址 {host}", field="address", rule="exchange.hosts")
    return name


def _addresses(name: str) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    try:
        return [_plain(ipaddress.ip_address(name))]
    except ValueError:
        pass
    try:
        found = socket.getaddrinfo(name, None)
    except OSError as fault:
        raise Refused(f"找不到主机 {name}，请检查名称或域名解析", field="address") from fault
    return [_plain(ipaddress.ip_address(str(entry[4][0]).partition("%")[0])) for entry in found]


def _plain(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    return getattr(address, "ipv4_mapped", None) or address


def safe_url(text: str) -> str:
    """An http or https address to a host that is no trap."""
    parts = urlsplit(text.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refused("接口地址须以 http:// 或 https:// 开头", field="address")
    if parts.username or parts.password:
        raise Refused("账号和口令请填在各自的栏目里，不要写进网址", field="address")
    safe_host(parts.hostname)
    return text.strip().rstrip("/")


def safe_name(name: str) -> str:
    """A file's own name, never a way to another folder."""
    if not name or name in (".", "..") or any(sign in name for sign in "/\\\0"):
        raise Refused(f"文件名“{name}”不对")
    return name
