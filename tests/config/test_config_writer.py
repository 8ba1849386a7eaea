"""to_yaml: what load makes of the text is the Config again."""

from ipaddress import ip_network
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from corsproxy.config import Config, Route, load, load_text, settings
from corsproxy.config.address import (
    HttpProxy,
    ListenAddress,
    TcpAddress,
    UnixAddress,
    UpstreamAddress,
)
from corsproxy.config.config_writer import to_yaml
from corsproxy.config.listen_scheme import speaks_https
from corsproxy.config.yaml_text.reader import read
from corsproxy.config.yaml_text.tree import Notes, Scalar
from corsproxy.cors.origin import OriginPattern, Origins, RegexPattern
from corsproxy.cors.policy import Mode, Names, OnViolation, Policy, RefusedPreflight, RefusedRequest
from corsproxy.cors.yaml_scalar import as_yaml

PATTERNS: tuple[OriginPattern | RegexPattern, ...] = (
    *map(OriginPattern.parse, ("http://a.test", "https://*.b.test:*", "null", "http://[::1]:3")),
    RegexPattern(r"https://pr-[0-9]+\.test$"),
    RegexPattern('https://"${x}'),
)
UPSTREAMS = tuple(
    map(UpstreamAddress.parse, ("http://a.test", "https://[::1]:8443", "unix:/tmp/a b.sock"))
)
SECONDS = st.integers(1, 10**9).map(lambda micro: micro / 10**6)
PEM = Path(__file__).parents[1] / "cases" / "lint" / "pem"
FILES = st.none() | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=9
).map(Path)
NAMES = st.builds(Names, st.sampled_from([(), ("x-a",), ("x-a", "authorization")]), st.booleans())
METHODS = st.builds(Names, st.sampled_from([(), ("PUT",), ("NO", "patch")]), st.booleans())


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    origins = draw(
        st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=4).map(Origins)
        | st.just(Origins(any_origin=True))
    )
    credentials = draw(st.booleans())
    return Policy(
        origins,
        draw(METHODS),
        draw(NAMES),
        draw(NAMES),
        allow_credentials=credentials,
        max_age=draw(st.sampled_from([None, -1, 0, 600])),
        allow_private_network=draw(st.booleans()),
        mode=draw(st.sampled_from(Mode)),
        on_violation=draw(st.sampled_from(OnViolation)),
        refused_preflight=draw(st.sampled_from(RefusedPreflight)),
        refused_request=draw(st.sampled_from(RefusedRequest)),
        dangerously_reflect_any_origin=origins.any and credentials,
    )


def listeners(port: int) -> st.SearchStrategy[ListenAddress]:
    return st.sampled_from([TcpAddress("127.0.0.1", port), TcpAddress("::", port)]) | st.just(
        UnixAddress(f"/run/{port}.sock")
    )


CHANGES = st.builds(
    settings.HeaderChanges,
    st.sampled_from(
        [(), (settings.SetHeader("X-A", 'b: "${c}" #'), settings.SetHeader("x-b", "1"))]
    ),
    st.sampled_from([(), ("server", "X-C")]),
)


@st.composite
def secured(draw: st.DrawFn) -> tuple[tuple[ListenAddress, ...], settings.Tls]:
    """Addresses of any kind, and certificates where one of them needs any."""
    listen = (draw(listeners(18080)), TcpAddress("127.0.0.1", 18443, tls=draw(st.booleans())))
    tls = settings.Tls(certificate=PEM / "certificate.pem", key=PEM / "key.pem")
    given = draw(st.sampled_from([settings.Tls(auto=True), tls]))
    return draw(
        st.sampled_from(
            [
                (listen[:1], settings.Tls()),
                (listen, given if speaks_https(listen) else settings.Tls()),
                (listen[1:], given if speaks_https(listen) else settings.Tls()),
            ]
        )
    )


