"""The gateways themselves, each started with a configuration that was exported for it."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.apps.servers import unused_port
from tests.until import listening

Start = Callable[[Path, Path, str, int], list[str]]
"""The command, given the folder of programs, one to write to, the text, and the port it names."""


def nginx(_: Path, folder: Path, text: str, port: int) -> list[str]:
    """The form conf.d, in an nginx.conf that needs no rights."""
    modules = f"load_module {HEADERS_MORE};" if "more_set_headers" in text else ""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    (folder / "cors.conf").write_text(text)
    (folder / "nginx.conf").write_text(
        f"{modules} pid {folder}/pid; error_log stderr; events {{}}\n"
        f"http {{ access_log off; {places} include {folder}/cors.conf; }}"
    )
    return ["nginx", "-p", str(folder), "-c", f"{folder}/nginx.conf", "-g", "daemon off;"]


def caddy(programs: Path, folder: Path, text: str, port: int) -> list[str]:
    file = folder / "Caddyfile"
    file.write_text(f"{{\n    admin off\n    auto_https disable_redirects\n}}\n{text}")
    return [str(programs / "caddy"), "run", "--adapter", "caddyfile", "--config", str(file)]


def envoy(programs: Path, folder: Path, text: str, port: int) -> list[str]:
    file = folder / "envoy.yaml"
    file.write_text(text)
    alone = ("--use-dynamic-base-id", "--concurrency", "1", "--log-level", "warning")
    return [str(programs / "envoy"), "-c", str(file), *alone]


def traefik(programs: Path, folder: Path, text: str, port: int) -> list[str]:
    file = folder / "dynamic.yaml"
    file.write_text(text)
    entry = f"--entrypoints.web.address=127.0.0.1:{port}"
    quiet = ("--global.checknewversion=false", "--global.sendanonymoususage=false")
    return [str(programs / "traefik"), entry, f"--providers.file.filename={file}", *quiet]


def haproxy(_: Path, folder: Path, text: str, port: int) -> list[str]:
    file = folder / "haproxy.cfg"
    file.write_text(text)
    return ["haproxy", "-db", "-f", str(file)]


def apache(_: Path, folder: Path, text: str, port: int) -> list[str]:
    """The site, in a configuration that needs no rights but where root has to give them up."""
    names = ("mpm_event", "authz_core", "headers", "setenvif", "rewrite", "proxy", "proxy_http")
    modules = "".join(
        f"LoadModule {name}_module {APACHE_MODULES}/mod_{name}.so\n"
        for name in (*names, *(["ssl"] if "SSLProxyEngine" in text else []))
    )
    (folder / "site.conf").write_text(text)
    (folder / "apache2.conf").write_text(
        f"ServerRoot {folder}\nServerName localhost\nPidFile {folder}/pid\nErrorLog /dev/stderr\n"
        f"{modules}User www-data\nGroup www-data\nInclude {folder}/site.conf\n"
    )
    return ["apache2", "-f", f"{folder}/apache2.conf", "-D", "FOREGROUND"]


APACHE_MODULES = "/usr/lib/apache2/modules"
HEADERS_MORE = "/usr/lib/nginx/modules/ngx_http_headers_more_filter_module.so"

DEBIAN = frozenset({"nginx", "haproxy", "apache2"})
"""Programs that Debian has, and the lock has not."""


def installed(name: str) -> bool:
    """Whether the program of a gateway is there; those of the lock always are."""
    if name == "ingress-nginx":
        return installed("nginx") and Path(HEADERS_MORE).is_file()
    program = {"apache": "apache2"}.get(name, name)
    return program not in DEBIAN or shutil.which(program) is not None


PROGRAMS: dict[str, tuple[Start, str]] = {
    "nginx": (nginx, "conf.d"),
    "caddy": (caddy, "caddyfile"),
    "envoy": (envoy, "bootstrap"),
    "traefik": (traefik, "file"),
    "haproxy": (haproxy, "haproxy.cfg"),
    "apache": (apache, "site"),
}
"""How each is started, and the form of its configuration that it is started with."""


@contextmanager
def running(
    name: str, programs: Path, folder: Path, export: Callable[[str, int], str]
) -> Iterator[int]:
    """The port where the gateway listens; `export` writes its form for a port."""
    start, form = PROGRAMS[name]
    port = unused_port()
    folder.mkdir()
    command = start(programs, folder, export(form, port), port)
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        ) as process,
    ):
        try:
            listening(port)
            yield port
        except AssertionError as error:
            raise AssertionError(f"{error}\n{(folder / 'log').read_text()}") from error
        finally:
            os.killpg(process.pid, signal.SIGKILL)
