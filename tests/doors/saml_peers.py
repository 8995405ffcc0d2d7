"""SAML programs that nobody here wrote: pysaml2 as service provider and as identity provider, mod_auth_mellon's files."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
# As `mellon_create_metadata` writes it.
MELLON = """<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"
 entityID="{home}mellon/metadata"><SPSSODescriptor AuthnRequestsSigned="true" WantAssertionsSigned="true"
 protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data>
<ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></KeyDescriptor>
<SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:SOAP" Location="{home}mellon/logout"/>
<SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{home}mellon/logout"/>
<NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</NameIDFormat>
<AssertionConsumerService index="0" isDefault="true" Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
 Location="{home}mellon/postResponse"/></SPSSODescriptor></EntityDescriptor>
"""


@dataclass(frozen=True, slots=True)
class Files:
    """A private key and a certificate on disk, as those programs want them."""

    folder: Path

    @property
    def key(self) -> str:
        return str(self.folder / "peer.key")

    @property
    def certificate(self) -> str:
        return str(self.folder / "peer.cert")

    def bare(self) -> str:
        lines = Path(self.certificate).read_text("utf-8").splitlines()
        return "".join(line for line in lines if not line.startswith("-"))


def files_in(folder: Path) -> Files:
    """The same pair however often it is asked for."""
    made = Files(folder)
    if Path(made.key).is_file():
        return made
    folder.mkdir(parents=True, exist_ok=True)
    key = rsa.generate_private_key(65537, 2048)
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "peer")]), datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=30)).sign(key, hashes.SHA256())
    )  # fmt: skip
    Path(made.key).write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    )
    Path(made.certificate).write_bytes(certificate.public_bytes(Encoding.PEM))
    # Apache reads them as another user.
    folder.chmod(0o755)
    Path(made.key).chmod(0o644)
    return made


def why_not() -> str:
    """Why pysaml2 cannot be used here; empty when it can."""
    try:
        import saml2  # noqa: F401
    except ImportError:
        return "pysaml2 is not installed"
    return "" if shutil.which("xmlsec1") else "no xmlsec1 on this machine's PATH, which pysaml2 calls"


def _common(entity: str, files: Files, metadata: list[str]) -> dict[str, Any]:
    return {
        "entityid": entity, "key_file": files.key, "cert_file": files.certificate, "xmlsec_binary": shutil.which("xmlsec1"),
        "metadata": {"inline": metadata} if metadata else {}, "allow_unknown_attributes": True, "delete_tmpfiles": True,
    }  # fmt: skip


def service_provider(home: str, files: Files, metadata: str = "") -> Any:
    """pysaml2's configuration of an application."""
    from saml2.config import SPConfig

    return SPConfig().load(
        {
            **_common(f"{home}metadata", files, [metadata] if metadata else []),
            "service": {
                "sp": {
                    "endpoints": {
                        "assertion_consumer_service": [(f"{home}acs", POST)], "single_logout_service": [(f"{home}slo", REDIRECT)],
                    },
                    "authn_requests_signed": True, "want_assertions_signed": True, "want_response_signed": True,
                    "logout_requests_signed": True, "allow_unsolicited": False, "name_id_format": [PERSISTENT],
                    "signing_algorithm": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
                    "digest_algorithm": "http://www.w3.org/2001/04/xmlenc#sha256",
                }
            },
        }
    )  # fmt: skip


def identity_provider(home: str, files: Files, metadata: str = "") -> Any:
    """pysaml2's configuration of a partner."""
    from saml2.config import IdPConfig

    return IdPConfig().load(
        {
            **_common(f"{home}idp", files, [metadata] if metadata else []),
            "service": {
                "idp": {
                    "endpoints": {
                        "single_sign_on_service": [(f"{home}sso", REDIRECT)], "single_logout_service": [(f"{home}idp-slo", REDIRECT)],
                    },
                    "policy": {"default": {"lifetime": {"minutes": 5}, "attribute_restrictions": None}},
                    "name_id_format": [PERSISTENT], "want_authn_requests_signed": True,
                    "signing_algorithm": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
                    "digest_algorithm": "http://www.w3.org/2001/04/xmlenc#sha256",
                }
            },
        }
    )  # fmt: skip


def metadata_of(configuration: Any) -> str:
    from saml2.metadata import entity_descriptor

    return str(entity_descriptor(configuration))


def metadata_for(homes: dict[str, str], folder: Path) -> dict[str, str]:
    """What each peer would hand in to be registered."""
    files = files_in(folder)
    made = {"mellon": MELLON.format(home=homes["mellon"], certificate=files.bare())}
    if not why_not():
        made["pysaml2"] = metadata_of(service_provider(homes["pysaml2"], files))
        made["saml-idp"] = metadata_of(identity_provider(homes["saml-idp"], files))
    return made


def of_school(address: str) -> str:
    return httpx.get(f"{address}/saml/metadata").text
