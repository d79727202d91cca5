"""Addresses of programmes and areas."""

from django.urls import path

from scrutineer_web.kit.addresses import COLLECTED, PLACE, PROGRAMME
from scrutineer_web.programme import area_views as areas
from scrutineer_web.programme import comparison_views as comparison
from scrutineer_web.programme import views as plans

urlpatterns = [
    path("programmes/", plans.list_programmes, name="programmes"),
    path("programmes/new/", plans.add_programme, name="programme_new"),
    path(PROGRAMME, plans.show_programme, name="programme"),
    path(f"{PROGRAMME}tranches/new/", plans.add_tranche, name="tranche_new"),
    path("tranches/<number:tranche>/", plans.edit_tranche, name="tranche_edit"),
    path(f"{PROGRAMME}places/new/", plans.place_new, name="place_new"),
    path(PLACE, plans.place_edit, name="place_edit"),
    path(f"{PLACE}retire/", plans.place_retire, name="place_retire"),
    path(f"{PLACE}start/", plans.place_start, name="place_start"),
    path(f"{PLACE}attach/", plans.place_attach, name="place_attach"),
    path(f"{PROGRAMME}progress/", plans.show_progress, name="progress"),
    path(f"{PROGRAMME}areas/", comparison.compare, name="compare_areas"),
    path(f"{PROGRAMME}families/", comparison.show_families, name="compare_families"),
    path(f"{PROGRAMME}across/", comparison.show_across, name="across"),
    path(f"{PROGRAMME}period/", comparison.show_period, name="period"),
    path(f"{PROGRAMME}scorecard/", comparison.show_scorecard, name="scorecard"),
    path(f"{PROGRAMME}scorecard/weights/", comparison.edit_weights, name="weights"),
    path(f"{PROGRAMME}outcomes/", comparison.show_outcomes, name="outcomes"),
    path(f"{PROGRAMME}pseudonyms/", comparison.send_pseudonyms, name="pseudonyms"),
    path("outcomes/import/", comparison.import_outcomes, name="outcomes_import"),
    path(f"{PROGRAMME}reports/", comparison.list_reports, name="collected_reports"),
    path(f"{PROGRAMME}reports/make/", comparison.report_make, name="collected_make"),
    path(COLLECTED, comparison.show_report, name="collected"),
    path(f"{COLLECTED}files/<path:place>", comparison.report_file, name="collected_file"),
    path("areas/", areas.list_areas, name="areas"),
    path("areas/new/", areas.add_area, name="area_new"),
    path("areas/<number:area>/", areas.show_area, name="area"),
    path("areas/<number:area>/change/", areas.edit_area, name="area_edit"),
    path("areas/<number:area>/retire/", areas.retire_area, name="area_retire"),
    path("families/new/", areas.add_family, name="family_new"),
    path("families/<number:family>/", areas.edit_family, name="family_edit"),
]
