"""The words of SAML 2.0, XML Signature and XML Encryption."""

from __future__ import annotations

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
MD = "urn:oasis:names:tc:SAML:2.0:metadata"
DS = "http://www.w3.org/2000/09/xmldsig#"
XENC = "http://www.w3.org/2001/04/xmlenc#"
XENC11 = "http://www.w3.org/2009/xmlenc11#"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
SHIBMD = "urn:mace:shibboleth:metadata:1.0"
XS, XSI = "http://www.w3.org/2001/XMLSchema", "http://www.w3.org/2001/XMLSchema-instance"

REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
SOAP_BINDING = "urn:oasis:names:tc:SAML:2.0:bindings:SOAP"

PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"

URI_NAME = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"
BASIC_NAME = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
PROTOCOL = SAMLP

SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
REQUESTER = "urn:oasis:names:tc:SAML:2.0:status:Requester"
RESPONDER = "urn:oasis:names:tc:SAML:2.0:status:Responder"
NO_PASSIVE = "urn:oasis:names:tc:SAML:2.0:status:NoPassive"
NO_CONTEXT = "urn:oasis:names:tc:SAML:2.0:status:NoAuthnContext"
BAD_NAME_POLICY = "urn:oasis:names:tc:SAML:2.0:status:InvalidNameIDPolicy"
DENIED = "urn:oasis:names:tc:SAML:2.0:status:RequestDenied"

CLASS = "urn:oasis:names:tc:SAML:2.0:ac:classes:"
PASSWORD = f"{CLASS}PasswordProtectedTransport"
# https://refeds.org/profile/mfa: two factors of different kinds.
MFA = "https://refeds.org/profile/mfa"
# From the weakest to the strongest; what one class promises the next does too.
CLASSES = (f"{CLASS}unspecified", f"{CLASS}Password", PASSWORD, MFA)

ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
TARGETED_ID = "urn:oid:1.3.6.1.4.1.5923.1.1.1.10"


def tag(namespace: str, name: str) -> str:
    return f"{{{namespace}}}{name}"
