from django.urls import path

from yanta.systems.dossiers.views import borrowing, files, own

urlpatterns = [
    path("dossiers/", own.OwnView.as_view(), name="my-dossier"),
    path("dossiers/<int:pk>/", own.DossierView.as_view(), name="dossier"),
    path("dossiers/<int:pk>/entries/<int:serial>/", files.EntryFileView.as_view(), name="dossier-file"),
    path("dossiers/<int:pk>/inspect/", files.InspectView.as_view(), name="dossier-inspect"),
    path("dossiers/<int:pk>/collect/", files.CollectView.as_view(), name="dossier-collect"),
    path("dossiers/<int:pk>/package.zip", files.PackageView.as_view(), name="dossier-package"),
    path("dossiers/borrow/", borrowing.BorrowView.as_view(), name="dossier-borrow"),
    path("dossiers/ranges/", borrowing.RangesView.as_view(), name="dossier-ranges"),
]
