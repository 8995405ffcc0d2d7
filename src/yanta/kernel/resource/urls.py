"""`/<system>/<noun>/…`, one set of addresses for every resource."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, register_converter
from django.urls.converters import StringConverter

from yanta.kernel.base.routing import indexed
from yanta.kernel.identity.authentication import api_authentication
from yanta.kernel.resource import action_views, api, views, views_kept
from yanta.kernel.resource.registry import apps_with_nouns


class AppConverter(StringConverter):
    """Only apps that declare a resource, so that other addresses stay free."""

    regex = "[a-z][a-z0-9_]*"

    def to_python(self, value: str) -> str:
        if value not in apps_with_nouns():
            raise ValueError(value)
        return value


class KeptViewsView(views.ResourcePage):
    def post(self, request: HttpRequest) -> HttpResponse:
        return views_kept.answer(request, self.resource, self.actor)


register_converter(AppConverter, "app")

urlpatterns = [
    indexed(path("api/v1/", api.build(api_authentication).urls), depth=2),
    path("<app:app>/<slug:noun>/", views.ListView.as_view(), name="resource-list"),
    path("<app:app>/<slug:noun>/new/", views.AddView.as_view(), name="resource-add"),
    path("<app:app>/<slug:noun>/import/", views.ImportView.as_view(), name="resource-import"),
    path("<app:app>/<slug:noun>/import/template.xlsx", views.TemplateView.as_view(), name="resource-template"),
    path("<app:app>/<slug:noun>/import/<int:pk>/", views.ImportedView.as_view(), name="resource-imported"),
    path("<app:app>/<slug:noun>/export.<slug:kind>", views.ExportView.as_view(), name="resource-export"),
    path("<app:app>/<slug:noun>/views/", KeptViewsView.as_view(), name="resource-views"),
    path("<app:app>/<slug:noun>/lookup/<slug:name>/", views.LookupView.as_view(), name="resource-lookup"),
    path("<app:app>/<slug:noun>/lookup/<slug:action>/<slug:name>/", action_views.ActionLookupView.as_view(), name="resource-action-lookup"),
    path("<app:app>/<slug:noun>/bulk/<slug:action>/", action_views.BulkView.as_view(), name="resource-bulk"),
    path("<app:app>/<slug:noun>/actions/<slug:action>/", action_views.ActionView.as_view(), name="resource-collection-action"),
    path("<app:app>/<slug:noun>/<int:pk>/", views.RecordView.as_view(), name="resource-record"),
    path("<app:app>/<slug:noun>/<int:pk>/edit/", views.EditView.as_view(), name="resource-edit"),
    path("<app:app>/<slug:noun>/<int:pk>/delete/", views.DeleteView.as_view(), name="resource-delete"),
    path("<app:app>/<slug:noun>/<int:pk>/<slug:action>/", action_views.ActionView.as_view(), name="resource-action"),
]  # fmt: skip
