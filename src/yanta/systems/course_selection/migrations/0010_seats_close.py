from importlib import import_module

from django.db import migrations

before = import_module("yanta.systems.course_selection.migrations.0008_more_rules_decide")

# A seat that a student gives up. While more have one than the section holds, it closes instead of being free again.
# The second statement is one of its own, so it sees what was decided about the seats while the first one waited for
# them; locks are taken in the order pools, then place, by whoever changes seats too.
GIVE_BACK = """
CREATE OR REPLACE FUNCTION course_selection_give_back(seat bigint) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    place bigint;
BEGIN
    UPDATE course_selection_pool SET taken = taken - 1 WHERE id = seat;
    SELECT po.place_id INTO place FROM course_selection_pool po JOIN course_selection_place pl ON pl.id = po.place_id
    WHERE po.id = seat AND pl.closing > 0;
    IF NOT FOUND THEN RETURN; END IF;
    UPDATE course_selection_place SET closing = closing - 1 WHERE id = place AND closing > 0;
    IF FOUND THEN UPDATE course_selection_pool SET capacity = capacity - 1 WHERE id = seat; END IF;
END $$;
"""

# Of two places the pool of the lower one is locked first; it is given back only once the other seat is there.
DECIDE = before.changed(
    before.DECIDE,
    ("        UPDATE course_selection_pool SET taken = taken - 1 WHERE id = e.pool_id;\n        DELETE",
     "        PERFORM course_selection_give_back(e.pool_id);\n        DELETE"),
    ("            UPDATE course_selection_pool SET taken = taken - 1 WHERE id = e.pool_id;\n        END IF;\n        seat :=",
     "            PERFORM FROM course_selection_pool WHERE id = e.pool_id FOR NO KEY UPDATE;\n        END IF;\n        seat :="),
    ("""            code := 'full';
            IF leaving IS NOT NULL AND leaving < wanted THEN
                UPDATE course_selection_pool SET taken = taken + 1 WHERE id = e.pool_id;
            END IF;
""", "            code := 'full';\n"),
    ("IF leaving > wanted THEN UPDATE course_selection_pool SET taken = taken - 1 WHERE id = e.pool_id; END IF;",
     "PERFORM course_selection_give_back(e.pool_id);"),
)  # fmt: skip


class Migration(migrations.Migration):
    """Seats over the capacity of a section close as students leave."""

    dependencies = [("course_selection", "0009_place_closing")]

    operations = [
        migrations.RunSQL(GIVE_BACK, "DROP FUNCTION course_selection_give_back"),
        migrations.RunSQL(DECIDE, before.DECIDE),
    ]
