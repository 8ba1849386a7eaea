"""The part of Docker's API that Traefik asks: one container in the host's network, and its labels.

Run with the port to listen on and a file of labels as JSON.
"""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

PORT, LABELS = int(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text())
VERSION = {"ApiVersion": "1.44", "MinAPIVersion": "1.24", "Version": "27.0"}
NETWORK = {
    "HostConfig": {"NetworkMode": "host"},
    "NetworkSettings": {"Networks": {"host": {"NetworkID": "host"}}, "Ports": {}},
}
LISTED = {"Id": "api", "Names": ["/api"], "Labels": LABELS, "State": "running", **NETWORK}
INSPECTED = {
    "Id": "api",
    "Name": "/api",
    "Config": {"Labels": LABELS},
    "State": {"Running": True, "Status": "running"},
    **NETWORK,
}
ANSWERS: dict[str, Any] = {
    "/version": VERSION,
    "/containers/json": [LISTED],
    "/containers/api/json": INSPECTED,
}


class Api(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        found = next((said for end, said in ANSWERS.items() if path.endswith(end)), "OK")
        content = json.dumps(found).encode()
        self.send_response(200)
        self.send_header("Api-Version", VERSION["ApiVersion"])
        self.send_header("Content-Type", "application/json")
        if path.endswith("/events"):
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            threading.Event().wait()  # nothing ever happens to the container
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


ThreadingHTTPServer(("127.0.0.1", PORT), Api).serve_forever()
