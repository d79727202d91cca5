"""A piece of work that is done in the background because a request may not take so long."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy


class Job(models.Model):
    """What somebody asked for, how far it is, and what came of it; forgotten some days after.

    Attributes:
        kind: which work it is, by its name in the table of kinds.
        title: what it is called on its page: "Importing the caseload".
        about: what of an inspection it is about, such as the place of a text.
        key: the same for two that would come out the same; empty where nobody asks.
        options: what was asked, as the work needs it.
        name: of the file that was sent with it, and `content` its bytes, which are let go when the work is over.
        progress: percent done, and `progress_note` a sentence on how far it is or why it failed.
        faults: what was refused, one by one: where, what, do.
        back: the page that it was asked on; `to` the page that it leads to.
        message: what is said there.
        result: what was found, for a page that shows it; `file` with `file_name` what was made, to be fetched.
    """

    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    inspection = models.ForeignKey(
        "records.Inspection", on_delete=models.PROTECT, related_name="+", null=True
    )
    about = models.CharField(max_length=200, blank=True, default="")
    key = models.CharField(max_length=64, blank=True, default="", db_index=True)
    options = models.JSONField(default=dict)
    name = models.CharField(max_length=200, blank=True, default="")
    content = models.BinaryField(null=True)
    state = models.CharField(
        max_length=8,
        default="waiting",
        choices=[
            ("waiting", gettext_lazy("Waiting")),
            ("doing", gettext_lazy("In progress")),
            ("done", gettext_lazy("Done")),
            ("failed", gettext_lazy("Failed")),
        ],
    )
    progress = models.PositiveSmallIntegerField(default=0)
    progress_note = models.TextField(blank=True, default="")
    faults = models.JSONField(default=list)
    back = models.CharField(max_length=300, blank=True, default="")
    to = models.CharField(max_length=300, blank=True, default="")
    message = models.TextField(blank=True, default="")
    result = models.JSONField(null=True)
    file = models.BinaryField(null=True)
    file_name = models.CharField(max_length=150, blank=True, default="")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.title
