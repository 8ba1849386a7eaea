"""Run by the judges' Python: port, account and key of an Azurite; then one text a line, as JSON.

Each text, the XML of a service's properties, is set as it is; what comes back is printed, as JSON.
First a container is made whose blobs everybody may read, and the blob `there` in it.
"""

import json
import sys

from azure.core.pipeline.transport import HttpRequest
from azure.storage.blob import BlobServiceClient

port, account, key = sys.argv[1:]
url = f"http://127.0.0.1:{port}/{account}"
client = BlobServiceClient(url, credential={"account_name": account, "account_key": key})
client.create_container("public", public_access="blob").upload_blob("there", b"hello")
print("ready", flush=True)
for line in sys.stdin:
    request = HttpRequest("PUT", f"{url}/?restype=service&comp=properties")
    text = json.loads(line).encode()
    request.headers["Content-Type"] = "application/xml"
    request.headers["x-ms-version"] = "2021-12-02"
    request.set_bytes_body(text)
    response = client._pipeline.run(request).http_response  # signs it
    rules = client.get_service_properties()["cors"]
    kept = [[rule.allowed_origins, rule.allowed_methods, rule.allowed_headers] for rule in rules]
    print(json.dumps([response.status_code, kept]), flush=True)
