"""Django settings. What varies comes typed from `config.env`; the rest is decided here."""

import sys
from datetime import timedelta

import django_stubs_ext
import environ
from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from config import allauth_pages, schedule
from config import logging as log
from config.db import connections
from config.env import ROOT, read

# Lets annotations such as ModelAdmin[Post] be evaluated when a module is loaded.
django_stubs_ext.monkeypatch()

ENV = read()
PRODUCTION = ENV.is_production
TESTING = ENV.mode == "test" or "pytest" in sys.modules

SECRET_KEY = ENV.secret_key
DEBUG = ENV.debug
DEMO = ENV.demo
ALLOWED_HOSTS = ENV.allowed_hosts
CSRF_TRUSTED_ORIGINS = ENV.origins
DATA_DIR = ENV.data_dir
REDIS_URL = ENV.redis_url
# Else a push service must be out in the world (config/http/outgoing.py).
PUSH_TO_LOOPBACK = not PRODUCTION
ADMIN_PATH = ENV.admin_path
METRICS_TOKEN = ENV.metrics_token
TURN_URLS = ENV.turn_urls
TURN_SECRET = ENV.turn_secret

INSTALLED_APPS = [
    "daphne",
    "config.apps.ParleyAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.contrib.sitemaps",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "channels",
    "csp",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "knox",
    "rest_framework",
    "config",
    "accounts",
    "posts",
    "spaces",
]

MIDDLEWARE = [
    "config.http.monitoring.MonitoringMiddleware",
    "config.http.well_formed.WellFormedMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "config.http.compression.CompressionMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.http.server_time.ServerTimeMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.reauthentication.ReauthenticationMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "accounts.middleware.ViewerMiddleware",
    "config.http.uploads.UploadRateMiddleware",
    "config.http.visitor_pages.VisitorPagesMiddleware",
    "config.http.request_cache.RequestCacheMiddleware",
    "config.http.unavailable.UnavailableMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "OPTIONS": {
            "loaders": ["config.rendering.lean_templates.Loader"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "config.http.context_processors.site",
            ],
            "builtins": [
                "config.templatetags.bidi",
                "config.templatetags.durations",
                "config.templatetags.icons",
                "config.templatetags.text_limits",
            ],
        },
    }
]

# --- storage --------------------------------------------------------------------------------------

DATABASES = {"default": connections.settings_of(ENV.database_url)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# redis-py 8 gives every connection a 5 s socket timeout, which ends idle blocking reads; None waits
# for ever.
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "config.channel_layer.BoundedChannelLayer",
        "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": None}]},
    }
}
CACHES = {
    "default": {
        "BACKEND": "config.json_cache.JsonRedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"serializer": "config.json_cache.JsonSerializer"},
        # Part of every key. Releases before wrote pickles under 1, and fail on what is no pickle.
        "VERSION": 2,
    }
}

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 300
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "socket_timeout": None}
CELERY_TASK_PUBLISH_RETRY = False  # Who enqueues must not wait: sweeps find what was not enqueued.
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_ROUTES = schedule.ROUTES
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = schedule.BEAT

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [ROOT / "static"]
STATICFILES_FINDERS = [
    "config.http.style_sheet.StyleSheetFinder",
    "config.http.joined_scripts.JoinedScriptsFinder",
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
MEDIA_ROOT = DATA_DIR / "media"
MEDIA_URL = "/media/"
ACCEL_REDIRECT = ENV.accel_redirect
# Read by nginx, which is in Parley's group; whose umask it is has no say.
FILE_UPLOAD_PERMISSIONS = 0o640
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o750
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "config.http.uploads.TemporaryFileUploadHandler",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "config.http.static_storage.StaticStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not PRODUCTION

# How long a page for visitors is the same for all of them; what was taken down is gone by then.
# Tests look at once at what they have changed.
VISITOR_CACHE_S = 0 if TESTING else 3

# --- people ---------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if TESTING
    else ["django.contrib.auth.hashers.Argon2PasswordHasher"]
)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "posts:home"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "accounts.allauth_adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "handle"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignupFields"
ACCOUNT_FORMS = allauth_pages.ACCOUNT_FORMS
ACCOUNT_REAUTHENTICATION_REQUIRED = True
# After the mailed code: back to the list, to make it the primary one.
ACCOUNT_EMAIL_CONFIRMATION_AUTHENTICATED_REDIRECT_URL = "/account/email/"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_USERNAME_MIN_LENGTH = 2
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_RATE_LIMITS = allauth_pages.DEMO_RATE_LIMITS if ENV.demo else allauth_pages.RATE_LIMITS
ALLAUTH_TRUSTED_PROXY_COUNT = ENV.trusted_proxies
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = allauth_pages.MFA_FORMS
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
vars().update(
    environ.Env.email_url_config(ENV.email_url) if not ENV.email_url.startswith("filemail") else {}
)
if ENV.email_url.startswith("filemail"):
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(DATA_DIR / "mail")
if ENV.email_url.startswith("smtp"):
    EMAIL_BACKEND = "config.mail.EmailBackend"
EMAIL_TIMEOUT = 10  # A mail server that does not answer must not hold up who waits for it.
DEFAULT_FROM_EMAIL = ENV.email_from

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("id", _("Indonesian"))]
LOCALE_PATHS = [ROOT / "config" / "locale"]
FORMAT_MODULE_PATH = "config.formats"
TIME_ZONE = "UTC"
USE_TZ = True

# --- API ------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "knox.auth.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PARSER_CLASSES": [
        "config.rest.parsers.JsonParser",
        "config.rest.parsers.FormParser",
        "config.rest.parsers.MultiPartParser",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "config.rest.pagination.CursorPages",
    "EXCEPTION_HANDLER": "config.rest.errors.on_exception",
    "PAGE_SIZE": 20,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Parley",
    "DESCRIPTION": (
        "`POST /api/v1/auth/token/` with handle and password answers a token; "
        "send it as `Authorization: Token …`. Lists come by pages: follow `next`. "
        "Errors are `{code, message, fields?}`; decide by `code`, show `message`. "
        "The rooms themselves, with sound and picture, speak WebSocket: see spaces/PROTOCOL.md."
    ),
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "config.rest.schema.describe_errors",
    ],
}
REST_KNOX = {
    "TOKEN_TTL": timedelta(days=90),
    "AUTH_HEADER_PREFIX": "Token",
}

# --- security -------------------------------------------------------------------------------------

CSRF_FAILURE_VIEW = "config.views.errors.csrf_failure"
SESSION_ENGINE = "config.http.sessions"
SESSION_COOKIE_NAME = "parley_session"
SESSION_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
if ENV.trusted_proxies:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
if PRODUCTION:
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 0 if ENV.hsts == "off" else 365 * 24 * 3600
    # What else runs below the site's name is its owner's matter: they say so (HSTS).
    SECURE_HSTS_INCLUDE_SUBDOMAINS = ENV.hsts in ("subdomains", "preload")
    SECURE_HSTS_PRELOAD = ENV.hsts == "preload"
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "media-src": [SELF, "blob:"],
        "font-src": [SELF],
        # Safari before 15.4 does not count a socket as 'self'.
        "connect-src": [SELF, *(origin.replace("http", "ws", 1) for origin in ENV.origins)],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, str | list[str]] = {
    "microphone": "self",
    "camera": "self",
    "display-capture": "self",
    "geolocation": [],
    "payment": [],
}

LOGGING = log.config(ENV.log_level)
# HSTS for names below the site's, and for lists that browsers ship: both a choice (HSTS).
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
if ENV.hsts == "off":
    SILENCED_SYSTEM_CHECKS.append("security.W004")
