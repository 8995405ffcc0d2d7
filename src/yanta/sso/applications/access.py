"""Who may enter which application."""

from __future__ import annotations

from django.db import models

from yanta.kernel.base.fixed import Fixed, Given
from yanta.sso.applications.models import AccessRule, Application
from yanta.sso.applications.people import Holder
from yanta.sso.applications.rules import Terms, Verdict, verdict

_ASKED = ("application_id", "effect", "role", "affiliation", "unit__name", "unit__path", "person__name")
_RULES = Fixed(
    lambda: (
        AccessRule.objects.filter(application_id=Given("application", models.BigIntegerField()))
        .select_related("unit", "person")
        .only(*_ASKED)
        .order_by("pk")
    )
)


def terms_of(application: Application) -> list[Terms]:
    return [_terms(rule) for rule in _RULES.all(application=application.pk)]


def _terms(rule: AccessRule) -> Terms:
    words = str(rule).partition(" ")[2]
    return Terms(
        rule.effect == AccessRule.Effect.ALLOW, words, rule.role, rule.unit.path if rule.unit else "",
        rule.affiliation, rule.person_id,
    )  # fmt: skip


def decide(application: Application, holder: Holder) -> Verdict:
    """May this account enter now? The words are for the person."""
    if not application.is_active:
        return Verdict(
            False, f"“{application.name}”{application.get_state_display()}，现在不能进入", "application.state"
        )
    if not holder.account.is_active:
        return Verdict(False, "账号不可用", "account.state")
    open_to_all = application.audience == Application.Audience.EVERYONE
    terms = terms_of(application)
    if open_to_all and not terms:
        return Verdict(True, "全校有账号的人都可进入", "everyone")
    found = verdict(terms, holder.who, open_to_all=open_to_all)
    return found if found.allowed else _in_grace(application, holder, terms, open_to_all) or found


def _in_grace(
    application: Application, holder: Holder, terms: list[Terms], open_to_all: bool
) -> Verdict | None:
    """Somebody whose standing ended of late may still enter where the application keeps its people for a while."""
    recently = holder.recently(application.grace_days) if application.grace_days else None
    if recently is None:
        return None
    was, until = recently
    if not verdict(terms, was, open_to_all=open_to_all).allowed:
        return None
    return Verdict(True, f"原身份已结束，保留至 {until}", "grace")
