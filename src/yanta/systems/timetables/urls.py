from django.urls import path, re_path

from yanta.systems.timetables.views import boards, rooms, weeks

urlpatterns = [
    path("timetables/mine/", weeks.MineView.as_view(), name="own-timetable"),
    re_path(
        r"^timetables/of/(?P<kind>teacher|class|room)/(?P<key>[0-9]{1,9})/$",
        weeks.OfView.as_view(),
        name="timetable-of",
    ),
    path("timetables/board/", boards.BoardView.as_view(), name="timetable-board"),
    path("timetables/place/<int:key>/", boards.PlaceView.as_view(), name="timetable-place"),
    path("timetables/place/<int:key>/targets/", boards.TargetsView.as_view(), name="timetable-targets"),
    path("timetables/compare/", boards.CompareView.as_view(), name="timetable-compare"),
    path("timetables/rooms/", rooms.FreeView.as_view(), name="timetable-rooms"),
    path("timetables/use/", rooms.UseView.as_view(), name="timetable-use"),
]
