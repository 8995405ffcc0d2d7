"""The read-only door: per consumer a role of the database and a schema of views over exactly what was granted.

Each view asks `sharing_gate(grant)` once per statement. The gate looks up whether the grant runs at this moment, so
that a revoked one shows no row even to a session that is open, and counts the statement on a sequence, which no
ROLLBACK takes back. Which rows a statement really fetched PostgreSQL does not tell: the log keeps what it could see.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

import psycopg
from django.core.exceptions import EmptyResultSet
from django.db import connection, models, transaction
from django.db.models.functions import Cast
from psycopg import sql

from yanta.hub.sharing.contents import Contents, contents_of
from yanta.hub.sharing.models import Grant, SchemaAccess, Way
from yanta.hub.subjects import Field, Subject
from yanta.kernel.base import Refused
from yanta.kernel.base.fields import SealedField

STATEMENT_SECONDS = 60
CONNECTIONS = 4


def open_for(grant: Grant) -> tuple[SchemaAccess, str]:
    """The consumer's role with a new password, which is told this once; its views are made."""
    if Way.SCHEMA not in grant.ways or grant.state != Grant.State.ACTIVE:
        raise Refused("这份授权不含只读库，或已不在有效期")
    access = _access(grant)
    password = secrets.token_urlsafe(24)
    with _plain_cursor() as cursor:
        verifier = _verifier(password, access.role)
        found = _exists(access.role)
        made = "ALTER ROLE {} " if found else "CREATE ROLE {} "
        options = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT NOREPLICATION CONNECTION LIMIT {} PASSWORD {}"
        try:
            cursor.execute(
                sql.SQL(made + options).format(
                    sql.Identifier(access.role), sql.Literal(CONNECTIONS), sql.Literal(verifier)
                )
            )
        except psycopg.errors.InsufficientPrivilege as error:
            raise Refused("平台的数据库账号没有建账号的权限（CREATEROLE），请联系信息中心") from error
        _fence(cursor, access)
    SchemaAccess.objects.filter(pk=access.pk).update(is_open=True)
    renew_views([grant])
    return access, password


def _plain_cursor() -> Any:
    """The connection's own cursor: statements about roles and views are composed, and nobody's history."""
    connection.ensure_connection()
    return connection.connection.cursor()


def _access(grant: Grant) -> SchemaAccess:
    with _plain_cursor() as cursor:
        cursor.execute("SELECT oid FROM pg_database WHERE datname = current_database()")
        database = cursor.fetchone()[0]
    consumer = grant.consumer
    name = f"share_{consumer.code.replace('-', '_')}"
    found, _ = SchemaAccess.objects.get_or_create(
        consumer=consumer, defaults={"role": f"share_{database}_{consumer.pk}", "schema": name[:63]}
    )
    return found


def _verifier(password: str, role: str) -> str:
    """SCRAM, made here, so that the password never stands in a statement or the server's log."""
    connection.ensure_connection()
    made: bytes = connection.connection.pgconn.encrypt_password(
        password.encode(), role.encode(), b"scram-sha-256"
    )
    return made.decode()


def _exists(role: str) -> bool:
    with _plain_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        return cursor.fetchone() is not None


def _fence(cursor: Any, access: SchemaAccess) -> None:
    """Its own schema and nothing else."""
    role, schema = sql.Identifier(access.role), sql.Identifier(access.schema)
    for statement in (
        "REVOKE TEMPORARY, CREATE ON DATABASE {database} FROM PUBLIC",
        "GRANT CONNECT ON DATABASE {database} TO {role}",
        "CREATE SCHEMA IF NOT EXISTS {schema}",
        "GRANT USAGE ON SCHEMA {schema} TO {role}",
        "REVOKE EXECUTE ON FUNCTION sharing_gate(bigint) FROM PUBLIC",
        "GRANT EXECUTE ON FUNCTION sharing_gate(bigint) TO {role}",
        "ALTER ROLE {role} SET search_path = {schema}",
        "ALTER ROLE {role} SET statement_timeout = {timeout}",
        "ALTER ROLE {role} SET idle_in_transaction_session_timeout = '60s'",
    ):
        cursor.execute(
            sql.SQL(statement).format(
                role=role, schema=schema, database=sql.Identifier(connection.settings_dict["NAME"]),
                timeout=sql.Literal(f"{STATEMENT_SECONDS}s"),
            )
        )  # fmt: skip


