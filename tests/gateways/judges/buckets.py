"""Run by the judges' Python, a JSON list of CORS configurations of buckets as input.

For each what get-bucket-cors says of a bucket in moto that was given it, and the XML that boto3 has
sent for it.
"""

import json
import sys
from typing import Any

import boto3
from moto import mock_aws


def kept(client: Any, configuration: dict[str, Any]) -> list[Any]:
    sent: list[str] = []
    client.meta.events.register(
        "before-call.s3.PutBucketCors",
        lambda params, **_: sent.append(params["body"].decode()),
        unique_id="sent",
    )
    client.put_bucket_cors(Bucket="bucket", CORSConfiguration=configuration)
    client.meta.events.unregister("before-call.s3.PutBucketCors", unique_id="sent")
    rules = client.get_bucket_cors(Bucket="bucket")["CORSRules"]
    return [{"CORSRules": rules}, sent[0]]


with mock_aws():
    s3 = boto3.client("s3", "us-east-1")
    s3.create_bucket(Bucket="bucket")
    json.dump([kept(s3, one) for one in json.load(sys.stdin)], sys.stdout)
