"""The life of a certificate: applied for, issued, suspended, revoked, renewed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from django.db import transaction
from django.utils import timezone

from yanta.kernel import audit
from yanta.kernel.base import Actor, Refused
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.events import publish
from yanta.kernel.identity.models import Account
from yanta.kernel.operation import Label, operation
from yanta.kernel.people.models import Person
from yanta.sso.seals import authority, events
from yanta.sso.seals.models import Certificate

State, Kind = Certificate.State, Certificate.Kind
PEOPLE = ("teacher", "counsellor", "clerk", "head", "leader")
ALGORITHMS = Annotated[Certificate.Algorithm, Label("算法")]
ENDED_FOR = Annotated[Certificate.Reason, Label("吊销原因")]
OPINION = Annotated[str, Label("说明")]


def holder_of(row: Certificate) -> authority.Holder:
    unit = row.org_unit.name if row.org_unit else ""
    return authority.Holder(row.subject, unit, row.person.number if row.person else "")


def _is_holders(row: Certificate) -> bool:
    return row.kind in (Kind.PERSON, Kind.UNIT)


@operation("申请个人证书", icon="certificate", model=Certificate, roles=PEOPLE)
def ask_for_certificate(
    *, actor: Actor, reason: str, algorithm: ALGORITHMS = Certificate.Algorithm.P256
) -> Certificate:
    """Somebody with an account asks for a certificate of one's own; the information centre issues it."""
    person = Person.objects.filter(pk=actor.person_id or 0).first()
    if person is None or not Account.objects.filter(person=person, state=Account.State.ACTIVE).exists():
        raise Refused("只有本校在用账号的人员可以申请证书")
    open_states = (State.APPLIED, State.ISSUED, State.SUSPENDED)
    if Certificate.objects.filter(
        person=person, kind=Kind.PERSON, algorithm=algorithm, state__in=open_states
    ).exists():
        raise Refused("您已有同类证书或待签发的申请", field="algorithm")
    return Certificate.objects.create(
        kind=Kind.PERSON,
        algorithm=algorithm,
        subject=person.name,
        person=person,
        org_unit=person.home_unit,
        reason=reason,
    )


@operation("签发", icon="certificate", when=lambda row: row.state == State.APPLIED)
def issue_certificate(row: Certificate, *, actor: Actor, opinion: OPINION = "身份已核实") -> None:
    """The key pair is made and sealed; from now on the holder can sign."""
    if row.state != State.APPLIED:
        raise Refused(f"这张证书{row.get_state_display()}，不能再签发")
    row.opinion = opinion
    authority.issue(row, holder_of(row), at=timezone.now())


@operation("不予签发", icon="x", danger=True, when=lambda row: row.state == State.APPLIED)
def refuse_certificate(row: Certificate, *, actor: Actor, opinion: OPINION) -> None:
    """With the reason."""
    if row.state != State.APPLIED:
        raise Refused("只有待签发的申请可以退回")
    row.state, row.opinion = State.REFUSED, opinion
    row.save(update_fields=["state", "opinion", "updated_at"])


@operation(
    "冻结", icon="snowflake", danger=True, when=lambda row: row.state == State.ISSUED and _is_holders(row)
)
def suspend_certificate(row: Certificate, *, actor: Actor, opinion: OPINION) -> None:
    """Nothing can be signed until it is resumed."""
    if row.state != State.ISSUED or not _is_holders(row):
        raise Refused("只有有效的个人或机构证书可以冻结")
    _end(row, State.SUSPENDED, opinion)


@operation("解冻", icon="flame", when=lambda row: row.state == State.SUSPENDED)
def resume_certificate(row: Certificate, *, actor: Actor, opinion: OPINION) -> None:
    """As it was before."""
    if row.state != State.SUSPENDED:
        raise Refused("只有冻结的证书可以解冻")
    row.state, row.opinion, row.ended_at = State.ISSUED, opinion, None
    row.save(update_fields=["state", "opinion", "ended_at", "updated_at"])


@operation(
    "吊销", icon="certificate-off", danger=True, confirm="吊销后不能恢复；私钥随即销毁",
    when=lambda row: row.state in (State.ISSUED, State.SUSPENDED) and _is_holders(row),
)  # fmt: skip
def revoke(row: Certificate, *, actor: Actor, ended_for: ENDED_FOR, opinion: OPINION) -> None:
    """For good; the private key is destroyed. Earlier signatures hold unless the key was in other hands."""
    if row.state not in (State.ISSUED, State.SUSPENDED) or not _is_holders(row):
        raise Refused("只有有效或冻结的个人、机构证书可以吊销")
    row.ended_for, row.private = ended_for, None
    row.ended_at = None
    _end(row, State.REVOKED, opinion)


