from django.urls import path

from yanta.kernel.identity.gate import public_page
from yanta.sso.partners.views import addresses, departure, doors, own

urlpatterns = [
    path("partners/<slug:code>/start", public_page(doors.start), name="partner-start"),
    path("partners/<slug:code>/callback", public_page(departure.callback), name="partner-callback"),
    path("partners/<slug:code>/acs", public_page(doors.assertion), name="partner-acs"),
    path("partners/<slug:code>/metadata", public_page(doors.own_metadata), name="partner-metadata"),
    path("partners/<slug:code>/leave", public_page(departure.leave), name="partner-leave"),
    path("partners/<slug:code>/left", public_page(departure.left), name="partner-left"),
    path("partners/<slug:code>/slo", public_page(departure.single_logout), name="partner-slo"),
    path(
        "partners/<slug:code>/backchannel", public_page(departure.back_channel), name="partner-back-channel"
    ),
    path(
        "partners/<slug:code>/frontchannel",
        public_page(departure.front_channel),
        name="partner-front-channel",
    ),
    path("partners/partner/<int:pk>/addresses/", addresses.AddressesView.as_view(), name="partner-addresses"),
    path("account/partners/", own.LinksView.as_view(), name="partner-links"),
    path("account/partners/<int:pk>/unlink/", own.unlink_own, name="partner-unlink"),
]
