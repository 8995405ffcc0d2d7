"""One item: what is to be decided, the verbs that make sense, and carrying one out."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from yanta.kernel.base import Refused
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.files import store
from yanta.kernel.operation import Operation
from yanta.kernel.portal import shell
from yanta.kernel.portal.pages import PortalPage
from yanta.kernel.resource import resource_of
from yanta.kernel.resource.forms import OperationForm, inputs_of
from yanta.kernel.workflow import front, queries, rights
from yanta.kernel.workflow.drawing import drawing_of
from yanta.kernel.workflow.models import Instance, Step, WorkItem
from yanta.kernel.workflow.verbs import Verb
from yanta.kernel.workflow.views import listing, telling
from yanta.kernel.workflow.views.access import OPINION_FILES, instance_for, item_for

PHRASES = ("同意", "情况属实，同意", "已核对，请按规定办理", "请补充材料后再报", "不符合规定")
MAIN = (Verb.APPROVE, Verb.REFUSE, Verb.CLAIM)
ASKS_PERSON = (Verb.ADD_SIGNER, Verb.DROP_SIGNER, Verb.HAND_OVER, Verb.DELEGATE, Verb.COPY, Verb.ASSIGN)
# Whoever says something may show it; the others hand on or take back.
TAKES_FILES = (Verb.COMMENT, Verb.RETURN, Verb.ADD_SIGNER, Verb.HAND_OVER, Verb.DELEGATE)


class MatterPage(PortalPage):
    """Shows a matter, and carries out a verb on it."""

    template = "workflow/matter.html"

    def shown(self, target: WorkItem | Instance, refusal: str = "", **more: Any) -> HttpResponse:
        choices = front.choices(target, self.actor)
        context = telling.told(target, self.actor) | {
            "main": [one for one in choices if one.verb in MAIN],
            "menu": [one for one in choices if one.verb not in MAIN],
            "asks_person": ASKS_PERSON, "takes_files": TAKES_FILES, "phrases": PHRASES, "refusal": refusal, "item": None,
            "said": self.request.POST.get("opinion", ""), "action": self.request.path,
        }  # fmt: skip
        return self.page(422 if refusal else 200, **(context | more))

    def carry_out(self, target: WorkItem | Instance, **more: Any) -> HttpResponse:
        """One transaction with the files; a refusal shows the page again with what was written."""
        try:
            with transaction.atomic():
                instance = self._act(target, **more)
        except NotAllowed:
            raise
        except (Refused, ValueError) as refusal:
            return self.shown(target, str(refusal))
        if self.actor.account_id is not None:
            shell.forget_counts(self.actor.account_id)
        return HttpResponseRedirect(self.back_to(instance))

    def _act(self, target: WorkItem | Instance, **more: Any) -> Instance:
        asked = self.request.POST
        files = [
            store(one.name or "", one, actor=self.actor, purpose=OPINION_FILES, held=True).pk
            for one in self.request.FILES.getlist("attachment")
        ]
        return front.act(
            target, Verb(asked.get("verb", "")), actor=self.actor, opinion=asked.get("opinion", ""),
            to=[int(one) for one in asked.getlist("to") if one.isdecimal()], node=asked.get("node", ""),
            how=asked.get("how", ""), attachments=files, **more,
        )  # fmt: skip

    def back_to(self, instance: Instance) -> str:
        return f"/workflow/trace/{instance.pk}/"


class ItemView(MatterPage):
    """`/workflow/items/7/`: what is asked of one person."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        item = item_for(pk, self.actor)
        if item.state not in WorkItem.OPEN:
            return HttpResponseRedirect(f"/workflow/trace/{item.instance_id}/")
        if item.read_at is None and item.person_id == self.actor.person_id:
            WorkItem.objects.filter(pk=item.pk).update(read_at=timezone.now())
        return self.shown(item)

    def shown(self, target: WorkItem | Instance, refusal: str = "", **more: Any) -> HttpResponse:
        assert isinstance(target, WorkItem)  # its own pages only  # noqa: S101
        is_mine = target.person_id == self.actor.person_id
        # What was refused stands there as it was written.
        form = self._form(target, bound=bool(refusal) and self._approves) if is_mine else None
        more |= {
            "item": target, "light": listing.light_of(target, timezone.now()),
            "inputs": list(inputs_of(form, lookup_base=self._lookup(target))) if form else [],
            "branches": queries.branches_of(target), "signers": _signers(target), "sent_back": _sent_back(target),
        }  # fmt: skip
        return super().shown(target, refusal, **more)

    @property
    def _approves(self) -> bool:
        """The main form is sent, rather than one of the menu."""
        return self.request.POST.get("verb") == Verb.APPROVE

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        item = item_for(pk, self.actor)
        values: dict[str, Any] = {}
        if self._approves:
            form = self._form(item, bound=True)
            if form is not None and not form.is_valid():
                return self.shown(
                    item,
                    "；".join(f"{form.fields[name].label}：{said[0]}" for name, said in form.errors.items()),
                )
            values = form.parameters() if form is not None else {}
        if chosen := request.POST.getlist("chosen"):
            values["chosen_flows"] = chosen
        return self.carry_out(item, values=values)

    def _operation(self, item: WorkItem) -> Operation[..., Any] | None:
        drawing = drawing_of(item.instance.version_id)
        named = {
            WorkItem.Kind.SIGN: drawing.node(item.node).operation,
            WorkItem.Kind.RESUBMIT: drawing.settings.resume,
        }.get(WorkItem.Kind(item.kind), "")
        return rights.operation_named(type(rights.subject_of(item.instance)), named) if named else None

    def _form(self, item: WorkItem, *, bound: bool = False) -> OperationForm | None:
        """What the step asks besides an opinion; what was sent back stands there as it was handed in."""
        operation = self._operation(item)
        if operation is None or not rights.questions(operation):
            return None
        data = (self.request.POST, self.request.FILES) if bound else (None, None)
        form = OperationForm(
            *data,
            operation=operation,
            actor=front.standing(item, self.actor),
            initial=_as_it_was(item, operation),
        )
        for name in rights.OPINIONS:
            form.fields.pop(name, None)
        return form

    def _lookup(self, item: WorkItem) -> str:
        operation = self._operation(item)
        resource = resource_of(type(rights.subject_of(item.instance)))
        return f"{resource.base_url}lookup/{operation.name}/" if operation and resource else ""

    def back_to(self, instance: Instance) -> str:
        return f"/todos/?did={instance.pk}"


