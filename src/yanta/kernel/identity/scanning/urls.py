from django.urls import path

from yanta.kernel.identity.gate import public_page
from yanta.kernel.identity.scanning.views import apps, campus, persons, simulated

urlpatterns = [
    path("sign-in/code/", public_page(campus.CampusCodeView.as_view()), name="campus-code"),
    path("sign-in/code/state/", public_page(campus.campus_state), name="campus-code-state"),
    path("scan/code/<str:shown>/", campus.ScannedView.as_view(), name="scanned"),
    path("scan/<slug:kind>/start", public_page(apps.start), name="scan-start"),
    path("scan/<slug:kind>/callback", public_page(apps.callback), name="scan-callback"),
    path("scan/simulated/<slug:kind>/<path:path>", public_page(simulated.simulated), name="scan-simulated"),
    path("account/scanning/", apps.LinksView.as_view(), name="scan-links"),
    path("account/scanning/<int:pk>/unlink/", apps.unlink_own, name="scan-unlink"),
    path("account/code/", persons.PersonalCodeView.as_view(), name="personal-code"),
    path("api/identity/code/", persons.verify_code, name="verify-code"),
]
