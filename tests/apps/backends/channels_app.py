"""Django Channels on Daphne: a WebSocket for allowed origins, which knows who is logged in."""

import sys

import django
from django.conf import settings

PORT, PAGE = sys.argv[1:]
settings.configure(DEBUG=True, SECRET_KEY="for the test alone", INSTALLED_APPS=["channels"])
django.setup()

from channels.generic.websocket import AsyncJsonWebsocketConsumer  # noqa: E402 - after the settings
from channels.routing import ProtocolTypeRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from daphne.endpoints import build_endpoint_description_strings  # noqa: E402
from daphne.server import Server  # noqa: E402


class Echo(AsyncJsonWebsocketConsumer):  # type: ignore[misc]
    async def receive_json(self, content: object) -> None:
        await self.send_json({"heard": content})


app = ProtocolTypeRouter({"websocket": AllowedHostsOriginValidator(Echo.as_asgi())})
endpoints = build_endpoint_description_strings(host="127.0.0.1", port=int(PORT))
Server(app, endpoints=endpoints).run()