def _as_it_was(item: WorkItem, operation: Operation[..., Any]) -> dict[str, Any]:
    """The row's own values, where the operation asks for what it has."""
    if item.kind != WorkItem.Kind.RESUBMIT:
        return {}
    subject = rights.subject_of(item.instance)
    return {one.name: getattr(subject, one.name, None) for one in operation.parameters}


def _sent_back(item: WorkItem) -> Step | None:
    """Who sent it back and why, for whoever has to mend it."""
    if item.kind != WorkItem.Kind.RESUBMIT:
        return None
    return item.instance.steps.filter(verb=Verb.RETURN).order_by("-number").first()


def _signers(item: WorkItem) -> list[WorkItem]:
    """Who was added and has not acted: those who can be taken away again."""
    rows = item.instance.items.filter(round=item.round, state__in=WorkItem.OPEN, added_by__isnull=False)
    return list(rows.select_related("person"))


class InstanceView(MatterPage):
    """`/workflow/trace/7/`: the trace of a matter."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        instance = instance_for(pk, self.actor)
        instance.copies.filter(person_id=self.actor.person_id, read_at=None).update(read_at=timezone.now())
        return self.shown(instance, **self._own_item(instance))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.carry_out(instance_for(pk, self.actor))

    def _own_item(self, instance: Instance) -> dict[str, Any]:
        mine = instance.items.filter(person_id=self.actor.person_id, state__in=WorkItem.SHOWN).first()
        return {"my_item": mine}
