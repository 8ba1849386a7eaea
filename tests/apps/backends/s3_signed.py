"""A server's part of an upload that a page makes: a bucket, an upload, and an URL for each part."""

import json
import sys

import boto3

s3 = boto3.client(
    "s3",
    endpoint_url=sys.argv[1],
    region_name="us-east-1",
    aws_access_key_id="test",
    aws_secret_access_key="test",
)
s3.create_bucket(Bucket="things")
of = {"Bucket": "things", "Key": "large"}
of["UploadId"] = s3.create_multipart_upload(**of)["UploadId"]
parts = [s3.generate_presigned_url("upload_part", {**of, "PartNumber": n}) for n in (1, 2)]
print(json.dumps([*parts, s3.generate_presigned_url("complete_multipart_upload", of)]))
