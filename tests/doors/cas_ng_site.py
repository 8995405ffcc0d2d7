"""A Django site of one file behind django-cas-ng; run by the tests, with its own settings and database."""

import os
import sys
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django
from django.conf import settings

FOLDER = os.environ["PEER_FOLDER"]
CONTRIB = "django.contrib."
MIDDLEWARE = ("sessions.middleware.SessionMiddleware", "auth.middleware.AuthenticationMiddleware", "messages.middleware.MessageMiddleware")  # fmt: skip
settings.configure(
    SECRET_KEY="of-a-peer", ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, USE_TZ=True,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{FOLDER}/peer.sqlite3"}},
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.messages", "django_cas_ng"],
    MIDDLEWARE=[f"{CONTRIB}{one}" for one in MIDDLEWARE],
    AUTHENTICATION_BACKENDS=["django_cas_ng.backends.CASBackend"], DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    CAS_SERVER_URL=os.environ["CAS_SERVER"], CAS_VERSION="3", CAS_REDIRECT_URL="/in", SESSION_COOKIE_NAME="peer_session",
    LOGIN_URL="/login", CAS_LOGOUT_COMPLETELY=True, CAS_CREATE_USER=True,
)  # fmt: skip
django.setup()

from django.contrib.auth.decorators import login_required  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.http import HttpResponse, JsonResponse  # noqa: E402
from django.urls import path  # noqa: E402
from django_cas_ng import views  # noqa: E402


@login_required
def inside(request):
    told = request.session.get("attributes", {})
    return JsonResponse(
        {"user": request.user.username, "number": told.get("staffNumber"), "unit": told.get("unitCode")}
    )


urlpatterns = [
    path("open", lambda request: HttpResponse("open")), path("in", inside),
    path("login", views.LoginView.as_view(), name="cas_ng_login"), path("logout", views.LogoutView.as_view(), name="cas_ng_logout"),
]  # fmt: skip


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        """Nothing."""


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    make_server("127.0.0.1", int(sys.argv[1]), get_wsgi_application(), handler_class=Quiet).serve_forever()
