"""Labels: one for each leaf, read in any case and in both spellings of compose."""

import pytest

from corsproxy.cors.span import Span
from corsproxy.gateways.conversion.located_yaml import compose, text_at
from corsproxy.gateways.conversion.traefik_labels import as_labels, dynamic

HEADERS = {
    "accessControlAllowOriginListRegex": ["^https://a$", "^https://b$"],
    "accessControlMaxAge": 60,
    "addVaryHeader": True,
    "customResponseHeaders": {"X-A": ""},
}


def test_each_leaf_is_a_label() -> None:
    begin = "traefik.http.middlewares.cors.headers"
    assert as_labels("cors", HEADERS) == {
        f"{begin}.accesscontrolalloworiginlistregex": "^https://a$$,^https://b$$",
        f"{begin}.accesscontrolmaxage": "60",
        f"{begin}.addvaryheader": "true",
        f"{begin}.customresponseheaders.X-A": "",
    }


@pytest.mark.parametrize(
    "text",
    [
        "labels:\n  traefik.http.middlewares.x.headers.accessControlAllowMethods: PUT, DELETE\n",
        "labels:\n- traefik.http.middlewares.x.headers.accesscontrolallowmethods=PUT,DELETE\n",
    ],
)
def test_a_list_keeps_its_place(text: str) -> None:
    found = dynamic(compose(text, "c.yaml"), "c.yaml")
    assert found is not None
    methods = found.path("middlewares", "x", "headers", "accesscontrolallowmethods")
    assert methods is not None
    items = methods.items or []
    assert [item.text for item in items] == ["PUT", "DELETE"]
    assert items[0].span.line == 2
    assert isinstance(items[0].span, Span)


def test_labels_are_a_tree_and_others_are_none_of_it() -> None:
    text = """services:
  api:
    labels:
      traefik.enable: "true"
      traefik.http.routers.api.rule: Host(`a.test`) && PathPrefix(`/a`)
      traefik.http.middlewares.a.headers.accesscontrolmaxage: "5"
      traefik.http.middlewares.a.headers: "overridden, and no tree"
      traefik.http.middlewares.a.headers.addvaryheader: "true"
  other:
    labels: ["traefik.http.middlewares.b.stripprefix.prefixes=/c$$"]
"""
    found = dynamic(compose(text, "c.yaml"), "c.yaml")
    assert found is not None
    assert text_at(found, "routers", "api", "rule") == "Host(`a.test`) && PathPrefix(`/a`)"
    assert text_at(found, "middlewares", "b", "stripprefix", "prefixes") == "/c$"
    assert dynamic(compose("labels: {traefik.enable: 'true'}", "c.yaml"), "c.yaml") is None
