"""What the web server loads."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yanta.config.settings")
_pages = get_wsgi_application()

from yanta.systems.course_selection.views.door import Door  # noqa: E402 - models may be imported only now

application = Door(_pages)
