"""Every address of the room; none holds anything of a case but its number."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from django.conf import settings
from django.urls import include, path, register_converter

from scrutineer_web.administration import views as administration
from scrutineer_web.api.api import api
from scrutineer_web.evidence import views as evidence
from scrutineer_web.fieldwork import views as fieldwork
from scrutineer_web.kit.numbers import Number
from scrutineer_web.library import views as library
from scrutineer_web.moderation import views as moderation
from scrutineer_web.programme import views as programme
from scrutineer_web.sampling import views as sampling
from scrutineer_web.scores import views as scores

register_converter(Number, "number")

INSPECTION = "inspections/<number:inspection>/"
CASE = "cases/<number:case>/"
READING = "readings/<number:reading>/"

urlpatterns = [
    # Before all others: devices ask for it most, and addresses are tried one after the other.
    path("api/v1/", api.urls),
    path("", programme.my_work, name="my_work"),
    path("service-worker.js", fieldwork.worker, name="worker"),
    path("offline/", fieldwork.offline, name="offline"),
    path("inspections/", programme.inspections_list, name="inspections"),
    path("inspections/new/", programme.create, name="inspection_create"),
    path("inspections/import/", programme.import_, name="inspection_import"),
    path(INSPECTION, programme.home, name="inspection"),
    path(f"{INSPECTION}phase/", programme.phase, name="phase"),
    path(f"{INSPECTION}export/", programme.export, name="inspection_export"),
    path(f"{INSPECTION}profile/", programme.profile, name="profile"),
    path(f"{INSPECTION}profile/edit/", programme.profile_edit, name="profile_edit"),
    path(f"{INSPECTION}calendar/", programme.calendar, name="calendar"),
    path(f"{INSPECTION}people/", programme.people, name="people"),
    path(f"{INSPECTION}people/add/", programme.person_add, name="person_add"),
    path(f"{INSPECTION}people/<number:participant>/", programme.person_change, name="person_change"),
    path(f"{INSPECTION}caseload/", sampling.caseload, name="caseload"),
    path(f"{INSPECTION}sample/", sampling.sample, name="sample"),
    path(f"{INSPECTION}sample/draw/", sampling.sample_draw, name="sample_draw"),
    path(f"{CASE}substitute/", sampling.substitute, name="substitute"),
    path(f"{INSPECTION}timetable/", sampling.timetable, name="timetable"),
    path(f"{INSPECTION}timetable/plan/", sampling.plan, name="plan"),
    path("timetables/<number:timetable>/", sampling.timetable_search, name="timetable_search"),
    path(f"{CASE}allocate/<number:number>/", sampling.allocate, name="allocate"),
    path(f"{READING}place/", sampling.place, name="place"),
    path(f"{READING}lock/", sampling.lock, name="lock"),
    path(f"{READING}withdraw/", sampling.withdraw, name="withdraw"),
    path(f"{INSPECTION}cases/", fieldwork.cases, name="cases"),
    path(CASE, fieldwork.case, name="case"),
    path(READING, fieldwork.reading, name="reading"),
    path(f"{READING}save/", fieldwork.save, name="save"),
    path(f"{READING}complete/", fieldwork.complete, name="complete"),
    path(f"{READING}reply/", fieldwork.reply, name="reply"),
    path(f"{READING}comments/<number:comment>/resolve/", fieldwork.resolve, name="resolve"),
    path("conflicts/<number:conflict>/settle/", fieldwork.settle, name="settle_conflict"),
    path(f"{INSPECTION}devices/", fieldwork.devices, name="devices"),
    path(f"{INSPECTION}devices/<uuid:device>/lost/", fieldwork.device_lost, name="device_lost"),
    path(f"{INSPECTION}surveys/", evidence.surveys, name="surveys"),
    path(f"{INSPECTION}surveys/<slug:key>/", evidence.survey_edit, name="survey_edit"),
    path(f"{INSPECTION}focus-groups/<slug:key>/", evidence.focus_group_edit, name="focus_group_edit"),
    path(f"{INSPECTION}moderation/", moderation.queue, name="moderation"),
    path(f"{READING}moderate/", moderation.moderate, name="moderate"),
    path(f"{READING}query/", moderation.query, name="query"),
    path(f"{READING}sign-off/", moderation.sign_off, name="reading_sign_off"),
    path(f"{READING}reopen/", moderation.reopen, name="reading_reopen"),
    path(f"{CASE}adjudicate/", moderation.adjudicate, name="adjudicate"),
    path(f"{INSPECTION}sign-off/", moderation.settle, name="settle"),
    path(f"{INSPECTION}reopen/", moderation.unsettle, name="unsettle"),
    path(f"{INSPECTION}scores/", scores.sheet, name="scores"),
    path(f"{INSPECTION}scores/<str:name>/", scores.score, name="score"),
    path(f"{INSPECTION}agreement/", scores.agreement, name="agreement"),
    path("frameworks/", library.frameworks_list, name="frameworks"),
    path("frameworks/add/", library.add, name="framework_add"),
    path("frameworks/diff/", library.diff, name="framework_diff"),
    path("frameworks/<number:version>/", library.framework, name="framework"),
    path(f"{INSPECTION}migrate/", library.migrate, name="migrate"),
    path(f"{INSPECTION}audit/", administration.inspection_audit, name="inspection_audit"),
    path("audit/", administration.audit, name="audit"),
    path("accounts/", administration.accounts_list, name="accounts"),
    path("accounts/new/", administration.account_new, name="account_new"),
    path("accounts/<number:user>/", administration.account, name="account"),
    path("accounts/<number:user>/change/", administration.account_change, name="account_change"),
    path("me/", administration.own_account, name="own_account"),
    path("me/keys/<number:token>/end/", administration.token_retire, name="token_retire"),
    path("api-guide/", administration.api_guide, name="api_guide"),
    path("no-account/", administration.no_account, name="no_account"),
    path("account/login/", account.login, name="account_login"),
    path("account/logout/", account.logout, name="account_logout"),
    path("account/closed/", account.account_inactive, name="account_inactive"),
    path("account/signup/", account.signup, name="account_signup"),
    path("account/reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("account/password/", account.password_change, name="account_change_password"),
    path("account/second-factor/", mfa.index, name="mfa_index"),
    path("account/second-factor/authenticate/", mfa.authenticate, name="mfa_authenticate"),
    path("account/second-factor/reauthenticate/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("account/second-factor/app/", totp.activate_totp, name="mfa_activate_totp"),
    path("account/second-factor/app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/second-factor/codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "account/second-factor/codes/new/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"
    ),
    path(
        "account/second-factor/codes/file/", codes.download_recovery_codes, name="mfa_download_recovery_codes"
    ),
]
if settings.SOCIALACCOUNT_PROVIDERS:
    urlpatterns += [
        path("account/", include("allauth.socialaccount.urls")),
        path("account/", include("allauth.socialaccount.providers.openid_connect.urls")),
    ]
