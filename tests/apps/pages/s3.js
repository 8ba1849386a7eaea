// Amazon's own client: buckets are host names, as it calls them by default.
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";

export default async (endpoint) => {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const client = new S3Client({ endpoint, region: "us-east-1", credentials });
  await client.send(new CreateBucketCommand({ Bucket: "things" }));
  const of = { Bucket: "things", Key: "a b/ä.bin" };
  const Body = new Blob([new Uint8Array((5 << 20) + 1)]);
  const done = await new Upload({ client, params: { ...of, Body } }).done();
  const { ContentLength } = await client.send(new HeadObjectCommand(of));
  const part = await client.send(new GetObjectCommand({ ...of, Range: "bytes=0-9" }));
  const bytes = await part.Body.transformToByteArray();
  return [Boolean(done.ETag), ContentLength, bytes.length, part.ContentRange];
};