def renew_views(grants: Iterable[Grant]) -> int:
    """Make the views of these grants anew where their consumer has a role; returns how many stand."""
    count = 0
    for grant in grants:
        access = SchemaAccess.objects.filter(consumer_id=grant.consumer_id).first()
        if access is None or not _exists(access.role):
            continue
        with transaction.atomic(), _plain_cursor() as cursor:
            _drop_view(cursor, access, grant)
            if Way.SCHEMA in grant.ways and grant.state == Grant.State.ACTIVE and grant.dataset.is_open:
                _allow_login(cursor, access)
                _make_view(cursor, access, grant)
                count += 1
    return count


def _allow_login(cursor: Any, access: SchemaAccess) -> None:
    cursor.execute(sql.SQL("ALTER ROLE {} LOGIN").format(sql.Identifier(access.role)))
    SchemaAccess.objects.filter(pk=access.pk, is_open=False).update(is_open=True)


def _view_name(grant: Grant) -> str:
    return grant.dataset.code.replace("-", "_")


def _sequence(grant: Grant) -> str:
    return f"sharing_reads_{grant.pk}"


def _drop_view(cursor: Any, access: SchemaAccess, grant: Grant) -> None:
    cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [access.schema])
    if cursor.fetchone():
        view = sql.Identifier(access.schema, _view_name(grant))
        cursor.execute(sql.SQL("DROP VIEW IF EXISTS {}").format(view))


def _make_view(cursor: Any, access: SchemaAccess, grant: Grant) -> None:
    schema, role = sql.Identifier(access.schema), sql.Identifier(access.role)
    cursor.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(schema))
    cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, role))
    cursor.execute(sql.SQL("CREATE SEQUENCE IF NOT EXISTS {}").format(sql.Identifier(_sequence(grant))))
    view = sql.Identifier(access.schema, _view_name(grant))
    body = _select(contents_of(grant))
    gate = sql.SQL("(SELECT public.sharing_gate({}))").format(sql.Literal(grant.pk))
    cursor.execute(
        sql.SQL("CREATE VIEW {} WITH (security_barrier) AS SELECT * FROM ({}) AS granted WHERE {}").format(
            view, sql.SQL(body), gate
        )
    )
    cursor.execute(sql.SQL("GRANT SELECT ON {} TO {}").format(view, role))
    title = f"{grant.dataset.title}（第 {grant.dataset.version} 版）"
    cursor.execute(sql.SQL("COMMENT ON VIEW {} IS {}").format(view, sql.Literal(title)))


def _select(contents: Contents) -> str:
    """The subject's own SELECT with its values written in; the salt is looked up, for definitions can be read."""
    columns: dict[str, Any] = {"c_id": _row_key(contents.grant)}
    for name in contents.names:
        field = contents.subject.field(name)
        hidden = name in contents.hidden
        columns[f"c_{name}"] = _token(contents, field) if hidden else models.F(field.path)
    chosen = contents.rows().order_by().annotate(**columns).values(*columns)
    try:
        inner = _written(chosen)
    except EmptyResultSet:  # a condition that nothing can meet
        inner = (
            f"{_written(contents.subject.rows().order_by().annotate(**columns).values(*columns))} WHERE false"
        )
    names = ", ".join(f'c_{name} AS "{name}"' for name in contents.names)
    return f"SELECT c_id AS _id, {names} FROM ({inner}) AS subject"


def _written(rows: models.QuerySet[Any, Any]) -> str:
    statement, parameters = rows.query.sql_with_params()
    connection.ensure_connection()
    with psycopg.ClientCursor(connection.connection) as cursor:
        return cursor.mogrify(statement, parameters)


