"""Settings of a room that the tests serve: the program's own, but that a password is checked in no time, and that what
comparisons need is imported when one is asked for: it takes a second of each of a few hundred starts.

Fifty assessors sign in at once in some tests, and each would take as much work as a page. How passwords are really kept
is tested where the demonstration is served, which has the program's own settings.
"""

from scrutineer_web.settings import *  # noqa: F403
from tests.web.strict_templates import LOOK_UP

assert LOOK_UP  # a template that asks for what is not there fails

IMPORTED_FIRST = ("scrutineer_web.urls",)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
