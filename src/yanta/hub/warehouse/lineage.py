"""Where figures come from and on which boards they stand, for the graph of data."""

from __future__ import annotations

from collections.abc import Iterator

from yanta.hub.lineage import public as lineage
from yanta.hub.warehouse import cutting, joining, shapes
from yanta.hub.warehouse.models import Board, Indicator, IndicatorVersion
from yanta.hub.warehouse.shapes import Piece
from yanta.kernel.base import Actor

MOST_IDS = 200


@lineage.provider
def figures_and_boards() -> lineage.Graph:
    """`field:` → `indicator:` → `board:`."""
    return list(_nodes()), list(_edges())


def _nodes() -> Iterator[lineage.Node]:
    for one in Indicator.objects.filter(is_open=True):
        yield lineage.Node(
            "indicator",
            f"indicator:{one.code}",
            one.name,
            f"/warehouse/figures/{one.code}/",
            one.owner,
            one.basis[:200],
        )
    for board in Board.objects.all():
        yield lineage.Node("board", f"board:{board.code}", board.name, f"/warehouse/boards/{board.code}/")


def _edges() -> Iterator[lineage.Edge]:
    for version in IndicatorVersion.objects.filter(valid_to=None, indicator__is_open=True).select_related(
        "indicator"
    ):
        target = f"indicator:{version.indicator.code}"
        formula = shapes.read(version.parts, version.expression)
        for source, how in dict.fromkeys(
            pair for piece in formula.pieces.values() for pair in _sources(piece)
        ):
            yield lineage.Edge(source, target, how)
        for code in formula.others.values():
            yield lineage.Edge(f"indicator:{code}", target, version.expression)
    for board in Board.objects.all():
        for code in board.items:
            yield lineage.Edge(f"indicator:{code}", f"board:{board.code}", "显示")


def _sources(piece: Piece) -> Iterator[tuple[str, str]]:
    """The fields a piece reads; what lies behind a link belongs to the subject there."""
    names = piece.names or [piece.subject.key]
    for name in names:
        how = "统计" if name == piece.field_name else "条件" if name != piece.unit_field else "单位"
        link, _, behind = name.partition(joining.SEPARATOR)
        refers = piece.subject.field(link).refers if behind else ""
        target = next(
            (s.name for s in joining.subjects.all_subjects() if s.model._meta.label_lower == refers), ""
        )
        yield (f"field:{target}.{behind}" if target else f"field:{piece.subject_name}.{name}"), how


@lineage.tracer("indicator")
def rows_behind(key: str, actor: Actor) -> lineage.Traced | None:
    """The rows of the first part of an indicator, as far as the actor may see them."""
    from django.utils import timezone

    version = (
        IndicatorVersion.objects.filter(valid_to=None, indicator__code=key.partition(":")[2])
        .select_related("indicator")
        .first()
    )
    if version is None:
        return None
    pieces = list(shapes.read(version.parts, version.expression).pieces.items())
    if not pieces or not joining.may_ask(pieces[0][1].subject, actor):
        return None
    name, piece = pieces[0]
    found = cutting.rows(piece, on=timezone.localdate(), actor=actor)
    link = f"/warehouse/figures/{version.indicator.code}/rows/?part={name}"
    return lineage.Traced(
        piece.title,
        piece.subject_name,
        list(found.values_list("pk", flat=True)[:MOST_IDS]),
        found.count(),
        link,
    )
