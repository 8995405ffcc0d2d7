"""Grants on screen."""

from __future__ import annotations

from yanta.kernel.access import emergency, proposals, reviews, services, visitors
from yanta.kernel.access.models import (
    EmergencyAccount,
    ReviewedGrant,
    RightsReview,
    RoleGrant,
    RoleProposal,
    VisitorPass,
)
from yanta.kernel.resource import Column, Related, Resource, Section, register


@register
class RoleGrantResource(Resource):
    model = RoleGrant
    title = "授权"
    owner = "信息中心"
    icon = "key"
    columns = [
        "account", "role", Column("part", "范围", lambda row: row.part, needs=("org_unit",)), "reason", "source",
        "given_by", "valid_from", "valid_to",
    ]  # fmt: skip
    filters = ["role", "org_unit", "source"]
    search = ["account__username", "account__name", "reason"]
    in_search = False
    facts = [
        Section("授权", ["account", "role", "org_unit", "gives", "reason", "source"]),
        Section("谁给的", ["given_by", "approved_by", "rests_on", "valid_from", "valid_to"]),
    ]
    related = [Related("由此再授予的", RoleGrant, "rests_on", ["account", "role", "reason", "valid_to"])]
    actions = [services.grant, services.appoint, services.withdraw]
    access = {
        "engineer": "*",
        "security": "*",
        "local_admin": "*",
        "auditor": "view export",
        "student": "view",
        "teacher": "view",
    }


@register
class RoleProposalResource(Resource):
    model = RoleProposal
    title = "授权提请"
    owner = "信息中心"
    icon = "user-question"
    hint = "三员分立时，系统管理员提请、安全管理员批准，批准后才生效"
    columns = ["account", "role", "org_unit", "reason", "valid_to", "proposed_by", "state", "decided_by"]
    filters = ["state", "role", "org_unit"]
    search = ["account__username", "account__name", "reason"]
    in_search = False
    actions = [proposals.ask, proposals.propose, proposals.approve, proposals.turn_down, proposals.take_back]
    access = {
        "engineer": "view export propose",
        "security": "view export approve turn_down",
        "auditor": "view export",
        "teacher": "view",
        "counsellor": "view",
        "clerk": "view",
    }


@register
class EmergencyAccountResource(Resource):
    model = EmergencyAccount
    title = "应急账号"
    owner = "信息中心"
    icon = "alarm"
    hint = "平时封存，密码分装两个信封由两人保管；一旦启用，系统、安全、审计管理员同时收到警报"
    columns = [
        "account",
        "purpose",
        "state",
        "first_keeper",
        "second_keeper",
        "sealed_at",
        "opened_at",
        "opened_from",
    ]
    filters = ["state"]
    search = ["account__username", "purpose"]
    in_search = False
    actions = [emergency.seal, emergency.reseal, emergency.retire]
    access = {"engineer": "*", "security": "view export reseal retire", "auditor": "view export"}


@register
class VisitorPassResource(Resource):
    model = VisitorPass
    title = "访客账号"
    owner = "信息中心"
    icon = "user-star"
    hint = "专家、访客的临时账号：有邀请人、有期限，到期或邀请人离校即停用"
    columns = ["name", "employer", "purpose", "org_unit", "sponsor", "valid_to", "state"]
    filters = ["state", "org_unit"]
    search = ["name", "employer", "phone"]
    facts = [
        Section("访客", ["name", "employer", "phone", "purpose"]),
        Section("账号", ["account", "sponsor", "org_unit", "valid_to", "state", "ended_because"]),
    ]
    actions = [visitors.invite, visitors.extend, visitors.end]
    access = {
        "engineer": "*",
        "security": "*",
        "head": "*",
        "clerk": "*",
        "auditor": "view export",
        "teacher": "view",
    }


@register
class RightsReviewResource(Resource):
    model = RightsReview
    title = "权限复核"
    owner = "信息中心"
    icon = "checklist"
    columns = ["title", "due_on", "state"]
    filters = ["state"]
    related = [Related("待复核的授权", ReviewedGrant, "review", ["holder", "grant", "verdict", "signed_by"])]
    actions = [reviews.open_review, reviews.close_review]
    access = {"security": "*", "engineer": "*", "auditor": "view export", "head": "view"}


@register
class ReviewedGrantResource(Resource):
    model = ReviewedGrant
    title = "复核授权"
    owner = "信息中心"
    icon = "user-check"
    hint = "逐项确认本单位的人还需要什么权限；不需要的当场收回"
    columns = ["holder", "grant", "grant__reason", "grant__valid_from", "verdict", "signed_by", "signed_at"]
    filters = ["review", "verdict", "grant__org_unit", "grant__role"]
    search = ["holder", "grant__reason"]
    in_search = False
    actions = [reviews.keep, reviews.take_back]
    access = {"security": "*", "engineer": "*", "head": "*", "auditor": "view export"}
