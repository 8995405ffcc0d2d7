"""A person's jobs, and one of them while it runs."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render

from yanta.kernel.base import Actor
from yanta.kernel.jobs import running
from yanta.kernel.jobs.models import JobRun
from yanta.kernel.portal.pages import PortalPage

PER_PAGE = 30


def runs_of(actor: Actor) -> QuerySet[JobRun]:
    """The actor's own runs, and all of them for who may see them."""
    if actor.may("jobs.jobrun.view"):
        return JobRun.objects.all()
    if actor.account_id is None:
        raise Http404
    return JobRun.objects.filter(account_id=actor.account_id)


class MyJobsView(PortalPage):
    template = "jobs/mine.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        own = JobRun.objects.filter(account_id=self.actor.account_id)
        return self.page(page=Paginator(own, PER_PAGE).get_page(request.GET.get("page")))


class JobView(PortalPage):
    """Live while the run is open: `_part=progress` gives only what changes. A POST asks it to stop."""

    template = "jobs/job.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        run = get_object_or_404(runs_of(self.actor), pk=pk)
        if request.GET.get("_part") == "progress":
            return render(request, "jobs/progress.html", {"run": run, "actor": self.actor})
        return self.page(run=run)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        running.cancel(get_object_or_404(runs_of(self.actor), pk=pk), actor=self.actor)
        return HttpResponseRedirect(f"/jobs/{pk}/")
