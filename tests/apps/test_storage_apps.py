"""Where pages keep their files works at the first try: WebDAV, tus, S3 and their like."""

import json
import os
import shutil
from pathlib import Path

from tests.apps.conftest import Start, missing
from tests.apps.servers import BACKENDS, Backends, client, unused_port
from tests.apps.tab import Tab

LOCK = """<?xml version="1.0"?><D:lockinfo xmlns:D='DAV:'><D:lockscope><D:exclusive/>
</D:lockscope><D:locktype><D:write/></D:locktype></D:lockinfo>"""


NGINX = """daemon off;
user root;
pid nginx.pid;
events {{}}
http {{
  access_log off;
  client_body_temp_path body;
  server {{
    listen 127.0.0.1:{port};
    root {folder}/files;
    dav_methods PUT DELETE MKCOL COPY MOVE;
    create_full_put_path on;
  }}
}}
"""


def moto(backends: Backends, python: Path) -> int:
    port = unused_port()
    serve = (python, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port))
    return backends.command(port, *serve)


async def test_webdav_moves_copies_and_locks(tab: Tab, python_app: Start) -> None:
    base = tab.behind(python_app("webdav"))
    assert (await tab.fetch("PUT", f"{base}/a.txt", "hello")).status == 201
    listing = await tab.fetch("PROPFIND", f"{base}/", Depth="1")
    assert (listing.status, "a.txt" in listing.text) == (207, True)
    for method, name in (("COPY", "b.txt"), ("MOVE", "c.txt")):
        to = f"{base}/{name}"
        assert (await tab.fetch(method, f"{base}/a.txt", Destination=to)).status == 201
        assert (await tab.fetch("GET", to)).text == "hello"
    assert (await tab.fetch("LOCK", f"{base}/c.txt", LOCK)).headers["lock-token"]


async def test_tus_uploads_in_parts_and_resumes(tab: Tab, node_app: Start, node: Path) -> None:
    base = tab.behind(node_app("tus"))
    tab.bundle(node, "tus")
    url = await tab.play("tus", f"{base}/files")
    assert url.startswith(f"{base}/files/")
    got = await tab.fetch("HEAD", url, Tus_Resumable="1.0.0")
    assert got.headers["upload-offset"] == "300000"


async def test_s3_takes_objects_parts_and_presigned_urls(
    tab: Tab, backends: Backends, python: Path
) -> None:
    base = tab.behind(moto(backends, python))
    (presigned,) = client([python, BACKENDS / "s3_client.py"], base)
    assert presigned.startswith(base)
    got = await tab.fetch("GET", presigned)
    assert (got.text, "etag" in got.headers) == ("hello", True)


async def test_s3_calls_buckets_by_host_names(
    tab: Tab, backends: Backends, python: Path, node: Path
) -> None:
    base = tab.behind(moto(backends, python))
    tab.bundle(node, "s3")
    size = (5 << 20) + 1
    assert await tab.play("s3", base) == [True, size, 10, f"bytes 0-9/{size}"]


async def test_s3_takes_parts_that_a_page_sends_by_signed_urls(
    tab: Tab, backends: Backends, python: Path
) -> None:
    base = tab.behind(moto(backends, python))
    (urls,) = client([python, BACKENDS / "s3_signed.py"], base)
    assert await tab.play("s3_parts", json.loads(urls)) == [200, "large"]


async def test_pouchdb_syncs_live_by_the_server(tab: Tab, node_app: Start, node: Path) -> None:
    base = tab.behind(node_app("pouchdb"))
    tab.bundle(node, "pouchdb")
    assert await tab.play("pouchdb", f"{base}/things") == ["lamp", "hello"]


async def test_nginx_keeps_files_by_webdav(tab: Tab, backends: Backends) -> None:
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if nginx is None:
        missing("nginx is missing")
    port = unused_port()
    (backends.folder / "nginx.conf").write_text(NGINX.format(folder=backends.folder, port=port))
    started = (nginx, "-p", backends.folder, "-c", "nginx.conf", "-e", "stderr")
    base = tab.behind(backends.command(port, *started))
    made = await tab.fetch("PUT", f"{base}/new/a.txt", "hello")
    assert (made.status, made.headers["location"]) == (201, f"{base}/new/a.txt")
    to = f"{base}/new/b%20b.txt"
    assert (await tab.fetch("MOVE", f"{base}/new/a.txt", Destination=to)).status == 204
    assert (await tab.fetch("GET", to, Range="bytes=1-2")).text == "el"
    assert (await tab.fetch("DELETE", to)).status == 204
