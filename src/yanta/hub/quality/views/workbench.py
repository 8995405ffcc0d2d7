"""Drawing up a rule: subject, template, questions, a preview of what fails now; and the dictionary's suggestions."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone

from yanta.hub.quality import checks, drafting, queries, services, suggesting
from yanta.hub.quality.models import Handling, OnLoad, Rule, Severity
from yanta.hub.quality.services.definitions import owner_named, signature_of
from yanta.hub.quality.views.boards import QualityPage
from yanta.kernel.base import Refused
from yanta.kernel.organisation.models import OrgUnit

ADMIN = ("title", "severity", "on_load", "handling", "tolerance", "owner", "valid_from")


class WorkbenchPage(QualityPage):
    """Form, refusal and preview on one page; nothing is kept before it is asked for."""

    template = "quality/workbench.html"
    permission = "quality.rule.define"

    def show(
        self, typed: dict[str, Any], *, rule: Rule | None = None, status: int = 200, **more: Any
    ) -> HttpResponse:
        subjects = checks.all_subjects()
        wanted = typed.get("subject") or "student"
        subject = next((one for one in subjects if one.name == wanted), subjects[0])
        templates = [one for one in checks.TEMPLATES.values() if one.offers(subject)]
        template = next((one for one in templates if one.code == typed.get("template")), templates[0])
        typed = {**typed, "subject": subject.name, "template": template.code}
        spec = more.pop("spec", None) or drafting.spec_typed(typed)
        owner = owner_named(subject.owner)
        units = OrgUnit.objects.visible_to(self.actor, self.permission).filter(valid_to=None, depth__lte=2)
        return self.page(
            status, rule=rule, subject=subject, subjects=subjects, template=template, templates=templates, typed=typed,
            questions=drafting.questions(template, spec), severities=Severity.choices, handlings=Handling.choices,
            on_loads=OnLoad.choices,
            when=drafting.condition_asked("when", "适用条件（同时满足；不填为全部）", subject, spec.when),
            tests=drafting.TESTS, units=[(unit.pk, unit.name) for unit in units], owner=typed.get("owner") or (owner.pk if owner else ""),
            dimensions=checks.DIMENSIONS, **{"refusal": None, "preview": None, **more},
        )  # fmt: skip

    def answer(self, request: HttpRequest, rule: Rule | None = None) -> HttpResponse:
        typed = request.POST.dict()
        try:
            spec = drafting.spec_typed(typed)
            checks.check(spec)
            if "save" in request.POST:
                saved = self.save(typed, spec, rule)
                messages.success(request, f"规则已保存：{saved.sentence}")
                return HttpResponseRedirect(f"/quality/rules/{saved.pk}/")
            preview = queries.preview(spec, self.actor, now=timezone.now())
        except Refused as refusal:
            return self.show(typed, rule=rule, status=422, refusal=refusal)
        return self.show(typed, rule=rule, spec=spec, preview=preview)

    def save(self, typed: dict[str, Any], spec: checks.Spec, rule: Rule | None) -> Rule:
        given = {
            "title": typed.get("title") or checks.sentence(spec)[:60], "fields": ",".join(spec.fields),
            "parameters": json.dumps(dict(spec.parameters)), "when": json.dumps(dict(spec.when)),
            "severity": Severity(typed.get("severity") or Severity.NORMAL),
            "on_load": OnLoad(typed.get("on_load") or OnLoad.HOLD),
            "handling": Handling(typed.get("handling") or Handling.UNIT), "tolerance": _decimal(typed.get("tolerance", "")),
        }  # fmt: skip
        if rule is not None:
            services.revise(rule, actor=self.actor, **given)
            return rule
        owner = get_object_or_404(OrgUnit, pk=typed.get("owner") or 0)
        return services.define(
            actor=self.actor, template=spec.template, subject=spec.subject.name, owner=owner, **given
        )


def _decimal(text: str) -> Any:
    from decimal import Decimal, InvalidOperation

    try:
        return Decimal(text or "0")
    except InvalidOperation as error:
        raise Refused("容忍比例应为数，如 0.5", field="tolerance") from error


class NewRuleView(WorkbenchPage):
    """/quality/rules/new/."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(request.GET.dict())

    def post(self, request: HttpRequest) -> HttpResponse:
        return self.answer(request)


class EditRuleView(WorkbenchPage):
    """/quality/rules/<pk>/edit/: subject and template stay."""

    permission = "quality.rule.revise"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        rule = self._rule(pk)
        typed = {
            "subject": rule.subject,
            "template": rule.template,
            **{name: getattr(rule, name) for name in ADMIN},
        }
        return self.show({**typed, "owner": rule.owner_id}, rule=rule, spec=rule.spec)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.answer(request, self._rule(pk))

    def _rule(self, pk: int) -> Rule:
        found: Rule = get_object_or_404(Rule.objects.visible_to(self.actor, self.permission), pk=pk)
        return found


class SuggestionsView(QualityPage):
    """What the dictionary implies and nobody has taken yet: one click takes those of a subject."""

    template = "quality/suggestions.html"
    permission = "quality.rule.accept"

    def get(self, request: HttpRequest) -> HttpResponse:
        taken = set(Rule.objects.values_list("signature", flat=True))
        found = suggesting.suggestions()
        fresh = [one for one in found if signature_of(one.spec) not in taken]
        groups: dict[str, list[suggesting.Suggestion]] = {}
        for one in fresh:
            groups.setdefault(one.spec.subject.name, []).append(one)
        wanted = request.GET.get("subject", "")
        shown = wanted if wanted in groups else next(iter(groups), "")
        tabs = [
            (group[0].spec.subject.title, f"?subject={name}", len(group), name == shown)
            for name, group in groups.items()
        ]
        return self.page(
            tabs=tabs, shown=groups.get(shown, []), taken=len(found) - len(fresh), number=len(fresh),
            labels=dict(Severity.choices),
        )  # fmt: skip

    def post(self, request: HttpRequest) -> HttpResponse:
        chosen = ",".join(request.POST.getlist("keys"))
        if not chosen:
            messages.error(request, "请至少选择一条建议")
            return HttpResponseRedirect(request.path)
        try:
            messages.success(request, services.accept(actor=self.actor, suggestions=chosen))
        except Refused as refusal:
            messages.error(request, refusal.message)
        return HttpResponseRedirect(request.path)
