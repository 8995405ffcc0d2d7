"""One figure: what it is worth, what it is made of, by what it can be cut, its rows, its meaning and its past."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.http import urlencode

from yanta.hub.subjects import Level
from yanta.hub.warehouse import cutting, joining, reading, rules, shapes
from yanta.hub.warehouse.models import Disagreement, Indicator, SameFigure
from yanta.hub.warehouse.services import comparing, explain
from yanta.hub.warehouse.shapes import Formula, Piece
from yanta.hub.warehouse.views.boards import FiguresPage
from yanta.kernel.base import Refused
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.resource import resource_of

ROWS = 50
MOST_COLUMNS = 8


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the formula with its number and the way to its rows."""

    name: str
    title: str
    words: str
    value: Any
    url: str


@dataclass
class Asked:
    """What the address says: which unit, which slices were gone through, what to cut by next."""

    indicator: Indicator
    formula: Formula
    unit: OrgUnit
    filters: list[tuple[str, str]]
    by: str

    def address(
        self, *, unit: str | None = None, filters: list[tuple[str, str]] | None = None, by: str | None = None
    ) -> str:
        code = self.unit.code if unit is None and self.unit.depth > 1 else (unit or "")
        pairs = [("unit", code)] if code else []
        pairs += [("f", f"{name}:{value}") for name, value in (self.filters if filters is None else filters)]
        wanted = self.by if by is None else by
        pairs += [("by", wanted)] if wanted else []
        return "?" + urlencode(pairs)


class FigurePage(FiguresPage):
    """Reads the address."""

    def asked(self, request: HttpRequest, code: str) -> Asked:
        indicator = get_object_or_404(Indicator, code=code)
        version = indicator.versions.filter(valid_to=None).first()
        if version is None:
            raise Http404
        self.version = version
        unit = self.sight.unit(request.GET.get("unit", ""), indicator)
        pairs = [tuple(one.split(":", 1)) for one in request.GET.getlist("f") if ":" in one]
        asked = Asked(
            indicator,
            shapes.read(version.parts, version.expression),
            unit,
            [(a, b) for a, b in pairs],
            request.GET.get("by", ""),
        )
        if (
            (asked.filters or asked.by)
            and unit.depth == 1
            and not (self.sight.is_whole or self.sight.owns(indicator))
        ):
            raise Refused("全校数字的细分只对校领导和主管部门开放；您可以看本单位的细分")
        return asked


