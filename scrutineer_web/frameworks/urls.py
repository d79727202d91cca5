"""Addresses of the frameworks."""

from django.urls import path

from scrutineer_web.frameworks import views as library
from scrutineer_web.kit.addresses import INSPECTION

urlpatterns = [
    path("frameworks/", library.list_frameworks, name="frameworks"),
    path("frameworks/add/", library.add, name="framework_add"),
    path("frameworks/diff/", library.show_diff, name="framework_diff"),
    path("frameworks/<number:version>/", library.show_framework, name="framework"),
    path(f"{INSPECTION}migrate/", library.migrate, name="migrate"),
]
