from importlib import import_module

from django.db import migrations

before = import_module("yanta.systems.course_selection.migrations.0002_decisions")

QUEUE = """EXISTS (SELECT FROM course_selection_waiting w
        WHERE w.place_id = wanted AND w.student_id <> who) THEN"""
# A seat that is kept for students like me is not in the way of somebody who waits for one of another kind.
OPEN = """
        po.place_id = wanted AND (po.programme_id IS NULL OR po.programme_id = {0}.programme_id)
        AND (po.grade IS NULL OR po.grade = {0}.grade) AND po.taken < po.capacity"""
FAIR_QUEUE = f"""EXISTS (SELECT FROM course_selection_waiting w
        JOIN masterdata_student ws ON ws.id = w.student_id
        WHERE w.place_id = wanted AND w.student_id <> who AND (
            NOT EXISTS (SELECT FROM course_selection_pool po WHERE {OPEN.format("s")})
            OR EXISTS (SELECT FROM course_selection_pool po WHERE {OPEN.format("s")}
                AND (po.programme_id IS NULL OR po.programme_id = ws.programme_id)
                AND (po.grade IS NULL OR po.grade = ws.grade)))) THEN"""


class Migration(migrations.Migration):
    """Whoever waits holds back only the seats that they could have themselves."""

    dependencies = [("course_selection", "0003_points")]

    operations = [migrations.RunSQL(before.REFUSAL.replace(QUEUE, FAIR_QUEUE), before.REFUSAL)]