class FigureView(FigurePage):
    template = "warehouse/figure.html"

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        asked = self.asked(request, code)
        school = self.sight.unit("") if asked.unit.depth > 1 else asked.unit
        (found,) = reading.readings(
            asked.unit, [asked.indicator], school=school, against=request.GET.get("against", "year")
        )
        on = timezone.localdate()
        slices, refusal = self._slices(asked, on)
        return self.page(
            asked=asked, found=found, version=self.version, parts=self._parts(asked, found, on), slices=slices,
            refusal=refusal, dimensions=self._dimensions(asked), crumbs=self._crumbs(asked), lines=self._lines(asked, found, school),
            versions=list(asked.indicator.versions.all()), made_of=self._made_of(asked), open_pairs=self._pairs(asked.indicator),
            slice_chart=self._bars(asked, slices), school=school,
            query=urlencode([("unit", asked.unit.code)]) if asked.unit.depth > 1 else "",
            shown_of=lambda value: rules.with_unit(value, found.scale), may_change=self.actor.may("warehouse.indicator.change_formula"),
        )  # fmt: skip

    def _parts(self, asked: Asked, found: reading.Reading, on: Any) -> list[Part]:
        parts = []
        for name, piece in asked.formula.pieces.items():
            value = found.parts.get(name) if not asked.filters else float(
                cutting.total(piece, cutting.rows(piece, on=on, unit=asked.unit, filters=asked.filters))
            )  # fmt: skip
            url = f"rows/{asked.address(by='')}&part={name}"
            parts.append(
                Part(
                    name,
                    piece.title,
                    piece.words(),
                    value,
                    url if asked.unit.depth == 1 or cutting.unit_path(piece) else "",
                )
            )
        return parts

    def _slices(self, asked: Asked, on: Any) -> tuple[list[dict[str, Any]], Refused | None]:
        if not asked.by:
            return [], None
        try:
            found = cutting.cut(asked.formula, asked.by, on=on, unit=asked.unit, filters=asked.filters)
        except Refused as refusal:
            return [], refusal
        codes = cutting.unit_codes([one.key for one in found]) if asked.by == cutting.UNIT else {}
        return [{"slice": one, "url": self._into(asked, one.key, codes)} for one in found], None

    def _into(self, asked: Asked, key: str, codes: dict[str, str]) -> str:
        """One step deeper: a unit becomes the unit looked at, any other value a filter."""
        if asked.by != cutting.UNIT:
            return asked.address(filters=[*asked.filters, (asked.by, key)], by="")
        return asked.address(unit=codes[key]) if key in codes and codes[key] != asked.unit.code else ""

    def _dimensions(self, asked: Asked) -> list[tuple[str, str, str, bool]]:
        used = {name for name, _ in asked.filters}
        found = cutting.dimensions_of(asked.formula, asked.indicator.dimensions)
        return [
            (name, title, asked.address(by=name), name == asked.by)
            for name, title in found
            if name not in used
        ]

    def _crumbs(self, asked: Asked) -> list[tuple[str, str]]:
        trail = [
            (
                "全校" if asked.unit.depth > 1 else asked.unit.name,
                asked.address(unit="", filters=[], by=asked.by if self.sight.is_whole else ""),
            )
        ]
        if asked.unit.depth > 1:
            trail.append((asked.unit.name, asked.address(filters=[])))
        for at, (name, value) in enumerate(asked.filters):
            field = next(iter(asked.formula.pieces.values())).subject.field(name)
            label = cutting.labels(field, [value]).get(value, value) or "未填"
            trail.append((f"{field.title} {label}", asked.address(filters=asked.filters[: at + 1])))
        return trail

    def _lines(self, asked: Asked, found: reading.Reading, school: OrgUnit) -> dict[str, Any] | None:
        if found.on is None or asked.filters:
            return None
        units = [asked.unit, *([school] if school.pk != asked.unit.pk else [])]
        trends = reading.trends(units, [asked.indicator], until=found.on)
        own = trends.get((asked.unit.pk, asked.indicator.pk), [])
        if not own:
            return None
        lines = [(asked.unit.short_name or asked.unit.name, own)]
        if len(units) > 1 and not any(
            piece.is_additive and len(asked.formula.pieces) == 1 for piece in asked.formula.pieces.values()
        ):
            lines.append(("全校", trends.get((school.pk, asked.indicator.pk), [])))
        title = rules.trend_title([(f"{on:%Y 年 %-m 月}", value) for on, value in own], found.scale)
        return {"title": title, "data": reading.line_chart(lines, asked.indicator)}

    def _bars(self, asked: Asked, slices: list[dict[str, Any]]) -> dict[str, Any] | None:
        values = [
            (one["slice"].label, one["slice"].value) for one in slices if one["slice"].value is not None
        ]
        if len(values) < 2:
            return None
        return {
            "title": rules.spread_title(values, reading.scale_of(asked.indicator)),
            "data": reading.bar_chart(values, asked.indicator),
        }

    def _made_of(self, asked: Asked) -> list[Indicator]:
        return (
            list(Indicator.objects.filter(code__in=asked.formula.others.values()))
            if asked.formula.others
            else []
        )

    def _pairs(self, indicator: Indicator) -> list[SameFigure]:
        return [
            one for one in SameFigure.objects.filter(left__contains=f":{indicator.code}", is_open=True)
            if one.left.split("@")[0].endswith(f":{indicator.code}")
        ]  # fmt: skip


