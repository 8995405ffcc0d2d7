"""The one settings module; an installation is configured by its environment (`YANTA_…`)."""

import django_stubs_ext
from csp.constants import NONCE, NONE, SELF

from yanta.config import databases, environment
from yanta.config.systems import INSTALLED

# Lets typed code subscribe Django's generic classes (`Lookup[Any]`) at run time too.
django_stubs_ext.monkeypatch()

HOME = environment.home()
SECRET_KEY = environment.secret_key()
# What the keys before and after it signed is accepted too, so that a rotation signs nobody out.
SECRET_KEY_FALLBACKS = environment.secret_key_fallbacks()
# Seals sensitive values at rest; without this key they cannot be read again, so it is backed up apart.
YANTA_DATA_KEY = environment.text("DATA_KEY") or environment.kept_secret("data-key")
# Later generations of that key, one file each: shared by all hosts, backed up apart with the first.
YANTA_DATA_KEYS = environment.text("DATA_KEYS") or str(HOME / "data-keys")
YANTA_CIPHER = environment.text("CIPHER", "aes")
# Where data runs compute: duckdb in the process, or spark.
YANTA_HUB_ENGINE = environment.text("HUB_ENGINE", "duckdb")
YANTA_SPARK_MASTER = environment.text("SPARK_MASTER", "local[2]")
# Folders, beside the installation's own, that connections may read and write.
YANTA_EXCHANGE_FOLDERS = environment.listed("EXCHANGE_FOLDERS")
# Receipts and packages to other nodes are signed: ed25519, or sm2 where national ciphers are asked for.
YANTA_SIGNATURE = environment.text("SIGNATURE", "ed25519")
YANTA_SIGNING_KEYS = environment.text("SIGNING_KEYS") or str(HOME / "signing-keys")
# The same software is a school, or an authority that schools report to: county, city, province, nation.
YANTA_NODE_LEVEL = environment.text("NODE_LEVEL", "school")
YANTA_NODE_CODE = environment.text("NODE_CODE", "4161000000")
YANTA_NODE_NAME = environment.text("NODE_NAME", environment.text("SCHOOL", "雁塔大学"))
# Packages travel by HTTPS; plain HTTP only to this machine, or where a protected line is vouched for.
YANTA_NODE_HTTP = environment.flag("NODE_HTTP")
YANTA_NODE_CA = environment.text("NODE_CA")
# How many students a second may come in to a round of course selection; whoever comes faster stands in line.
YANTA_ENTRY_PACE = environment.number("ENTRY_PACE", 150)
DEBUG = environment.flag("DEBUG")
HTTPS = environment.flag("HTTPS")
ALLOWED_HOSTS = environment.listed("HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = environment.listed("ORIGINS")
SITE_ADDRESS = environment.text("ADDRESS", f"http://127.0.0.1:{environment.number('PORT', 8000)}")

INSTALLED_APPS = [
    *INSTALLED,
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "treebeard",
    "pgtrigger",
    "pghistory",
    "procrastinate.contrib.django",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "csp",
    "ninja",
    "oauth2_provider",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "yanta.kernel.identity.middleware.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "yanta.kernel.resource.middleware.RefusalMiddleware",
    "yanta.kernel.portal.used.UsedPlacesMiddleware",
]

ROOT_URLCONF = "yanta.config.urls"
WSGI_APPLICATION = "yanta.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Our pages are Jinja2; what it does not find (third-party apps) falls to Django's own engine.
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [environment.PACKAGE.joinpath(*name.split(".")[1:], "templates") for name in INSTALLED],
        "APP_DIRS": False,
        "OPTIONS": {
            "environment": "yanta.kernel.portal.jinja.environment",
            "auto_reload": DEBUG,
            "context_processors": [
                "django.contrib.messages.context_processors.messages",
                "yanta.kernel.portal.jinja.csrf",
            ],
        },
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": databases.settings_for(databases.address())}
DATABASES["default"]["TEST"] = {"TEMPLATE": "template0"}

_REDIS = environment.text("REDIS_URL")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": _REDIS}
    if _REDIS
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "yanta"}
}

