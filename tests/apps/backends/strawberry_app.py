"""Strawberry's GraphQL on FastAPI: a query, and a subscription over a WebSocket."""

import sys
from collections.abc import AsyncIterator

import strawberry
import uvicorn
from fastapi import FastAPI
from strawberry.fastapi import GraphQLRouter


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str) -> str:
        return f"hello {name}"


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, to: int) -> AsyncIterator[int]:
        for number in range(1, to + 1):
            yield number


app = FastAPI()
schema = strawberry.Schema(Query, subscription=Subscription)
app.include_router(GraphQLRouter(schema), prefix="/graphql")
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
