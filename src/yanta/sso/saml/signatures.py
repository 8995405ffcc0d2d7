"""XML signatures: made with our key, checked so that what was signed is what is read."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from urllib.parse import quote

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from lxml import etree  # type: ignore[import-untyped]  # brings no types
from signxml import (
    DigestAlgorithm,
    SignatureConfiguration,
    SignatureMethod,
    XMLSigner,
    XMLVerifier,
)
from signxml.exceptions import SignXMLException

from yanta.sso.saml.documents import Element, Fault, read, written
from yanta.sso.saml.names import DS, ENVELOPED, EXCLUSIVE, SAML, tag

RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
# Nothing with SHA-1, nothing with a shared secret: a certificate must never be taken for a password.
_HASHES: dict[str, type[hashes.SHA256 | hashes.SHA384 | hashes.SHA512]] = {
    RSA_SHA256: hashes.SHA256, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384": hashes.SHA384,
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512": hashes.SHA512,
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256": hashes.SHA256,
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384": hashes.SHA384,
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512": hashes.SHA512,
}  # fmt: skip
_METHODS = frozenset(SignatureMethod(uri) for uri in _HASHES)
_DIGESTS = frozenset({DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512})
_IDS = ("ID", "Id", "id", "AssertionID", "{http://www.w3.org/XML/1998/namespace}id")
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)
SMALLEST_RSA = 2048


def certificates_in(text: str) -> list[str]:
    """Every certificate of a text, as PEM or as bare base64 with an empty line between; refuses weak and broken ones."""
    blocks = _PEM.findall(text) or [one for one in re.split(r"\n\s*\n", text.strip()) if one.strip()]
    return [_certificate(block) for block in blocks]


def _certificate(block: str) -> str:
    try:
        found = x509.load_der_x509_certificate(base64.b64decode("".join(block.split()), validate=True))
        key = found.public_key()
    except (ValueError, binascii.Error) as error:
        raise Fault("certificate", "证书不是 X.509 证书（PEM 或 Base64）") from error
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < SMALLEST_RSA:
        raise Fault("certificate", f"证书的 RSA 密钥只有 {key.key_size} 位，至少 {SMALLEST_RSA} 位")
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        raise Fault("certificate", "证书的密钥须为 RSA 或 ECDSA")
    return found.public_bytes(Encoding.PEM).decode()


def bare(certificate: str) -> str:
    """The certificate as XML holds it."""
    return "".join(certificate.replace("-----BEGIN CERTIFICATE-----", "").replace("-----END CERTIFICATE-----", "").split())  # fmt: skip


def sign(element: Element, *, key: str, certificate: str) -> Element:
    """The element with an enveloped signature right after its issuer, where the schema wants it."""
    place = etree.Element(tag(DS, "Signature"), nsmap={"ds": DS}, Id="placeholder")
    issuer = element.find(tag(SAML, "Issuer"))
    element.insert(0 if issuer is None else element.index(issuer) + 1, place)
    signer = XMLSigner(signature_algorithm="rsa-sha256", digest_algorithm="sha256", c14n_algorithm=EXCLUSIVE)
    signed = signer.sign(
        element, key=key, cert=[certificate], reference_uri=f"#{element.get('ID')}", id_attribute="ID"
    )
    return read(written(signed))


def is_signed(element: Element) -> bool:
    return element.find(tag(DS, "Signature")) is not None


def verified(element: Element, certificates: Iterable[str]) -> Element:
    """The element as it was signed, and nothing beside it: whoever reads on reads what this returns."""
    _check_shape(element)
    document = written(element)
    for certificate in certificates:
        trusted = x509.load_pem_x509_certificate(certificate.encode())
        configuration = SignatureConfiguration(
            location="./", expect_references=1, signature_methods=_METHODS, digest_algorithms=_DIGESTS,
            # In SAML a certificate is a way to write down a key; metadata says until when it counts.
            verification_time=trusted.not_valid_before_utc + timedelta(seconds=1), ignore_ambiguous_key_info=True,
        )  # fmt: skip
        try:
            found = XMLVerifier().verify(
                document, x509_cert=trusted, id_attribute="ID", expect_config=configuration
            )
        except (SignXMLException, InvalidSignature, ValueError, etree.LxmlError, TypeError):
            continue
        signed = None if isinstance(found, list) else found.signed_xml
        if signed is not None and signed.tag == element.tag and signed.get("ID") == element.get("ID"):
            return signed
    raise Fault("signature.wrong", "签名与登记的证书不符，或内容在签名后被改过")


def _check_shape(element: Element) -> None:
    """One signature, of the element itself, by methods that are allowed, and no second element of the same name."""
    signatures = element.findall(tag(DS, "Signature"))
    if len(signatures) != 1:
        raise Fault("signature.missing" if not signatures else "signature.shape", "须有且只有一个签名")
    ids = [one.get(name) for one in element.getroottree().getroot().iter() for name in _IDS if one.get(name)]
    own = element.get("ID") or ""
    if not own or ids.count(own) != 1 or len(ids) != len(set(ids)):
        raise Fault("signature.shape", "文档中的标识重复")
    references = signatures[0].findall(f"{tag(DS, 'SignedInfo')}/{tag(DS, 'Reference')}")
    if [one.get("URI") for one in references] != [f"#{own}"]:
        raise Fault("signature.shape", "签名的不是这个元素")
    _check_methods(signatures[0])


def _check_methods(signature: Element) -> None:
    info = signature.find(tag(DS, "SignedInfo"))
    methods = [one.get("Algorithm") for one in info.iter(tag(DS, "SignatureMethod"))]
    if len(methods) != 1 or methods[0] not in _HASHES:
        raise Fault("signature.algorithm", f"不接受的签名算法：{', '.join(map(str, methods))[:200]}")
    canonical = [one.get("Algorithm") for one in info.iter(tag(DS, "CanonicalizationMethod"))]
    transforms = [one.get("Algorithm") for one in info.iter(tag(DS, "Transform"))]
    if canonical != [EXCLUSIVE] or not set(transforms) <= {ENVELOPED, EXCLUSIVE} or len(transforms) > 2:
        raise Fault("signature.algorithm", "不接受的规范化或变换")


# The redirect binding signs the query as it stands in the address.


def signed_query(query: str, *, key: str) -> str:
    """The query with algorithm and signature."""
    whole = f"{query}&SigAlg={quote(RSA_SHA256, safe='')}"
    private = load_pem_private_key(key.encode(), None)
    assert isinstance(private, rsa.RSAPrivateKey)  # noqa: S101 - we make no other keys
    made = private.sign(whole.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{whole}&Signature={quote(base64.b64encode(made).decode(), safe='')}"


def check_query(octets: str, algorithm: str, signature: str, certificates: Sequence[str]) -> None:
    """Refuses unless one of the certificates signed these very octets."""
    if algorithm not in _HASHES:
        raise Fault("signature.algorithm", f"不接受的签名算法：{algorithm[:200]}")
    try:
        given = base64.b64decode(signature, validate=True)
    except (ValueError, binascii.Error) as error:
        raise Fault("signature.wrong", "签名不是 Base64") from error
    if not any(_is_right(octets.encode(), algorithm, given, one) for one in certificates):
        raise Fault("signature.wrong", "签名与登记的证书不符，或地址在签名后被改过")


def _is_right(octets: bytes, algorithm: str, signature: bytes, certificate: str) -> bool:
    key = x509.load_pem_x509_certificate(certificate.encode()).public_key()
    digest = _HASHES[algorithm]()
    try:
        if isinstance(key, rsa.RSAPublicKey) and "#rsa-" in algorithm:
            key.verify(signature, octets, padding.PKCS1v15(), digest)
            return True
        if isinstance(key, ec.EllipticCurvePublicKey) and "#ecdsa-" in algorithm:
            key.verify(signature, octets, ec.ECDSA(digest))
            return True
    except InvalidSignature:
        return False
    return False
