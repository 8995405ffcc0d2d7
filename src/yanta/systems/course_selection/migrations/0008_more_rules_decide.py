from importlib import import_module

from django.db import migrations

first = import_module("yanta.systems.course_selection.migrations.0002_decisions")
fair = import_module("yanta.systems.course_selection.migrations.0004_kept_seats_and_waiting")
OLD_REFUSAL = first.REFUSAL.replace(fair.QUEUE, fair.FAIR_QUEUE)

# Seats `po` that are for everybody, or kept for whoever `{0}` is; `{0}` has programme, grade and campus.
FOR = """(po.programme_id IS NULL OR po.programme_id = {0}.programme_id)
    AND (po.grade IS NULL OR po.grade = {0}.grade) AND (po.campus_id IS NULL OR po.campus_id = {0}.campus_id)"""
FREE = f"po.place_id = wanted AND po.taken < po.capacity AND {FOR}"
WHO = """(SELECT st.id, st.programme_id, st.grade, ac.campus_id FROM masterdata_student st
    LEFT JOIN masterdata_adminclass ac ON ac.id = st.admin_class_id)"""

# Why a student may not have a place, or '' and nothing; asked before the click and again inside the decision. Whoever
# waits is given a seat by the rules of the round that is open or was last, a draw decides by those of its own.
REFUSAL = f"""
CREATE OR REPLACE FUNCTION course_selection_refusal(
    who bigint, wanted bigint, leaving bigint, asked text, OUT code text, OUT detail text, OUT round bigint)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    p record; s record; r record; k record; c record; gone record; most numeric;
BEGIN
    code := ''; detail := '';
    SELECT pl.*, co.credits INTO p FROM course_selection_place pl JOIN masterdata_course co ON co.id = pl.course_id
    WHERE pl.id = wanted;
    SELECT st.programme_id, st.grade, ac.campus_id, pe.sex, sh.most_credits, coalesce(sh.credits, 0) AS credits INTO s
    FROM masterdata_student st JOIN people_person pe ON pe.id = st.person_id
    LEFT JOIN masterdata_adminclass ac ON ac.id = st.admin_class_id
    LEFT JOIN course_selection_sheet sh ON sh.student_id = st.id AND sh.term_id = p.term_id
    WHERE st.id = who;
    SELECT ro.id, ro.most_credits, ro.name, ro.retakes, ro.allows_repeat,
        NOT EXISTS (SELECT FROM course_selection_roundscope sc WHERE sc.round_id = ro.id)
        OR EXISTS (SELECT FROM course_selection_roundscope sc WHERE sc.round_id = ro.id
                   AND (sc.programme_id IS NULL OR sc.programme_id = s.programme_id)
                   AND (sc.grade IS NULL OR sc.grade = s.grade)) AS fits
    INTO r FROM course_selection_round ro
    WHERE ro.term_id = p.term_id AND CASE asked
        WHEN 'draw' THEN ro.kind = 'lottery' AND ro.drawn_at IS NULL
        WHEN 'fill' THEN ro.kind <> 'lottery' AND clock_timestamp() >= ro.opens_at
        ELSE NOT ro.is_paused AND clock_timestamp() >= ro.opens_at AND clock_timestamp() < ro.closes_at
            AND (ro.kind <> 'lottery' OR asked = 'wish') END
    ORDER BY fits DESC, CASE WHEN asked = 'fill' THEN ro.closes_at END DESC, ro.opens_at LIMIT 1;
    round := r.id;
    IF asked NOT IN ('fill', 'draw') THEN
        IF r.id IS NULL THEN code := 'window'; RETURN; END IF;
        IF NOT r.fits THEN code := 'population'; detail := r.name; RETURN; END IF;
    END IF;
    IF asked = 'drop' OR leaving IS NOT NULL THEN
        -- What goes must not be what another of mine has to be studied together with.
        SELECT pl.id, pl.course_id, co.credits INTO gone FROM course_selection_place pl
        JOIN masterdata_course co ON co.id = pl.course_id WHERE pl.id = coalesce(leaving, wanted);
        SELECT string_agg(DISTINCT co.name, '、') INTO detail
        FROM course_selection_enrolment e
        JOIN course_selection_courseneed n ON n.course_id = e.course_id AND n.together AND n.needs_id = gone.course_id
        JOIN masterdata_course co ON co.id = e.course_id
        WHERE e.student_id = who AND e.term_id = p.term_id AND e.place_id <> gone.id
            AND NOT (leaving IS NOT NULL AND p.course_id = gone.course_id)
            AND NOT EXISTS (SELECT FROM course_selection_courseneed o
                WHERE o.course_id = n.course_id AND (o.id = n.id OR n.alternative <> 0 AND o.alternative = n.alternative)
                AND (EXISTS (SELECT FROM course_selection_standing sd
                        WHERE sd.student_id = who AND sd.course_id = o.needs_id AND sd.kind = 'passed')
                    OR o.together AND (leaving IS NOT NULL AND o.needs_id = p.course_id
                        OR EXISTS (SELECT FROM course_selection_enrolment x WHERE x.student_id = who
                            AND x.term_id = p.term_id AND x.course_id = o.needs_id AND x.place_id <> gone.id))));
        IF detail IS NOT NULL THEN code := 'beside'; RETURN; END IF;
        detail := '';
    END IF;
    IF asked = 'drop' THEN RETURN; END IF;
    IF NOT p.is_open THEN code := 'closed'; RETURN; END IF;
    SELECT pl.number INTO c FROM course_selection_enrolment e JOIN course_selection_place pl ON pl.id = e.place_id
    WHERE e.student_id = who AND e.term_id = p.term_id AND e.course_id = p.course_id
        AND e.place_id IS DISTINCT FROM leaving;
    IF FOUND THEN code := 'chosen'; detail := c.number; RETURN; END IF;
    SELECT coalesce(bool_or(sd.kind = 'passed'), false) AS passed, coalesce(bool_or(sd.kind = 'failed'), false) AS failed,
        coalesce(bool_or(sd.kind = 'planned'), false) AS planned INTO k
    FROM course_selection_standing sd WHERE sd.student_id = who AND sd.course_id = p.course_id;
    IF k.passed AND NOT p.allows_retake AND NOT coalesce(r.allows_repeat, false) THEN
        code := 'passed'; detail := coalesce(r.name, ''); RETURN;
    END IF;
    IF k.failed AND NOT k.passed AND r.retakes = 'none' THEN code := 'retake'; detail := r.name; RETURN; END IF;
    IF r.retakes = 'only' AND NOT k.failed AND NOT k.passed THEN code := 'first'; detail := r.name; RETURN; END IF;
    IF p.is_plan_only AND NOT k.planned THEN code := 'plan'; RETURN; END IF;
    IF p.sex <> '' AND p.sex <> coalesce(s.sex, '') THEN code := 'sex'; detail := p.sex; RETURN; END IF;
    IF p.least_level IS NOT NULL THEN
        SELECT max(l.level) AS level INTO c FROM course_selection_languagelevel l
        WHERE l.student_id = who AND l.language = p.language;
        IF coalesce(c.level, 0) < p.least_level THEN
            code := 'language'; detail := p.language || '|' || p.least_level || '|' || coalesce(c.level::text, ''); RETURN;
        END IF;
    END IF;
    SELECT string_agg(name, '、') INTO detail FROM (
        SELECT min(co.name) AS name FROM course_selection_courseneed n JOIN masterdata_course co ON co.id = n.needs_id
        WHERE n.course_id = p.course_id
        GROUP BY n.alternative, CASE WHEN n.alternative = 0 THEN n.id END
        HAVING NOT bool_or(
            EXISTS (SELECT FROM course_selection_standing sd
                    WHERE sd.student_id = who AND sd.course_id = n.needs_id AND sd.kind = 'passed')
            OR n.together AND EXISTS (SELECT FROM course_selection_enrolment e
                    WHERE e.student_id = who AND e.term_id = p.term_id AND e.course_id = n.needs_id
                    AND e.place_id IS DISTINCT FROM leaving))) missing;
    IF detail IS NOT NULL THEN code := 'needs'; RETURN; END IF;
    detail := '';
    SELECT co.name, t.weekday, t.first_period, t.last_period,
        t.first_period <= m.last_period AND m.first_period <= t.last_period AS meets INTO c
    FROM course_selection_sectiontime t
    JOIN course_selection_enrolment e ON e.student_id = who AND e.term_id = p.term_id
        AND e.place_id IS DISTINCT FROM leaving
    JOIN course_selection_sectiontime m ON m.place_id = e.place_id AND m.weekday = t.weekday
        AND (m.week_bits & t.week_bits) <> 0
    JOIN course_selection_place o ON o.id = e.place_id
    JOIN masterdata_course co ON co.id = e.course_id
    WHERE t.place_id = wanted AND (
        t.first_period <= m.last_period AND m.first_period <= t.last_period
        OR o.campus_id <> p.campus_id AND t.first_period <= m.last_period + 1 AND m.first_period <= t.last_period + 1)
    ORDER BY meets DESC LIMIT 1;
    IF FOUND THEN
        code := CASE WHEN c.meets THEN 'time' ELSE 'campus' END;
        detail := c.name || '|' || c.weekday || '|' || c.first_period || '-' || c.last_period;
        RETURN;
    END IF;
    SELECT s.credits AS credits INTO c;
    IF leaving IS NOT NULL THEN SELECT s.credits - gone.credits AS credits INTO c; END IF;
    most := coalesce(s.most_credits, r.most_credits,
        (SELECT max(ro.most_credits) FROM course_selection_round ro WHERE ro.term_id = p.term_id), 99);
    IF c.credits + p.credits > most THEN
        code := 'credits'; detail := c.credits || '|' || most; RETURN;
    END IF;
    SELECT gl.name, gl.most_credits, held.credits INTO c
    FROM course_selection_grouplimit gl
    JOIN course_selection_plangroup g ON g.name = gl.name AND g.programme_id = s.programme_id AND g.grade = s.grade
        AND g.course_id = p.course_id,
    LATERAL (SELECT coalesce(sum(co.credits), 0) AS credits FROM course_selection_enrolment e
        JOIN course_selection_plangroup m ON m.programme_id = s.programme_id AND m.grade = s.grade
            AND m.course_id = e.course_id AND m.name = gl.name
        JOIN masterdata_course co ON co.id = e.course_id
        WHERE e.student_id = who AND e.term_id = p.term_id AND e.place_id IS DISTINCT FROM leaving) held
    WHERE gl.round_id = r.id AND held.credits + p.credits > gl.most_credits;
    IF FOUND THEN
        code := 'group'; detail := c.name || '|' || c.credits || '|' || c.most_credits; RETURN;
    END IF;
    IF asked IN ('take', 'swap') AND EXISTS (SELECT FROM course_selection_waiting w
        JOIN {WHO} ws ON ws.id = w.student_id
        WHERE w.place_id = wanted AND w.student_id <> who AND (
            NOT EXISTS (SELECT FROM course_selection_pool po WHERE {FREE.format("s")})
            OR EXISTS (SELECT FROM course_selection_pool po WHERE {FREE.format("s")} AND {FOR.format("ws")}))) THEN
        code := 'queue';
    END IF;
END $$;
"""

