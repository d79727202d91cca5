"""Settings of the room, from the environment; every one has a default that runs on one machine.

SCRUTINEER_DATA       where the database and the secret key lie (./room)
SCRUTINEER_AUDIT_KEY  the key of the audit log; a file next to the secret key where it is not set
SCRUTINEER_DATABASE   a database as an address: postgres://user@host/name (SQLite in SCRUTINEER_DATA)
SCRUTINEER_HOSTS      names under which the room is reached, with commas (localhost, 127.0.0.1)
SCRUTINEER_HTTPS      1 where the room is reached by https: cookies go no other way
SCRUTINEER_TRUSTED_PROXIES  how many proxies stand before the room, whose word on client and scheme is taken (0)
SCRUTINEER_IDLE_HOURS  after how many hours without a request a session ends (4)
SCRUTINEER_SECOND_FACTOR  0 where nobody must have a second factor (1)
SCRUTINEER_OIDC       an OpenID Connect provider: its address; with SCRUTINEER_OIDC_CLIENT, _SECRET and _NAME, and with
                      _SECOND_FACTOR: what of `amr` and `acr` says that a second factor was asked for there, with commas
SCRUTINEER_FRAMEWORKS the folder of frameworks that are offered (those that ship)
SCRUTINEER_ADDRESS    where people reach the room, for links in mails: https://room.example.org
SCRUTINEER_MAIL       a mail server as an address: smtp://user:password@host:587, smtps:// for one that speaks TLS at once, or
                      file:///folder, where mails are written as files; nobody is reminded where it is not set
SCRUTINEER_MAIL_FROM  whom mails come from
SCRUTINEER_LOG        json for one line of JSON per event and request (plain)
SCRUTINEER_METRICS    a word that whoever reads /metrics/ must send; there are none where it is not set
SCRUTINEER_REQUEST_SECONDS  how long a request may take before it is stopped (10)
SCRUTINEER_JOB_MEMORY megabytes of memory that one piece of work in the background may need (2000)
SCRUTINEER_DEMO       1 for the demonstration: the sign-in page names its people
"""

from __future__ import annotations

import os
from pathlib import Path

import dj_database_url
from django.utils.translation import gettext_lazy

from scrutineer.errors import Fault, UserError
from scrutineer_web.kit.mail_server import read_mail_server
from scrutineer_web.kit.parent import SERVED

HERE = Path(__file__).resolve().parent
DATA = Path(os.environ.get("SCRUTINEER_DATA", "room")).resolve()


def _read_secret() -> str:
    """The key that signs sessions and wraps device keys; it is made with the room (`places.furnish`), never here.

    Raises:
        UserError: there is none.
    """
    secret = os.environ.get("SCRUTINEER_SECRET")
    if secret:
        return secret
    path = DATA / "secret-key"
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        do = "Name its folder with SCRUTINEER_DATA, or make one: scrutineer room create"
        raise UserError(Fault(str(DATA), "there is no room in this folder", do)) from None


def _is_on(name: str, default: str = "0") -> bool:
    return os.environ.get(name, default) == "1"


SECRET_KEY = _read_secret()
DEBUG = False
HTTPS = _is_on("SCRUTINEER_HTTPS")
TRUSTED_PROXIES = int(os.environ.get("SCRUTINEER_TRUSTED_PROXIES") or 0)
DEMONSTRATION = _is_on("SCRUTINEER_DEMO")
SECOND_FACTOR = _is_on("SCRUTINEER_SECOND_FACTOR", "1")
FRAMEWORKS = os.environ.get("SCRUTINEER_FRAMEWORKS")
REQUEST_SECONDS = float(os.environ.get("SCRUTINEER_REQUEST_SECONDS") or 10)
JOB_MEMORY = int(os.environ.get("SCRUTINEER_JOB_MEMORY") or 2000)
# Where the room's own server runs, heavy work waits for the background; elsewhere nobody would do it.
JOBS_IN_BACKGROUND = SERVED in os.environ
# What is imported before the first request: every screen, and what comparisons import when they need it.
IMPORTED_FIRST = ("scrutineer_web.urls", "scipy.stats")
ALLOWED_HOSTS = os.environ.get("SCRUTINEER_HOSTS", "localhost,127.0.0.1").split(",")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_tasks",
    "django_tasks_db",
    "ninja",
    "scrutineer_web.records",
    "scrutineer_web",
]

MIDDLEWARE = [
    "scrutineer_web.kit.proxies.Proxies",
    "scrutineer_web.kit.requests.HealthByAddress",
    "scrutineer_web.kit.requests.Requests",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "scrutineer_web.kit.headers.Headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "scrutineer_web.kit.second_factor.SecondFactor",
    "scrutineer_web.kit.sessions.Idle",
    "scrutineer_web.kit.uploads.TooLarge",
    "scrutineer_web.kit.uploads.RefuseStrangeNames",
    "scrutineer_web.kit.faults.Faults",
]

ROOT_URLCONF = "scrutineer_web.urls"
WSGI_APPLICATION = "scrutineer_web.wsgi.application"
FORM_RENDERER = "scrutineer_web.kit.forms.Renderer"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates", *sorted(HERE.glob("*/templates"))],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "scrutineer_web.kit.page_context.describe_room",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "scrutineer_web.components.buttons",
                "scrutineer_web.components.charts",
                "scrutineer_web.components.fields",
                "scrutineer_web.components.menus",
                "scrutineer_web.components.panels",
                "scrutineer_web.components.states",
                "scrutineer_web.components.summaries",
                "scrutineer_web.components.tables",
                "scrutineer_web.templatetags.room",
            ],
        },
    }
]

