"""The check as sets: which accounts are looked at, who stands on a fact, what is wrong, what became of it."""

from __future__ import annotations

# Closed accounts let nobody in; whatever was found about them is over.
CHECKED = """
CREATE TEMP TABLE checked ON COMMIT DROP AS
SELECT a.id, a.person_id, a.state, a.created_at, a.ends_on, a.password_changed_at, a.password_leaked_at,
       a.must_change_password, a.password NOT LIKE '!%%' AS has_password, false AS stands
FROM identity_account a
WHERE a.state <> 'closed' AND (%(accounts)s::bigint[] IS NULL OR a.id = ANY(%(accounts)s::bigint[]))
"""
# A fact in force is known here by the right that it gives; a guest has a host, the sealed account its keepers.
STANDS = """
UPDATE checked c SET stands = true
WHERE c.person_id IS NULL
   OR EXISTS (SELECT 1 FROM access_rolegrant g WHERE g.account_id = c.id AND g.source IN ('enrolment', 'appointment')
              AND g.valid_from <= %(on)s AND (g.valid_to IS NULL OR g.valid_to >= %(on)s))
   OR EXISTS (SELECT 1 FROM access_visitorpass v WHERE v.account_id = c.id AND v.state = 'open')
   OR EXISTS (SELECT 1 FROM access_emergencyaccount e WHERE e.account_id = c.id AND e.state <> 'retired')
"""
INDEXED = "CREATE UNIQUE INDEX ON checked (id); ANALYZE checked"
FOUND = "CREATE TEMP TABLE found (account_id bigint, kind text, detail text) ON COMMIT DROP"

_DAY = "to_char({} AT TIME ZONE %(zone)s, 'YYYY-MM-DD')"
_NETWORK = "network(set_masklen(s.address, CASE family(s.address) WHEN 6 THEN 48 ELSE 16 END))"

