"""What a certificate is worth at a later moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

Tone = Literal["success", "warning", "danger"]


@dataclass(frozen=True, slots=True)
class Worth:
    """A word, a sentence, a colour."""

    word: str
    text: str
    tone: Tone


def worth_of(
    *,
    state: str,
    valid_to: date | None,
    on: date,
    reason: str = "",
    now: str = "",
    changed: Sequence[str] = (),
) -> Worth:
    """What the public is told. `now` is what the holder has become, `changed` which facts are no longer so."""
    if state == "revoked":
        return Worth("已撤销", f"出具单位已撤销这份证明：{reason}", "danger")
    if state == "ended":
        return Worth("已失效", f"{reason or '持证人的身份已变化'}，这份证明不再有效。", "danger")
    if state == "superseded":
        return Worth("已被取代", "持证人后来又开具了新的同类证明，请以新的为准。", "warning")
    if valid_to is not None and on > valid_to:
        return Worth("已过期", f"有效期至 {valid_to:%Y-%m-%d}，请持证人重新开具。", "warning")
    if now:
        return Worth("情况有变化", f"开具时属实。持证人现在：{now}。", "warning")
    if changed:
        return Worth("情况有变化", f"开具时属实，此后有变化：{'、'.join(changed)}。", "warning")
    until = f"有效期至 {valid_to:%Y-%m-%d}。" if valid_to else "长期有效。"
    return Worth("有效", f"所证明的情况与学校现在的数据一致，{until}", "success")
