from django.urls import path, re_path

from yanta.kernel.calendar.views import dav, feeds, pages

OWNER = "dav/calendars/<str:owner>/"

urlpatterns = [
    path("calendar/", pages.CalendarPage.as_view(), name="calendar"),
    path("calendar/follow/", pages.FollowPage.as_view(), name="calendar-follow"),
    path("calendar/feed/<str:secret>.ics", feeds.feed, name="calendar-feed"),
    re_path(r"^\.well-known/caldav/?$", dav.well_known, name="caldav"),
    path("dav/", dav.RootView.as_view(), name="dav"),
    path("dav/principals/<str:owner>/", dav.PrincipalView.as_view(), name="dav-principal"),
    path(OWNER, dav.HomeView.as_view(), name="dav-home"),
    path(f"{OWNER}<slug:key>/", dav.CalendarView.as_view(), name="dav-calendar"),
    path(f"{OWNER}<slug:key>/<str:uid>.ics", dav.ObjectView.as_view(), name="dav-object"),
]
