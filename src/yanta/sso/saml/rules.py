"""Pure decisions about what a service provider registered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from yanta.sso.applications.rules import is_under, place_of
from yanta.sso.saml import signatures
from yanta.sso.saml.documents import Fault
from yanta.sso.saml.names import BAD_NAME_POLICY, PERSISTENT, REQUESTER, TRANSIENT, UNSPECIFIED


@dataclass(frozen=True, slots=True)
class Acs:
    """One address that takes assertions; its index is what metadata calls it."""

    index: str
    url: str


def acs_in(text: str) -> list[Acs]:
    """One a line, with or without an index before it; without one it is the number of the line, from 0."""
    found = []
    for number, line in enumerate(one for one in text.splitlines() if one.strip()):
        first, _, rest = line.strip().partition(" ")
        found.append(
            Acs(first, rest.strip()) if first.isdecimal() and rest else Acs(str(number), line.strip())
        )
    return found


def acs_for(registered: Sequence[Acs], *, url: str, index: str) -> str:
    """Where the answer goes: only to what is registered, letter for letter."""
    if url:
        if any(one.url == url for one in registered):
            return url
        raise Fault("acs", f"断言接收地址没有登记：{url[:200]}")
    if index:
        found = next((one.url for one in registered if one.index == index), "")
        if found:
            return found
        raise Fault("acs", f"没有登记序号为 {index[:20]} 的断言接收地址")
    return registered[0].url


def certificates_of(text: str) -> list[str]:
    return signatures.certificates_in(text) if text.strip() else []


_FORMATS = {PERSISTENT: "persistent", TRANSIENT: "transient", UNSPECIFIED: "unspecified"}


def format_for(asked: str, *, usual: str, qualifier: str, entity_id: str) -> str:
    """The format of the name: what is asked for where we have it, else what is registered."""
    if qualifier and qualifier != entity_id:
        raise Fault("name_id", "要求的是别的应用的标识（SPNameQualifier）", BAD_NAME_POLICY)
    if not asked or asked == UNSPECIFIED:
        return usual
    if asked not in _FORMATS:
        raise Fault("name_id", f"不提供这种标识格式：{asked[:200]}", BAD_NAME_POLICY)
    return _FORMATS[asked]


def relay_for(target: str, *, home: str, acs: Sequence[Acs]) -> str:
    """Where an application may be asked to lead on to when we start: itself and nowhere else."""
    if not target:
        return ""
    homes = [home, *(f"{place.origin}/" for place in (place_of(one.url) for one in acs) if place)]
    if any(is_under(one, target) for one in homes):
        return target
    raise Fault("relay_state", f"目标地址不属于这个应用：{target[:200]}", REQUESTER)


def faults_of_provider(
    *, acs: str, others: dict[str, str], certificates: dict[str, str], entity_id: str
) -> dict[str, str]:
    """What is wrong with a registration, by field, in words."""
    faults: dict[str, str] = {}
    found = acs_in(acs)
    if not found or any(place_of(one.url) is None for one in found):
        faults["acs_urls"] = "每行一个完整的 http 或 https 地址，不含用户名、空格和“..”"
    for name, url in others.items():
        if url and place_of(url) is None:
            faults[name] = "请填写完整的 http 或 https 地址"
    for name, text in certificates.items():
        try:
            certificates_of(text)
        except Fault as fault:
            faults[name] = fault.words
    if not entity_id.strip() or entity_id != entity_id.strip():
        faults["entity_id"] = "实体标识前后不能有空格"
    return faults
