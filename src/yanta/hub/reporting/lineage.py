"""Where report cells come from and go to, for the graph of data."""

from __future__ import annotations

from collections.abc import Iterator

from yanta.hub import subjects
from yanta.hub.lineage import public as lineage
from yanta.hub.reporting import calculation, definitions, drilling, formulas, queries
from yanta.hub.reporting.definitions import LIST, Column, Package, Row, Table
from yanta.hub.reporting.models import Filing
from yanta.hub.subjects import conditions
from yanta.kernel.base import Actor


@lineage.provider
def cells() -> lineage.Graph:
    """Every cell of every package, driven rows once, with the fields and cells it is made of."""
    nodes: list[lineage.Node] = []
    edges: list[lineage.Edge] = []
    for package in definitions.packages():
        for table in package.tables:
            places = _list_places(package, table) if table.kind == LIST else _grid_places(package, table)
            for node, sources in places:
                nodes.append(node)
                edges += [lineage.Edge(source, node.key, how) for source, how in sources]
    return nodes, edges


def _node(package: Package, table: Table, place: str, title: str) -> lineage.Node:
    return lineage.Node(
        "cell", key_of(package, table, place), f"{package.title} · {table.heading} · {title}",
        link=f"/reporting/packages/{package.code}/#{table.code}", owner=table.owner or package.owner,
    )  # fmt: skip


def key_of(package: Package, table: Table, place: str) -> str:
    return f"cell:{package.code}/{table.code}/{place}"


def _list_places(package: Package, table: Table) -> Iterator[tuple[lineage.Node, list[tuple[str, str]]]]:
    for column in table.columns:
        sources = [(f"field:{table.subject}.{column.field}", "列入名册")] if column.field else []
        yield _node(package, table, f"list.{column.code}", column.title), sources


def _grid_places(package: Package, table: Table) -> Iterator[tuple[lineage.Node, list[tuple[str, str]]]]:
    for row, column in definitions.cells(table):
        title = f"{row.title} · {column.title}"
        yield _node(package, table, f"{row.code}.{column.code}", title), _sources(package, table, row, column)


def _sources(package: Package, table: Table, row: Row, column: Column) -> list[tuple[str, str]]:
    if definitions.is_manual(row, column):
        return []
    text = calculation.formula_of(table, row, column)
    if text:
        across = "*" if not row.formula else column.code
        asked = [formulas.full(one, table.code, row.code, across) for one in formulas.names(text)]
        return [(_key_of_name(package, one), "公式") for one in asked]
    measured = (row.measure or column.measure or table.measure).partition(":")[2]
    used = conditions.fields_of({"all": [one for one in (table.where, row.where, column.where) if one]})
    names = dict.fromkeys([*used, *([row.by] if row.by else []), *([measured] if measured else [])])
    return [
        (f"field:{table.subject}.{name}", "统计") for name in names or [subjects.subject(table.subject).key]
    ]


def _key_of_name(package: Package, name: str) -> str:
    code, _, place = name.partition(".")
    return key_of(package, package.table(code), place)


@lineage.tracer("cell")
def rows_behind(key: str, actor: Actor) -> lineage.Traced | None:
    """The rows behind a cell in the newest filing of its package."""
    code, table_code, place = key.partition(":")[2].split("/")
    filing = Filing.objects.filter(package=code).exclude(calculation=None).order_by("-period").first()
    if filing is None or filing.calculation is None or place.startswith("list."):
        return None
    package = queries.package_of(filing)
    table = package.table(table_code)
    row, _, column = place.partition(".")
    line = next(
        (one for one in queries.lines_of(filing.calculation.lines)[table_code] if one.code == row), None
    )
    declared = table.column(column)
    if line is None or definitions.is_manual(table.row(row), declared) or calculation.formula_of(table, table.row(row), declared):  # fmt: skip
        return None
    found = drilling.rows_of(package, table, line, declared, days=filing.days, actor=actor)
    link = f"/reporting/filings/{filing.pk}/tables/{table_code}/cells/{row}/{column}/rows/"
    return lineage.Traced(f"{table.heading} · {line.title} · {declared.title}", found.subject.name, found.ids, found.visible, link)  # fmt: skip
