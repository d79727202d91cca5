"""Addresses of one's own work and of the inspections."""

from django.urls import path

from scrutineer_web.inspections import views as programme
from scrutineer_web.kit.addresses import INSPECTION

urlpatterns = [
    path("", programme.show_my_work, name="my_work"),
    path("inspections/", programme.list_inspections, name="inspections"),
    path("inspections/new/", programme.create, name="inspection_create"),
    path("inspections/import/", programme.import_, name="inspection_import"),
    path(INSPECTION, programme.show_home, name="inspection"),
    path(f"{INSPECTION}phase/", programme.change_phase, name="phase"),
    path(f"{INSPECTION}export/", programme.export, name="inspection_export"),
    path(f"{INSPECTION}calendar/", programme.edit_calendar, name="calendar"),
    path(f"{INSPECTION}people/", programme.list_people, name="people"),
    path(f"{INSPECTION}people/add/", programme.add_person, name="person_add"),
    path(f"{INSPECTION}people/<number:participant>/", programme.change_person, name="person_change"),
]
