"""What a load balancer and a monitor ask: is the process alive, can it do its work."""

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from yanta.kernel.identity.gate import public_page
from yanta.kernel.jobs import worker


@public_page
def alive(request: HttpRequest) -> HttpResponse:
    """The process answers; asks nobody else."""
    return HttpResponse("ok\n", content_type="text/plain")


@public_page
def ready(request: HttpRequest) -> HttpResponse:
    """200 when the database answers; with `?all`, only when background work is alive too."""
    database = _database_answers()
    checks = {"database": database, "work": database and worker.workers_alive() > 0}
    needed = checks if "all" in request.GET else {"database": database}
    return JsonResponse(checks, status=200 if all(needed.values()) else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:  # whatever is wrong, the answer to the monitor is the same
        return False
    return True
