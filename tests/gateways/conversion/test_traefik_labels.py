"""Labels: one for each leaf, read in any case and in both spellings of compose."""

import pytest

from corsproxy.cors.span import Span
from corsproxy.gateways.conversion.located_yaml import compose
from corsproxy.gateways.conversion.traefik_labels import as_labels, middlewares

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
    (found,) = middlewares(compose(text, "c.yaml"), "c.yaml")
    methods = found.get("accesscontrolallowmethods")
    assert methods is not None
    items = methods.items or []
    assert [item.text for item in items] == ["PUT", "DELETE"]
    assert items[0].span.line == 2
    assert isinstance(items[0].span, Span)


def test_each_middleware_is_one_and_other_labels_are_none() -> None:
    text = """services:
  api:
    labels:
      traefik.enable: "true"
      traefik.http.routers.api.middlewares: a
      traefik.http.middlewares.a.headers.accesscontrolmaxage: "5"
      traefik.http.middlewares.a.headers.addvaryheader: "true"
      traefik.http.middlewares.b.headers.accesscontrolmaxage: "6"
      traefik.http.middlewares.c.stripprefix.prefixes: /c
"""
    found = middlewares(compose(text, "c.yaml"), "c.yaml")
    assert [one.keys for one in found] == [
        ["accesscontrolmaxage", "addvaryheader"],
        ["accesscontrolmaxage"],
    ]
