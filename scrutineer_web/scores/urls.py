"""Addresses of the scores."""

from django.urls import path

from scrutineer_web.kit.addresses import INSPECTION
from scrutineer_web.scores import views as scores

urlpatterns = [
    path(f"{INSPECTION}scores/", scores.show_sheet, name="scores"),
    path(f"{INSPECTION}scores/<str:name>/", scores.show_score, name="score"),
    path(f"{INSPECTION}agreement/", scores.show_agreement, name="agreement"),
]
