from django.db import migrations

# Why a student may not have a place, or '' and nothing; asked before the click and again inside the decision.
REFUSAL = """
CREATE OR REPLACE FUNCTION course_selection_refusal(
    who bigint, wanted bigint, leaving bigint, asked text, OUT code text, OUT detail text, OUT round bigint)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    p record; s record; r record; c record; most numeric;
BEGIN
    code := ''; detail := '';
    SELECT pl.*, co.credits INTO p FROM course_selection_place pl JOIN masterdata_course co ON co.id = pl.course_id
    WHERE pl.id = wanted;
    SELECT st.programme_id, st.grade, pe.sex, sh.most_credits, coalesce(sh.credits, 0) AS credits INTO s
    FROM masterdata_student st JOIN people_person pe ON pe.id = st.person_id
    LEFT JOIN course_selection_sheet sh ON sh.student_id = st.id AND sh.term_id = p.term_id
    WHERE st.id = who;
    SELECT ro.id, ro.most_credits, ro.name,
        NOT EXISTS (SELECT FROM course_selection_roundscope sc WHERE sc.round_id = ro.id)
        OR EXISTS (SELECT FROM course_selection_roundscope sc WHERE sc.round_id = ro.id
                   AND (sc.programme_id IS NULL OR sc.programme_id = s.programme_id)
                   AND (sc.grade IS NULL OR sc.grade = s.grade)) AS fits
    INTO r FROM course_selection_round ro
    WHERE ro.term_id = p.term_id AND NOT ro.is_paused AND clock_timestamp() >= ro.opens_at
        AND clock_timestamp() < ro.closes_at AND (ro.kind <> 'lottery' OR asked = 'wish')
    ORDER BY fits DESC, ro.opens_at LIMIT 1;
    round := r.id;
    IF asked NOT IN ('fill', 'draw') THEN
        IF r.id IS NULL THEN code := 'window'; RETURN; END IF;
        IF NOT r.fits THEN code := 'population'; detail := r.name; RETURN; END IF;
    END IF;
    IF asked = 'drop' THEN RETURN; END IF;
    IF NOT p.is_open THEN code := 'closed'; RETURN; END IF;
    SELECT pl.number INTO c FROM course_selection_enrolment e JOIN course_selection_place pl ON pl.id = e.place_id
    WHERE e.student_id = who AND e.term_id = p.term_id AND e.course_id = p.course_id
        AND e.place_id IS DISTINCT FROM leaving;
    IF FOUND THEN code := 'chosen'; detail := c.number; RETURN; END IF;
    IF NOT p.allows_retake AND EXISTS (SELECT FROM course_selection_standing sd
        WHERE sd.student_id = who AND sd.course_id = p.course_id AND sd.kind = 'passed') THEN
        code := 'passed'; RETURN;
    END IF;
    IF p.is_plan_only AND NOT EXISTS (SELECT FROM course_selection_standing sd
        WHERE sd.student_id = who AND sd.course_id = p.course_id AND sd.kind = 'planned') THEN
        code := 'plan'; RETURN;
    END IF;
    IF p.sex <> '' AND p.sex <> coalesce(s.sex, '') THEN code := 'sex'; detail := p.sex; RETURN; END IF;
    SELECT string_agg(name, '、') INTO detail FROM (
        SELECT min(co.name) AS name FROM course_selection_courseneed n JOIN masterdata_course co ON co.id = n.needs_id
        WHERE n.course_id = p.course_id
        GROUP BY n.alternative, CASE WHEN n.alternative = 0 THEN n.id END
        HAVING NOT bool_or(
            EXISTS (SELECT FROM course_selection_standing sd
                    WHERE sd.student_id = who AND sd.course_id = n.needs_id AND sd.kind = 'passed')
            OR n.together AND EXISTS (SELECT FROM course_selection_enrolment e
                    WHERE e.student_id = who AND e.term_id = p.term_id AND e.course_id = n.needs_id))) missing;
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
    IF leaving IS NOT NULL THEN
        SELECT s.credits - co.credits AS credits INTO c FROM course_selection_place pl
        JOIN masterdata_course co ON co.id = pl.course_id WHERE pl.id = leaving;
    ELSE
        SELECT s.credits AS credits INTO c;
    END IF;
    most := coalesce(s.most_credits, r.most_credits,
        (SELECT max(ro.most_credits) FROM course_selection_round ro WHERE ro.term_id = p.term_id), 99);
    IF c.credits + p.credits > most THEN
        code := 'credits'; detail := c.credits || '|' || most; RETURN;
    END IF;
    IF asked IN ('take', 'swap') AND EXISTS (SELECT FROM course_selection_waiting w
        WHERE w.place_id = wanted AND w.student_id <> who) THEN
        code := 'queue';
    END IF;
END $$;
"""

