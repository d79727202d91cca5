"""Addresses of the moderation."""

from django.urls import path

from scrutineer_web.kit.addresses import CASE, INSPECTION, READING
from scrutineer_web.moderation import views as moderation

urlpatterns = [
    path(f"{INSPECTION}moderation/", moderation.queue, name="moderation"),
    path(f"{READING}moderate/", moderation.moderate, name="moderate"),
    path(f"{READING}query/", moderation.query, name="query"),
    path(f"{READING}sign-off/", moderation.sign_off, name="reading_sign_off"),
    path(f"{READING}reopen/", moderation.reopen, name="reading_reopen"),
    path(f"{CASE}adjudicate/", moderation.adjudicate, name="adjudicate"),
    path(f"{INSPECTION}sign-off/", moderation.settle, name="settle"),
    path(f"{INSPECTION}reopen/", moderation.unsettle, name="unsettle"),
]
