from django.urls import path

from yanta.kernel.identity.gate import public_page
from yanta.sso.applications.views import doors, kit, own

urlpatterns = [
    path("sso/confirm/", doors.ConfirmView.as_view(), name="sso-confirm"),
    path("sso/consent/<slug:code>/", doors.ConsentView.as_view(), name="sso-consent"),
    path("sso/left/", public_page(doors.left), name="sso-left"),
    path("sso/logo/<slug:code>/", public_page(doors.logo), name="sso-logo"),
    path("sso/entries/", own.EntriesView.as_view(), name="sso-entries"),
    path("sso/entries/<int:pk>/leave/", own.leave, name="sso-leave"),
    path("sso/consents/<int:pk>/withdraw/", own.withdraw_consent, name="sso-withdraw-consent"),
    path("applications/application/<int:pk>/kit/", kit.KitView.as_view(), name="sso-kit"),
    path("applications/application/<int:pk>/logo/", kit.LogoView.as_view(), name="sso-change-logo"),
]
