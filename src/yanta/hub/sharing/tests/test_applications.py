"""Each department decides its own part; a second person where a leak would hurt most."""

from datetime import timedelta

import pytest
from django.utils import timezone

from yanta.hub.sharing.models import Grant
from yanta.hub.sharing.services import applications, grants
from yanta.kernel.base import Actor, Refused
from yanta.kernel.notify.models import Message
from yanta.masterdata.models import StaffMember

pytestmark = pytest.mark.django_db


def part(application, unit, turn=1):
    return application.decisions.get(unit=unit, round=turn)


class TestDecisions:
    def test_every_owner_decides_its_part_and_all_may_reduce(self, world):
        application = world.application(world.dataset(), world.consumer())
        shorter = timezone.localdate() + timedelta(days=30)
        applications.approve(
            part(application, world.registry), actor=world.registrar, fields="number",
            condition='{"field": "grade", "is": "eq", "value": 2023}', valid_to=shorter,
        )  # fmt: skip
        assert not Grant.objects.exists()
        applications.approve(part(application, world.personnel), actor=world.hr)
        grant = Grant.objects.get()
        assert (grant.names, grant.valid_to) == (["number", "name"], shorter)
        assert grant.condition == {"field": "grade", "is": "eq", "value": 2023}

    def test_a_refusal_has_a_reason_that_the_applicant_reads(self, world):
        application = world.application(world.dataset(), world.consumer(), fields="name")
        applications.refuse(part(application, world.personnel), actor=world.hr, reason="用途不明")
        application.refresh_from_db()
        assert application.state == "refused"
        told = Message.objects.get(template="sharing.application-decided")
        assert "用途不明" in told.body

    def test_nobody_else_decides(self, world, engineer, acting, college):
        application = world.application(world.dataset(), world.consumer())
        for other in (
            engineer,
            world.registrar,
            acting("clerk", college),
            acting("leader"),
            acting("auditor"),
        ):
            with pytest.raises(Refused):
                applications.approve(part(application, world.personnel), actor=other)
            with pytest.raises(Refused):
                applications.refuse(part(application, world.personnel), actor=other, reason="x")
        assert part(application, world.personnel).state == "waiting"

    def test_only_who_answers_for_the_consumer_applies(self, world, acting):
        with pytest.raises(Refused):
            applications.apply(
                actor=acting("clerk", world.college), dataset=world.dataset(), consumer=world.consumer(), purpose="x",
                fields="number", valid_from=timezone.localdate(), valid_to=timezone.localdate(), ways="rest",
            )  # fmt: skip

    def test_fields_beyond_the_dataset_are_refused(self, world):
        with pytest.raises(Refused, match="不在可选的字段里"):
            world.application(world.dataset(names=["number"]), world.consumer(), fields="number,name")

    def test_the_term_is_bounded_by_the_level(self, world):
        with pytest.raises(Refused, match="最长 180 天"):
            world.application(
                world.dataset(),
                world.consumer(),
                fields="phone",
                valid_to=timezone.localdate() + timedelta(days=200),
            )

    def test_a_second_grant_for_the_same_is_refused(self, world):
        grant = world.grant()
        with pytest.raises(Refused, match="已有"):
            world.application(grant.dataset, grant.consumer)


class TestSecondApproval:
    @pytest.fixture
    def sensitive(self, world):
        application = world.application(world.dataset(), world.consumer(), fields="number,phone")
        for one in application.decisions.all():
            applications.approve(one, actor=world.registrar if one.unit == world.registry else world.hr)
        application.refresh_from_db()
        return application

    def test_is_asked_and_nothing_is_granted_before(self, world, sensitive):
        assert sensitive.state == "second"
        assert part(sensitive, world.personnel, 2).names == ["phone"]
        assert not Grant.objects.exists()

    def test_by_another_person_with_more_weight(self, world, sensitive):
        second = part(sensitive, world.personnel, 2)
        with pytest.raises(Refused, match="负责人或分管校领导"):
            applications.approve(second, actor=world.hr)
        applications.approve(second, actor=world.hr_head)
        assert Grant.objects.get().names == ["number", "phone"]

    def test_not_by_the_one_who_gave_the_first(self, world):
        application = world.application(world.dataset(), world.consumer(), fields="phone")
        applications.approve(part(application, world.personnel), actor=world.hr_head)
        with pytest.raises(Refused, match="另一个人"):
            applications.approve(part(application, world.personnel, 2), actor=world.hr_head)

    def test_refused_strikes_the_field_and_leaves_the_rest(self, world, sensitive):
        applications.refuse(part(sensitive, world.personnel, 2), actor=world.hr_head, reason="不给手机号")
        assert Grant.objects.get().names == ["number"]


class TestGrant:
    def test_ends_by_itself(self, world):
        grant = world.grant()
        grants.end_what_is_over(on=grant.valid_to)
        grant.refresh_from_db()
        assert grant.state == "active"
        grants.end_what_is_over(on=grant.valid_to + timedelta(days=1))
        grant.refresh_from_db()
        assert grant.state == "ended"

    def test_stops_when_the_responsible_person_leaves(self, world):
        grant = world.grant()
        StaffMember.objects.filter(person_id=grant.consumer.responsible_id).update(status="left")
        assert grants.suspend_the_orphaned() == 1
        grant.refresh_from_db()
        assert (grant.state, grant.reason) == ("suspended", "责任人已离岗")
        with pytest.raises(Refused, match="已不在岗"):
            grants.resume(grant, actor=world.registrar)

    def test_any_department_with_a_field_in_it_revokes_and_no_other(self, world, engineer, acting):
        grant = world.grant()
        for other in (engineer, acting("clerk", world.college), acting("head", world.library)):
            with pytest.raises(Refused):
                grants.revoke(grant, actor=other, reason="x")
        grants.revoke(grant, actor=world.hr, reason="违规转发")
        assert grant.state == "revoked"

    def test_renewal_keeps_the_key(self, world):
        grant = world.grant()
        key, _ = world.key(grant)
        later = timezone.localdate() + timedelta(days=300)
        renewal = applications.renew(grant, actor=Actor.system("test"), valid_to=later, purpose="继续办证")
        world.approve(renewal)
        grant.refresh_from_db()
        assert (grant.valid_to, grant.key_id, Grant.objects.count()) == (later, key, 1)

    def test_the_secret_is_for_the_responsible_person_alone(self, world, engineer):
        grant = world.grant()
        for other in (engineer, world.registrar):
            with pytest.raises(Refused):
                grants.issue_key(grant, actor=other)
        secret = grants.issue_key(grant, actor=world.librarian)
        stored = Grant.objects.filter(pk=grant.pk).values_list("signing_key", flat=True).get()
        assert secret not in str(stored)

    def test_reminders_come_before_the_end_and_for_what_nobody_uses(self, world):
        grant = world.grant()
        grants.remind(on=grant.valid_to - timedelta(days=7))
        grants.remind(on=grant.valid_to - timedelta(days=7))
        said = Message.objects.filter(person_id=grant.consumer.responsible_id)
        assert said.filter(template="sharing.ending-soon").count() == 1
        proposal = Message.objects.filter(template="sharing.unused", person_id=world.registrar.person_id)
        assert "建议收回" in proposal.get().body
