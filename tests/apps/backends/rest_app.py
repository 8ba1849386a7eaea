"""Django REST framework on waitress: a token, pages of a list with links, OPTIONS that describe."""

import sys

import django
from django.conf import settings

settings.configure(
    DEBUG=True,
    SECRET_KEY="for the test alone",
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "rest_framework"],
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
)
django.setup()

from django.contrib.auth.models import User  # noqa: E402 - after the settings
from django.urls import path  # noqa: E402
from rest_framework.authentication import BaseAuthentication  # noqa: E402
from rest_framework.pagination import LimitOffsetPagination  # noqa: E402
from rest_framework.permissions import IsAuthenticated  # noqa: E402
from rest_framework.request import Request  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402
from waitress import serve  # noqa: E402


class ByToken(BaseAuthentication):  # type: ignore[misc]
    def authenticate(self, request: Request) -> tuple[User, None] | None:
        known = request.headers.get("Authorization") == "Token right"
        return (User(username="ada"), None) if known else None

    def authenticate_header(self, request: Request) -> str:
        return "Token"


class Items(APIView):  # type: ignore[misc]
    authentication_classes = (ByToken,)
    permission_classes = (IsAuthenticated,)

    def get(self, request: Request) -> Response:
        pages = LimitOffsetPagination()
        return pages.get_paginated_response(
            pages.paginate_queryset(range(25), request, self)  # any sequence
        )

    def delete(self, request: Request) -> Response:
        return Response(status=204)


LimitOffsetPagination.default_limit = 10
LimitOffsetPagination.get_count = lambda self, queryset: len(queryset)
urlpatterns = [path("items/", Items.as_view())]

if __name__ == "__main__":
    from django.core.wsgi import get_wsgi_application

    serve(get_wsgi_application(), host="127.0.0.1", port=int(sys.argv[1]))