# A seat that the student may have: first of those kept for such students, then of those for everybody.
SEAT = """
CREATE OR REPLACE FUNCTION course_selection_seat(who bigint, wanted bigint, OUT seat bigint)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    one bigint;
BEGIN
    FOR one IN
        SELECT po.id FROM course_selection_pool po JOIN masterdata_student st ON st.id = who
        WHERE po.place_id = wanted AND (po.programme_id IS NULL OR po.programme_id = st.programme_id)
            AND (po.grade IS NULL OR po.grade = st.grade) AND po.taken < po.capacity
        ORDER BY po.programme_id IS NULL AND po.grade IS NULL, po.id
    LOOP
        UPDATE course_selection_pool SET taken = taken + 1 WHERE id = one AND taken < capacity RETURNING id INTO seat;
        IF seat IS NOT NULL THEN RETURN; END IF;
    END LOOP;
END $$;
"""

# The whole of one decision. Locks are taken in one order, so that nothing can deadlock: the student's sheet, then
# pools by place. The sheet is held by one request at a time, so the same key twice finds the first answer.
DECIDE = """
CREATE OR REPLACE FUNCTION course_selection_decide(
    who bigint, asked text, wanted bigint, leaving bigint, request uuid, signed text, why text,
    OUT receipt bigint, OUT verb text, OUT outcome text, OUT code text, OUT detail text)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    p record; h record; f record; e record; seat bigint; freed numeric := 0; turn bigint;
BEGIN
    SELECT pl.id, pl.term_id, pl.course_id, co.credits INTO p
    FROM course_selection_place pl JOIN masterdata_course co ON co.id = pl.course_id WHERE pl.id = wanted;
    IF NOT FOUND THEN outcome := 'unknown'; RETURN; END IF;
    LOOP
        SELECT id INTO h FROM course_selection_sheet WHERE term_id = p.term_id AND student_id = who FOR NO KEY UPDATE;
        EXIT WHEN FOUND;
        INSERT INTO course_selection_sheet (term_id, student_id, credits, created_at, updated_at)
        VALUES (p.term_id, who, 0, now(), now()) ON CONFLICT DO NOTHING;
    END LOOP;
    SELECT d.id, d.verb, d.outcome, d.code, d.detail INTO f FROM course_selection_decision d
    WHERE d.student_id = who AND d.key = request;
    IF FOUND THEN
        receipt := f.id; verb := f.verb; outcome := f.outcome; code := f.code; detail := f.detail; RETURN;
    END IF;
    verb := asked; code := ''; detail := ''; outcome := 'refused';
    IF asked IN ('add', 'remove') THEN
        SELECT '' AS code, '' AS detail, NULL::bigint AS round INTO f;
        IF asked = 'add' AND EXISTS (SELECT FROM course_selection_enrolment en WHERE en.student_id = who
            AND en.term_id = p.term_id AND en.course_id = p.course_id) THEN
            code := 'chosen';
        END IF;
    ELSIF asked = 'leave' THEN
        SELECT '' AS code, '' AS detail, NULL::bigint AS round INTO f;
    ELSE
        SELECT * INTO f FROM course_selection_refusal(who, wanted, leaving, asked);
        code := f.code; detail := f.detail;
    END IF;
    IF code = '' AND (asked IN ('drop', 'remove') OR leaving IS NOT NULL) THEN
        SELECT en.id, en.pool_id, en.place_id, co.credits INTO e FROM course_selection_enrolment en
        JOIN masterdata_course co ON co.id = en.course_id
        WHERE en.student_id = who AND en.place_id = coalesce(leaving, wanted);
        IF NOT FOUND THEN code := 'absent'; END IF;
    END IF;
    IF code <> '' THEN
        NULL;
    ELSIF asked = 'leave' THEN
        DELETE FROM course_selection_waiting w WHERE w.place_id = wanted AND w.student_id = who;
        IF FOUND THEN outcome := 'granted'; ELSE code := 'absent'; END IF;
    ELSIF asked = 'wait' THEN
        INSERT INTO course_selection_waiting (place_id, student_id, created_at, updated_at)
        VALUES (wanted, who, now(), now()) ON CONFLICT DO NOTHING;
        outcome := 'waiting';
        SELECT count(*)::text INTO detail FROM course_selection_waiting w
        WHERE w.place_id = wanted AND w.id <= (SELECT o.id FROM course_selection_waiting o
            WHERE o.place_id = wanted AND o.student_id = who);
    ELSIF asked IN ('drop', 'remove') THEN
        UPDATE course_selection_pool SET taken = taken - 1 WHERE id = e.pool_id;
        DELETE FROM course_selection_enrolment WHERE id = e.id;
        UPDATE course_selection_sheet SET credits = credits - e.credits WHERE id = h.id;
        outcome := 'granted';
    ELSE
        IF leaving IS NOT NULL AND leaving < wanted THEN
            UPDATE course_selection_pool SET taken = taken - 1 WHERE id = e.pool_id;
        END IF;
        seat := course_selection_seat(who, wanted);
        IF seat IS NULL AND asked = 'add' THEN
            UPDATE course_selection_pool SET taken = taken + 1, capacity = capacity + 1 WHERE place_id = wanted
                AND programme_id IS NULL AND grade IS NULL RETURNING id INTO seat;
        END IF;
        IF seat IS NULL THEN
            code := 'full';
            IF leaving IS NOT NULL AND leaving < wanted THEN
                UPDATE course_selection_pool SET taken = taken + 1 WHERE id = e.pool_id;
            END IF;
        ELSE
            IF leaving IS NOT NULL THEN
                IF leaving > wanted THEN UPDATE course_selection_pool SET taken = taken - 1 WHERE id = e.pool_id; END IF;
                DELETE FROM course_selection_enrolment WHERE id = e.id;
                freed := e.credits;
            END IF;
            INSERT INTO course_selection_enrolment
                (term_id, student_id, place_id, pool_id, course_id, created_at, updated_at)
            VALUES (p.term_id, who, wanted, seat, p.course_id, now(), now());
            UPDATE course_selection_sheet SET credits = credits + p.credits - freed WHERE id = h.id;
            DELETE FROM course_selection_waiting w USING course_selection_place o
            WHERE w.student_id = who AND o.id = w.place_id AND o.term_id = p.term_id AND o.course_id = p.course_id;
            outcome := 'granted';
        END IF;
    END IF;
    -- Whoever loses the race for a seat at the head of a waiting list goes on waiting: that is no decision.
    IF asked = 'fill' AND code = 'full' THEN RETURN; END IF;
    IF asked = 'fill' AND outcome = 'refused' THEN
        DELETE FROM course_selection_waiting w WHERE w.place_id = wanted AND w.student_id = who;
    END IF;
    INSERT INTO course_selection_decision
        (student_id, place_id, old_id, round_id, verb, outcome, code, detail, key, by, reason, created_at, updated_at)
    VALUES (who, wanted, leaving, f.round, asked, outcome, code, coalesce(detail, ''), request, signed, why,
        clock_timestamp(), clock_timestamp())
    RETURNING id INTO receipt;
END $$;
"""