AUTH_USER_MODEL = "identity.Account"
AUTHENTICATION_BACKENDS = ["yanta.kernel.identity.backends.AccountBackend"]
PASSWORD_HASHERS = [
    "yanta.kernel.identity.hashing.PooledArgon2Hasher",
    "yanta.kernel.identity.hashing.PooledPBKDF2Hasher",
    # For secrets of programs only, which are random: a slow hash would cost every token.
    "yanta.sso.oidc.hashing.SecretHasher",
]
# Roles that may not work without a second factor, e.g. "engineer,auditor".
SECOND_FACTOR_ROLES = environment.listed("SECOND_FACTOR_ROLES")
# 三员分立: system, security and audit administrators are three people, and one sets what another approves.
SEPARATE_ADMINISTRATORS = environment.flag("SEPARATE_ADMINISTRATORS")
# How many proxies of ours stand before the web server and may say where a request came from.
TRUSTED_PROXIES = environment.number("TRUSTED_PROXIES", 0)
# The domain that passkeys are bound to; by default the one a page is opened under.
PASSKEY_DOMAIN = environment.text("PASSKEY_DOMAIN")
# The domain behind affiliations and names that leave the school (eduPerson scope), e.g. "school.edu.cn".
SSO_SCOPE = environment.text(
    "SSO_SCOPE", SITE_ADDRESS.partition("://")[2].partition(":")[0].partition("/")[0]
)
# The root of the LDAP directory, and where applications are told to find it.
LDAP_BASE = environment.text("LDAP_BASE", "dc=yanta")
LDAP_ADDRESS = environment.text("LDAP_ADDRESS", "ldap://127.0.0.1:3389")
# An SM2 signature within each sealed PDF too, not only in the register; readers without SM2 call it unknown.
SEALS_SM2_INSIDE = environment.flag("SEALS_SM2_INSIDE")
# Only for trying things out on one machine: CAS proxies may be called back by plain http at its loopback address.
SSO_HTTP_LOOPBACK = environment.flag("SSO_HTTP_LOOPBACK")
# Where networks are (`network,name,latitude,longitude`), for the rule of impossible travel.
PLACES_FILE = environment.text("PLACES_FILE")
# How long the logs of sign-ins and of the doors are kept; the law asks for 180 days, thirteen months compare years.
LOG_DAYS = environment.number("LOG_DAYS", 400)
# Who may read /metrics: whoever shows this token, and networks such as 10.1.0.0/16; nobody where none is named.
METRICS_TOKEN = environment.text("METRICS_TOKEN")
METRICS_FROM = environment.listed("METRICS_FROM")
MFA_ADAPTER = "yanta.kernel.identity.factors.SealedFactors"
MFA_TOTP_TOLERANCE = 1
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
SESSION_ENGINE = "yanta.kernel.identity.session_store"
SESSION_COOKIE_NAME = "yanta_session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_NAME = "yanta_csrf"
CSRF_FAILURE_VIEW = "yanta.kernel.portal.errors.csrf_failure"
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        # Charts size themselves through style attributes; style elements stay forbidden.
        "style-src-attr": ["'unsafe-inline'"],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

# Tables and grants of OAuth are the library's, rules and pages ours; nothing but the code grant with PKCE S256,
# refresh, device and client credentials is open. See decision 0014.
OAUTH2_PROVIDER_APPLICATION_MODEL = "oidc.Client"
OAUTH2_PROVIDER_GRANT_MODEL = "oidc.Grant"
OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL = "oidc.AccessToken"  # noqa: S105 - the name of a table
OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL = "oidc.RefreshToken"  # noqa: S105 - the name of a table
OAUTH2_PROVIDER_DEVICE_GRANT_MODEL = "oidc.DeviceGrant"
OAUTH2_PROVIDER = {
    "OIDC_ENABLED": True,
    "OIDC_ISS_ENDPOINT": SITE_ADDRESS,
    "OAUTH2_VALIDATOR_CLASS": "yanta.sso.oidc.validator.Validator",
    "SCOPES_BACKEND_CLASS": "yanta.sso.oidc.scopes.Scopes",
    "CLIENT_SECRET_HASHER": "client_secret",
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    "AUTHORIZATION_CODE_EXPIRE_SECONDS": 60,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [environment.PACKAGE / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 0 if DEBUG else 86_400
MEDIA_ROOT = HOME / "files"
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if environment.text("MAIL_HOST")
    else "django.core.mail.backends.dummy.EmailBackend"
)
EMAIL_HOST = environment.text("MAIL_HOST")
EMAIL_PORT = environment.number("MAIL_PORT", 25)
EMAIL_HOST_USER = environment.text("MAIL_USER")
EMAIL_HOST_PASSWORD = environment.text("MAIL_PASSWORD")
EMAIL_USE_TLS = environment.flag("MAIL_TLS")
DEFAULT_FROM_EMAIL = environment.text("MAIL_FROM", "yanta@localhost")

# Ways to phones; in the demo school they are imitated.
SMS_GATEWAY = environment.text("SMS_GATEWAY")
SMS_SECRET = environment.text("SMS_SECRET")
WECOM_ADDRESS = environment.text("WECOM_ADDRESS", "https://qyapi.weixin.qq.com")
WECOM_CORP = environment.text("WECOM_CORP")
WECOM_AGENT = environment.text("WECOM_AGENT")
WECOM_SECRET = environment.text("WECOM_SECRET")
DINGTALK_ADDRESS = environment.text("DINGTALK_ADDRESS", "https://oapi.dingtalk.com")
DINGTALK_KEY = environment.text("DINGTALK_KEY")
DINGTALK_AGENT = environment.text("DINGTALK_AGENT")
DINGTALK_SECRET = environment.text("DINGTALK_SECRET")
FEISHU_ADDRESS = environment.text("FEISHU_ADDRESS", "https://open.feishu.cn")
FEISHU_APP = environment.text("FEISHU_APP")
FEISHU_SECRET = environment.text("FEISHU_SECRET")
WECHAT_ADDRESS = environment.text("WECHAT_ADDRESS", "https://api.weixin.qq.com")
WECHAT_APP = environment.text("WECHAT_APP")
WECHAT_SECRET = environment.text("WECHAT_SECRET")
WECHAT_TEMPLATE = environment.text("WECHAT_TEMPLATE")
# Hosts of further push services of browsers; which channel is tried first; texts a minute, e.g. "sms=600".
PUSH_SERVICES = environment.listed("PUSH_SERVICES")
NOTIFY_CHANNELS = environment.listed("CHANNELS")
NOTIFY_PACES = {
    code: int(most) for code, _, most in (one.partition("=") for one in environment.listed("CHANNEL_PACES"))
}
# A notice to more people than this waits for a second person's word.
NOTICE_LIMIT = environment.number("NOTICE_LIMIT", 500)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": environment.text("LOG_LEVEL", "WARNING").upper()},
}
