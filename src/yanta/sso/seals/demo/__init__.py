"""The demo school's seals, applications and sealed documents, made by the same steps that people take."""

from __future__ import annotations

from datetime import date

from yanta.kernel.access.actors import actor_of
from yanta.kernel.access.models import RoleGrant
from yanta.kernel.base import Actor
from yanta.kernel.identity.models import Account
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.people.models import Person
from yanta.sso.seals import services
from yanta.sso.seals.demo.papers import paper
from yanta.sso.seals.models import Certificate, Seal, SealRequest

SYSTEM = Actor.system("demo")
CLOSING = "单位（盖章处）"


def settle(today: date) -> None:
    """When accounts and their rights are there."""
    people = {
        one.username: one
        for one in Account.objects.filter(
            username__in=("clerk", "dean", "teacher", "registry")
        ).select_related("person")
    }
    if len(people) < 4:
        return
    # The college whose head and clerk the visitors of the demo school sign in as.
    college = OrgUnit.objects.get(
        pk=RoleGrant.objects.filter(account=people["dean"], role="head").values("org_unit")[:1]
    )
    seals = _seals(college, people, today)
    _certificates(people)
    _applications(seals[0], people)


def _seals(college: OrgUnit, people: dict[str, Account], today: date) -> list[Seal]:
    """In use, in use for the whole school, waiting for approval, suspended."""
    keeper, registry = _person(people["clerk"]), _person(people["registry"])
    office, school = registry.home_unit or college, college.get_root().name
    wanted = (
        (f"{school}{college.name}", "", "college", college, keeper, "unit", "in_use"),
        (f"{school}教务处", "学籍专用章", "special", office, registry, "school", "in_use"),
        (f"{school}{college.name}", "合同专用章", "contract", college, keeper, "unit", "proposed"),
        (f"{school}教务处", "考试专用章", "special", office, registry, "unit", "suspended"),
    )  # fmt: skip
    made = []
    for name, foot, kind, unit, person, audience, state in wanted:
        seal = Seal.objects.create(
            name=name, foot=foot, kind=kind, org_unit=unit, keeper=person, audience=audience, reason="业务办理需要",
            valid_from=today.replace(month=1, day=1), most_uses=5000 if kind == "special" else None,
        )  # fmt: skip
        if state != "proposed":
            services.approve(seal, actor=SYSTEM)
            services.put_in_use(seal, actor=SYSTEM)
        if state == "suspended":
            services.suspend(seal, actor=SYSTEM, opinion="考试改革，暂停使用")
        made.append(seal)
    return made


def _person(account: Account) -> Person:
    return Person.objects.select_related("home_unit").get(pk=account.person_id)


def _certificates(people: dict[str, Account]) -> None:
    """The teacher's is in force, the clerk's revoked, the dean's waits."""
    rows = {
        name: Certificate.objects.create(
            kind="person", algorithm="p256", subject=_person(people[name]).name, person=_person(people[name]),
            org_unit=_person(people[name]).home_unit, reason="签署教学文件",
        )
        for name in ("teacher", "clerk", "dean")
    }  # fmt: skip
    for name in ("teacher", "clerk"):
        services.issue_certificate(rows[name], actor=SYSTEM)
    services.revoke(
        rows["clerk"], actor=SYSTEM, ended_for=Certificate.Reason.CHANGED, opinion="岗位调整，停用旧证书"
    )


def _applications(seal: Seal, people: dict[str, Account]) -> None:
    """In every state: one waits for the head, one for the keeper, two are sealed, of which one was withdrawn."""
    teacher, dean, keeper = (actor_of(people[name]) for name in ("teacher", "dean", "clerk"))
    papers = (
        ("学生科研实习推荐函", "推荐本院学生到外单位实习", "submitted"), ("外出调研介绍信", "赴企业调研产学合作", "endorsed"),
        ("课程教学合作备忘录", "与合作单位共建课程", "sealed"), ("学术讲座邀请函", "邀请校外专家来院讲座", "withdrawn"),
    )  # fmt: skip
    for title, purpose, state in papers:
        content = paper(
            title,
            [
                ["兹有我院师生因教学科研工作需要，", f"{purpose}，请予接洽。", "特此函告。", "", CLOSING],
                ["附页：人员名单。"],
            ],
        )
        files = services.taken_in([services.Handed(f"{title}.pdf", content)], actor=teacher)
        places = "关键字：盖章处；骑缝"
        request = services.apply(seal, files, services.Wish(title, purpose, places), actor=SYSTEM)
        SealRequest.objects.filter(pk=request.pk).update(applicant_id=teacher.person_id)
        request.refresh_from_db()
        if state != "submitted":
            services.endorse(request, actor=dean)
        if state in ("sealed", "withdrawn"):
            services.press(request, actor=keeper)
        document = request.files.get().document
        if state == "withdrawn" and document is not None:
            services.withdraw_document(document, actor=SYSTEM, reason="讲座改期，另行发函")
