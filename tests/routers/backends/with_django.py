"""Django, behind the standard library's WSGI server as its own runserver is."""

from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path

settings.configure(
    ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY="x", LOGGING_CONFIG=None, MIDDLEWARE=[]
)


def admin(_: HttpRequest, rest: str = "") -> HttpResponse:
    return HttpResponse("admin")


def open_to_all(_: HttpRequest) -> HttpResponse:
    return HttpResponse("open")


urlpatterns = [
    path("admin", admin),
    path("admin/", admin),
    path("admin/<path:rest>", admin),
    re_path(r"(?s)^.*$", open_to_all),
]


class Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Nothing."""


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


server = make_server("127.0.0.1", 0, WSGIHandler(), Server, Handler)
print(server.server_port, flush=True)
server.serve_forever()
