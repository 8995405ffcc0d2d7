from django.urls import path

from yanta.systems.repairs import views

urlpatterns = [
    path("repairs/at/<str:number>/", views.AtView.as_view(), name="repairs-at"),
    path("repairs/door/<str:number>/", views.DoorView.as_view(), name="repairs-door"),
    path("repairs/jobs/", views.JobsView.as_view(), name="repairs-jobs"),
    path("repairs/board/", views.BoardView.as_view(), name="repairs-board"),
]
