"""Addresses of one's own work and of the inspections."""

from django.urls import path

from scrutineer_web.inspections import views as programme
from scrutineer_web.kit.addresses import INSPECTION

urlpatterns = [
    path("", programme.my_work, name="my_work"),
    path("inspections/", programme.inspections_list, name="inspections"),
    path("inspections/new/", programme.create, name="inspection_create"),
    path("inspections/import/", programme.import_, name="inspection_import"),
    path(INSPECTION, programme.home, name="inspection"),
    path(f"{INSPECTION}phase/", programme.phase, name="phase"),
    path(f"{INSPECTION}export/", programme.export, name="inspection_export"),
    path(f"{INSPECTION}calendar/", programme.calendar, name="calendar"),
    path(f"{INSPECTION}people/", programme.people, name="people"),
    path(f"{INSPECTION}people/add/", programme.person_add, name="person_add"),
    path(f"{INSPECTION}people/<number:participant>/", programme.person_change, name="person_change"),
]
