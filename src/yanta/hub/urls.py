"""The hub's own pages; lists and records of its nouns come from their declarations."""

from django.urls import path

from yanta.hub.views import people, runs, worklists

urlpatterns = [
    path("me/", people.RecordView.as_view(), name="me"),
    path("hub/people/<int:pk>/", people.RecordView.as_view(), name="hub-person"),
    path("hub/people/<int:pk>/split/", people.SplitView.as_view(), name="hub-split"),
    path("hub/people/<int:pk>/<slug:element>/source/", people.SourceCardView.as_view(), name="hub-source"),
    path("hub/people/<int:pk>/<slug:element>/history/", people.HistoryView.as_view(), name="hub-history"),
    path("hub/people/<int:pk>/<slug:element>/reveal/", people.RevealView.as_view(), name="hub-reveal"),
    path("hub/people/<int:pk>/<slug:element>/wrong/", people.WrongView.as_view(), name="hub-wrong"),
    path("hub/runs/new/", runs.NewRunView.as_view(), name="hub-run-new"),
    path("hub/runs/settle/", runs.SettleView.as_view(), name="hub-settle"),
    path("hub/runs/<int:pk>/receipt/", runs.ReceiptView.as_view(), name="hub-receipt"),
    path("hub/runs/<int:pk>/receipt.json", runs.ReceiptFileView.as_view(), name="hub-receipt-file"),
    path("hub/mappings/<int:pk>/", runs.MappingView.as_view(), name="hub-mapping"),
    path("hub/quarantine/<int:pk>/", worklists.QuarantineView.as_view(), name="hub-quarantined"),
    path("hub/doubts/", worklists.DoubtView.as_view(), name="hub-doubts"),
    path("hub/doubts/<int:pk>/", worklists.DoubtView.as_view(), name="hub-doubt"),
    path("hub/corrections/<int:pk>/", worklists.CorrectionView.as_view(), name="hub-correction"),
]
