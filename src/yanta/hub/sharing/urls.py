"""Pages of sharing, and the addresses that programs read from."""

from django.urls import path

from yanta.hub.sharing.rest import peers
from yanta.hub.sharing.rest import views as rest
from yanta.hub.sharing.views import agreements, applications, catalogue, grants, reads

PEER = "api/v1/peer/sharing/"

urlpatterns = [
    path(f"{PEER}datasets", peers.OfferedView.as_view(), name="peer-datasets"),
    path(f"{PEER}agreements", peers.ProposalsView.as_view(), name="peer-proposals"),
    path(f"{PEER}agreements/<slug:number>", peers.StandingView.as_view(), name="peer-standing"),
    path(f"{PEER}agreements/<slug:number>/signature", peers.SignatureView.as_view(), name="peer-signature"),
    path(f"{PEER}agreements/<slug:number>/end", peers.EndView.as_view(), name="peer-end"),
    path(f"{PEER}agreements/<slug:number>/rows", peers.RowsView.as_view(), name="peer-rows"),
    path("sharing/agreements/", agreements.AgreementsView.as_view(), name="sharing-agreements"),
    path("sharing/agreements/new/", agreements.ProposeView.as_view(), name="sharing-propose"),
    path("sharing/agreements/<int:pk>/", agreements.AgreementView.as_view(), name="sharing-agreement"),
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
