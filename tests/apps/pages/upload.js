// An upload of so many bytes that nothing holds them all at once, and a download likewise.
export default async (base, size) => {
  const body = new Blob([new Uint8Array(size)]);
  const sent = await fetch(`${base}/size`, { method: "POST", body });
  const got = await fetch(`${base}/many`);
  let received = 0;
  for await (const part of got.body) received += part.length;
  return [(await sent.json()).size, received];
};
