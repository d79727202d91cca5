"""Addresses of the fieldwork."""

from django.urls import path

from scrutineer_web.fieldwork import evidence_views as evidence
from scrutineer_web.fieldwork import survey_views as surveys
from scrutineer_web.fieldwork import views as fieldwork
from scrutineer_web.kit.addresses import ASSESSMENT, CASE, INSPECTION, PIECE

urlpatterns = [
    path("service-worker.js", fieldwork.serve_worker, name="worker"),
    path("offline/", fieldwork.show_offline, name="offline"),
    path(f"{INSPECTION}cases/", fieldwork.list_cases, name="cases"),
    path(CASE, fieldwork.show_case, name="case"),
    path(ASSESSMENT, fieldwork.show_assessment, name="assessment"),
    path(f"{ASSESSMENT}save/", fieldwork.save, name="save"),
    path(f"{ASSESSMENT}complete/", fieldwork.complete, name="complete"),
    path(f"{ASSESSMENT}reply/", fieldwork.reply, name="reply"),
    path(f"{ASSESSMENT}comments/<number:comment>/resolve/", fieldwork.resolve, name="resolve"),
    path("conflicts/<number:conflict>/settle/", fieldwork.settle, name="settle_conflict"),
    path(f"{INSPECTION}devices/", fieldwork.list_devices, name="devices"),
    path(f"{INSPECTION}devices/<uuid:device>/lost/", fieldwork.report_device_lost, name="device_lost"),
    path(f"{INSPECTION}surveys/", surveys.show_surveys, name="surveys"),
    path(f"{INSPECTION}needs/", surveys.edit_needs, name="needs_edit"),
    path(f"{INSPECTION}surveys/import/", surveys.import_surveys, name="surveys_import"),
    path(f"{INSPECTION}surveys/<slug:key>/", surveys.edit_survey, name="survey_edit"),
    path(f"{INSPECTION}focus-groups/<slug:key>/", surveys.edit_focus_group, name="focus_group_edit"),
    path(f"{INSPECTION}evidence/", evidence.show_evidence, name="evidence"),
    path(f"{INSPECTION}evidence/new/", evidence.add_piece, name="piece_new"),
    path(PIECE, evidence.show_piece, name="piece"),
    path(f"{PIECE}change/", evidence.edit_piece, name="piece_edit"),
    path(f"{PIECE}retire/", evidence.retire_piece_view, name="piece_retire"),
    path(f"{PIECE}files/", evidence.attach, name="attach"),
    path("uploads/<number:upload>/", evidence.upload, name="upload"),
    path("uploads/<number:upload>/retire/", evidence.upload_retire, name="upload_retire"),
    path(f"{INSPECTION}ratings/<str:name>/", evidence.settle_rating, name="rating"),
]
