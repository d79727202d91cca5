"""Every address of the room; none holds anything of a case but its number."""

from django.urls import include, path

urlpatterns = [path("account/", include("allauth.urls"))]
