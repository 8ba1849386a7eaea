"""add_to_policy: one value more, and nothing else of the text changed."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.config import Config, Route, load_text
from corsproxy.config.diagnostics import PatchError
from corsproxy.config.yaml_text.patch import add_to_policy

HEAD = "upstream: http://a.test # the API\n"
EXAMPLE = Path(__file__).parents[3] / "config.example.yaml"


def config_of(text: str) -> Config:
    return load_text(text.encode(), "f.yaml", {}, {}).config


def route_of(text: str, path: str) -> Route:
    return next(route for route in config_of(text).routes if route.path == path)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "cors: {allow_methods: [PUT]} # c\n",
            "cors: {allow_methods: [PUT, DELETE]} # c\n",
            id="a list in brackets",
        ),
        pytest.param(
            "cors:\n  allow_methods: []\n  max_age: 5\n",
            "cors:\n  allow_methods: [DELETE]\n  max_age: 5\n",
            id="an empty list",
        ),
        pytest.param(
            "cors:\n  allow_methods: [\n    PUT, # c\n    PATCH,\n  ]\n",
            "cors:\n  allow_methods: [\n    PUT, # c\n    PATCH, DELETE,\n  ]\n",
            id="brackets over several lines",
        ),
        pytest.param(
            "cors:\n  allow_methods:\n    - PUT # c\n    # d\n  max_age: 5\n",
            "cors:\n  allow_methods:\n    - PUT # c\n    - DELETE\n    # d\n  max_age: 5\n",
            id="a list of lines",
        ),
        pytest.param(
            "cors:\n  allow_methods:\n  - PUT\n\n# end",
            "cors:\n  allow_methods:\n  - PUT\n  - DELETE\n\n# end",
            id="a list of lines that is not indented",
        ),
        pytest.param(
            "cors:\n  allow_methods:\n    - PUT",
            "cors:\n  allow_methods:\n    - PUT\n    - DELETE\n",
            id="a last line without an end",
        ),
        pytest.param(
            "cors:\n    max_age: 5 # c\n# d\n",
            "cors:\n    max_age: 5 # c\n    allow_methods: [DELETE]\n# d\n",
            id="a setting that was left out",
        ),
        pytest.param(
            "cors: {max_age: 5}\n",
            "cors: {max_age: 5, allow_methods: [DELETE]}\n",
            id="left out in braces",
        ),
        pytest.param("cors: {}\n", "cors: {allow_methods: [DELETE]}\n", id="empty braces"),
        pytest.param("", "cors:\n  allow_methods: [DELETE]\n", id="no cors at all"),
        pytest.param(
            "cors:\r\n  allow_methods:\r\n    - PUT\r\n",
            "cors:\r\n  allow_methods:\r\n    - PUT\r\n    - DELETE\r\n",
            id="carriage returns",
        ),
    ],
)
def test_a_value_is_added_and_nothing_else_changes(before: str, after: str) -> None:
    assert add_to_policy(HEAD + before, None, "allow_methods", "DELETE") == HEAD + after


def test_a_truth_value_is_set() -> None:
    text = f"{HEAD}cors: {{allow_credentials: false, max_age: 5}} # c\n"
    assert add_to_policy(text, None, "allow_credentials", True) == text.replace("false", "true")


ROUTES = f"""{HEAD}cors:
  allow_origins: [http://a.test]
routes:
  - path: /own
    cors:
      allow_origins:
        - http://b.test # c
  - path: /inherits
    cors: {{max_age: 5}}
"""


@pytest.mark.parametrize(
    ("path", "own", "others"),
    [
        pytest.param("/own", True, False, id="where the route has its own"),
        pytest.param("/inherits", True, True, id="at the top, where it inherits it"),
        pytest.param("/", True, True, id="at the top, for what no route takes"),
    ],
)
def test_a_route_is_changed_where_it_has_the_setting_from(
    path: str, own: bool, others: bool
) -> None:
    origin = "http://localhost:5173"
    patched = add_to_policy(ROUTES, route_of(ROUTES, path), "allow_origins", origin)
    found = {
        route.path: route.policy.allow_origins.match(origin) is not None
        for route in config_of(patched).routes
    }
    assert found[path] is own
    assert found["/"] is others


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('cors: {allow_methods: "*"}', id="the wildcard alone"),
        pytest.param("cors: {allow_methods: '${METHODS}'}", id="a reference"),
        pytest.param("cors: [", id="no YAML"),
        pytest.param("cors: [a]", id="no mapping"),
        pytest.param("cors:\n  allow_methods:\n    -\n      PUT\n", id="a dash on its own line"),
        pytest.param("x: &m [PUT]\ncors: {allow_methods: *m}\ny: [*m]", id="an alias"),
        pytest.param("cors:", id="an empty value"),
    ],
)
def test_what_only_its_author_can_extend_is_left_alone(text: str) -> None:
    with pytest.raises(PatchError):
        add_to_policy(text, None, "allow_methods", "DELETE")


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        pytest.param("allow_origins", "*", id="every origin"),
        pytest.param("allow_origins", "http://*.evil.test", id="every subdomain"),
        pytest.param("allow_origins", "http://localhost:*", id="every port"),
        pytest.param("allow_origins", "http://a.test/", id="what no browser sends"),
        pytest.param("allow_methods", "*", id="every method"),
        pytest.param("allow_headers", "*", id="every header"),
        pytest.param("expose_headers", "*", id="every response header"),
    ],
)
def test_no_value_becomes_a_pattern(setting: str, value: str) -> None:
    with pytest.raises(PatchError, match="would stand for more than itself"):
        add_to_policy(HEAD, None, setting, value)


@given(st.sampled_from(["allow_origins", "allow_methods", "expose_headers"]), st.data())
def test_the_example_keeps_all_but_one_line(setting: str, data: st.DataObject) -> None:
    values = {
        "allow_origins": ["http://localhost:1", "null", "https://x.test:8443"],
        "allow_methods": ["NO", "PURGE"],
        "expose_headers": ["x-a", "null"],
    }
    value = data.draw(st.sampled_from(values[setting]))
    before = EXAMPLE.read_text()
    after = add_to_policy(before, None, setting, value)
    changed = set(after.splitlines()) - set(before.splitlines())
    assert len(changed) == 1
    policy = config_of(after).policy
    if setting == "allow_origins":
        assert value in map(str, policy.allow_origins.patterns)
    else:
        assert value in getattr(policy, setting).listed
