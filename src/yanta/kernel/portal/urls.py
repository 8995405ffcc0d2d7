from django.urls import path

from yanta.kernel.portal import pages, parts

urlpatterns = [
    path("", pages.HomeView.as_view(), name="home"),
    path("counts/", pages.CountsView.as_view(), name="counts"),
    path("applications/", pages.ApplicationsView.as_view(), name="applications"),
    path("language/", pages.choose_language, name="language"),
    path("offline/", pages.offline, name="offline"),
    path("manifest.webmanifest", pages.web_manifest),
    path("sw.js", pages.service_worker),
    path("portal/parts/", parts.PartsView.as_view(), name="parts"),
]