@st.composite
def configs(draw: st.DrawFn) -> Config:
    policy = draw(policies())
    upstream = draw(st.sampled_from(UPSTREAMS))
    paths = draw(st.lists(st.sampled_from(["/a", "/b/", "/c:d"]), unique=True))
    routes = [
        Route(
            path,
            draw(st.sampled_from(UPSTREAMS)),
            draw(policies()),
            draw(st.none() | st.just("a.test")),
            draw(st.booleans()),
            draw(st.none() | st.just(settings.UpstreamTls(server_name="b.test"))),
        )
        for path in paths
    ]
    pair = draw(st.booleans())
    listen, tls = draw(secured())
    return Config(
        upstream,
        policy,
        listen=listen,
        tls=tls,
        routes=(*routes, Route("/", upstream, policy)),
        allowed_hosts=draw(st.sampled_from([(), ("a.test", "b.test")])),
        forward=draw(
            st.builds(
                settings.Forward,
                st.sampled_from(["upstream", "preserve", "a.test:81", "no"]),
                st.sampled_from(settings.ForwardedOrigin),
                st.sampled_from(settings.Forwarded),
                CHANGES,
                CHANGES,
                st.sampled_from(settings.RequestId),
            )
        ),
        rewrite=settings.Rewrite(draw(st.booleans()), draw(st.booleans())),
        upstream_proxy=draw(st.sampled_from([None, "environment", HttpProxy("p.test", 3128)])),
        upstream_tls=settings.UpstreamTls(
            draw(st.booleans()),
            draw(FILES),
            Path("a.pem") if pair else None,
            Path("off") if pair else None,
            draw(st.none() | st.just("a.test")),
        ),
        timeouts=settings.Timeouts(draw(SECONDS), draw(SECONDS), draw(SECONDS)),
        limits=settings.Limits(7, 2048, draw(st.none() | st.integers(0, 2**40))),
        trusted_proxies=draw(st.sampled_from([(), (ip_network("10.0.0.0/8"), ip_network("::/0"))])),
        admin=draw(st.none() | listeners(18081)),
        log=settings.Log(
            draw(st.sampled_from(settings.LogFormat)), draw(st.sampled_from(settings.LogLevel))
        ),
        har=draw(FILES),
        fast_lane=draw(st.booleans()),
    )


@given(configs())
def test_a_config_written_and_read_is_the_same(config: Config) -> None:
    assert load_text(to_yaml(config).encode(), "f.yaml", {}, {}).config == config


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_written_as_yaml_is_read_as_the_same_text(text: str) -> None:
    notes = Notes("f.yaml")
    root = read(f"a: {as_yaml(text)}\nb: [{as_yaml(text)}]\n".encode(), notes, {})
    assert root is not None, notes.sorted
    scalar = root.values["a"]
    assert isinstance(scalar, Scalar)
    assert (scalar.text, scalar.type) == (text, "str")


def test_the_quick_policy_is_shown_as_a_file_to_keep() -> None:
    flags = {"upstream": "http://127.0.0.1:8000", "cors.allow_origins": ("http://localhost:5173",)}
    assert (
        to_yaml(load(None, {}, flags).config)
        == """\
# Where the proxy listens: port, host:port, https://host:port or unix:/path; or several.
listen: 127.0.0.1:8080
# Where requests go: http://host:port, https://host or unix:/path.
upstream: http://127.0.0.1:8000

# The policy: what pages of other origins may do.
cors:
  # Origins whose pages may read responses: exact, *. for subdomains, :* for any port, or *.
  allow_origins:
    - http://localhost:5173
  # Methods beside GET, HEAD and POST, or *.
  allow_methods: ["*"]
  # Names of request headers, or *, which never covers authorization.
  allow_headers: ["*", authorization]
  # Names of response headers that pages may read, or *.
  expose_headers: ["*"]
  # Whether cookies and other credentials may be sent.
  allow_credentials: true
"""
    )
