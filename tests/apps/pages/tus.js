// An upload in parts: the first part by one upload, the rest by another that resumes it.
import { Upload } from "tus-js-client";

const started = (file, options) =>
  new Promise((settled, failed) => {
    const upload = new Upload(file, { ...options, onSuccess: () => settled(upload) });
    upload.options.onError = failed;
    upload.options.onChunkComplete = () => {
      if (options.uploadUrl) return;
      upload.abort().then(() => settled(upload));
    };
    upload.start();
  });

export default async (endpoint) => {
  const file = new Blob(["x".repeat(300000)]);
  const begun = await started(file, { endpoint, chunkSize: 100000 });
  const ended = await started(file, { endpoint, chunkSize: 100000, uploadUrl: begun.url });
  return ended.url;
};