@operation(
    "更新", icon="refresh", bulk=False, when=lambda row: row.state == State.ISSUED and _is_holders(row)
)
def renew(row: Certificate, *, actor: Actor, opinion: OPINION = "到期更新") -> Certificate:
    """A new certificate and key for the same holder; seals go over to it, the old one is named superseded."""
    if row.state != State.ISSUED or row.outside or not _is_holders(row):
        raise Refused("只有本校签发的有效证书可以更新")
    fresh = Certificate(
        kind=row.kind, algorithm=row.algorithm, subject=row.subject, person=row.person, org_unit=row.org_unit,
        reason=opinion, replaces=row,
    )  # fmt: skip
    authority.issue(fresh, holder_of(fresh), at=timezone.now())
    row.seals.update(certificate=fresh)
    row.ended_for, row.private = Certificate.Reason.SUPERSEDED, None
    _end(row, State.REPLACED, opinion)
    return fresh


def _end(row: Certificate, state: Certificate.State, opinion: str) -> None:
    row.state, row.opinion = state, opinion
    row.ended_at = row.ended_at or timezone.now()
    row.save(update_fields=["state", "opinion", "ended_at", "ended_for", "private", "updated_at"])
    publish(events.CertificateEnded(certificate_id=row.pk))


def import_certificate(person: Person, content: bytes, password: str, *, actor: Actor) -> Certificate:
    """A person's key and certificate of an outside authority from a PKCS#12 file; its topmost certificate is trusted."""
    # No operation: neither key nor password may reach the audit entry as parameters.
    if not actor.may(issue_certificate.permission):
        raise NotAllowed("您没有导入证书的权限", rule=issue_certificate.permission)
    try:
        key, certificate, above = pkcs12.load_key_and_certificates(content, password.encode())
    except ValueError as error:
        raise Refused("证书文件打不开：口令不对，或不是 PKCS#12 文件") from error
    if key is None or certificate is None:
        raise Refused("文件里没有私钥或证书")
    if not isinstance(key, authority.PrivateKey):
        raise Refused("只接受 RSA 和 ECDSA 的证书")
    now = timezone.now()
    if not certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc:
        raise Refused("这张证书不在有效期内")
    row = Certificate(
        kind=Kind.PERSON, algorithm=_algorithm_of(key), subject=person.name, person=person, org_unit=person.home_unit,
        reason="外部机构签发", outside=True, serial=f"{certificate.serial_number:x}", state=State.ISSUED,
        pem=certificate.public_bytes(Encoding.PEM).decode(), private=authority.as_text(key),
        chain="".join(one.public_bytes(Encoding.PEM).decode() for one in above),
        valid_from=certificate.not_valid_before_utc, valid_to=certificate.not_valid_after_utc,
    )  # fmt: skip
    if Certificate.objects.filter(outside=True, serial=row.serial).exists():
        raise Refused("这张证书已经导入过")
    with transaction.atomic():
        _trust(above[-1] if above else certificate)
        row.save()
        audit.record("seals.certificate.import", actor=actor, subject=row, summary="导入外部证书")
    return row


def _trust(top: x509.Certificate) -> None:
    """The topmost certificate of what was imported becomes one that we trust."""
    serial, text = f"{top.serial_number:x}", top.public_bytes(Encoding.PEM).decode()
    if not Certificate.objects.filter(kind=Kind.ROOT, outside=True, pem=text).exists():
        Certificate.objects.create(
            kind=Kind.ROOT, algorithm=_algorithm_of(top.public_key()), outside=True, serial=serial, pem=text,
            subject=top.subject.rfc4514_string()[:120], state=State.ISSUED, valid_from=top.not_valid_before_utc,
            valid_to=top.not_valid_after_utc,
        )  # fmt: skip


def _algorithm_of(key: object) -> Certificate.Algorithm:
    is_rsa = isinstance(key, rsa.RSAPrivateKey | rsa.RSAPublicKey)
    return Certificate.Algorithm.RSA if is_rsa else Certificate.Algorithm.P256


def expire(*, at: datetime) -> int:
    """Certificates past their time are named so; how many."""
    return Certificate.objects.filter(state=State.ISSUED, valid_to__lte=at).update(state=State.EXPIRED)