ADDRESS = os.environ.get("SCRUTINEER_ADDRESS", "").rstrip("/")
METRICS = os.environ.get("SCRUTINEER_METRICS", "")

DATABASES = {
    "default": dj_database_url.parse(
        os.environ.get("SCRUTINEER_DATABASE") or f"sqlite:///{DATA}/room.sqlite3"
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # FULL: an answer that was acknowledged is on the disk, even if the power goes.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-64000;",
    }
else:
    DATABASES["default"]["OPTIONS"] = {
        # What is asked again and again is planned once per connection.
        "server_side_binding": True,
        "prepare_threshold": 5,
        **DATABASES["default"].get("OPTIONS", {}),
    }
DATABASES["default"]["CONN_MAX_AGE"] = None
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Room for the counts of attempts to sign in: with few entries, a flood of made-up names would push the others out.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 200_000},
    }
}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "quick"]}}

# -- signing in ------------------------------------------------------------------------

AUTH_USER_MODEL = "records.User"
AUTHENTICATION_BACKENDS = ["scrutineer_web.kit.accounts.Backend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
CSRF_FAILURE_VIEW = "scrutineer_web.kit.kept_forms.answer_csrf_failure"
LOGIN_REDIRECT_URL = "my_work"
PASSWORD_RESET_TIMEOUT = 60 * 60
SESSION_ENGINE = "scrutineer_web.kit.sessions"
# A session ends when nobody used it for so long, and in any case after a working day.
SESSION_COOKIE_AGE = round(float(os.environ.get("SCRUTINEER_IDLE_HOURS") or 4) * 60 * 60)
SESSION_LONGEST = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = False
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_REDIRECT_EXEMPT = [r"^health/$"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

ACCOUNT_ADAPTER = "scrutineer_web.kit.accounts.Accounts"
SOCIALACCOUNT_ADAPTER = "scrutineer_web.kit.accounts.Outside"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
# Passwords have limits of the room's own (kit/sign_in_limits.py); what is left here is for the second factor.
ACCOUNT_RATE_LIMITS = {"login": "120/m/ip", "login_failed": "5/5m/key,20/h/key"}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Scrutineer"
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_PROVIDERS = (
    {
        "openid_connect": {
            "provider_class": "scrutineer_web.kit.oidc.Provider",
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "oidc",
                    "name": os.environ.get("SCRUTINEER_OIDC_NAME", gettext_lazy("your organisation")),
                    "client_id": os.environ.get("SCRUTINEER_OIDC_CLIENT", ""),
                    "secret": os.environ.get("SCRUTINEER_OIDC_SECRET", ""),
                    "settings": {"server_url": os.environ["SCRUTINEER_OIDC"], "fetch_userinfo": False},
                }
            ],
        }
    }
    if os.environ.get("SCRUTINEER_OIDC")
    else {}
)

OIDC_ISSUER = os.environ.get("SCRUTINEER_OIDC", "").partition("/.well-known/")[0]
OIDC_SECOND_FACTOR = frozenset(
    os.environ.get("SCRUTINEER_OIDC_SECOND_FACTOR", "mfa,phr,phrh,https://refeds.org/profile/mfa").split(",")
)

# -- the rest --------------------------------------------------------------------------

# The sentences are written in British English; `./run fix` collects those of the templates in locale/django.pot.
LANGUAGE_CODE = "en-gb"
USE_I18N = True
LOCALE_PATHS = [HERE / "locale"]
TIME_ZONE = "Europe/London"
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = HERE / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 60_000_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 60_000_000
FILE_UPLOAD_HANDLERS = [
    "scrutineer_web.kit.uploads.PlainNames",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

LOG_JSON = os.environ.get("SCRUTINEER_LOG", "plain") == "json"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "bare": {"()": "scrutineer_web.kit.logs.Bare"},
        "quiet": {"()": "scrutineer_web.kit.logs.Quiet"},
    },
    "formatters": {
        "plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
        "json": {"()": "scrutineer_web.kit.logs.Json"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "json" if LOG_JSON else "plain",
            "filters": ["bare", "quiet"],
        }
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "django_tasks_db": {"level": "WARNING"},
        "scrutineer_web": {"level": "INFO" if LOG_JSON else "WARNING"},
    },
}

# -- mail ------------------------------------------------------------------------------

MAIL = os.environ.get("SCRUTINEER_MAIL", "")
DEFAULT_FROM_EMAIL = os.environ.get("SCRUTINEER_MAIL_FROM", "scrutineer@localhost")
_mail = read_mail_server(MAIL)
EMAIL_TIMEOUT = 20
if _mail.kind == "file":
    EMAIL_BACKEND, EMAIL_FILE_PATH = "django.core.mail.backends.filebased.EmailBackend", _mail.folder
elif _mail.kind:
    EMAIL_BACKEND, EMAIL_HOST, EMAIL_PORT = (
        "django.core.mail.backends.smtp.EmailBackend",
        _mail.host,
        _mail.port,
    )
    EMAIL_USE_SSL, EMAIL_USE_TLS = _mail.kind == "smtps", _mail.starttls
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.user, _mail.password
else:
    EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