SEAT = f"""
CREATE OR REPLACE FUNCTION course_selection_seat(who bigint, wanted bigint, OUT seat bigint)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    one bigint;
BEGIN
    FOR one IN
        SELECT po.id FROM course_selection_pool po JOIN {WHO} me ON me.id = who WHERE {FREE.format("me")}
        ORDER BY po.programme_id IS NULL AND po.grade IS NULL AND po.campus_id IS NULL, po.id
    LOOP
        UPDATE course_selection_pool SET taken = taken + 1 WHERE id = one AND taken < capacity RETURNING id INTO seat;
        IF seat IS NOT NULL THEN RETURN; END IF;
    END LOOP;
END $$;
"""


def changed(text: str, *pairs: tuple[str, str]) -> str:
    """With each old part once as the new one."""
    for old, new in pairs:
        if text.count(old) != 1:
            raise ValueError(old)
        text = text.replace(old, new)
    return text


# Students are added to the seats for everybody; a seat says whether the course is studied for the first time.
DECIDE = changed(
    first.DECIDE,
    ("AND programme_id IS NULL AND grade IS NULL RETURNING", "AND programme_id IS NULL AND grade IS NULL AND campus_id IS NULL RETURNING"),
    ("(term_id, student_id, place_id, pool_id, course_id, created_at", "(term_id, student_id, place_id, pool_id, course_id, study, created_at"),
    ("VALUES (p.term_id, who, wanted, seat, p.course_id, now(), now());", """SELECT p.term_id, who, wanted, seat, p.course_id, CASE WHEN bool_or(sd.kind = 'passed') THEN 'repeat'
                WHEN bool_or(sd.kind = 'failed') THEN 'retake' ELSE 'first' END, now(), now()
            FROM course_selection_standing sd WHERE sd.student_id = who AND sd.course_id = p.course_id;"""),
)  # fmt: skip
FILL = changed(
    first.FILL,
    ("JOIN masterdata_student st ON st.id = wa.student_id", f"JOIN {WHO} ws ON ws.id = wa.student_id"),
    ("""WHERE po.place_id = wanted AND po.taken < po.capacity
            AND (po.programme_id IS NULL OR po.programme_id = st.programme_id)
            AND (po.grade IS NULL OR po.grade = st.grade))""", f"WHERE {FREE.format('ws')})"),
)  # fmt: skip

