// An upload in parts by URLs that were signed for the page, which knows no key.
export default async (urls) => {
  const end = urls.pop();
  let parts = "";
  for (const [index, url] of urls.entries()) {
    const body = new Uint8Array(index ? 1 : 5 << 20);
    const { headers } = await fetch(url, { method: "PUT", body });
    const number = `<PartNumber>${index + 1}</PartNumber>`;
    parts += `<Part>${number}<ETag>${headers.get("etag")}</ETag></Part>`;
  }
  const body = `<CompleteMultipartUpload>${parts}</CompleteMultipartUpload>`;
  const done = await fetch(end, { method: "POST", body });
  return [done.status, (await done.text()).match(/<Key>(.*)<\/Key>/)[1]];
};