_ORPHAN = """
SELECT c.id, 'orphan', '没有在籍、在职、校友身份，也没有邀请人'
FROM checked c
WHERE NOT c.stands AND c.created_at < %(facts_due)s AND (c.ends_on IS NULL OR c.ends_on < %(on)s)
"""
_ZOMBIE = f"""
SELECT c.id, 'zombie', CASE WHEN last.at IS NULL THEN '开通以来从未登录'
                            ELSE '最近一次登录是 ' || {_DAY.format("last.at")} END
FROM checked c
LEFT JOIN LATERAL (SELECT s.at FROM identity_signin s WHERE s.account_id = c.id AND s.outcome = 'success'
                   ORDER BY s.at DESC LIMIT 1) last ON true
LEFT JOIN LATERAL (SELECT max(t.last_used_at) AS at FROM identity_apitoken t WHERE t.account_id = c.id) token ON true
WHERE c.state = 'active'
  AND greatest(last.at, token.at, c.password_changed_at, c.created_at) < %(unused_since)s
  AND NOT EXISTS (SELECT 1 FROM access_emergencyaccount e WHERE e.account_id = c.id AND e.state <> 'retired')
"""
_DORMANT = f"""
SELECT c.id, 'dormant', {_DAY.format("c.created_at")} || ' 开通，至今没有激活'
FROM checked c WHERE c.state = 'pending' AND c.stands AND c.created_at < %(pending_since)s
"""
# Devices and networks of a month, and how many of both at most within one hour.
_SHARED = f"""
SELECT account_id, 'shared', '30 天内用过 ' || devices || ' 种设备、' || networks || ' 个网络，一小时内最多同时出现在 '
       || at_once || ' 处'
FROM (
    SELECT account_id, count(DISTINCT agent) AS devices, count(DISTINCT network) AS networks, max(places) AS at_once
    FROM (
        SELECT account_id, agent, network, count(*) OVER (PARTITION BY account_id, hour) AS places
        FROM (
            SELECT DISTINCT s.account_id, s.agent, {_NETWORK} AS network, date_trunc('hour', s.at) AS hour
            FROM identity_signin s JOIN checked c ON c.id = s.account_id AND c.person_id IS NOT NULL
            WHERE s.at > %(month_ago)s AND s.outcome = 'success'
        ) visit
    ) placed
    GROUP BY account_id
) told
WHERE devices >= %(devices)s OR networks >= %(networks)s OR at_once >= %(at_once)s
"""
_INITIAL = """
SELECT c.id, 'initial', CASE WHEN c.must_change_password THEN '密码由他人代设，本人一直没有修改'
                             ELSE '从未修改过初始密码' END
FROM checked c
WHERE c.has_password AND c.state = 'active' AND c.password_leaked_at IS NULL
  AND ((c.must_change_password AND coalesce(c.password_changed_at, c.created_at) < %(initial_since)s)
       OR (c.password_changed_at IS NULL AND c.created_at < %(initial_since)s))
  AND NOT EXISTS (SELECT 1 FROM access_emergencyaccount e WHERE e.account_id = c.id AND e.state <> 'retired')
"""
_LEAKED = f"""
SELECT c.id, 'leaked', {_DAY.format("c.password_leaked_at")} || ' 登录时，密码在公开的泄露密码库中'
FROM checked c WHERE c.has_password AND c.password_leaked_at IS NOT NULL
"""
_HELD = """
SELECT g.account_id, left(string_agg(DISTINCT coalesce(t.title, g.role), '、'), 120) AS titles
FROM access_rolegrant g
JOIN checked c ON c.id = g.account_id
LEFT JOIN unnest(%(roles)s::text[], %(titles)s::text[]) AS t(role, title) ON t.role = g.role
WHERE g.valid_from <= %(on)s AND (g.valid_to IS NULL OR g.valid_to >= %(on)s) AND {condition}
GROUP BY g.account_id
"""
_SINGLE = f"""
SELECT c.id, 'single', '担任' || held.titles || '，没有启用二次验证'
FROM checked c
JOIN ({_HELD.format(condition="g.role = ANY(%(guarded)s) AND g.circle = ''")}) held ON held.account_id = c.id
WHERE c.state = 'active' AND c.person_id IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM mfa_authenticator m WHERE m.user_id = c.id AND m.type <> 'recovery_codes')
"""
_NOBODYS = (
    "g.source = 'delegation' AND g.given_by_id IS NULL AND g.approved_by_id IS NULL AND g.valid_to IS NULL"
)
_GROUNDLESS = f"""
SELECT c.id, 'groundless', CASE WHEN c.stands THEN '没有授予人，也没有期限：' || held.titles
                                ELSE '身份已经结束，仍有他人授予的：' || kept.titles END
FROM checked c
LEFT JOIN ({_HELD.format(condition=_NOBODYS)}) held ON held.account_id = c.id
LEFT JOIN ({_HELD.format(condition="g.source = 'delegation'")}) kept ON kept.account_id = c.id
WHERE (c.stands AND held.account_id IS NOT NULL)
   OR (NOT c.stands AND kept.account_id IS NOT NULL AND c.created_at < %(facts_due)s)
"""

KINDS = (_ORPHAN, _ZOMBIE, _DORMANT, _SHARED, _INITIAL, _LEAKED, _SINGLE, _GROUNDLESS)

_SAME = "f.account_id = x.account_id AND f.kind = x.kind"
REOPEN = f"""
UPDATE identity_accountfinding f
SET state = 'open', detail = left(x.detail, 300), opened_at = %(at)s, settled_at = NULL, explanation = '',
    explained_by = '', explained_until = NULL, updated_at = %(at)s
FROM found x
WHERE {_SAME} AND (f.state = 'settled' OR (f.state = 'explained' AND f.explained_until < %(on)s))
"""
ADD = f"""
INSERT INTO identity_accountfinding (account_id, kind, state, detail, opened_at, created_at, updated_at)
SELECT x.account_id, x.kind, 'open', left(x.detail, 300), %(at)s, %(at)s, %(at)s
FROM found x LEFT JOIN identity_accountfinding f ON {_SAME}
WHERE f.id IS NULL
"""
REWORD = f"""
UPDATE identity_accountfinding f SET detail = left(x.detail, 300), updated_at = %(at)s
FROM found x WHERE {_SAME} AND f.state <> 'settled' AND f.detail <> left(x.detail, 300)
"""
SETTLE = f"""
UPDATE identity_accountfinding f SET state = 'settled', settled_at = %(at)s, updated_at = %(at)s
WHERE f.state <> 'settled' AND (%(accounts)s::bigint[] IS NULL OR f.account_id = ANY(%(accounts)s::bigint[]))
  AND NOT EXISTS (SELECT 1 FROM found x WHERE {_SAME})
"""
COUNTED = f"""
SELECT x.kind, f.state, count(*) FROM found x JOIN identity_accountfinding f ON {_SAME} GROUP BY 1, 2
"""
