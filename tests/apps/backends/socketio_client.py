"""A client of socket.io, as a page has it: by polling, then by an upgrade; by a WebSocket alone."""

import asyncio
import sys

import socketio

URL, PAGE = sys.argv[1:]


async def main() -> None:
    for transports in (["polling"], ["polling", "websocket"], ["websocket"]):
        client = socketio.AsyncClient(reconnection=False)
        await client.connect(URL, headers={"Origin": PAGE}, transports=transports)
        assert await client.call("add", [1, 2, 3]) == 6
        print(client.transport())
        await client.disconnect()


asyncio.run(main())
