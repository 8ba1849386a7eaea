"""Where pages keep their files works at the first try: WebDAV, tus, S3 and their like."""

from pathlib import Path

from tests.apps.conftest import Start
from tests.apps.servers import BACKENDS, Backends, client, unused_port
from tests.apps.tab import Tab

LOCK = """<?xml version="1.0"?><D:lockinfo xmlns:D='DAV:'><D:lockscope><D:exclusive/>
</D:lockscope><D:locktype><D:write/></D:locktype></D:lockinfo>"""


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
    port = unused_port()
    moto = (python, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port))
    base = tab.behind(backends.command(port, *moto))
    (presigned,) = client([python, BACKENDS / "s3_client.py"], base)
    assert presigned.startswith(base)
    got = await tab.fetch("GET", presigned)
    assert (got.text, "etag" in got.headers) == ("hello", True)
