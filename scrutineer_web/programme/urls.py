"""Addresses of programmes and areas."""

from django.urls import path

from scrutineer_web.kit.addresses import COLLECTED, PLACE, PROGRAMME
from scrutineer_web.programme import area_views as areas
from scrutineer_web.programme import comparison_views as comparison
from scrutineer_web.programme import views as plans

urlpatterns = [
    path("programmes/", plans.programmes_list, name="programmes"),
    path("programmes/new/", plans.programme_new, name="programme_new"),
    path(PROGRAMME, plans.programme, name="programme"),
    path(f"{PROGRAMME}tranches/new/", plans.tranche_new, name="tranche_new"),
    path("tranches/<number:tranche>/", plans.tranche_edit, name="tranche_edit"),
    path(f"{PROGRAMME}places/new/", plans.place_new, name="place_new"),
    path(PLACE, plans.place_edit, name="place_edit"),
    path(f"{PLACE}retire/", plans.place_retire, name="place_retire"),
    path(f"{PLACE}start/", plans.place_start, name="place_start"),
    path(f"{PLACE}attach/", plans.place_attach, name="place_attach"),
    path(f"{PROGRAMME}progress/", plans.progress, name="progress"),
    path(f"{PROGRAMME}areas/", comparison.compare, name="compare_areas"),
    path(f"{PROGRAMME}families/", comparison.families, name="compare_families"),
    path(f"{PROGRAMME}across/", comparison.across, name="across"),
    path(f"{PROGRAMME}period/", comparison.period, name="period"),
    path(f"{PROGRAMME}scorecard/", comparison.scorecard, name="scorecard"),
    path(f"{PROGRAMME}scorecard/weights/", comparison.weights, name="weights"),
    path(f"{PROGRAMME}outcomes/", comparison.became, name="outcomes"),
    path(f"{PROGRAMME}pseudonyms/", comparison.pseudonyms, name="pseudonyms"),
    path("outcomes/import/", comparison.outcomes_import, name="outcomes_import"),
    path(f"{PROGRAMME}reports/", comparison.reports, name="collected_reports"),
    path(f"{PROGRAMME}reports/make/", comparison.report_make, name="collected_make"),
    path(COLLECTED, comparison.report, name="collected"),
    path(f"{COLLECTED}files/<path:place>", comparison.report_file, name="collected_file"),
    path("areas/", areas.areas_list, name="areas"),
    path("areas/new/", areas.area_new, name="area_new"),
    path("areas/<number:area>/", areas.area, name="area"),
    path("areas/<number:area>/change/", areas.area_edit, name="area_edit"),
    path("areas/<number:area>/retire/", areas.area_retire, name="area_retire"),
    path("families/new/", areas.family_new, name="family_new"),
    path("families/<number:family>/", areas.family_edit, name="family_edit"),
]
