"""LDAP v3, read-only: applications that know nothing else check passwords and look people up here."""
