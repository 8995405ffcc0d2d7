"""The exchange's own pages; lists and records come from the declarations."""

from django.urls import path

from yanta.hub.exchange import views

urlpatterns = [
    path("exchange/connections/<int:pk>/", views.ConnectionView.as_view(), name="exchange-connection"),
    path("exchange/connections/<int:pk>/browse/", views.BrowseView.as_view(), name="exchange-browse"),
    path("exchange/tables/<int:pk>/preview/", views.PreviewView.as_view(), name="exchange-preview"),
]
