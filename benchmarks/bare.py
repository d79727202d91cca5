"""The room's peer: a view of Django's own, as `startproject` sets one up, in which somebody signed in writes one row.

It is served by the same processes as the room and on its database, so that both are under the same load. Sessions,
accounts and middleware are Django's.
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

from benchmarks.room_server import PLAIN
from scrutineer_web.wsgi import application as room


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


# For this server alone; the room's own accounts keep being found by the room's own way.
settings.AUTHENTICATION_BACKENDS = [*settings.AUTHENTICATION_BACKENDS, PLAIN]
with override_settings(
    MIDDLEWARE=[
        f"{__name__}.own_addresses",
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    SESSION_ENGINE="django.contrib.sessions.backends.db",
):
    bare = WSGIHandler()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The bare view at /write, the room everywhere else."""
    return (bare if environ["PATH_INFO"] == "/write" else room)(environ, start_response)
