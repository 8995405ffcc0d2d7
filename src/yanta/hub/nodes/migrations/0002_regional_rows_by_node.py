"""The regional store is split by node: a merge of one school's package reads and writes one partition."""

from django.db import migrations

PARTS = 16
TABLE = """
DROP TABLE nodes_regionalrow;
CREATE TABLE nodes_regionalrow (
    node_id bigint NOT NULL REFERENCES nodes_node (id) DEFERRABLE INITIALLY DEFERRED,
    subject varchar(40) NOT NULL,
    key varchar(60) NOT NULL,
    data jsonb NOT NULL,
    sealed bytea,
    identity bytea,
    content bytea NOT NULL,
    number bigint NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (node_id, subject, key)
) PARTITION BY HASH (node_id);
CREATE INDEX regional_identity ON nodes_regionalrow (identity) WHERE identity IS NOT NULL;
"""
PARTITION = "CREATE TABLE nodes_regionalrow_{part} PARTITION OF nodes_regionalrow FOR VALUES WITH (MODULUS {parts}, REMAINDER {part});"


class Migration(migrations.Migration):
    dependencies = [("nodes", "0001_initial")]

    operations = [
        migrations.RunSQL(
            TABLE + "\n".join(PARTITION.format(part=part, parts=PARTS) for part in range(PARTS)),
            migrations.RunSQL.noop,
        )
    ]
