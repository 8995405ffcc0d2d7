from django.urls import path

from yanta.kernel.identity.gate import public_page
from yanta.systems.certificates.views import batches, kinds, kiosk, own, shared

urlpatterns = [
    path("certificates/", own.MineView.as_view(), name="my-certificates"),
    path("certificates/new/<str:code>/", own.AskView.as_view(), name="certificate-ask"),
    path("certificates/new/<str:code>/preview.png", own.PreviewView.as_view(), name="certificate-preview"),
    path("certificates/<int:pk>/", own.CertificateView.as_view(), name="certificate-page"),
    path("certificates/<int:pk>/paper.pdf", own.PaperView.as_view(), name="certificate-paper"),
    path("certificates/<int:pk>/share/", own.ShareView.as_view(), name="certificate-share"),
    path("certificates/shares/<int:pk>/end/", own.TakeBackView.as_view(), name="certificate-take-back"),
    path("certificates/shared/<str:token>/", public_page(shared.shared), name="certificate-shared"),
    path(
        "certificates/shared/<str:token>/paper.pdf",
        public_page(shared.paper),
        name="certificate-shared-paper",
    ),
    path("certificates/batches/new/", batches.NewBatchView.as_view(), name="certificate-batch-new"),
    path("certificates/batches/<int:pk>/", batches.BatchView.as_view(), name="certificate-batch"),
    path(
        "certificates/batches/<int:pk>/papers.zip",
        batches.ArchiveView.as_view(),
        name="certificate-batch-zip",
    ),
    path("certificates/statistics/", batches.StatisticsView.as_view(), name="certificate-statistics"),
    path("certificates/kinds/<int:pk>/text/", kinds.TextView.as_view(), name="certificate-text"),
    path("certificates/kinds/<int:pk>/sample.png", kinds.SampleView.as_view(), name="certificate-sample"),
    path("certificates/phone-code/", own.PhoneCodeView.as_view(), name="certificate-phone-code"),
    path("certificates/terminal/enter/<str:key>/", public_page(kiosk.enter), name="kiosk-enter"),
    path("certificates/terminal/", public_page(kiosk.welcome), name="kiosk"),
    path("certificates/terminal/menu/", public_page(kiosk.menu), name="kiosk-menu"),
    path("certificates/terminal/issue/", public_page(kiosk.issue), name="kiosk-issue"),
    path("certificates/terminal/<int:pk>/paper.pdf", public_page(kiosk.paper), name="kiosk-paper"),
    path("certificates/terminal/end/", public_page(kiosk.leave), name="kiosk-end"),
]
