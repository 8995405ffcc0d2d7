from django.urls import path

from yanta.kernel.identity.gate import public_page
from yanta.sso.seals.views import own, verification

urlpatterns = [
    path("verify/", public_page(verification.verify), name="verify"),
    path("verify/<str:number>/", public_page(verification.verify_number), name="verify-number"),
    path("seals/crl/<str:serial>.crl", public_page(verification.revocation_list), name="seals-crl"),
    path("seals/ocsp/", public_page(verification.ocsp), name="seals-ocsp"),
    path(
        "seals/certificates/<str:serial>.pem", public_page(verification.certificate), name="seals-certificate"
    ),
    path("seals/apply/", own.ApplyView.as_view(), name="seals-apply"),
    path("seals/sign/", own.SignView.as_view(), name="seals-sign"),
    path("seals/import/", own.ImportView.as_view(), name="seals-import"),
    path("seals/sealrequest/<int:pk>/papers/", own.PapersView.as_view(), name="seals-papers"),
    path("seals/seal/<int:pk>/picture/", own.PictureView.as_view(), name="seals-picture"),
    path("seals/seal/<int:pk>/picture.svg", own.DrawingView.as_view(), name="seals-drawing"),
]
