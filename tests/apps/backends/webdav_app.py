"""WebDAV by wsgidav: a folder that can be written."""

import sys
import tempfile

from cheroot import wsgi
from wsgidav.wsgidav_app import WsgiDAVApp

app = WsgiDAVApp(
    {
        "provider_mapping": {"/": tempfile.mkdtemp()},
        "simple_dc": {"user_mapping": {"*": True}},
        "logging": {"enable": False},
        "verbose": 0,
    }
)
wsgi.Server(("127.0.0.1", int(sys.argv[1])), app).start()
