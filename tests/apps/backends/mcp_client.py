"""A client of MCP: it lists the tools, and calls the first."""

import asyncio
import sys

from mcp import Client


async def main() -> None:
    async with Client(sys.argv[1]) as client:
        (tool,) = (await client.list_tools()).tools
        print(tool.name)
        result = await client.call_tool(tool.name, {"a": 2, "b": 3})
        print(result.content[0].text)


asyncio.run(main())
