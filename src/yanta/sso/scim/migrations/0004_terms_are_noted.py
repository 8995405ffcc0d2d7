from django.db import migrations

# Who gets into an application and what it is told of them is changed in three tables; whichever it was, and a new or
# switched-on target too, is noted as the negative number of the target, of whom everything is then compared anew.
NOTED = "INSERT INTO scim_change (account_id) SELECT DISTINCT -t.id FROM scim_target t JOIN {rows} ON t.application_id = c.{column} WHERE t.is_on;"
RULES = {"applications_accessrule": "application_id", "applications_attributerelease": "application_id"}
ROWS = {
    "INSERT": ("NEW TABLE AS fresh", "fresh c"),
    "UPDATE": ("OLD TABLE AS stale NEW TABLE AS fresh", "(SELECT * FROM fresh UNION ALL SELECT * FROM stale) c"),
    "DELETE": ("OLD TABLE AS stale", "stale c"),
}  # fmt: skip
APPLICATION = (
    "(SELECT n.id FROM fresh n JOIN stale o USING (id) WHERE (n.state, n.audience, n.naming)"
    " IS DISTINCT FROM (o.state, o.audience, o.naming)) c"
)
TARGET_CHANGED = (
    "INSERT INTO scim_change (account_id) SELECT -n.id FROM fresh n JOIN stale o USING (id) WHERE n.is_on"
    " AND (n.is_on, n.url, n.wire, n.base, n.with_groups) IS DISTINCT FROM (o.is_on, o.url, o.wire, o.base, o.with_groups);"
)
TARGET_MADE = "INSERT INTO scim_change (account_id) SELECT -c.id FROM fresh c WHERE c.is_on;"


def _trigger(table: str, event: str, body: str) -> tuple[str, str]:
    name = f"scim_note_{table}_{event.lower()}"
    forward = (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$;"
        f"CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {ROWS[event][0]}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {name}();"
    )
    return forward, f"DROP TRIGGER {name} ON {table}; DROP FUNCTION {name}();"


def _statements() -> tuple[str, str]:
    made = [
        _trigger(table, event, NOTED.format(rows=rows, column=column))
        for table, column in RULES.items()
        for event, (_, rows) in ROWS.items()
    ]
    made += [
        _trigger("applications_application", "UPDATE", NOTED.format(rows=APPLICATION, column="id")),
        _trigger("scim_target", "INSERT", TARGET_MADE),
        _trigger("scim_target", "UPDATE", TARGET_CHANGED),
    ]
    return "".join(forward for forward, _ in made), "".join(backward for _, backward in made)


class Migration(migrations.Migration):
    dependencies = [
        ("scim", "0003_trigger_of_links"),
        ("applications", "0004_remove_application_insert_insert_and_more"),
    ]

    operations = [migrations.RunSQL(*_statements())]
