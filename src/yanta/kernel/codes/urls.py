from django.urls import path

from yanta.kernel.codes import views

urlpatterns = [
    path("codes/browse/<str:set_id>/", views.BrowseView.as_view(), name="codes-browse"),
    path("codes/browse/<str:set_id>/export.<slug:kind>", views.ExportView.as_view(), name="codes-export"),
    path("codes/compare/<str:old>/<str:new>/", views.CompareView.as_view(), name="codes-compare"),
    path("codes/<str:set_id>/suggest/", views.SuggestView.as_view(), name="codes-suggest"),
    path("codes/dictionary/subsets/", views.DictionaryView.as_view(), name="codes-dictionary"),
    path(
        "codes/dictionary/all/export.<slug:kind>",
        views.DictionaryExportView.as_view(),
        name="codes-dictionary-export",
    ),
    path("codes/dictionary/<str:subset>/", views.SubsetView.as_view(), name="codes-subset"),
    path("codes/coverage/systems/", views.CoverageView.as_view(), name="codes-coverage"),
]
