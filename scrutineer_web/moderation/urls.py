"""Addresses of the moderation."""

from django.urls import path

from scrutineer_web.kit.addresses import ASSESSMENT, CASE, INSPECTION
from scrutineer_web.moderation import views as moderation

urlpatterns = [
    path(f"{INSPECTION}moderation/", moderation.show_queue, name="moderation"),
    path(f"{ASSESSMENT}moderate/", moderation.show_moderation, name="moderate"),
    path(f"{ASSESSMENT}query/", moderation.query, name="query"),
    path(f"{ASSESSMENT}sign-off/", moderation.sign_off, name="assessment_sign_off"),
    path(f"{ASSESSMENT}reopen/", moderation.reopen, name="assessment_reopen"),
    path(f"{CASE}adjudicate/", moderation.settle_difference, name="adjudicate"),
    path(f"{INSPECTION}sign-off/", moderation.settle, name="settle"),
    path(f"{INSPECTION}reopen/", moderation.reopen_scores, name="unsettle"),
]
