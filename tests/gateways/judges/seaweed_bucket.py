"""Gives buckets of an S3 server their rules, and prints what they say of them afterwards.

The first argument is the server's address; a list of rules as JSON comes by standard input. Each
bucket, `bucket-0` and so on, has one object, `key`, that everybody may read.
"""

import json
import sys

import boto3
from botocore.config import Config

client = boto3.client(
    "s3",
    endpoint_url=sys.argv[1],
    region_name="us-east-1",
    config=Config(s3={"addressing_style": "path"}),
)
told = []
for number, rules in enumerate(json.load(sys.stdin)):
    bucket = f"bucket-{number}"
    client.create_bucket(Bucket=bucket, ACL="public-read")
    client.put_object(Bucket=bucket, Key="key", Body=b"content", ACL="public-read")
    client.put_bucket_cors(Bucket=bucket, CORSConfiguration=rules)
    told.append({"CORSRules": client.get_bucket_cors(Bucket=bucket)["CORSRules"]})
json.dump(told, sys.stdout)
