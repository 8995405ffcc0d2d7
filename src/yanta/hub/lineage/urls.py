"""Lineage's pages."""

from django.urls import path

from yanta.hub.lineage import views

urlpatterns = [
    path("lineage/", views.GraphView.as_view(), name="lineage"),
    path("lineage/impact/", views.ImpactView.as_view(), name="lineage-impact"),
    path("lineage/rows/", views.RowsView.as_view(), name="lineage-rows"),
    path("lineage/then/", views.SubjectThenView.as_view(), name="lineage-subject-then"),
    path("lineage/then/<slug:subject>/<int:pk>/", views.RecordThenView.as_view(), name="lineage-record-then"),
    path(
        "lineage/value/<slug:subject>/<int:pk>/<slug:field>/", views.ValueView.as_view(), name="lineage-value"
    ),
]
