"""Pages of snapshots; lists and records come from their declarations."""

from django.urls import path

from yanta.hub.snapshots import views

urlpatterns = [
    path("snapshots/compare/", views.CompareView.as_view(), name="snapshots-compare"),
    path("snapshots/<int:pk>/", views.SnapshotView.as_view(), name="snapshot"),
    path("snapshots/<int:pk>/receipt.json", views.ReceiptView.as_view(), name="snapshot-receipt"),
]
