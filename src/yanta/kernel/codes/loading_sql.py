"""The statements of the loader; they compare whole tables, so 24 000 codes cost about a second.

Only names of our own columns are put into them.
"""

STAGE = """
CREATE TEMP TABLE stage_set (
    set_id text, title text, standard text, family text, edition text, domain text, valid_from date,
    valid_to date, source text, licence text, verdict text, check_note text, hierarchical boolean, width int
) ON COMMIT DROP;
CREATE TEMP TABLE stage_code (
    set_id text, code text, name text, parent text, note text, valid_from date, valid_to date,
    successor_set text, successor text, attributes jsonb, position int
) ON COMMIT DROP;
CREATE TEMP TABLE stage_alias (set_id text, written text, code text) ON COMMIT DROP;
CREATE TEMP TABLE stage_element (
    source text, subset text, subset_title text, identifier text, number text, name text, kind text,
    stated_length text, length text, code_reference text, code_sets varchar[], obligation text, note text,
    confidence text, position int
) ON COMMIT DROP;
"""

UNSTAGE = "DROP TABLE stage_set, stage_code, stage_alias, stage_element"

_SET = (
    "title, standard, family, edition, domain, valid_from, valid_to, source, licence, verdict, check_note, "
    "hierarchical, width"
)

ADD_SETS = f"""
INSERT INTO codes_codeset (set_id, {_SET}, size, revision, created_at, updated_at)
SELECT set_id, {_SET}, 0, 1, now(), now() FROM stage_set ON CONFLICT (set_id) DO NOTHING
"""

CHANGE_SETS = f"""
UPDATE codes_codeset c
SET ({_SET}, updated_at) = (SELECT {_SET}, now() FROM stage_set WHERE set_id = c.set_id)
FROM stage_set s WHERE s.set_id = c.set_id
AND ({", ".join(f"c.{name.strip()}" for name in _SET.split(","))})
    IS DISTINCT FROM ({", ".join(f"s.{name.strip()}" for name in _SET.split(","))})
"""

COUNT_KEPT_CODES = """
SELECT count(*) FROM stage_code s JOIN codes_codeset t USING (set_id)
JOIN codes_code c ON c.code_set_id = t.id AND c.code = s.code AND c.origin = 'school'
"""

ADD_CODES = """
INSERT INTO codes_code
    (code_set_id, code, name, note, valid_from, valid_to, attributes, position, origin, created_at,
    updated_at)
SELECT t.id, s.code, s.name, s.note, s.valid_from, s.valid_to, s.attributes, s.position, 'standard',
    clock_timestamp(), clock_timestamp()
FROM stage_code s JOIN codes_codeset t USING (set_id)
ON CONFLICT (code_set_id, code) DO NOTHING
"""

# Parents and successors are found only now, when every code has its row.
CHANGE_CODES = """
WITH wanted AS (
    SELECT c.id, s.name, s.note, s.valid_from, s.valid_to, s.attributes, s.position,
        c.created_at >= %(started)s AS is_new,
        p.id AS parent_id, n.id AS successor_id
    FROM stage_code s
    JOIN codes_codeset t USING (set_id)
    JOIN codes_code c ON c.code_set_id = t.id AND c.code = s.code AND c.origin = 'standard'
    LEFT JOIN codes_code p ON p.code_set_id = t.id AND p.code = s.parent
    LEFT JOIN codes_codeset ns ON s.successor <> '' AND ns.set_id = s.successor_set
    LEFT JOIN codes_code n ON n.code_set_id = ns.id AND n.code = s.successor
), changed AS (
    UPDATE codes_code c SET name = w.name, note = w.note, valid_from = w.valid_from, valid_to = w.valid_to,
        attributes = w.attributes, position = w.position, parent_id = w.parent_id,
        successor_id = w.successor_id, updated_at = now()
    FROM wanted w WHERE w.id = c.id
    AND (c.name, c.note, c.valid_from, c.valid_to, c.attributes, c.position, c.parent_id, c.successor_id)
        IS DISTINCT FROM
        (w.name, w.note, w.valid_from, w.valid_to, w.attributes, w.position, w.parent_id, w.successor_id)
    RETURNING c.code_set_id, w.is_new
), moved AS (
    UPDATE codes_codeset t SET revision = revision + 1
    WHERE t.id IN (SELECT code_set_id FROM changed WHERE NOT is_new)
)
SELECT is_new FROM changed
"""

COUNT_SIZES = """
UPDATE codes_codeset t SET size = n.size
FROM (SELECT code_set_id, count(*) AS size FROM codes_code GROUP BY code_set_id) n
WHERE n.code_set_id = t.id AND n.size <> t.size
"""

ADD_ALIASES = """
INSERT INTO codes_alias (code_set_id, written, code_id, origin, created_at, updated_at)
SELECT t.id, s.written, c.id, 'standard', now(), now()
FROM stage_alias s JOIN codes_codeset t USING (set_id)
JOIN codes_code c ON c.code_set_id = t.id AND c.code = s.code
ON CONFLICT (code_set_id, written, code_id) DO NOTHING
"""

_ELEMENT = (
    "subset_title, number, name, kind, stated_length, length, code_reference, code_sets, obligation, note, "
    "confidence, position"
)

ADD_ELEMENTS = f"""
INSERT INTO codes_dataelement (source, subset, identifier, {_ELEMENT}, created_at, updated_at)
SELECT source, subset, identifier, {_ELEMENT}, now(), now() FROM stage_element
ON CONFLICT (source, subset, identifier) DO NOTHING
"""

CHANGE_ELEMENTS = f"""
UPDATE codes_dataelement e SET ({_ELEMENT}, updated_at) = (
    SELECT {_ELEMENT}, now() FROM stage_element
    WHERE source = e.source AND subset = e.subset AND identifier = e.identifier
)
FROM stage_element s
WHERE (s.source, s.subset, s.identifier) = (e.source, e.subset, e.identifier)
AND ({", ".join(f"e.{name.strip()}" for name in _ELEMENT.split(","))})
    IS DISTINCT FROM ({", ".join(f"s.{name.strip()}" for name in _ELEMENT.split(","))})
"""

ADD_NUMBER_RULE = """
INSERT INTO codes_numberrule (key, title, pattern, counts_within, example, note, created_at, updated_at)
VALUES (%(key)s, %(title)s, %(pattern)s, %(counts_within)s, %(example)s, %(note)s, now(), now())
ON CONFLICT (key) DO NOTHING
"""
