"""The holder shows a certificate to somebody outside, for a time."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from yanta.kernel import notify
from yanta.kernel.base import Actor, Refused
from yanta.kernel.operation import Label, operation
from yanta.systems.certificates.models import Certificate, Share, ShareView
from yanta.systems.certificates.rules import limits
from yanta.systems.certificates.services.issuing import HOLDERS

REASONS = {
    "revoked": "持证人已收回这个链接。", "expired": "这个链接已过期。", "used": "查看次数已用完。",
    "locked": "提取码输错太多次，链接已锁定。",
}  # fmt: skip


@operation("分享", icon="share", model=Certificate, roles=HOLDERS, bulk=False)
def share(
    certificate: Certificate, *, actor: Actor, recipient: Annotated[str, Label("分享给谁", "如 某某公司人力资源部")],
    days: Annotated[int, Label("几天内有效")] = 7, most_views: Annotated[int, Label("最多查看几次")] = 5,
) -> Share:  # fmt: skip
    """A link and a code; both are needed."""
    if certificate.person_id != actor.person_id:
        raise Refused("只有持证人本人可以分享")
    if certificate.state != Certificate.State.ISSUED:
        raise Refused(f"这份证明{certificate.get_state_display()}，不能分享")
    if not 0 < days <= limits.LONGEST_SHARE_DAYS:
        raise Refused(f"分享最长 {limits.LONGEST_SHARE_DAYS} 天", field="days")
    if not 0 < most_views <= limits.MOST_SHARE_VIEWS:
        raise Refused(f"查看次数在 1 至 {limits.MOST_SHARE_VIEWS} 之间", field="most_views")
    if not recipient.strip():
        raise Refused("请写分享给谁，以后在记录里认得出来", field="recipient")
    return Share.objects.create(
        certificate=certificate, recipient=recipient.strip()[:60], token=secrets.token_urlsafe(18),
        code=f"{secrets.randbelow(1_000_000):06d}", expires_at=timezone.now() + timedelta(days=days), most_views=most_views,
    )  # fmt: skip


@operation("收回", icon="link-off", roles=HOLDERS, bulk=False, when=lambda one: one.revoked_at is None)
def take_back(shared: Share, *, actor: Actor) -> None:
    """Nobody gets in any more; what was seen stays in the log."""
    if shared.certificate.person_id != actor.person_id:
        raise Refused("只有持证人本人可以收回")
    if shared.revoked_at is not None:
        raise Refused("这个链接已经收回")
    shared.revoked_at = timezone.now()
    shared.save(update_fields=["revoked_at", "updated_at"])


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who opens it, as far as a server knows."""

    address: str
    device: str


def shared_by(token: str) -> Share | None:
    rows = Share.objects.select_related("certificate__kind", "certificate__person", "certificate__file")
    return rows.filter(token=token).first()


def open_share(token: str, code: str, *, visitor: Visitor) -> Share:
    """Count and log one view. Refused: wrong code, taken back, expired, used up; every wrong code is counted."""
    with transaction.atomic():
        found = Share.objects.select_for_update(of=("self",), no_key=True).filter(token=token).first()
        if found is None:
            raise Refused("没有这个分享链接")
        now = timezone.now()
        standing = found.standing(at=now)
        right = standing == "open" and secrets.compare_digest(found.code or "", code.strip())
        if right:
            found.views += 1
            ShareView.objects.create(
                share=found, at=now, address=visitor.address[:45], device=visitor.device[:120]
            )
        elif standing == "open":
            found.failures = F("failures") + 1
        found.save(update_fields=["views", "failures", "updated_at"])
    if standing != "open":
        raise Refused(REASONS[standing], rule="certificates.share")
    if not right:
        raise Refused("提取码不对，请核对持证人给您的 6 位数字", field="code")
    _tell(found)
    return found


def _tell(share: Share) -> None:
    certificate = Certificate.objects.select_related("kind").get(pk=share.certificate_id)
    notify.send(
        "certificates.shared", to=[certificate.person_id], link=f"/certificates/{certificate.pk}/", once=f"{share.pk}:{share.views}",
        context={"recipient": share.recipient, "name": certificate.kind.name, "views": share.views, "most": share.most_views},
    )  # fmt: skip
