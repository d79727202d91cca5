"""Addresses of publication."""

from django.urls import path

from scrutineer_web.kit.addresses import INSPECTION, ISSUE, PUBLIC
from scrutineer_web.publication import views as publication

urlpatterns = [
    path(f"{INSPECTION}publication/", publication.show_publication, name="publication"),
    path(f"{ISSUE}approve/", publication.approve, name="approve"),
    path(f"{INSPECTION}publication/withdraw/", publication.withdraw, name="approval_withdraw"),
    path(f"{ISSUE}embargo/", publication.edit_embargo, name="embargo"),
    path(f"{ISSUE}publish/", publication.publish, name="publish"),
    path(f"{INSPECTION}publication/correct/", publication.correct, name="correct"),
    path("reports/", publication.list_reports, name="reports"),
    path("reports/feed/", publication.feed, name="feed"),
    path(PUBLIC, publication.show_report, name="public_report"),
    path(f"{PUBLIC}v<number:version>/<path:place>", publication.report_file, name="public_file"),
]
