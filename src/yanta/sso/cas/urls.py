from django.urls import path

from yanta.kernel.identity.gate import public_page
from yanta.sso.cas import views

urlpatterns = [
    path("cas/login", public_page(views.login), name="cas-login"),
    path("cas/logout", public_page(views.logout), name="cas-logout"),
    path("cas/validate", public_page(views.validate), name="cas-validate"),
    path("cas/serviceValidate", public_page(views.service_validate), name="cas-service-validate"),
    path("cas/proxyValidate", public_page(views.proxy_validate), name="cas-proxy-validate"),
    path("cas/p3/serviceValidate", public_page(views.service_validate), name="cas-p3-service-validate"),
    path("cas/p3/proxyValidate", public_page(views.proxy_validate), name="cas-p3-proxy-validate"),
    path("cas/proxy", public_page(views.proxy), name="cas-proxy"),
    path("cas/samlValidate", public_page(views.saml_validate), name="cas-saml-validate"),
]
