import django.db.models.deletion
from django.db import migrations, models

# The number of whoever this browser belongs to, the same however often it is asked for; NULL for no student.
ENTER = """
CREATE OR REPLACE FUNCTION course_selection_enter(digest text, wanted bigint) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    who bigint; number bigint;
BEGIN
    SELECT s.student INTO who FROM course_selection_student(digest) s;
    IF who IS NULL THEN RETURN NULL; END IF;
    SELECT t.id INTO number FROM course_selection_turn t WHERE t.round_id = wanted AND t.student_id = who;
    IF FOUND THEN RETURN number; END IF;
    INSERT INTO course_selection_turn (round_id, student_id, created_at, updated_at)
    VALUES (wanted, who, clock_timestamp(), clock_timestamp()) ON CONFLICT DO NOTHING RETURNING id INTO number;
    IF FOUND THEN RETURN number; END IF;
    SELECT t.id INTO number FROM course_selection_turn t WHERE t.round_id = wanted AND t.student_id = who;
    RETURN number;
END $$;
"""

# Moves the line of the round that is open now, and says how far it has come. As many come in as time has passed, a
# second's worth ahead of the last number; after a standstill no more than two seconds' worth at once. Numbers that
# nobody of this round has are passed over. Too slow decisions let fewer in, then it recovers.
ADMIT = """
CREATE OR REPLACE FUNCTION course_selection_admit(
    pace double precision, slow boolean, OUT round bigint, OUT admitted bigint, OUT per_second double precision)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    r record; newest bigint; next bigint;
BEGIN
    SELECT ro.id, ro.is_paused INTO r FROM course_selection_round ro
    WHERE ro.kind <> 'lottery' AND clock_timestamp() >= ro.opens_at AND clock_timestamp() < ro.closes_at
    ORDER BY ro.opens_at DESC, ro.id DESC LIMIT 1;
    IF NOT FOUND THEN RETURN; END IF;
    round := r.id;
    SELECT s.last_value INTO newest FROM course_selection_turn_id_seq s;
    INSERT INTO course_selection_line (round_id, admitted, per_second, created_at, updated_at)
    SELECT r.id, newest + pace, pace, clock_timestamp(), clock_timestamp()
    WHERE NOT EXISTS (SELECT FROM course_selection_line l WHERE l.round_id = r.id) ON CONFLICT DO NOTHING;
    SELECT min(t.id) - 1 INTO next FROM course_selection_turn t, course_selection_line l
    WHERE l.round_id = r.id AND t.round_id = r.id AND t.id > l.admitted;
    UPDATE course_selection_line l SET
        per_second = CASE WHEN slow THEN greatest(l.per_second * 0.7, pace / 10) ELSE least(l.per_second * 1.1, pace) END,
        admitted = least(newest + l.per_second, greatest(l.admitted, next)
            + l.per_second * least(2, extract(epoch FROM clock_timestamp() - l.updated_at))),
        updated_at = clock_timestamp()
    WHERE l.round_id = r.id AND NOT r.is_paused AND l.updated_at < clock_timestamp() - interval '0.4 s';
    SELECT floor(l.admitted), CASE WHEN r.is_paused THEN 0 ELSE l.per_second END INTO admitted, per_second
    FROM course_selection_line l WHERE l.round_id = r.id;
END $$;
"""
GONE = "DROP FUNCTION {}"


class Migration(migrations.Migration):
    """A number for each student and round, and one count of how far the line has come."""

    dependencies = [("course_selection", "0005_simulations"), ("masterdata", "0005_head_teachers")]

    operations = [
        migrations.CreateModel(
            name="Line",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="创建时间")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="更新时间")),
                ("admitted", models.FloatField(verbose_name="已放行到")),
                ("per_second", models.FloatField(verbose_name="每秒放行")),
                (
                    "round",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="line",
                        to="course_selection.round",
                        verbose_name="轮次",
                    ),
                ),
            ],
            options={
                "verbose_name": "入口",
            },
        ),
        migrations.CreateModel(
            name="Turn",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="创建时间")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="更新时间")),
                (
                    "round",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="turns",
                        to="course_selection.round",
                        verbose_name="轮次",
                    ),
                ),
                (
                    "student",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="masterdata.student",
                        verbose_name="学生",
                    ),
                ),
            ],
            options={
                "verbose_name": "入口号",
                "indexes": [models.Index(fields=["round", "id"], name="turns_in_order")],
                "constraints": [models.UniqueConstraint(fields=("round", "student"), name="turn_once")],
            },
        ),
        migrations.RunSQL(ENTER, GONE.format("course_selection_enter")),
        migrations.RunSQL(ADMIT, GONE.format("course_selection_admit")),
    ]
