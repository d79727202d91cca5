"""Addresses of the report."""

from django.urls import path

from scrutineer_web.kit.addresses import CHECK, COMMENT, INSPECTION, ISSUE, TEXT, WANTED
from scrutineer_web.report import accuracy_views as accuracy
from scrutineer_web.report import views as report

urlpatterns = [
    path(f"{INSPECTION}report/", report.show_report, name="report"),
    path(f"{INSPECTION}report/draft/", report.draft, name="report_draft"),
    path(f"{INSPECTION}report/figures/", report.list_figures, name="report_figures"),
    path(f"{INSPECTION}report/proof/", report.show_proof, name="report_proof"),
    path(f"{INSPECTION}report/compare/", report.compare, name="report_compare"),
    path(f"{INSPECTION}report/practice/", report.add_practice, name="practice_new"),
    path(f"{INSPECTION}report/recommendations/", report.list_recommendations, name="recommendations"),
    path(f"{INSPECTION}report/recommendations/new/", report.add_recommendation, name="recommendation_new"),
    path(WANTED, report.edit_recommendation, name="recommendation_edit"),
    path(f"{WANTED}move/", report.move_recommendation, name="recommendation_move"),
    path(f"{INSPECTION}report/make-draft/", report.make_draft, name="report_make_draft"),
    path(f"{INSPECTION}report/make-issue/", report.make_issue, name="report_make_issue"),
    path(f"{TEXT}save/", report.save_text, name="text_save"),
    path(f"{TEXT}look/", report.preview_text, name="text_look"),
    path(f"{TEXT}refresh/", report.refresh_text, name="text_refresh"),
    path(f"{TEXT}retire/", report.retire_text, name="text_retire"),
    path(f"{TEXT}versions/", report.show_history, name="text_history"),
    path(TEXT, report.show_text, name="text"),
    path(ISSUE, report.show_issue, name="issue"),
    path(f"{ISSUE}files/<path:place>", report.send_issue_file, name="issue_file"),
    path(f"{INSPECTION}accuracy/", accuracy.show_accuracy, name="accuracy"),
    path(f"{INSPECTION}accuracy/send/", accuracy.send, name="draft_send"),
    path(f"{INSPECTION}accuracy/conclude/", accuracy.conclude, name="accuracy_conclude"),
    path(CHECK, accuracy.check, name="check"),
    path(f"{CHECK}end/", accuracy.finish_check, name="check_end"),
    path(f"{CHECK}comment/<str:place>/", accuracy.add_comment, name="comment_new"),
    path(f"{CHECK}files/<path:place>", accuracy.check_file, name="check_file"),
    path(f"{COMMENT}decide/", accuracy.decide, name="comment_decide"),
    path(f"{COMMENT}open/", accuracy.reopen, name="answer_reopen"),
    path("corrections/<number:correction>/", accuracy.correct, name="correction"),
]