# The seats of draws that were published before say for which campus too: for any.
DRAWN = """
UPDATE course_selection_round SET seats_drawn = (
    SELECT coalesce(jsonb_agg(jsonb_build_array(e->0, e->1, e->2, NULL, e->3) ORDER BY n), '[]')
    FROM jsonb_array_elements(seats_drawn) WITH ORDINALITY AS rows(e, n))
WHERE jsonb_array_length(seats_drawn) > 0
"""
UNDRAWN = """
UPDATE course_selection_round SET seats_drawn = (
    SELECT coalesce(jsonb_agg(jsonb_build_array(e->0, e->1, e->2, e->4) ORDER BY n), '[]')
    FROM jsonb_array_elements(seats_drawn) WITH ORDINALITY AS rows(e, n))
WHERE jsonb_array_length(seats_drawn) > 0
"""


class Migration(migrations.Migration):
    """Credits by group of the plan, retakes, languages, what is studied together, seats kept for a campus."""

    dependencies = [("course_selection", "0007_more_rules"), ("masterdata", "0006_class_campus")]

    operations = [
        migrations.RunSQL(REFUSAL, OLD_REFUSAL),
        migrations.RunSQL(SEAT, first.SEAT),
        migrations.RunSQL(DECIDE, first.DECIDE),
        migrations.RunSQL(FILL, first.FILL),
        migrations.RunSQL(DRAWN, UNDRAWN),
    ]
