"""Addresses of the preparation."""

from django.urls import path

from scrutineer_web.kit.addresses import ASSESSMENT, CASE, INSPECTION
from scrutineer_web.preparation import profile_views
from scrutineer_web.preparation import views as sampling

urlpatterns = [
    path(f"{INSPECTION}profile/", profile_views.show_profile, name="profile"),
    path(f"{INSPECTION}profile/edit/", profile_views.edit_profile, name="profile_edit"),
    path(f"{INSPECTION}profile/import/", profile_views.import_targets, name="targets_import"),
    path(f"{INSPECTION}caseload/", sampling.show_caseload, name="caseload"),
    path(f"{INSPECTION}sample/", sampling.show_sample, name="sample"),
    path(f"{INSPECTION}sample/draw/", sampling.sample_draw, name="sample_draw"),
    path(f"{CASE}substitute/", sampling.substitute, name="substitute"),
    path(f"{INSPECTION}timetable/", sampling.show_timetable, name="timetable"),
    path(f"{INSPECTION}timetable/plan/", sampling.plan_timetable, name="plan"),
    path("timetables/<number:timetable>/", sampling.show_search, name="timetable_search"),
    path(f"{CASE}allocate/<number:number>/", sampling.allocate, name="allocate"),
    path(f"{ASSESSMENT}place/", sampling.place_assessment, name="place"),
    path(f"{ASSESSMENT}lock/", sampling.lock_place, name="lock"),
    path(f"{ASSESSMENT}withdraw/", sampling.withdraw, name="withdraw"),
]
