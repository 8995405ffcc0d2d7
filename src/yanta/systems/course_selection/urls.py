from django.urls import path

from yanta.systems.course_selection.views import pages

urlpatterns = [
    path("course-selection/", pages.CatalogueView.as_view(), name="course-selection"),
    path("course-selection/mine/", pages.MineView.as_view(), name="own-selection"),
    path("course-selection/lottery/", pages.LotteryView.as_view(), name="selection-lottery"),
    path("course-selection/console/", pages.ConsoleView.as_view(), name="selection-console"),
]
