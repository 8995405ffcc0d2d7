"""Signs that it may not be the owner who brings the password. Pure: values in, sentences out."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path

FASTEST_KMH = 900
NEAREST_KM = 100
FAILURES = 3
CROWD = 10


@dataclass(frozen=True, slots=True)
class Place:
    """Where a network is, as the school's table says; latitude and longitude in degrees."""

    network: IPv4Network | IPv6Network
    name: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Visit:
    """One successful sign-in, or the one that is being judged; `device` as people know it."""

    at: datetime
    address: str | None
    device: str


@dataclass(frozen=True, slots=True)
class Signs:
    """What is odd. `grave` asks for a second factor, `slight` is only told to the owner."""

    grave: tuple[str, ...] = ()
    slight: tuple[str, ...] = ()


def signs_of(
    now: Visit, before: Sequence[Visit], *, failures: int = 0, crowd: int = 0, places: Iterable[Place] = ()
) -> Signs:
    """`before` are the owner's earlier visits, latest first; `failures` wrong passwords of the last hour from
    elsewhere; `crowd` other accounts that came from this address in the last ten minutes."""
    grave, slight = [], []
    if before and not any(is_alike(now, one) for one in before):
        slight.append(f"从没用过的设备或网络登录：{now.device}")
    if before and (travel := impossible_travel(now, before[0], tuple(places))):
        grave.append(travel)
    if failures >= FAILURES:
        grave.append(f"一小时内从别处输错密码 {failures} 次")
    if slight and crowd >= CROWD:
        grave.append(f"同一地址十分钟内登录了 {crowd} 个账号")
    return Signs(tuple(grave), tuple(slight))


def is_alike(one: Visit, other: Visit) -> bool:
    """The same kind of device in the same neighbourhood of the network."""
    return one.device == other.device and neighbourhood(one.address) == neighbourhood(other.address)


@lru_cache(4096)
def neighbourhood(address: str | None) -> str:
    """The /16 of an IPv4 address, the /48 of an IPv6 one."""
    if not address:
        return ""
    bits = 48 if ip_address(address).version == 6 else 16
    return str(ip_network(f"{address}/{bits}", strict=False))


def impossible_travel(now: Visit, last: Visit, places: Sequence[Place]) -> str:
    """Two places too far apart for the time between, in words; '' when it is possible or unknown."""
    here, there = place_of(now.address, places), place_of(last.address, places)
    if here is None or there is None:
        return ""
    far = distance_km(here, there)
    hours = max((now.at - last.at) / timedelta(hours=1), 1 / 60)
    if far < NEAREST_KM or far / hours <= FASTEST_KMH:
        return ""
    minutes = round(hours * 60)
    return f"{minutes} 分钟前在{there.name}登录过，现在在{here.name}，相距 {far:.0f} 公里"


def place_of(address: str | None, places: Sequence[Place]) -> Place | None:
    """The narrowest network of the table that holds the address."""
    if not address:
        return None
    told = ip_address(address)
    holding = [place for place in places if told.version == place.network.version and told in place.network]
    return max(holding, key=lambda place: place.network.prefixlen, default=None)


def distance_km(one: Place, other: Place) -> float:
    """Along the sphere (haversine)."""
    lat, lat2 = math.radians(one.latitude), math.radians(other.latitude)
    half_lat, half_lon = (lat2 - lat) / 2, math.radians(other.longitude - one.longitude) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(lat) * math.cos(lat2) * math.sin(half_lon) ** 2
    return 6371 * 2 * math.asin(math.sqrt(chord))


@cache
def places_in(file: str) -> tuple[Place, ...]:
    """The school's table: `network,name,latitude,longitude`; none when no file is named."""
    if not file:
        return ()
    with Path(file).open(encoding="utf-8-sig", newline="") as rows:
        return tuple(
            Place(ip_network(row["network"]), row["name"], float(row["latitude"]), float(row["longitude"]))
            for row in csv.DictReader(rows)
        )
