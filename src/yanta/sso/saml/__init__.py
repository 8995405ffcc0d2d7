"""The SAML 2.0 identity provider, from the specification, on signxml and lxml."""
