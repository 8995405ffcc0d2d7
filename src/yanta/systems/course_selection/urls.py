from django.urls import path

from yanta.systems.course_selection.views import console, lotteries, pages, rosters

urlpatterns = [
    path("course-selection/", pages.CatalogueView.as_view(), name="course-selection"),
    path("course-selection/swap/<int:key>/", pages.SwapView.as_view(), name="selection-swap"),
    path("course-selection/mine/", pages.MineView.as_view(), name="own-selection"),
    path("course-selection/lottery/", lotteries.LotteryView.as_view(), name="selection-lottery"),
    path(
        "course-selection/lottery/<int:key>/draw.csv", lotteries.DrawnView.as_view(), name="selection-drawn"
    ),
    path("course-selection/lottery/recompute.py", lotteries.ScriptView.as_view(), name="selection-recompute"),
    path("course-selection/taught/", rosters.TaughtView.as_view(), name="selection-taught"),
    path("course-selection/roster/<int:key>/", rosters.RosterView.as_view(), name="selection-roster"),
    path("course-selection/console/", console.ConsoleView.as_view(), name="selection-console"),
    path(
        "course-selection/simulation/<int:key>/",
        console.SimulationView.as_view(),
        name="selection-simulation",
    ),
]