# One seat for the first who waits and may have it; NULL when there is nobody or no seat. Called until it is NULL.
FILL = """
CREATE OR REPLACE FUNCTION course_selection_fill(
    wanted bigint, OUT receipt bigint, OUT student bigint, OUT outcome text, OUT code text, OUT detail text)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    w record; d record;
BEGIN
    LOOP
        SELECT wa.id, wa.student_id, pl.term_id INTO w FROM course_selection_waiting wa
        JOIN course_selection_place pl ON pl.id = wa.place_id JOIN masterdata_student st ON st.id = wa.student_id
        WHERE wa.place_id = wanted AND EXISTS (SELECT FROM course_selection_pool po
            WHERE po.place_id = wanted AND po.taken < po.capacity
            AND (po.programme_id IS NULL OR po.programme_id = st.programme_id)
            AND (po.grade IS NULL OR po.grade = st.grade))
        ORDER BY wa.id LIMIT 1;
        IF NOT FOUND THEN RETURN; END IF;
        PERFORM FROM course_selection_sheet WHERE term_id = w.term_id AND student_id = w.student_id FOR NO KEY UPDATE;
        PERFORM FROM course_selection_waiting WHERE id = w.id FOR UPDATE;
        CONTINUE WHEN NOT FOUND;
        SELECT * INTO d FROM course_selection_decide(
            w.student_id, 'fill', wanted, NULL, gen_random_uuid(), '系统递补', '');
        receipt := d.receipt; student := w.student_id; outcome := d.outcome; code := d.code; detail := d.detail;
        RETURN;
    END LOOP;
END $$;
"""

# Whose browser it is, when the session lives, the account is in order and has no duty before everything else.
STUDENT = """
CREATE OR REPLACE FUNCTION course_selection_student(digest text) RETURNS TABLE (student bigint, account bigint)
LANGUAGE sql STABLE ROWS 1 AS $$
    SELECT (SELECT st.id FROM masterdata_student st WHERE st.person_id = a.person_id AND st.left_on IS NULL
            ORDER BY st.grade DESC NULLS LAST, st.id DESC LIMIT 1), a.id
    FROM identity_session s JOIN identity_account a ON a.id = s.account_id
    WHERE s.key_digest = digest AND s.expires_at > now() AND a.state = 'active'
        AND NOT a.must_change_password AND NOT a.must_enrol_factor AND NOT coalesce((s.data->>'must_enrol')::boolean, false)
$$;
"""
GONE = "DROP FUNCTION {}"


class Migration(migrations.Migration):
    """A decision is one function of the database: one statement, one transaction, one answer."""

    dependencies = [
        ("course_selection", "0001_initial"),
        ("identity", "0007_tokens_of_gates"),
        ("people", "__first__"),
    ]

    operations = [
        migrations.RunSQL(REFUSAL, GONE.format("course_selection_refusal")),
        migrations.RunSQL(SEAT, GONE.format("course_selection_seat")),
        migrations.RunSQL(DECIDE, GONE.format("course_selection_decide")),
        migrations.RunSQL(FILL, GONE.format("course_selection_fill")),
        migrations.RunSQL(STUDENT, GONE.format("course_selection_student")),
    ]
