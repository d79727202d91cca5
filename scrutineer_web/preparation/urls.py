"""Addresses of the preparation."""

from django.urls import path

from scrutineer_web.kit.addresses import ASSESSMENT, CASE, INSPECTION
from scrutineer_web.preparation import profile_views
from scrutineer_web.preparation import views as sampling

urlpatterns = [
    path(f"{INSPECTION}profile/", profile_views.profile, name="profile"),
    path(f"{INSPECTION}profile/edit/", profile_views.profile_edit, name="profile_edit"),
    path(f"{INSPECTION}profile/import/", profile_views.targets_import, name="targets_import"),
    path(f"{INSPECTION}caseload/", sampling.caseload, name="caseload"),
    path(f"{INSPECTION}sample/", sampling.sample, name="sample"),
    path(f"{INSPECTION}sample/draw/", sampling.sample_draw, name="sample_draw"),
    path(f"{CASE}substitute/", sampling.substitute, name="substitute"),
    path(f"{INSPECTION}timetable/", sampling.timetable, name="timetable"),
    path(f"{INSPECTION}timetable/plan/", sampling.plan, name="plan"),
    path("timetables/<number:timetable>/", sampling.timetable_search, name="timetable_search"),
    path(f"{CASE}allocate/<number:number>/", sampling.allocate, name="allocate"),
    path(f"{ASSESSMENT}place/", sampling.place, name="place"),
    path(f"{ASSESSMENT}lock/", sampling.lock, name="lock"),
    path(f"{ASSESSMENT}withdraw/", sampling.withdraw, name="withdraw"),
]
