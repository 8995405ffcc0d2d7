"""Branches for tests."""

from __future__ import annotations

from yanta.sso.ldap.models import Door

EXAMPLES = {Door: {"may_search": True, "most_results": 100, "rows_an_hour": 1000}}
