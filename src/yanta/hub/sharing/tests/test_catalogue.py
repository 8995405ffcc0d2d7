"""A dataset is published with the consent of everyone whose fields it shows."""

from datetime import timedelta

import pytest
from django.utils import timezone

from yanta.hub.sharing.models import Consent
from yanta.hub.sharing.services import catalogue
from yanta.kernel.base import Refused
from yanta.kernel.notify.models import Message

pytestmark = pytest.mark.django_db


@pytest.fixture
def drafted(world):
    made = catalogue.draft(
        actor=world.registrar, code="basic", title="学生基本信息", subject="student", fields="number, name，phone",
        meaning="在册学生", owner=world.registry,
    )  # fmt: skip
    catalogue.ask(made, actor=world.registrar)
    return made


class TestConsent:
    def test_each_source_department_is_asked_for_its_own_fields(self, world, drafted):
        found = {one.unit: (one.names, one.state) for one in Consent.objects.all()}
        assert found == {
            world.registry: (["number"], "given"),
            world.personnel: (["name", "phone"], "waiting"),
        }
        assert Message.objects.filter(template="sharing.consent-asked", person_id=world.hr.person_id).exists()

    def test_nothing_is_published_without_it(self, world, drafted):
        with pytest.raises(Refused, match="还差人事处的认可"):
            catalogue.publish(drafted, actor=world.registrar)
        world.consent(drafted)
        catalogue.publish(drafted, actor=world.registrar)
        drafted.refresh_from_db()
        assert (drafted.state, drafted.version, drafted.level) == ("published", 1, 4)

    def test_a_refused_consent_keeps_it_from_being_published(self, world, drafted):
        catalogue.decline(
            drafted.versions.get().consents.get(state="waiting"), actor=world.hr, reason="手机号不宜"
        )
        with pytest.raises(Refused, match="还差人事处"):
            catalogue.publish(drafted, actor=world.registrar)

    def test_nobody_consents_in_anothers_place(self, world, drafted, engineer, clerk):
        asked = drafted.versions.get().consents.get(state="waiting")
        for other in (world.registrar, engineer, clerk):
            with pytest.raises(Refused):
                catalogue.consent(asked, actor=other)
        asked.refresh_from_db()
        assert asked.state == "waiting"

    def test_the_information_centre_may_not_overrule(self, world, drafted, school, acting):
        from yanta.kernel.testing.factories import OrgUnitFactory

        centre = OrgUnitFactory(parent=school, name="网络与信息化中心", kind="support")
        with pytest.raises(Refused):
            catalogue.consent(
                drafted.versions.get().consents.get(state="waiting"), actor=acting("clerk", centre)
            )

    def test_a_dataset_is_drafted_in_ones_own_department(self, world):
        with pytest.raises(Refused, match="由教务处办理"):
            catalogue.draft(
                actor=world.hr,
                code="x",
                title="x",
                subject="student",
                fields="number",
                meaning="x",
                owner=world.registry,
            )


class TestRevision:
    def test_asks_only_for_what_is_new(self, world):
        dataset = world.dataset(names=["number", "name"])
        catalogue.revise(dataset, actor=world.registrar, fields="number,name,grade", note="加年级")
        assert set(dataset.versions.get(state="asked").consents.values_list("state", flat=True)) == {"given"}
        catalogue.publish(dataset, actor=world.registrar)
        dataset.refresh_from_db()
        assert (dataset.version, dataset.names) == (2, ["number", "grade", "name"])

    def test_other_rows_need_everyones_word_again(self, world):
        dataset = world.dataset(names=["number", "name"])
        rows = '{"field": "grade", "is": "ge", "value": 2020}'
        catalogue.revise(dataset, actor=world.registrar, fields="number,name", note="范围", condition=rows)
        assert dataset.versions.get(state="asked").consents.get(unit=world.personnel).state == "waiting"

    def test_until_it_is_published_nothing_changes(self, world):
        grant = world.grant(world.dataset(names=["number", "name", "grade"]))
        dataset = grant.dataset
        catalogue.revise(dataset, actor=world.registrar, fields="number", note="收窄")
        from yanta.hub.sharing.contents import contents_of

        dataset.refresh_from_db()
        assert contents_of(grant).names == ("number", "grade", "name")
        catalogue.publish(dataset, actor=world.registrar)
        grant.dataset.refresh_from_db()
        assert contents_of(grant).names == ("number",)


class TestEnd:
    def test_deprecation_tells_users_and_ends_by_itself(self, world, clock):
        from yanta.hub.sharing.services import grants

        grant = world.grant()
        ends_on = timezone.localdate() + timedelta(days=5)
        catalogue.deprecate(grant.dataset, actor=world.registrar, ends_on=ends_on)
        assert Message.objects.filter(
            template="sharing.deprecated", person_id=grant.consumer.responsible_id
        ).exists()
        grants.end_what_is_over(on=ends_on - timedelta(days=1))
        grant.refresh_from_db()
        assert grant.state == "active"
        grants.end_what_is_over(on=ends_on)
        grant.refresh_from_db()
        assert (grant.state, grant.dataset.state) == ("ended", "retired")
