from django.urls import path

from yanta.kernel.identity.gate import public_page
from yanta.sso.saml.views import departure, entrance, pages

urlpatterns = [
    path("saml/metadata", public_page(pages.own_metadata), name="saml-metadata"),
    path("saml/sso", public_page(entrance.sign_on), name="saml-sso"),
    path("saml/continue", public_page(entrance.go_on), name="saml-continue"),
    path("saml/start/<slug:code>", public_page(entrance.start), name="saml-start"),
    path("saml/slo", public_page(departure.single_logout), name="saml-slo"),
    path("saml/leaving", public_page(departure.frame), name="saml-leaving"),
    path("saml/import/", pages.MetadataView.as_view(), name="saml-import"),
]
