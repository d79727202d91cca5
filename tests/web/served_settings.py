"""Settings of a room that the tests serve: the program's own, but that a password is checked in no time.

Fifty assessors sign in at once in some tests, and each would take as much work as a page. How passwords are really kept
is tested where the demonstration is served, which has the program's own settings.
"""

from scrutineer_web.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
