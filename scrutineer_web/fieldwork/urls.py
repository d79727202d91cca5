"""Addresses of the fieldwork."""

from django.urls import path

from scrutineer_web.fieldwork import evidence_views as evidence
from scrutineer_web.fieldwork import survey_views as surveys
from scrutineer_web.fieldwork import views as fieldwork
from scrutineer_web.kit.addresses import ASSESSMENT, CASE, INSPECTION, PIECE

urlpatterns = [
    path("service-worker.js", fieldwork.worker, name="worker"),
    path("offline/", fieldwork.offline, name="offline"),
    path(f"{INSPECTION}cases/", fieldwork.cases, name="cases"),
    path(CASE, fieldwork.case, name="case"),
    path(ASSESSMENT, fieldwork.assessment, name="assessment"),
    path(f"{ASSESSMENT}save/", fieldwork.save, name="save"),
    path(f"{ASSESSMENT}complete/", fieldwork.complete, name="complete"),
    path(f"{ASSESSMENT}reply/", fieldwork.reply, name="reply"),
    path(f"{ASSESSMENT}comments/<number:comment>/resolve/", fieldwork.resolve, name="resolve"),
    path("conflicts/<number:conflict>/settle/", fieldwork.settle, name="settle_conflict"),
    path(f"{INSPECTION}devices/", fieldwork.devices, name="devices"),
    path(f"{INSPECTION}devices/<uuid:device>/lost/", fieldwork.device_lost, name="device_lost"),
    path(f"{INSPECTION}surveys/", surveys.surveys, name="surveys"),
    path(f"{INSPECTION}needs/", surveys.needs_edit, name="needs_edit"),
    path(f"{INSPECTION}surveys/import/", surveys.surveys_import, name="surveys_import"),
    path(f"{INSPECTION}surveys/<slug:key>/", surveys.survey_edit, name="survey_edit"),
    path(f"{INSPECTION}focus-groups/<slug:key>/", surveys.focus_group_edit, name="focus_group_edit"),
    path(f"{INSPECTION}evidence/", evidence.overview, name="evidence"),
    path(f"{INSPECTION}evidence/new/", evidence.piece_new, name="piece_new"),
    path(PIECE, evidence.piece, name="piece"),
    path(f"{PIECE}change/", evidence.piece_edit, name="piece_edit"),
    path(f"{PIECE}retire/", evidence.piece_retire, name="piece_retire"),
    path(f"{PIECE}files/", evidence.attach, name="attach"),
    path("uploads/<number:upload>/", evidence.upload, name="upload"),
    path("uploads/<number:upload>/retire/", evidence.upload_retire, name="upload_retire"),
    path(f"{INSPECTION}ratings/<str:name>/", evidence.rating, name="rating"),
]
