"""Tornado."""

import asyncio

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler


class Admin(RequestHandler):
    def get(self) -> None:
        self.write("admin")


class Open(RequestHandler):
    def get(self) -> None:
        self.write("open")


async def main() -> None:
    app = Application(
        [(r"/admin", Admin), (r"/admin/.*", Admin), (r"(?s).*", Open)],
        log_function=lambda _: None,
    )
    sockets = bind_sockets(0, "127.0.0.1")
    HTTPServer(app).add_sockets(sockets)
    print(sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
