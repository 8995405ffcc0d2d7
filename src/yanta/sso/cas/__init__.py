"""The CAS server, protocols 1.0, 2.0 and 3.0 with SAML 1.1 validation, from the specification."""
