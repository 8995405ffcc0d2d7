from django.urls import path

from yanta.kernel.identity.gate import public_page
from yanta.sso.radius import views

urlpatterns = [path("radius/authenticate", public_page(views.authenticate), name="radius-authenticate")]
