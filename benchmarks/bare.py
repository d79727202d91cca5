"""One view: somebody signed in writes one row, durable before it is answered."""

from __future__ import annotations

import json
import os

from django.contrib.auth.decorators import login_required
from django.core.wsgi import get_wsgi_application
from django.db import connection, transaction
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.bare_settings")


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
application = get_wsgi_application()
