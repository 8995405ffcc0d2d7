"""A CAS server of one file behind django-cas-server; run by the tests in a Python environment of its own."""

import os
import sys
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django
from django.conf import settings

FOLDER, CONTRIB = os.environ["PEER_FOLDER"], "django.contrib."
MIDDLEWARE = ("sessions.middleware.SessionMiddleware", "auth.middleware.AuthenticationMiddleware", "messages.middleware.MessageMiddleware")  # fmt: skip
settings.configure(
    SECRET_KEY="of-a-peer", ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, USE_TZ=True, STATIC_URL="/static/", DEBUG=True,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{FOLDER}/cas.sqlite3"}},
    INSTALLED_APPS=[*(f"{CONTRIB}{one}" for one in ("admin", "auth", "contenttypes", "sessions", "messages", "staticfiles")), "cas_server"],
    MIDDLEWARE=[*(f"{CONTRIB}{one}" for one in MIDDLEWARE), "django.middleware.locale.LocaleMiddleware"],
    TEMPLATES=[{
        "BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
        "OPTIONS": {"context_processors": [
            "django.template.context_processors.request", f"{CONTRIB}auth.context_processors.auth",
            f"{CONTRIB}messages.context_processors.messages",
        ]},
    }],
    DEFAULT_AUTO_FIELD="django.db.models.AutoField", CAS_AUTH_CLASS="cas_server.auth.DjangoAuthUser", CAS_NEW_VERSION_HTML_WARNING=False,
)  # fmt: skip
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.urls import include, path  # noqa: E402

urlpatterns = [path("open", lambda request: HttpResponse("open")), path("", include("cas_server.urls", namespace="cas_server"))]  # fmt: skip


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        """Nothing."""


if __name__ == "__main__":
    from cas_server.models import ServicePattern

    call_command("migrate", verbosity=0)
    User.objects.create_user("there", password="There-Tower-652")
    ServicePattern.objects.create(name="ours", pattern=os.environ["PEER_SERVICES"], single_log_out=True)
    make_server("127.0.0.1", int(sys.argv[1]), get_wsgi_application(), handler_class=Quiet).serve_forever()
