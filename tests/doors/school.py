"""Run inside the installation under test: one person and one application for each peer; ports come by environment."""

import json
import os

from django.utils import timezone

from yanta.kernel.access.models import RoleGrant
from yanta.kernel.base import Actor
from yanta.kernel.identity.models import Account
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.people.models import Affiliation, Person
from yanta.sso.applications.models import Application, AttributeRelease
from yanta.sso.cas.models import CasService
from yanta.sso.oidc.models import Client
from yanta.sso.partners import services as partners
from yanta.sso.partners.models import Partner
from yanta.sso.saml import services as saml

PORTS = json.loads(os.environ["DOORS_PORTS"])
SAML = json.loads(os.environ["DOORS_SAML"])
TOLD = ("username", "name", "number", "staff_number", "unit_code", "affiliation", "roles", "email")


def application(code: str, home: str, unit: OrgUnit) -> Application:
    app = Application.objects.create(
        code=code, name=f"应用 {code}", summary="试验", home_url=home, owner=unit, contact_words="8001",
        state="active", audience="everyone", asking="never",
    )  # fmt: skip
    for attribute in TOLD:
        AttributeRelease.objects.create(application=app, attribute=attribute, purpose="试验")
    return app


def build() -> None:
    unit = OrgUnit.add_root(code="0001", name="信息中心", kind="office")
    person = Person.objects.create(
        number="P000000001", name="Goose", email="goose@campus.example", home_unit=unit
    )
    Affiliation.objects.create(person=person, role="staff", number="T0001", org_unit=unit)
    account = Account(
        username="goose", name="Goose", person=person, state="active", password_changed_at=timezone.now()
    )
    account.set_password("Goose-Tower-652")
    account.save()
    RoleGrant.objects.create(account=account, role="teacher", reason="试验", valid_from=timezone.localdate())
    for peer in ("python", "django", "apache-cas", "front", "back"):
        home = f"http://127.0.0.1:{PORTS[peer]}/"
        CasService.objects.create(
            application=application(peer, home, unit), url=home, may_proxy=True, proxy_callback=home
        )
    for peer in ("apache-oidc", "authlib"):
        home = f"http://127.0.0.1:{PORTS[peer]}/"
        Client.objects.create(
            application=application(peer, home, unit), client_id=peer, client_secret="a-secret-for-tests-of-forty-characters!",
            redirect_uris=f"{home}in/callback", post_logout_redirect_uris=f"{home}out", scopes="openid profile roles email offline_access",
            backchannel_logout_uri=f"{home}in/callback?logout=backchannel" if peer == "apache-oidc" else f"{home}gone",
            uses_client_credentials=True, uses_device=True,
        )  # fmt: skip
    by_saml(unit)


def by_saml(unit: OrgUnit) -> None:
    """Each peer by the metadata that it wrote of itself."""
    actor = Actor.system("doors")
    for peer in ("mellon", "pysaml2"):
        if peer in SAML:
            app = application(peer, f"http://127.0.0.1:{PORTS[peer]}/", unit)
            saml.import_metadata(application=app, metadata_xml=SAML[peer], actor=actor)
    if "saml-idp" in SAML:
        partner = Partner.objects.create(
            code="saml-idp", name="联盟成员", owner=unit, kind="saml", issuer=f"http://127.0.0.1:{PORTS['saml-idp']}/idp",
            linking="number", number_claim="employeeNumber",
        )  # fmt: skip
        partners.import_partner_metadata(partner, actor=actor, metadata_xml=SAML["saml-idp"])
        partners.open_partner(partner, actor=actor)


build()
