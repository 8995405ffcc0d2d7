"""Pages of sharing, and the addresses that programs read from."""

from django.urls import path

from yanta.hub.sharing.rest import views as rest
from yanta.hub.sharing.views import applications, catalogue, grants, reads

urlpatterns = [
    path("share/v1/<slug:code>/", rest.RowsView.as_view(), name="share-rows"),
    path("share/v1/<slug:code>/openapi.json", rest.DocumentView.as_view(), name="share-document"),
    path("sharing/datasets/", catalogue.CatalogueView.as_view(), name="sharing-catalogue"),
    path("sharing/datasets/new/", catalogue.WorkbenchView.as_view(), name="sharing-draft"),
    path("sharing/datasets/<slug:code>/", catalogue.DatasetView.as_view(), name="sharing-dataset"),
    path("sharing/datasets/<slug:code>/edit/", catalogue.WorkbenchView.as_view(), name="sharing-edit"),
    path("sharing/datasets/<slug:code>/apply/", applications.ApplyView.as_view(), name="sharing-apply"),
    path(
        "sharing/applications/<int:pk>/", applications.ApplicationView.as_view(), name="sharing-application"
    ),
    path("sharing/grants/<int:pk>/", grants.GrantView.as_view(), name="sharing-grant"),
    path("sharing/files/<int:pk>/", grants.DownloadView.as_view(), name="sharing-file"),
    path("sharing/reads/", reads.ReadsView.as_view(), name="sharing-reads"),
    path("sharing/usage/", reads.UsageView.as_view(), name="sharing-usage"),
    path("sharing/leaks/", reads.LeakView.as_view(), name="sharing-leaks"),
    path("me/reads/", reads.OwnReadsView.as_view(), name="own-reads"),
]
