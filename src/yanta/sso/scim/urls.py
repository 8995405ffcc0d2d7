from django.urls import path

from yanta.kernel.identity.gate import public_page
from yanta.sso.scim import views

urlpatterns = [path("scim/v2/<path:path>", public_page(views.scim), name="scim")]
