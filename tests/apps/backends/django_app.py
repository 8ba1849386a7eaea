"""Django as `startproject` makes it: admin, sessions, CSRF, conditional GET; a login for an API."""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import django
from django.conf import settings

PORT, PAGE = sys.argv[1:]
FOLDER = Path(tempfile.mkdtemp())
MIDDLEWARE = """django.middleware.security.SecurityMiddleware
django.middleware.http.ConditionalGetMiddleware
django.contrib.sessions.middleware.SessionMiddleware django.middleware.common.CommonMiddleware
django.middleware.csrf.CsrfViewMiddleware django.contrib.auth.middleware.AuthenticationMiddleware
django.contrib.messages.middleware.MessageMiddleware"""
CONTEXT = """django.template.context_processors.request django.contrib.auth.context_processors.auth
django.contrib.messages.context_processors.messages"""
APPS = """django.contrib.admin django.contrib.auth django.contrib.contenttypes
django.contrib.sessions django.contrib.messages"""
settings.configure(
    DEBUG=True,
    SECRET_KEY="for the test alone",
    ROOT_URLCONF=__name__,
    CSRF_TRUSTED_ORIGINS=[PAGE],
    INSTALLED_APPS=APPS.split(),
    MIDDLEWARE=MIDDLEWARE.split(),
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {"context_processors": CONTEXT.split()},
        }
    ],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": FOLDER / "db"}},
    STATIC_URL="/static/",
    USE_TZ=True,
)
django.setup()

from django.contrib import admin  # noqa: E402 - after the settings
from django.contrib.auth import authenticate, login  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.http import HttpRequest, JsonResponse  # noqa: E402
from django.middleware.csrf import get_token  # noqa: E402
from django.urls import path  # noqa: E402


def api(request: HttpRequest) -> JsonResponse:
    """Who is logged in, and the token for a POST; a POST logs in."""
    if request.method == "POST":
        login(request, authenticate(request, **json.loads(request.body)))
        return JsonResponse({"name": request.user.username})
    return JsonResponse({"token": get_token(request), "name": request.user.username})


def items(request: HttpRequest) -> JsonResponse:
    response = JsonResponse({"items": [1, 2, 3]})
    response["X-Total-Count"] = "3"
    return response


urlpatterns: list[Any] = [
    path("admin/", admin.site.urls),
    path("api/", api),
    path("items/", items),
]

if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    User.objects.create_superuser("admin", "", "admin")
    from gunicorn.app.base import BaseApplication

    class Served(BaseApplication):  # type: ignore[misc]
        """gunicorn without a configuration file."""

        def load_config(self) -> None:
            self.cfg.set("bind", f"127.0.0.1:{PORT}")

        def load(self) -> Any:
            return get_wsgi_application()

    Served().run()
