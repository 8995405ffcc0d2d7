import pytest
from django.urls import resolve

from yanta.kernel.base import Actor
from yanta.kernel.jobs import job, start
from yanta.kernel.jobs.models import JobRun
from yanta.kernel.jobs.views import JobView, MyJobsView


@job("页面上的任务")
def shown(progress, *, actor: Actor) -> None:
    progress.step(1, 1)


@pytest.fixture
def page(rf):
    def ask(actor, pk=None, query="", method="get"):
        request = getattr(rf, method)(f"/jobs/{pk or ''}{query}")
        request.actor = actor
        return JobView.as_view()(request, pk=pk) if pk else MyJobsView.as_view()(request)

    return ask


def test_a_job_has_its_own_address():
    assert resolve("/jobs/5/").view_name == "job"


@pytest.mark.parametrize("state", ["waiting", "running", "done", "failed", "cancelled"])
def test_shows_each_state_and_asks_on_only_while_it_runs(student_actor, page, state):
    run = start(shown, actor=student_actor)
    JobRun.objects.filter(pk=run.pk).update(
        state=state, total=10, done=3, text="第三步", error="没有权限", link="/x/"
    )

    html = page(student_actor, run.pk, "?_part=progress").content.decode()

    assert ("hx-trigger" in html) == (state in ("waiting", "running"))
    assert ("没有权限" in html) == (state == "failed")
    assert page(student_actor, run.pk).status_code == 200
    assert "页面上的任务" in page(student_actor).content.decode()


def test_of_another_person_does_not_exist(student_actor, acting, other_college, page):
    from django.http import Http404

    run = start(shown, actor=student_actor)

    with pytest.raises(Http404):
        page(acting("student", other_college), run.pk)


def test_can_be_stopped_from_its_page(student_actor, page):
    run = start(shown, actor=student_actor)

    page(student_actor, run.pk, method="post")

    run.refresh_from_db()
    assert run.state == "cancelled"
