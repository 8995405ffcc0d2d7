"""The verbs of partners, links and strangers."""

from __future__ import annotations

from typing import Annotated

from django.utils import timezone

from yanta.kernel.base import Actor, Refused
from yanta.kernel.operation import Label, Long, operation
from yanta.kernel.people.models import Person
from yanta.sso.partners import entering
from yanta.sso.partners.models import Link, Partner, Stranger
from yanta.sso.partners.rules import Distrusted
from yanta.sso.saml import metadata, names
from yanta.sso.saml.documents import Fault

Secret = Annotated[str, Label("对方发给我们的密钥", "只保存密文，不再显示")]
PartnerMetadata = Annotated[str, Label("对方的元数据", "EntityDescriptor 的 XML 全文"), Long(12)]
Somebody = Annotated[Person, Label("人员", "核实过确是本人")]
State = Stranger.State
# What a partner's metadata says.
_READ = ("sign_on_url", "certificates", "sign_off_url", "sign_off_answer_url", "signs_off_by_form")


@operation("启用", icon="plug", when=lambda partner: not partner.is_open)
def open_partner(partner: Partner, *, actor: Actor) -> None:
    """Its button stands on the sign-in page from now on."""
    if partner.is_open:
        raise Refused("已经启用")
    missing = {
        Partner.Kind.OIDC: not (partner.client_id and partner.client_secret),
        Partner.Kind.SAML: not (partner.sign_on_url and partner.certificates),
        Partner.Kind.CAS: False,
    }[Partner.Kind(partner.kind)]
    if missing:
        raise Refused("请先填写客户端标识并保存密钥" if partner.kind == "oidc" else "请先导入对方的元数据")
    _switch(partner, True)


@operation("停用", icon="plug-off", danger=True, when=lambda partner: partner.is_open)
def close_partner(partner: Partner, *, actor: Actor, reason: str) -> None:
    """Nobody signs in this way any more; links stay for the day it is opened again."""
    if not partner.is_open:
        raise Refused("没有启用")
    _switch(partner, False)


def _switch(partner: Partner, is_open: bool) -> None:
    partner.is_open = is_open
    partner.save(update_fields=["is_open", "updated_at"])


@operation("保存客户端密钥", icon="key", bulk=False, when=lambda partner: partner.kind == Partner.Kind.OIDC)
def set_secret(partner: Partner, *, actor: Actor, secret: Secret) -> None:
    """Kept sealed and shown to nobody."""
    if partner.kind != Partner.Kind.OIDC:
        raise Refused("只有 OpenID Connect 使用密钥")
    if len(secret.strip()) < 16:
        raise Refused("密钥至少 16 个字符", field="secret")
    partner.client_secret = secret.strip()
    partner.save(update_fields=["client_secret", "updated_at"])


@operation(
    "导入对方元数据", icon="file-import", bulk=False, when=lambda partner: partner.kind == Partner.Kind.SAML
)
def import_partner_metadata(partner: Partner, *, actor: Actor, metadata_xml: PartnerMetadata) -> None:
    """Where the partner signs people in, and the certificates that prove it."""
    if partner.kind != Partner.Kind.SAML:
        raise Refused("只有 SAML 使用元数据")
    try:
        found = metadata.identity_provider(metadata_xml, entity_id=partner.issuer, at=timezone.now())
    except Fault as fault:
        raise Refused(fault.words, field="metadata_xml", rule=fault.rule) from fault
    partner.sign_on_url, partner.certificates = found.sign_on[names.REDIRECT], "\n".join(found.signing)
    for url in (partner.sign_on_url, *found.logout.values(), *found.logout_answers.values()):
        if not url.startswith(("https://", "http://")):
            raise Refused("元数据里的登录或退出地址不是网址", field="metadata_xml")
    binding = next((one for one in (names.REDIRECT, names.POST) if one in found.logout), "")
    partner.sign_off_url = found.logout.get(binding, "")
    partner.sign_off_answer_url = found.logout_answers.get(binding, "")
    partner.signs_off_by_form = binding == names.POST
    partner.save(update_fields=[*_READ, "updated_at"])


@operation("解除关联", icon="unlink", danger=True)
def unlink(link: Link, *, actor: Actor, reason: str) -> None:
    """The partner's account opens nothing here any more."""
    link.delete()


@operation("关联到人员", icon="link", bulk=False, when=lambda stranger: stranger.state == State.OPEN)
def identify(stranger: Stranger, *, actor: Actor, person: Somebody, evidence: str) -> None:
    """Somebody found out who it is, and says by what."""
    if stranger.state != State.OPEN:
        raise Refused("已经处理过")
    try:
        entering.link(stranger.partner, stranger.subject, person, proof=Link.Proof.OFFICE, at=timezone.now())
    except Distrusted as refusal:
        raise Refused(refusal.words, field="person") from refusal


@operation("不予关联", icon="user-off", danger=True, when=lambda stranger: stranger.state == State.OPEN)
def dismiss(stranger: Stranger, *, actor: Actor, reason: str) -> None:
    """Not one of ours, or not to be let in this way."""
    if stranger.state != State.OPEN:
        raise Refused("已经处理过")
    stranger.state = State.DISMISSED
    stranger.save(update_fields=["state", "updated_at"])