class RowsView(FigurePage):
    """The rows behind a part: those within one's rights, and how many lie outside them."""

    template = "warehouse/rows.html"

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        asked = self.asked(request, code)
        name = request.GET.get("part") or next(iter(asked.formula.pieces), "")
        piece = asked.formula.pieces.get(name)
        if piece is None:
            raise Http404
        on = timezone.localdate()
        everything = cutting.rows(piece, on=on, unit=asked.unit, filters=asked.filters)
        own = everything.none()
        if joining.may_ask(piece.subject, self.actor):
            own = cutting.rows(piece, on=on, unit=asked.unit, filters=asked.filters, actor=self.actor)
        columns = self._columns(piece, asked)
        page = Paginator(own.values_list("pk", *(field.path for field in columns)), ROWS).get_page(
            request.GET.get("page")
        )
        resource = resource_of(piece.subject.model)
        total, seen = cutting.total(piece, everything), cutting.total(piece, own)
        return self.page(
            asked=asked, part=name, piece=piece, columns=columns, page=page, total=total, seen=seen, rows_total=everything.count(),
            rows_seen=page.paginator.count, lines=self._lines(columns, page.object_list), base_url=resource.base_url if resource else "",
            kept=self._kept(asked, name), back=f"/warehouse/figures/{code}/{asked.address()}",
            query=urlencode([("part", name), *((k, v) for k in ("unit", "f") for v in request.GET.getlist(k))]),
        )  # fmt: skip

    def _kept(self, asked: Asked, name: str) -> Decimal | None:
        """What the last computation kept, to say when the rows have changed since."""
        if asked.filters:
            return None
        (found,) = reading.readings(asked.unit, [asked.indicator])
        value = found.parts.get(name)
        return None if value is None else Decimal(str(value))

    def _columns(self, piece: Piece, asked: Asked) -> list[Any]:
        """What names the row, what the condition looks at, what the figure is cut by; nothing above internal."""
        subject = piece.subject
        wanted = [
            subject.key,
            "name",
            "department_name",
            "unit_name",
            *piece.names,
            *(name for name, _ in asked.filters),
            *asked.indicator.dimensions,
        ]
        by_name = {field.name: field for field in subject.fields}
        chosen = [by_name[name] for name in dict.fromkeys(wanted) if name in by_name]
        named = {field.name.removesuffix("_name") for field in chosen if field.name.endswith("_name")}
        return [f for f in chosen if f.level <= Level.INTERNAL and not f.is_sealed and f.name not in named][
            :MOST_COLUMNS
        ]

    def _lines(self, columns: list[Any], rows: Any) -> list[tuple[int, list[str]]]:
        values = [list(row) for row in rows]
        for at, field in enumerate(columns, start=1):
            names = cutting.labels(field, [str(row[at]) for row in values if row[at] not in (None, "")])
            for row in values:
                row[at] = "" if row[at] is None else names.get(str(row[at]), row[at])
        return [(row[0], row[1:]) for row in values]


class DisagreementView(FiguresPage):
    """Two derivations side by side."""

    template = "warehouse/disagreement.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        one = get_object_or_404(
            Disagreement.objects.select_related("same").visible_to(self.actor, "warehouse.disagreement.view"),
            pk=pk,
        )
        return self.page(
            one=one,
            pairs=self._side_by_side(one),
            may_explain=self.actor.may(explain.permission),
            plain=comparing.plain,
        )

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Compare this pair again, now."""
        one = get_object_or_404(
            Disagreement.objects.select_related("same").visible_to(self.actor, "warehouse.disagreement.view"),
            pk=pk,
        )
        comparing.compare(on=timezone.localdate(), only=[one.same])
        return HttpResponseRedirect(request.path)

    def _side_by_side(self, one: Disagreement) -> list[tuple[str, str, str, bool]]:
        left, right = dict(one.left_story), dict(one.right_story)
        labels = [label for label in dict.fromkeys([*left, *right]) if label not in ("名称", "链接")]
        return [
            (label, left.get(label, "—"), right.get(label, "—"), left.get(label) != right.get(label))
            for label in labels
        ]
