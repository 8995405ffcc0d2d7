"""What the browser draws: the file, and where the matter has been."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext

from yanta.kernel.portal.pages import PortalPage
from yanta.kernel.workflow import queries
from yanta.kernel.workflow.bpmn.laying import give_room, with_drawing
from yanta.kernel.workflow.bpmn.reading import DI, elements, read
from yanta.kernel.workflow.bpmn.tracing import walked
from yanta.kernel.workflow.models import Instance
from yanta.kernel.workflow.tokens import node_of
from yanta.kernel.workflow.verbs import Verb
from yanta.kernel.workflow.views.access import instance_for


class DiagramView(PortalPage):
    """The drawing of a matter with its marks, as data."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        instance = instance_for(pk, self.actor)
        document = read(instance.version.xml)
        marks = marks_of(instance)
        path = walked(document, done=marks["done"], now=marks["now"], is_over=not instance.is_open)
        return JsonResponse(
            {
                "xml": named(with_drawing(document)),
                "marks": marks,
                "nodes": sorted(path.nodes),
                "flows": sorted(path.flows),
            }
        )


def named(xml: bytes) -> str:
    """The drawing with the names of its steps and ways in the reader's language."""
    drawn, renamed = read(xml), dict[str | None, str]()
    for node in elements(drawn.root):
        name = node.get("name")
        if name and gettext(name) != name:
            node.set("name", gettext(name))
            renamed[node.get("id")] = gettext(name)
    for label in list(drawn.root.iter(f"{{{DI}}}BPMNLabel")):
        if name := renamed.get(label.getparent().get("bpmnElement")):
            give_room(label, name)
    return drawn.text


def marks_of(instance: Instance) -> dict[str, list[str]]:
    """Nodes done, nodes where it stands, nodes that it was returned from."""
    done = [node_of(name) for name, _ in instance.journal if name]
    now = (
        [node for node, _ in queries.places_of(instance) if not node.startswith("@")]
        if instance.is_open
        else []
    )
    back = instance.steps.filter(verb=Verb.RETURN).exclude(node="").values_list("node", flat=True)
    return {"done": list(dict.fromkeys(done)), "now": now, "back": list(dict.fromkeys(back))}
