from django.db import migrations

# Whoever writes, and however: what targets are told of is noted by the database, once a statement, and only where
# there is a target at all, so that loading a school costs nothing before one is registered.
ACCOUNTS = {
    "identity_account": ("id", "INSERT UPDATE"),
    "access_rolegrant": ("account_id", "INSERT UPDATE DELETE"),
}
PEOPLE = {
    "people_person": ("id", "UPDATE"),
    "people_affiliation": ("person_id", "INSERT UPDATE DELETE"),
    "masterdata_student": ("person_id", "INSERT UPDATE DELETE"),
}
ROWS = {
    "INSERT": "NEW TABLE AS changed",
    "UPDATE": "NEW TABLE AS changed",
    "DELETE": "OLD TABLE AS changed",
}
GUARD = "IF EXISTS (SELECT 1 FROM scim_target WHERE is_on) THEN"


def _function(name: str, select: str) -> str:
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {GUARD} "
        f"INSERT INTO scim_change (account_id) {select}; END IF; RETURN NULL; END $$;"
    )


def _statements() -> tuple[str, str]:
    forward, backward = "", ""
    for tables, join in ((ACCOUNTS, ""), (PEOPLE, "JOIN identity_account a ON a.person_id = c.{column}")):
        for table, (column, events) in tables.items():
            name = f"scim_note_{table}"
            chosen = f"c.{column}" if not join else "a.id"
            select = f"SELECT DISTINCT {chosen} FROM changed c {join.format(column=column)}"
            forward += _function(name, select)
            for event in events.split():
                forward += (
                    f"CREATE TRIGGER {name}_{event.lower()} AFTER {event} ON {table} REFERENCING {ROWS[event]} "
                    f"FOR EACH STATEMENT EXECUTE FUNCTION {name}();"
                )
                backward += f"DROP TRIGGER {name}_{event.lower()} ON {table};"
            backward += f"DROP FUNCTION {name}();"
    return forward, backward


class Migration(migrations.Migration):
    dependencies = [
        ("scim", "0001_initial"),
        ("identity", "0004_account_ends"),
        ("access", "0001_initial"),
        ("masterdata", "0004_fact_changes"),
    ]

    operations = [migrations.RunSQL(*_statements())]
