"""Every address of the room; none holds anything of a case but its number."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from django.conf import settings
from django.urls import path, register_converter

from scrutineer_web.api.api import api
from scrutineer_web.fieldwork import evidence_views as evidence
from scrutineer_web.fieldwork import survey_views as surveys
from scrutineer_web.fieldwork import views as fieldwork
from scrutineer_web.follow_up import views as follow_up
from scrutineer_web.frameworks import views as library
from scrutineer_web.inspections import views as programme
from scrutineer_web.kit import second_factor
from scrutineer_web.kit.kept import kept_form
from scrutineer_web.kit.numbers import Number
from scrutineer_web.kit.views import everyone
from scrutineer_web.moderation import views as moderation
from scrutineer_web.operations import account_views as administration
from scrutineer_web.operations import views as operations
from scrutineer_web.preparation import views as sampling
from scrutineer_web.programme import area_views as areas
from scrutineer_web.programme import comparison_views as comparison
from scrutineer_web.programme import views as plans
from scrutineer_web.publication import views as publication
from scrutineer_web.report import accuracy_views as accuracy
from scrutineer_web.report import views as report
from scrutineer_web.scores import views as scores

register_converter(Number, "number")

INSPECTION = "inspections/<number:inspection>/"
CASE = "cases/<number:case>/"
READING = "readings/<number:reading>/"
PIECE = "evidence/<number:piece>/"
TEXT = f"{INSPECTION}report/texts/<path:place>/"
WANTED = "recommendations/<number:recommendation>/"
ISSUE = "issues/<number:issue>/"
CHECK = "checks/<number:check_of>/"
ACTION = "actions/<number:action>/"
PUBLIC = "reports/<slug:slug>/"
PROGRAMME = "programmes/<number:programme>/"
PLACE = "places/<number:planned>/"
COLLECTED = "collected/<number:collected>/"
COMMENT = "comments/<number:comment_on>/"

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
    path(f"{INSPECTION}profile/import/", programme.targets_import, name="targets_import"),
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
    path(f"{INSPECTION}surveys/", surveys.surveys, name="surveys"),
    path(f"{INSPECTION}issues/", surveys.issues_edit, name="issues_edit"),
    path(f"{INSPECTION}surveys/import/", surveys.surveys_import, name="surveys_import"),
    path(f"{INSPECTION}surveys/<slug:key>/", surveys.survey_edit, name="survey_edit"),
    path(f"{INSPECTION}focus-groups/<slug:key>/", surveys.focus_group_edit, name="focus_group_edit"),
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
    path(f"{INSPECTION}evidence/", evidence.overview, name="evidence"),
    path(f"{INSPECTION}evidence/new/", evidence.piece_new, name="piece_new"),
    path(PIECE, evidence.piece, name="piece"),
    path(f"{PIECE}change/", evidence.piece_edit, name="piece_edit"),
    path(f"{PIECE}retire/", evidence.piece_retire, name="piece_retire"),
    path(f"{PIECE}files/", evidence.attach, name="attach"),
    path("uploads/<number:upload>/", evidence.upload, name="upload"),
    path("uploads/<number:upload>/retire/", evidence.upload_retire, name="upload_retire"),
    path(f"{INSPECTION}ratings/<str:name>/", evidence.rating, name="rating"),
    path(f"{INSPECTION}report/", report.overview, name="report"),
    path(f"{INSPECTION}report/draft/", report.draft, name="report_draft"),
    path(f"{INSPECTION}report/figures/", report.figures, name="report_figures"),
    path(f"{INSPECTION}report/proof/", report.proof, name="report_proof"),
    path(f"{INSPECTION}report/compare/", report.compare, name="report_compare"),
    path(f"{INSPECTION}report/practice/", report.practice_new, name="practice_new"),
    path(f"{INSPECTION}report/recommendations/", report.wanted, name="recommendations"),
    path(f"{INSPECTION}report/recommendations/new/", report.wanted_new, name="recommendation_new"),
    path(WANTED, report.wanted_edit, name="recommendation_edit"),
    path(f"{WANTED}move/", report.wanted_move, name="recommendation_move"),
    path(f"{INSPECTION}report/make-draft/", report.make_draft, name="report_make_draft"),
    path(f"{INSPECTION}report/make-issue/", report.make_issue, name="report_make_issue"),
    path(f"{TEXT}save/", report.text_save, name="text_save"),
    path(f"{TEXT}look/", report.text_look, name="text_look"),
    path(f"{TEXT}refresh/", report.text_refresh, name="text_refresh"),
    path(f"{TEXT}retire/", report.text_retire, name="text_retire"),
    path(f"{TEXT}versions/", report.text_history, name="text_history"),
    path(TEXT, report.text, name="text"),
    path(ISSUE, report.issue, name="issue"),
    path(f"{ISSUE}files/<path:place>", report.issue_file, name="issue_file"),
    path(f"{INSPECTION}accuracy/", accuracy.overview, name="accuracy"),
    path(f"{INSPECTION}accuracy/send/", accuracy.send, name="draft_send"),
    path(f"{INSPECTION}accuracy/conclude/", accuracy.conclude, name="accuracy_conclude"),
    path(CHECK, accuracy.check, name="check"),
    path(f"{CHECK}end/", accuracy.end, name="check_end"),
    path(f"{CHECK}comment/<str:place>/", accuracy.comment, name="comment_new"),
    path(f"{CHECK}files/<path:place>", accuracy.check_file, name="check_file"),
    path(f"{COMMENT}decide/", accuracy.decide, name="comment_decide"),
    path(f"{COMMENT}open/", accuracy.reopen, name="answer_reopen"),
    path("corrections/<number:correction>/", accuracy.correct, name="correction"),
    path(f"{INSPECTION}publication/", publication.overview, name="publication"),
    path(f"{ISSUE}approve/", publication.approve, name="approve"),
    path(f"{INSPECTION}publication/withdraw/", publication.withdraw, name="approval_withdraw"),
    path(f"{ISSUE}embargo/", publication.embargo, name="embargo"),
    path(f"{ISSUE}publish/", publication.publish, name="publish"),
    path(f"{INSPECTION}publication/correct/", publication.correct, name="correct"),
    path("reports/", publication.reports, name="reports"),
    path("reports/feed/", publication.feed, name="feed"),
    path(PUBLIC, publication.report, name="public_report"),
    path(f"{PUBLIC}v<number:version>/<path:place>", publication.report_file, name="public_file"),
    path(f"{INSPECTION}plan/", follow_up.plan, name="plan_of"),
    path(f"{INSPECTION}plan/close/", follow_up.close, name="inspection_close"),
    path(f"{WANTED}respond/", follow_up.respond, name="respond"),
    path(f"{WANTED}actions/new/", follow_up.action_new, name="action_new"),
    path(f"{WANTED}verify/", follow_up.verify, name="verify"),
    path(ACTION, follow_up.action_edit, name="action_edit"),
    path(f"{ACTION}retire/", follow_up.action_retire, name="action_retire"),
    path(f"{ACTION}progress/", follow_up.progress, name="action_progress"),
    path(f"{INSPECTION}follow-up/begin/", follow_up.begin, name="follow_up_begin"),
    path(f"{INSPECTION}internal/begin/", follow_up.begin_internal, name="internal_begin"),
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
    path("frameworks/", library.frameworks_list, name="frameworks"),
    path("frameworks/add/", library.add, name="framework_add"),
    path("frameworks/diff/", library.diff, name="framework_diff"),
    path("frameworks/<number:version>/", library.framework, name="framework"),
    path(f"{INSPECTION}migrate/", library.migrate, name="migrate"),
    path(f"{INSPECTION}audit/", administration.inspection_audit, name="inspection_audit"),
    path("audit/", administration.audit, name="audit"),
    path("retention/", operations.retention_list, name="retention"),
    path(f"{INSPECTION}pseudonymise/", operations.pseudonymise, name="pseudonymise"),
    path(f"{INSPECTION}purge/", operations.purge, name="purge"),
    path("retention/subject/", operations.subject, name="subject"),
    path("me/export/", operations.own_export, name="own_export"),
    path("me/mail/", administration.own_mail, name="own_mail"),
    path("me/news/", administration.own_news, name="own_news"),
    path("jobs/<number:job>/", operations.job, name="job"),
    path("jobs/<number:job>/file/", operations.job_file, name="job_file"),
    path("health/", operations.health_page, name="health"),
    path("metrics/", operations.metrics, name="metrics"),
    path("accounts/", administration.accounts_list, name="accounts"),
    path("accounts/new/", administration.account_new, name="account_new"),
    path("accounts/<number:user>/", administration.account, name="account"),
    path("accounts/<number:user>/change/", administration.account_change, name="account_change"),
    path("me/forms/<uuid:uid>/", everyone(kept_form), name="kept_form"),
    path("accounts/<number:user>/links/", administration.account_link, name="provider_link"),
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
    path("account/password/forgotten/", administration.ask_for_link, name="ask_for_link"),
    path(
        "account/password/new/<number:user>/<str:link>/",
        administration.password_by_link,
        name="password_by_link",
    ),
    path("account/second-factor/", mfa.index, name="mfa_index"),
    path("account/second-factor/authenticate/", mfa.authenticate, name="mfa_authenticate"),
    path("account/second-factor/reauthenticate/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("account/second-factor/app/", second_factor.Activate.as_view(), name="mfa_activate_totp"),
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
    from allauth.socialaccount import views as social

    from scrutineer_web.kit import oidc

    # Not the library's whole list: with that, whoever is signed in could link an account by themselves.
    urlpatterns += [
        path("account/login/cancelled/", social.login_cancelled, name="socialaccount_login_cancelled"),
        path("account/login/error/", social.login_error, name="socialaccount_login_error"),
        path("account/oidc/<str:provider_id>/login/", oidc.login, name="openid_connect_login"),
        path("account/oidc/<str:provider_id>/login/callback/", oidc.callback, name="openid_connect_callback"),
    ]
