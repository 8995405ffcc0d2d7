"""The department's word to a rating, with the rating before its eyes and no name anywhere."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from yanta.kernel.base import Refused
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.portal.pages import PortalPage
from yanta.kernel.resource import resource_of, writing
from yanta.systems.hall import services
from yanta.systems.hall.models import Rating
from yanta.systems.hall.queries import figures


class AnswerView(PortalPage):
    """What was said, until when it is owed an answer, what others were told who said the like."""

    template = "hall/answer.html"
    rating: Rating

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        resource = resource_of(Rating)
        if self.actor.account_id is not None and resource is not None:
            if not self.actor.may(services.answer.permission):
                raise NotAllowed("您没有“答复”的权限", rule=services.answer.permission)
            self.rating = writing.row_for(resource, self.actor, kwargs["pk"], services.answer.name)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show()

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        text = request.POST.get("text", "").strip()
        try:
            services.answer(self.rating, actor=self.actor, text=text)
        except Refused as refusal:
            return self.show(refusal.message, said=text)
        return HttpResponseRedirect(f"/hall/rating/{pk}/")

    def show(self, refusal: str = "", said: str = "") -> HttpResponse:
        rating = self.rating
        return self.page(
            422 if refusal else 200, rating=rating, refusal=refusal, said=said, earlier=figures.answered_before(self.actor, rating),
            days_left=(rating.answer_due_on - timezone.localdate()).days if rating.answer_due_on else None,
        )  # fmt: skip
