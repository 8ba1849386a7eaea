"""nginx. It binds no free port by itself, so that it gets a listener as at an upgrade."""

import os
import socket
import sys
from pathlib import Path

listener = socket.create_server(("127.0.0.1", 0))
port = listener.getsockname()[1]
os.set_inheritable(listener.fileno(), True)
os.environ["NGINX"] = f"{listener.fileno()};"
folder = sys.argv[1]
settings = Path(folder, "nginx.conf")
settings.write_text(settings.read_text("ascii").replace("PORT", str(port)), "ascii")
print(port, flush=True)
os.execlp("nginx", "nginx", "-p", folder, "-e", "stderr", "-c", "nginx.conf")
