from django.urls import path

from yanta.kernel.identity.gate import public_page
from yanta.sso.partners.views import doors, own

urlpatterns = [
    path("partners/<slug:code>/start", public_page(doors.start), name="partner-start"),
    path("partners/<slug:code>/callback", public_page(doors.callback), name="partner-callback"),
    path("partners/<slug:code>/acs", public_page(doors.assertion), name="partner-acs"),
    path("partners/<slug:code>/metadata", public_page(doors.own_metadata), name="partner-metadata"),
    path("account/partners/", own.LinksView.as_view(), name="partner-links"),
    path("account/partners/<int:pk>/unlink/", own.unlink_own, name="partner-unlink"),
]