class _Hash(models.Func):
    """The first half of SHA-256 over the grant's salt and a text."""

    template = (
        "left(encode(sha256(convert_to((SELECT salt FROM sharing_grant WHERE id = %(grant)s) || "
        "%(expressions)s, 'UTF8')), 'hex'), 16)"
    )
    output_field = models.CharField()


def _row_key(grant: Grant) -> Any:
    return _Hash(models.functions.Concat(models.Value(":"), Cast("pk", models.CharField())), grant=grant.pk)


def _token(contents: Contents, field: Field) -> Any:
    model: Any = _holder(contents.subject, field)
    column = model._meta.get_field(field.path.rpartition("__")[2])
    if isinstance(column, SealedField):
        text: Any = _Hex(models.F(f"{field.path}_index" if column.indexed else field.path))
    else:
        text = Cast(field.path, models.CharField())
    hashed = _Hash(text, grant=contents.grant.pk)
    full = models.functions.Concat(models.Value("#"), hashed, output_field=models.CharField())
    return models.Case(
        models.When(**{f"{field.path}__isnull": False}, then=full),
        default=None,
        output_field=models.CharField(),
    )


class _Hex(models.Func):
    template = "encode(%(expressions)s, 'hex')"
    output_field = models.CharField()


def _holder(subject: Subject, field: Field) -> Any:
    model: Any = subject.model
    for step in field.via.split("__") if field.via else []:
        model = model._meta.get_field(step).remote_field.model
    return model


def close(grant: Grant) -> None:
    """The grant's view goes; with the last one the sessions end and the role is locked."""
    access = SchemaAccess.objects.filter(consumer_id=grant.consumer_id).first()
    if access is None:
        return
    with _plain_cursor() as cursor:
        _drop_view(cursor, access, grant)
        left = Grant.objects.filter(
            consumer_id=grant.consumer_id, state=Grant.State.ACTIVE, ways__contains=[Way.SCHEMA.value]
        )
        if not left.exclude(pk=grant.pk).exists():
            lock(access)


def lock(access: SchemaAccess) -> None:
    """Nobody signs in as this role, and whoever is in is put out."""
    if _exists(access.role):
        with _plain_cursor() as cursor:
            cursor.execute(sql.SQL("ALTER ROLE {} NOLOGIN").format(sql.Identifier(access.role)))
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", [access.role]
            )
    SchemaAccess.objects.filter(pk=access.pk).update(is_open=False)


def remove(access: SchemaAccess) -> None:
    """Role and schema, when a consumer is gone for good."""
    lock(access)
    with _plain_cursor() as cursor:
        cursor.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(access.schema)))
        if _exists(access.role):
            cursor.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(access.role)))
            cursor.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(access.role)))
    access.delete()


def stop_long_statements() -> int:
    """A role may lift its own statement_timeout, so the platform ends what runs longer."""
    with _plain_cursor() as cursor:
        cursor.execute(
            """SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE state = 'active'
            AND usename = ANY(%s) AND query_start < now() - make_interval(secs => %s)""",
            [list(SchemaAccess.objects.values_list("role", flat=True)), STATEMENT_SECONDS + 5],
        )
        return int(cursor.fetchone()[0])


def statements_of(grant: Grant) -> int:
    """How many statements have gone through the grant's gate."""
    with _plain_cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [_sequence(grant)])
        if cursor.fetchone()[0] is None:
            return 0
        name = sql.Identifier(_sequence(grant))
        cursor.execute(sql.SQL("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {}").format(name))
        return int(cursor.fetchone()[0])


def before_migrations(**_: Any) -> None:
    """No view may stand in the way of a migration."""
    if SchemaAccess._meta.db_table not in connection.introspection.table_names():
        return
    with _plain_cursor() as cursor:
        cursor.execute("SELECT schema FROM sharing_schemaaccess")
        for (schema,) in cursor.fetchall():
            cursor.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema)))


def after_migrations(**_: Any) -> None:
    """Every view of every live grant again."""
    tables = connection.introspection.table_names()
    if SchemaAccess._meta.db_table in tables and SchemaAccess.objects.exists():
        renew_views(Grant.objects.filter(state="active").select_related("dataset", "consumer__unit"))
