"""The life of an application, what it is told, and the log that keeps itself."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from yanta.kernel.base import Refused
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.notify.models import Message
from yanta.kernel.people.models import Affiliation
from yanta.kernel.resource import writing
from yanta.kernel.testing import deliver
from yanta.sso.applications import decisions, people, protocols, services, testkit
from yanta.sso.applications.models import Application, AttributeRelease, Consent, Decision
from yanta.sso.applications.resources import ApplicationResource, AttributeReleaseResource
from yanta.sso.applications.tests import factories
from yanta.sso.applications.views.kit import KitView
from yanta.sso.cas.models import CasService

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)


def draft(**given) -> Application:
    return factories.application(state="draft", **given)


class TestLife:
    def test_from_the_form_to_use(self, college, acting, engineer):
        head = acting("head", college)
        app = draft(owner=college)
        with pytest.raises(Refused, match="协议"):
            services.submit(app, actor=head)
        CasService.objects.create(application=app, url="https://lib.example/")

        services.submit(app, actor=head)
        services.approve(app, actor=engineer)

        assert app.state == Application.State.ACTIVE
        assert app.review_on > timezone.localdate() + timedelta(days=300)

    def test_the_department_does_not_approve_itself(self, college, acting):
        with pytest.raises(NotAllowed):
            services.approve(draft(owner=college), actor=acting("head", college))

    def test_what_was_approved_only_the_centre_changes(self, college, acting, engineer):
        app = factories.application(owner=college)
        app.summary = "别的"
        with pytest.raises(Refused, match="信息中心修改"):
            writing.save(ApplicationResource(), app, actor=acting("head", college))
        writing.save(ApplicationResource(), app, actor=engineer)
        release = AttributeRelease(application=app, attribute="name", purpose="x")
        with pytest.raises(Refused, match="信息中心修改"):
            writing.save(AttributeReleaseResource(), release, actor=acting("head", college))

    def test_the_identifier_stays(self, engineer):
        app = factories.application()
        app.code = "another"
        with pytest.raises(Refused, match="不再修改"):
            writing.save(ApplicationResource(), app, actor=engineer)

    def test_the_contact_hears_of_the_decision_and_of_the_review(self, engineer):
        contact = factories.account().person
        app = factories.application(state="submitted", contact=contact)
        services.send_back(app, actor=engineer, opinion="请写清用途")
        deliver()
        assert "退回修改" in Message.objects.get(person=contact).title

        Application.objects.update(state="active", review_on=TODAY)
        assert services.remind_of_reviews(on=TODAY) == 1
        assert services.remind_of_reviews(on=TODAY) == 0, "once for each date"


class TestReleases:
    def test_a_sensitive_one_waits_for_its_own_approval(self, engineer):
        app = factories.application()
        factories.released(app, "name", "phone")
        phone = AttributeRelease.objects.get(attribute="phone")
        assert [one.attribute for one in people.releases_of(app)] == ["name"]

        services.approve_release(phone, actor=engineer, reason="发短信")

        assert [one.attribute for one in people.releases_of(app)] == ["name", "phone"]
        services.withdraw_release(phone, actor=engineer, reason="不再需要")
        assert [one.attribute for one in people.releases_of(app)] == ["name"]

    def test_says_what_is_true_today_and_nothing_empty(self):
        account = factories.account(unit=factories.unit(code="0301", name="物理学院"))
        for role, number, until in (
            ("staff", "T1", None),
            ("undergraduate", "S1", TODAY - timedelta(days=1)),
        ):
            Affiliation.objects.create(person=account.person, role=role, number=number, valid_to=until)

        told = people.values_for(
            people.Holder(account, TODAY),
            ["staff_number", "student_number", "affiliation", "unit_name", "latin_name"],
        )

        assert told == {
            "staff_number": ["T1"],
            "affiliation": ["employee", "member", "staff"],
            "unit_name": "物理学院",
        }

    def test_goes_by_the_name_the_other_side_knows(self):
        app = factories.application()
        factories.released(app, "name", alias="XM")
        holder = people.Holder(factories.account(name="鹅"), TODAY)

        assert people.named_for_cas(holder, people.releases_of(app)) == {"XM": "鹅"}

    @pytest.mark.parametrize("alias", ["1x", "a b", "x>", "xmlns"])
    def test_takes_no_name_that_breaks_a_document(self, alias, engineer):
        row = AttributeRelease(
            application=factories.application(), attribute="name", purpose="x", alias=alias
        )
        with pytest.raises(Refused, match="字母"):
            writing.save(AttributeReleaseResource(), row, actor=engineer)

    def test_a_pairwise_name_is_an_applications_own_and_stays(self):
        account = factories.account()
        first, second = (factories.application(code, naming="pairwise") for code in ("one", "two"))

        assert people.subject_for(first, account) == people.subject_for(first, account)
        assert people.subject_for(first, account) != people.subject_for(second, account)


class TestLog:
    def test_is_never_changed(self):
        decisions.granted("cas", "ticket")
        with pytest.raises(DatabaseError, match="pgtrigger"), transaction.atomic():
            Decision.objects.update(outcome="refused")

    def test_keeps_half_a_year_whoever_deletes(self):
        decisions.granted("cas", "ticket")
        Decision.objects.create(
            at=timezone.now() - timedelta(days=181), protocol="cas", step="x", outcome="granted"
        )
        with pytest.raises(DatabaseError, match="pgtrigger"), transaction.atomic():
            Decision.objects.all().delete()

        Decision.objects.filter(at__lt=timezone.now() - timedelta(days=180)).delete()

        assert Decision.objects.count() == 1


class TestOwnPage:
    def test_shows_only_ones_own_and_takes_consent_back(self, client):
        mine, other = factories.account(), factories.account()
        app = factories.application()
        for account in (mine, other):
            Consent.objects.create(
                application=app, account=account, attributes=["name"], given_at=timezone.now()
            )
        client.force_login(mine)

        assert "图书馆" in client.get("/sso/entries/").content.decode()
        theirs = Consent.objects.get(account=other)
        assert client.post(f"/sso/consents/{theirs.pk}/withdraw/").status_code == 404
        client.post(f"/sso/consents/{Consent.objects.get(account=mine).pk}/withdraw/")
        assert list(Consent.objects.all()) == [theirs]


class TestKit:
    def test_is_the_same_each_time(self, school):
        first, second = testkit.kit(), testkit.kit()

        assert set(first["clients"]) == {one.code for one in protocols.protocols()} >= {"cas", "oidc"}
        assert first["clients"]["cas"] == second["clients"]["cas"]
        assert Application.objects.filter(code__startswith="testkit-cas").count() == 1
        assert second["clients"]["oidc"]["confidential"]["client_secret"]

    def test_page_explains_what_went_wrong(self, client, college, acting):
        head = acting("head", college)
        app = factories.application(owner=college)
        CasService.objects.create(application=app, url="https://lib.example/")
        decisions.refused("cas", "serviceValidate", application=app, reason="票据已经用过")
        from yanta.kernel.identity.models import Account

        client.force_login(Account.objects.get(pk=head.account_id))
        page = client.get(f"/applications/application/{app.pk}/kit/").content.decode()

        assert "票据已经用过" in page
        assert "/cas/p3/serviceValidate" in page

    def test_page_of_another_department_is_out_of_sight(self, client, college, other_college, acting):
        from yanta.kernel.identity.models import Account

        head = acting("head", college)
        app = factories.application(owner=other_college)
        client.force_login(Account.objects.get(pk=head.account_id))

        assert client.get(f"/applications/application/{app.pk}/kit/").status_code == 404


def test_only_who_may_change_an_application_is_led_to_its_logo_and_to_new_protocols(rf, engineer, auditor):
    app = factories.application()

    def kit(actor):
        request = rf.get("/")
        request.actor = actor
        return KitView.as_view()(request, pk=app.pk).content.decode()

    assert [title for title, _ in ApplicationResource().pages_for(app, engineer)] == [
        "接入与测试",
        "更换标志",
    ]
    assert [title for title, _ in ApplicationResource().pages_for(app, auditor)] == ["接入与测试"]
    assert "/cas/casservice/new/" in kit(engineer)
    assert "/cas/casservice/new/" not in kit(auditor)
