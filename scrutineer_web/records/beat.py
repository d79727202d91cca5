"""That a process of the room is alive."""

from django.db import models


class Beat(models.Model):
    """When a part of the room last said that it works: the clock, and what works in the background."""

    name = models.CharField(max_length=30, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
