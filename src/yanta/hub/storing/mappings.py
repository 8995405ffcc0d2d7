"""Mappings kept in the database, as the engine asks for them; sources as the dictionary of kinds names them."""

from __future__ import annotations

from django.utils import timezone

from yanta.hub.intake.mapping import Mapping as Layout
from yanta.hub.merging.authority import Authority as Agreement
from yanta.hub.models import Authority, Mapping, Source
from yanta.hub.schema import SOURCES
from yanta.kernel.organisation.models import OrgUnit

Status = Mapping.Status


class DatabaseStore:
    """Confirmed mappings; what was proposed waits beside them."""

    def find(self, fingerprint: str) -> Layout | None:
        found = Mapping.objects.filter(fingerprint=fingerprint, status=Status.CONFIRMED).first()
        return Layout.from_json(found.document) if found else None

    def latest(self, place: str) -> Layout | None:
        found = (
            Mapping.objects.exclude(status=Status.PROPOSED)
            .filter(document__place=place)
            .order_by("-version")
            .first()
        )
        return Layout.from_json(found.document) if found else None

    def save(self, mapping: Layout) -> None:
        keep(mapping, status=Status.CONFIRMED)


def keep(
    mapping: Layout, *, status: Mapping.Status, file_name: str = "", samples: dict[str, list[str]] | None = None
) -> Mapping:  # fmt: skip
    """Write a mapping; a confirmed one retires those of the same place before it."""
    source = Source.objects.get(code=mapping.source)
    if status == Status.CONFIRMED:
        Mapping.objects.filter(document__place=mapping.place, status=Status.CONFIRMED).update(
            status=Status.RETIRED
        )
    proposed = Mapping.objects.filter(fingerprint=mapping.fingerprint, status=Status.PROPOSED).first()
    row = proposed or Mapping(fingerprint=mapping.fingerprint, version=_next_version(source))
    row.source, row.document, row.status = source, mapping.to_json(), status
    row.samples = samples or row.samples
    row.file_name = file_name or row.file_name or mapping.place
    if status == Status.CONFIRMED:
        row.confirmed_by, row.confirmed_at = mapping.confirmed_by, timezone.now()
    row.save()
    return row


def _next_version(source: Source) -> int:
    last = Mapping.objects.filter(source=source).order_by("-version").first()
    return last.version + 1 if last else 1


def ensure_sources() -> None:
    """One source per kind of file that the engine recognises, owned by the unit of that name."""
    present = set(Source.objects.values_list("code", flat=True))
    for code, department in SOURCES.items():
        if code not in present:
            Source.objects.create(
                code=code, title=f"{department}名册", department=department, owner=_unit(department)
            )
    for source in Source.objects.filter(owner=None):
        unit = _unit(source.department)
        if unit is not None:
            source.owner = unit
            source.save(update_fields=["owner", "updated_at"])


_SHORT = {"学工部": "学生处", "招生办": "招办", "一卡通中心": "信息中心"}


def _unit(department: str) -> OrgUnit | None:
    """By name, else by short name or a name that contains it."""
    for name in (department, _SHORT.get(department, department)):
        for condition in (
            {"name": name},
            {"short_name": name},
            {"aliases__contains": name},
            {"name__contains": name},
        ):
            found = OrgUnit.objects.filter(**condition).first()
            if found is not None:
                return found
    return None


def ensure_authority(agreement: Agreement) -> None:
    """Keep the agreed order in the database, where everybody may read it."""
    sources = dict(Source.objects.values_list("code", "pk"))
    wanted = {
        (rule.element, rule.population, sources[rule.source]): (rule.rank, rule.label, rule.form)
        for rule in agreement.rules
        if rule.source in sources
    }
    present = {
        (a.element, a.population, a.source_id): (a.rank, a.label, a.form) for a in Authority.objects.all()
    }
    if wanted == present:
        return
    Authority.objects.all().delete()
    Authority.objects.bulk_create(
        Authority(element=element, population=population, source_id=source, rank=rank, label=label, form=form)
        for (element, population, source), (rank, label, form) in wanted.items()
    )
