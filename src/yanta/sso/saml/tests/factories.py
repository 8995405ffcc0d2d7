"""Service providers for tests, with keys of their own and signatures by another library than ours."""

from __future__ import annotations

import base64
import zlib
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID
from django.utils import timezone
from lxml import etree

from yanta.sso.applications.models import Application
from yanta.sso.applications.tests import factories as sso
from yanta.sso.saml.models import Asserted, SamlKey, Seen, ServiceProvider, SignOnRequest

ENTITY, ACS, SLO = "https://sp.example/metadata", "https://sp.example/acs", "https://sp.example/slo"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
EXAMPLES = {
    ServiceProvider: lambda n: {
        "entity_id": f"https://sp{n}.example/", "acs_urls": f"https://sp{n}.example/acs", "certificates": "",
        "encryption_certificate": "", "requires_signature": False, "signing": "both", "name_format": "persistent",
        "profile": "plain", "logout_redirect_url": "", "logout_post_url": "", "logout_answer_url": "", "logout_soap_url": "",
    },
    SignOnRequest: lambda n: {"digest": f"{n:064d}", "acs_url": ACS, "name_format": "persistent", "expires_at": timezone.now()},
    Seen: lambda n: {"digest": f"{n:064d}", "expires_at": timezone.now()},
    Asserted: lambda n: {"session_index": f"index-{n}", "name_id": "x", "name_format": "persistent"},
    SamlKey: lambda n: {"fingerprint": f"{n:064d}", "state": "retired", "private": "x", "certificate": "x"},
}  # fmt: skip


@cache
def pair(name: str = "sp") -> tuple[str, str]:
    """A private key and a certificate, PEM, the same all through the run."""
    key = rsa.generate_private_key(65537, 2048)
    subject, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), timezone.now()
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=2)).not_valid_after(now + timedelta(days=1)).sign(key, hashes.SHA256())
    )  # fmt: skip
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return private, made.public_bytes(Encoding.PEM).decode()


def provider(app: Application | None = None, **given: Any) -> ServiceProvider:
    values = {"entity_id": ENTITY, "acs_urls": ACS, "logout_redirect_url": SLO, **given}
    return ServiceProvider.objects.create(application=app or sso.application(), **values)


def instant(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def authn_request(
    number: str = "_1", *, at: datetime | None = None, inner: str = "", **attributes: str
) -> str:
    """An AuthnRequest as text; keyword arguments become attributes of the root, empty ones go."""
    told = {
        "ID": number, "Version": "2.0", "IssueInstant": instant(at or timezone.now()), "AssertionConsumerServiceURL": ACS,
        "Destination": "http://127.0.0.1:8000/saml/sso",
    } | {name: value for name, value in attributes.items() if name != "issuer"}  # fmt: skip
    shown = " ".join(f'{name}="{value}"' for name, value in told.items() if value)
    issuer = attributes.get("issuer", ENTITY)
    return (
        '<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'
        f" {shown}><saml:Issuer>{issuer}</saml:Issuer>{inner}</samlp:AuthnRequest>"
    )


def logout_request(
    name_id: str,
    *indexes: str,
    number: str = "_L1",
    at: datetime | None = None,
    issuer: str = ENTITY,
    to: str = "http://127.0.0.1:8000/saml/slo",
) -> str:
    shown = "".join(f"<samlp:SessionIndex>{one}</samlp:SessionIndex>" for one in indexes)
    return (
        '<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'
        f' ID="{number}" Version="2.0" IssueInstant="{instant(at or timezone.now())}" Destination="{to}">'
        f"<saml:Issuer>{issuer}</saml:Issuer><saml:NameID>{name_id}</saml:NameID>{shown}</samlp:LogoutRequest>"
    )


def deflated(document: str | bytes) -> str:
    data = document.encode() if isinstance(document, str) else document
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return base64.b64encode(packer.compress(data) + packer.flush()).decode()


def posted(document: str | bytes) -> str:
    return base64.b64encode(document.encode() if isinstance(document, str) else document).decode()


def query(document: str, *, key: str = "", state: str = "", algorithm: str = RSA_SHA256) -> str:
    """A redirect binding's query, signed where a key is given."""
    whole = urlencode({"SAMLRequest": deflated(document), **({"RelayState": state} if state else {})})
    if not key:
        return whole
    whole += f"&SigAlg={quote(algorithm, safe='')}"
    private: Any = load_pem_private_key(key.encode(), None)
    hashed = hashes.SHA1() if algorithm.endswith("sha1") else hashes.SHA256()
    signature = private.sign(whole.encode(), padding.PKCS1v15(), hashed)
    return f"{whole}&{urlencode({'Signature': base64.b64encode(signature).decode()})}"


def signed(document: str, *, key: str, certificate: str, method: Any = None, of: str = "") -> bytes:
    """The document with an enveloped signature by xmlsec, after the issuer; `of` signs the element with this ID."""
    root = etree.fromstring(document.encode())
    element = root if not of else root.find(f".//*[@ID='{of}']")
    node = xmlsec.template.create(
        element, xmlsec.constants.TransformExclC14N, method or xmlsec.constants.TransformRsaSha256, ns="ds"
    )
    element.insert(1, node)
    digest = xmlsec.constants.TransformSha256
    reference = xmlsec.template.add_reference(node, digest, uri=f"#{element.get('ID')}")
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformEnveloped)
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformExclC14N)
    xmlsec.template.add_x509_data(xmlsec.template.ensure_key_info(node))
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(key, xmlsec.constants.KeyDataFormatPem)
    context.key.load_cert_from_memory(certificate, xmlsec.constants.KeyDataFormatPem)
    xmlsec.tree.add_ids(root, ["ID"])
    context.sign(node)
    return bytes(etree.tostring(root))
