// An upload as a form sends it, and the way to what it made.
export default async (base) => {
  const form = new FormData();
  form.set("picture", new File(["x".repeat(200000)], "a b.txt"));
  const created = await fetch(`${base}/files`, { method: "POST", body: form });
  const location = created.headers.get("location");
  const got = await fetch(new URL(location, base));
  return {
    created: [created.status, await created.json(), location],
    size: (await got.text()).length,
    name: got.headers.get("content-disposition"),
  };
};
