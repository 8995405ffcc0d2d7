"""Pages that no noun leads to."""

from django.urls import path

from yanta.hub.nodes import views

urlpatterns = [
    path("nodes/", views.UpwardView.as_view(), name="nodes-upward"),
    path("nodes/push/", views.PushView.as_view(), name="nodes-push"),
    path("nodes/compare/<int:pk>/", views.CompareView.as_view(), name="nodes-compare"),
    path("nodes/region/", views.RegionView.as_view(), name="nodes-region"),
    path("nodes/region/<slug:subject>/<slug:dimension>/", views.SpreadView.as_view(), name="nodes-spread"),
    path("nodes/schools/<int:pk>/", views.SchoolView.as_view(), name="nodes-school"),
]
