"""OpenID Connect and OAuth 2.1 on django-oauth-toolkit: its tables and grants, our rules and pages."""
