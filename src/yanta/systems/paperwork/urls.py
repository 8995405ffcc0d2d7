from django.urls import path

from yanta.systems.paperwork import views

urlpatterns = [
    path("paperwork/mine/", views.MineView.as_view(), name="paperwork-mine"),
    path("paperwork/mine/photo/", views.PhotoView.as_view(), name="paperwork-photo"),
    path("paperwork/mine/signature/", views.SignatureView.as_view(), name="paperwork-signature"),
    path("paperwork/mine/<int:pk>/", views.OwnView.as_view(), name="paperwork-own"),
    path("paperwork/mine/<int:pk>/file/", views.OwnFileView.as_view(), name="paperwork-own-file"),
    path("paperwork/editions/<int:pk>/map/", views.MapView.as_view(), name="paperwork-map"),
    path("paperwork/editions/<int:pk>/slot/", views.SlotView.as_view(), name="paperwork-slot"),
    path("paperwork/editions/<int:pk>/decide/", views.DecideView.as_view(), name="paperwork-decide"),
    path("paperwork/editions/<int:pk>/layout/", views.LayoutView.as_view(), name="paperwork-layout"),
    path("paperwork/editions/<int:pk>/try/", views.TryView.as_view(), name="paperwork-try"),
    path(
        "paperwork/editions/<int:pk>/try/<int:person>/file/",
        views.TryFileView.as_view(),
        name="paperwork-try-file",
    ),
    path("paperwork/batches/new/", views.NewBatchView.as_view(), name="paperwork-batch-new"),
    path("paperwork/batches/<int:pk>/", views.BatchView.as_view(), name="paperwork-batch"),
    path("paperwork/issued/<int:pk>/source/", views.SourceView.as_view(), name="paperwork-source"),
]
