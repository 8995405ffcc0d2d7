from django.urls import path, re_path

from yanta.systems.timetables.views import boards, weeks

urlpatterns = [
    path("timetables/mine/", weeks.MineView.as_view(), name="own-timetable"),
    re_path(
        r"^timetables/of/(?P<kind>teacher|class|room)/(?P<key>[0-9]{1,9})/$",
        weeks.OfView.as_view(),
        name="timetable-of",
    ),
    path("timetables/feed/<str:token>.ics", weeks.FeedView.as_view(), name="timetable-feed"),
    path("timetables/board/", boards.BoardView.as_view(), name="timetable-board"),
    path("timetables/place/<int:key>/", boards.PlaceView.as_view(), name="timetable-place"),
    path("timetables/compare/", boards.CompareView.as_view(), name="timetable-compare"),
    path("timetables/use/", boards.UseView.as_view(), name="timetable-use"),
]
