"""Routes on the wire, in both lanes: no spelling of a path gets the policy of another route."""

import json

import pytest

from tests.wire.conftest import Start

POLICY = """
upstream: {upstream}
cors: {{allow_origins: [http://open.test]}}
routes:
  - path: /admin
    cors: {{allow_origins: [http://admin.test]}}
  - path: /also
allowed_hosts: [api.localtest.me]
log: {{level: error}}
"""
ORIGIN = b"Origin: http://open.test"


def test_a_path_that_a_backend_may_take_for_another_routes_is_refused(started: Start) -> None:
    gateway = started(POLICY)
    targets = (b"/admin%2f..%2fx", b"/ADMIN/x", b"/x/..;/admin", b"/x%5c..%5cadmin", b"//x/admin/y")
    for target in targets:
        with gateway.connect() as client:
            client.send(gateway.ask(b"GET", target, ORIGIN))
            response = client.response()
        assert response.status == 400, target
        detail = json.loads(response.content)["detail"]
        assert json.loads(response.content)["id"] == "ambiguous-path"
        assert "takes the route / as it is written, but leads to the route /admin" in detail
    assert gateway.upstream.seen == []


@pytest.mark.parametrize(
    "target", [b"/x%20y", b"/Admins/x", b"/a;b/c%2Fd", b"/ALSO/x", b"/also/..%2fx", b"/ad%C3%BCmin"]
)
def test_what_touches_no_other_policy_is_forwarded_as_it_is(started: Start, target: bytes) -> None:
    request, response = started(POLICY).exchange(b"GET", target, ORIGIN)
    assert request.target == target
    assert response.status == 200
