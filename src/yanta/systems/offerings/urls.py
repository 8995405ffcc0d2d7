from django.urls import path

from yanta.systems.offerings import views

urlpatterns = [
    path("offerings/board/", views.BoardView.as_view(), name="offerings-board"),
    path("offerings/checks/", views.ChecksView.as_view(), name="offerings-checks"),
    path("offerings/workload/", views.WorkloadView.as_view(), name="offerings-workload"),
    path("offerings/calendar/", views.CalendarView.as_view(), name="teaching-calendar"),
    path("offerings/mine/", views.MineView.as_view(), name="own-teaching"),
]
