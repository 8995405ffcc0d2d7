"""What SAML brings to the registry: settings, test kit, test client, and metadata that becomes a registration."""

from __future__ import annotations

from typing import Annotated, Any

from django.utils import timezone

from yanta.kernel.base import Actor, Refused
from yanta.kernel.identity import visiting
from yanta.kernel.operation import Label, Long, operation
from yanta.sso.applications import public as sso
from yanta.sso.applications.models import Application
from yanta.sso.applications.testkit import TEST_SERVICE, test_application
from yanta.sso.applications.views.doors import visited
from yanta.sso.saml import arriving, keys, leaving, metadata, names, rules, signatures  # noqa: F401 - leaving declares how providers are told
from yanta.sso.saml.documents import Fault
from yanta.sso.saml.models import ServiceProvider

OfApplication = Annotated[Application, Label("应用")]
MetadataText = Annotated[
    str, Label("对方的元数据", "EntityDescriptor 或 EntitiesDescriptor 的 XML 全文"), Long(12)
]
EntityId = Annotated[str, Label("实体标识", "元数据里有多个实体时写明要哪一个")]


@operation("导入元数据", model=ServiceProvider, icon="file-import", roles=("head",))
def import_metadata(
    *, actor: Actor, application: OfApplication, metadata_xml: MetadataText, entity_id: EntityId = ""
) -> ServiceProvider:
    """Register a service provider from its metadata, or renew what is registered of it."""
    refusal = sso.refusal_to_change(application, actor)
    if refusal:
        raise Refused(refusal)
    if not metadata_xml.strip():
        raise Refused("请粘贴元数据或选择文件", field="metadata_xml")
    try:
        found = metadata.service_provider(metadata_xml, entity_id=entity_id, at=timezone.now())
    except Fault as fault:
        raise Refused(fault.words, field="metadata_xml", rule=fault.rule) from fault
    known = ServiceProvider.objects.filter(entity_id=found.entity_id).first()
    if known is not None and known.application_id != application.pk:
        raise Refused("这个实体已经登记给另一个应用", field="metadata_xml")
    return _stored(known or ServiceProvider(application=application, entity_id=found.entity_id), found)


def _stored(row: ServiceProvider, found: metadata.Provider) -> ServiceProvider:
    """Addresses and certificates are those of the document; our own choices of an earlier registration stay."""
    row.acs_urls = "\n".join(f"{index} {url}" if index else url for index, url in found.acs)
    row.certificates = "\n".join(found.signing)
    row.encryption_certificate = row.encryption_certificate and "\n".join(found.encryption[:1])
    row.requires_signature = found.signs_requests and bool(found.signing)
    row.logout_redirect_url = found.logout.get(names.REDIRECT, "")
    row.logout_post_url = found.logout.get(names.POST, "")
    row.logout_soap_url = found.logout.get(names.SOAP_BINDING, "")
    row.logout_answer_url = found.logout_answers.get(names.REDIRECT) or found.logout_answers.get(
        names.POST, ""
    )
    if row.pk is None and found.formats and names.PERSISTENT not in found.formats:
        row.name_format = "transient" if names.TRANSIENT in found.formats else "unspecified"
    places = {name: getattr(row, name) for name in ("logout_redirect_url", "logout_post_url", "logout_soap_url", "logout_answer_url")}  # fmt: skip
    faults = rules.faults_of_provider(
        acs=row.acs_urls, others=places, certificates={}, entity_id=row.entity_id
    )
    for words in faults.values():
        raise Refused(f"元数据里的地址不能用：{words}", field="metadata_xml")
    row.save()
    return row


@visiting.visitor("/saml/continue")
def _application_of(parameters: dict[str, str]) -> visiting.Visited | None:
    kept = arriving.kept(parameters.get("r", "")[:64])
    return visited(kept.provider.application, kept.acs_url) if kept else None


# The registry's pages


def _settings(app: sso.Application) -> list[sso.Setting]:
    return [
        sso.Setting(
            "saml", "SAML 2.0", f"/saml/serviceprovider/{one.pk}/",
            (
                ("实体标识", one.entity_id), ("接收地址", "、".join(acs.url for acs in one.acs)),
                ("标识格式", one.get_name_format_display()), ("属性叫法", one.get_profile_display()),
                ("退出时通知", "后台" if one.logout_soap_url else "经浏览器" if one.leaves_in_browser else "否"),
            ),
        )
        for one in app.saml_providers.all()
    ]  # fmt: skip


def _endpoints() -> tuple[tuple[str, str], ...]:
    return (
        ("我方元数据，也是实体标识（entityID）", arriving.entity_id()), ("登录（重定向或表单）", arriving.here("sso")),
        ("退出（重定向或表单）", arriving.here("slo")),
    )  # fmt: skip


def _kit(app: sso.Application) -> sso.Kit:
    entity = arriving.entity_id()
    started = tuple(
        ("从本系统发起", arriving.here(f"start/{app.code}")) for one in app.saml_providers.all() if one.allows_start_here
    )  # fmt: skip
    return sso.Kit(
        "SAML 2.0", (*_endpoints(), *started),
        (
            sso.Sample("Apache mod_auth_mellon", _MELLON.format(home=app.home_url.rstrip("/"))),
            sso.Sample("Shibboleth SP", _SHIBBOLETH.format(entity=entity)),
            sso.Sample("Spring Security", f"spring.security.saml2.relyingparty.registration.yanta.assertingparty.metadata-uri={entity}"),
        ),
        (
            "断言三分钟内有效，只用一次；双方服务器的时钟要准。",
            "我方元数据带签名，同时含使用中和待用的证书：定期更新元数据的应用，换证书时不受影响。",
        ),
    )  # fmt: skip


_MELLON = """MellonEnable auth
MellonIdPMetadataFile /etc/apache2/mellon/yanta.xml    # curl 我方元数据地址保存
MellonSPPrivateKeyFile /etc/apache2/mellon/sp.key
MellonSPCertFile /etc/apache2/mellon/sp.cert
MellonSPMetadataFile /etc/apache2/mellon/sp.xml        # 由 mellon_create_metadata {home} {home}/mellon 生成"""
_SHIBBOLETH = """<SSO entityID="{entity}">SAML2</SSO>
<MetadataProvider type="XML" url="{entity}" validate="true" backingFilePath="yanta.xml"/>"""


def _test_client() -> dict[str, Any]:
    """One provider for whatever listens on this machine; the same however often it is asked for."""
    app = test_application("testkit-saml", "测试应用（SAML）")
    provider, _new = ServiceProvider.objects.get_or_create(
        entity_id=f"{TEST_SERVICE}saml/metadata",
        defaults={
            "application": app, "acs_urls": f"{TEST_SERVICE}saml/acs", "logout_redirect_url": f"{TEST_SERVICE}saml/slo",
            "allows_start_here": True,
        },
    )  # fmt: skip
    return {
        "idp_entity_id": arriving.entity_id(), "idp_metadata": arriving.entity_id(), "single_sign_on": arriving.here("sso"),
        "single_logout": arriving.here("slo"), "idp_certificates": [signatures.bare(one) for one in keys.published()],
        "start": arriving.here(f"start/{app.code}"), "sp_entity_id": provider.entity_id,
        "acs_urls": [one.url for one in provider.acs], "sp_logout": provider.logout_redirect_url,
        "name_id_format": provider.get_name_format_display(), "binding": names.POST,
    }  # fmt: skip


sso.register(
    sso.Protocol("saml", "SAML 2.0", _settings, _kit, _test_client, add_url="/saml/import/", order=30)
)
