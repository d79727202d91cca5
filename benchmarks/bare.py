"""The room's peer: somebody signed in writes one row, durable before it is answered, and nothing else is done.

It is served by the same processes as the room and on its sessions, so that both are under the same load; of the room's
middleware it has what signing in needs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import override_settings
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from scrutineer_web.wsgi import application as room


@csrf_exempt
@login_required
def write(request: HttpRequest) -> JsonResponse:
    body = json.loads(request.body)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO bare (person, value, note) VALUES (%s, %s, %s)",
            [request.user.pk, body["value"], body["note"]],
        )
    return JsonResponse({"saved": True})


urlpatterns = [path("write", write)]


def own_addresses(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def answer(request: HttpRequest) -> HttpResponse:
        request.urlconf = __name__  # type: ignore[attr-defined]
        return get_response(request)

    return answer


_SIGNED_IN = [
    m for m in settings.MIDDLEWARE if m.endswith((".SessionMiddleware", ".AuthenticationMiddleware"))
]
with override_settings(
    MIDDLEWARE=[f"{__name__}.own_addresses", *_SIGNED_IN],
    SESSION_ENGINE="django.contrib.sessions.backends.db",
):
    bare = WSGIHandler()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The bare view at /write, the room everywhere else."""
    return (bare if environ["PATH_INFO"] == "/write" else room)(environ, start_response)
