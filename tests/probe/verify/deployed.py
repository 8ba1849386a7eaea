"""A deployed server that does as a policy says, but for what a test has spoiled."""

from collections.abc import Callable
from urllib.parse import urlsplit

from corsproxy.config.loading import load_text
from corsproxy.cors.decision import Action, decide
from corsproxy.cors.headers import Fields
from corsproxy.cors.policy import Policy
from corsproxy.cors.request import Request
from corsproxy.cors.response_headers import apply_policy
from corsproxy.probe.client import ServerResponse
from corsproxy.probe.judge import Sender
from corsproxy.probe.verify.asking import Asker, Pace
from corsproxy.probe.verify.findings import Findings
from corsproxy.probe.verify.questions import Plan, Subject
from tests.browser.scripted import Asked, Reply

Spoil = Callable[[Asked, Reply], Reply]

URL = "https://api.shop.example/users"
POLICY = r"""
upstream: http://127.0.0.1:9
cors:
  allow_origins:
    - https://app.shop.example
    - http://localhost:5173
    - https://*.preview.shop.example
    - regex: 'https://pr-[0-9]+\.shop\.example'
  allow_methods: [PUT, DELETE]
  allow_headers: [authorization, content-type]
  expose_headers: [etag, x-total]
  allow_credentials: true
  max_age: 600
"""


def policy_of(text: str = POLICY) -> Policy:
    """The policy that a file of this text has."""
    return load_text(text.encode(), "policy.yaml", {}, {}, offline=True).config.policy


def as_it_is(_: Asked, reply: Reply) -> Reply:
    return reply


class Deployed:
    """A server that keeps to `policy`, each response then spoiled; nothing goes over a wire."""

    def __init__(self, policy: Policy, spoil: Spoil = as_it_is) -> None:
        self._policy = policy
        self._spoil = spoil
        self.asked: list[Asked] = []

    async def send(
        self, method: str, url: str, headers: Fields, content: bytes = b""
    ) -> ServerResponse:
        assert content == b""
        self.asked.append(Asked(0, method, urlsplit(url).path, list(headers)))
        reply = self.reply(self.asked[-1])
        return ServerResponse(reply.status, "", reply.fields)

    def reply(self, asked: Asked) -> Reply:
        """The response, for a script of a real server too."""
        decision = decide(self._policy, Request.of(asked.method, asked.fields))
        status, own = decision.status, []
        if decision.action is Action.FORWARD:
            status, own = 200, [("ETag", '"1"'), ("X-Total", "3"), ("X-Internal", "db-7")]
        fields = apply_policy(self._policy, decision, own, status)
        return self._spoil(asked, Reply(status, fields))


async def verified(
    policy: Policy, server: Sender, *, at_most: int = 10_000, paths: tuple[str, ...] = ()
) -> Findings:
    """What `verify` finds there."""
    others = [Subject(f"{URL}{path}", policy) for path in paths]
    return await Asker(server, Pace(1e9), at_most).verify(Plan(Subject(URL, policy), others))
