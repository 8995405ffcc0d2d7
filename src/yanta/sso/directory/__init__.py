"""Who an application may see and in which groups, as SQL: what SCIM, LDAP and RADIUS answer from."""
