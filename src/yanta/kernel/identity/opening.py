"""Accounts follow people: nobody creates them one by one."""

from __future__ import annotations

from django.db import connection

# An unusable password is "!" and forty random characters, as Django writes it.
_OPEN = """
INSERT INTO identity_account (
    username, person_id, name, state, state_reason, ended_by_facts, must_change_password, rights_version,
    password, created_at, updated_at)
SELECT lower(p.number), p.id, p.name, 'pending', '', false, false, 0,
       '!' || substr(md5(random()::text) || md5(random()::text), 1, 40), now(), now()
FROM people_person p LEFT JOIN identity_account a ON a.person_id = p.id
WHERE a.id IS NULL AND p.merged_into_id IS NULL
  AND NOT EXISTS (SELECT 1 FROM identity_spentname s WHERE s.name = lower(p.number))
ON CONFLICT (username) DO NOTHING
"""


def open_missing_accounts() -> int:
    """A pending account for every person who has none; its name is the person number. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN)
        return int(cursor.rowcount)
