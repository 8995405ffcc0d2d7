"""What the hub itself knows: delivered columns, merged values, subjects and their fields, standards, code sets, systems."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps

from yanta.hub import subjects
from yanta.hub.elements import ELEMENTS, Element
from yanta.hub.lineage.shapes import Edge, Graph, Node, Traced, provider, tracer
from yanta.hub.models import Authority, Mapping, Source
from yanta.hub.subjects import Field, Subject
from yanta.kernel.base import Actor, System
from yanta.kernel.codes import service as codes
from yanta.kernel.codes.bindings import bindings
from yanta.kernel.codes.queries import code_fields

# What a column is taken for, where the merged value is called otherwise.
MERGED_AS = {
    "birth": "birth_date", "student_no": "ug_no", "org_name": "org_code", "sub_org": "org_code", "major_name": "major_code",
    "title": "title_code", "dorm_place": "dorm_bed", "dorm_bed_no": "dorm_bed", "dorm_building": "dorm_bed",
}  # fmt: skip
ELSEWHERE = {"dorm_bed": "student.bed", "title_code": "staff_member.title", "staff_no": "staff_member.number",
             "ug_no": "student.number", "grad_no": "student.number", "exam_no": "student.exam_number"}  # fmt: skip
OF_PERSON = "person"
TRACED_ROWS = 200


@provider
def deliveries() -> Graph:
    """Sources, the columns of their confirmed layouts, and the merged values that these make up."""
    sources = {one.pk: one for one in Source.objects.all()}
    nodes = [
        Node(
            "source",
            f"source:{one.code}",
            one.title,
            f"/hub/source/{one.pk}/",
            one.department,
            one.get_kind_display(),
        )
        for one in sources.values()
    ]
    nodes += [_merged_node(element) for element in ELEMENTS.values()]
    edges: list[Edge] = []
    ranks = {(one.source_id, one.element): one for one in Authority.objects.order_by("-rank")}
    for mapping in Mapping.objects.filter(status=Mapping.Status.CONFIRMED):
        source = sources[mapping.source_id]
        for node, element in _columns(mapping, source):
            nodes.append(node)
            edges.append(Edge(f"source:{source.code}", node.key, "报送"))
            if element:
                rank = ranks.get((source.pk, element))
                how = f"归并，第 {rank.rank} 位可信" if rank else "归并"
                edges.append(Edge(node.key, f"merged:{element}", how))
    return nodes, [*edges, *_merged_edges()]


def _columns(mapping: Mapping, source: Source) -> Iterator[tuple[Node, str]]:
    table = mapping.file_name or f"第 {mapping.version} 版"
    for column in mapping.document.get("columns", ()):
        label = str(column.get("label", ""))
        raw = column.get("element") or ""
        element = raw if raw in ELEMENTS else MERGED_AS.get(raw, "")
        if not label or not raw:
            continue
        key = f"column:{source.code}/{table}/{label}"
        yield (
            Node("column", key, f"{label}", f"/hub/mappings/{mapping.pk}/", source.department, table),
            element,
        )


def _merged_node(element: Element) -> Node:
    return Node(
        "merged",
        f"merged:{element.name}",
        f"{element.label}（归并）",
        "/hub/authority/",
        "",
        element.standard,
    )


def _merged_edges() -> Iterator[Edge]:
    for name, element in ELEMENTS.items():
        target = f"{OF_PERSON}.{element.field}" if element.field else ELSEWHERE.get(name)
        if target:
            yield Edge(f"merged:{name}", f"field:{target}", "写回")


@provider
def fields() -> Graph:
    """Every field of every subject, where its value comes from, and the system that keeps it."""
    nodes: list[Node] = []
    edges: list[Edge] = []
    for subject in subjects.all_subjects():
        for field in subject.fields:
            nodes.append(_field_node(subject, field))
            edges += _field_edges(subject, field)
    return nodes, edges


def _field_node(subject: Subject, field: Field) -> Node:
    note = "，".join(part for part in (field.element, field.level.label) if part)
    link = f"/lineage/?key=field:{subject.name}.{field.name}"
    return Node(
        "field",
        _key(subject, field),
        f"{subject.title} · {field.title}",
        link,
        field.owner or subject.owner,
        note,
    )


def _key(subject: Subject, field: Field) -> str:
    return f"field:{subject.name}.{field.name}"


def _field_edges(subject: Subject, field: Field) -> Iterator[Edge]:
    key = _key(subject, field)
    if field.element:
        yield Edge(f"element:{field.element}", key, "遵循标准")
    if field.code_set:
        yield Edge(f"codeset:{field.code_set}", key, "取值")
    if field.via and not field.refers:
        origin = _origin(subject, field)
        if origin and origin != key:
            yield Edge(origin, key, "引用")
    if field.refers:
        target = _subject_of(field.refers)
        if target is not None and target.key != "id":
            yield Edge(f"field:{target.name}.{target.key}", key, "参照")
    if not field.via or field.refers:
        yield Edge(key, f"system:{subject.model._meta.app_label}", "办理与使用")


def _origin(subject: Subject, field: Field) -> str | None:
    """The field of another subject that this one shows."""
    model: type = subject.model
    for step in field.via.split("__"):
        model = model._meta.get_field(step).remote_field.model  # type: ignore[attr-defined]  # links lead to models
    target = _subject_of(model._meta.label_lower)  # type: ignore[attr-defined]  # links lead to models
    return f"field:{target.name}.{field.path.rpartition('__')[2]}" if target else None


def _subject_of(label: str) -> Subject | None:
    return next((one for one in subjects.all_subjects() if one.model._meta.label_lower == label), None)


@provider
def standards() -> Graph:
    """Elements of the standards that fields are bound to, code sets, and the systems that use them."""
    nodes = [
        Node("system", f"system:{config.label}", str(config.verbose_name), owner=getattr(config, "owner", ""))
        for config in apps.get_app_configs()
        if isinstance(config, System) or config.name.startswith("yanta.")
    ]
    edges = []
    for binding in bindings():
        name = f"{binding.subset}.{binding.identifier}".lstrip(".")
        title = f"{binding.identifier} {binding.model._meta.get_field(binding.field).verbose_name}"  # type: ignore[union-attr]  # links lead to models
        nodes.append(
            Node("element", f"element:{name}", title, "/codes/dataelement/", binding.owner, binding.source)
        )
        edges.append(Edge(f"element:{name}", f"system:{binding.model._meta.app_label}", binding.field_title))
    for model, field in code_fields():
        nodes.append(_code_set_node(field.set_id))
        how = f"{model._meta.verbose_name} · {field.verbose_name}"
        edges.append(Edge(f"codeset:{field.set_id}", f"system:{model._meta.app_label}", how))
    return nodes, edges


def _code_set_node(set_id: str) -> Node:
    try:
        title = codes.table_of(set_id).title
    except codes.UnknownCodeSet:
        title = set_id
    return Node("codeset", f"codeset:{set_id}", title, f"/codes/browse/{set_id}/", note=set_id)


@tracer("field")
def rows_of_field(key: str, actor: Actor) -> Traced | None:
    """The rows that have a value in a field, as far as the actor sees them."""
    subject_name, _, name = key.removeprefix("field:").partition(".")
    subject = subjects.subject(subject_name)
    field = subject.field(name)
    rows = subject.rows(actor).filter(subjects.conditions.q(subject, {"field": name, "is": "filled"}))
    total = rows.count()
    return Traced(
        f"{subject.title} · {field.title}",
        subject.name,
        list(rows.values_list("pk", flat=True)[:TRACED_ROWS]),
        total,
    )
