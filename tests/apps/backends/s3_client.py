"""What a page's SDK does with S3, by boto3: the address of the proxy is all that it is told."""

import sys

import boto3
from botocore.config import Config

s3 = boto3.client(
    "s3",
    endpoint_url=sys.argv[1],
    region_name="us-east-1",
    aws_access_key_id="test",
    aws_secret_access_key="test",
    config=Config(s3={"addressing_style": "path"}),
)
s3.create_bucket(Bucket="things")
s3.put_object(Bucket="things", Key="a b/ä.txt", Body=b"hello")
assert s3.get_object(Bucket="things", Key="a b/ä.txt")["Body"].read() == b"hello"
upload = s3.create_multipart_upload(Bucket="things", Key="large")["UploadId"]
parts = []
for number, content in enumerate((b"x" * (5 << 20), b"y"), 1):
    of = {"Bucket": "things", "Key": "large", "UploadId": upload}
    sent = s3.upload_part(**of, PartNumber=number, Body=content)
    parts.append({"ETag": sent["ETag"], "PartNumber": number})
s3.complete_multipart_upload(**of, MultipartUpload={"Parts": parts})
assert s3.head_object(Bucket="things", Key="large")["ContentLength"] == (5 << 20) + 1
print(s3.generate_presigned_url("get_object", Params={"Bucket": "things", "Key": "a b/ä.txt"}))
