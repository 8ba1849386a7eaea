// GraphQL by fetch, in parts (@defer), and by events.
const posted = (url, query, accept) =>
  fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept },
    body: JSON.stringify({ query }),
  });

export default async (base) => {
  const url = `${base}/graphql`;
  const json = "application/graphql-response+json";
  const renamed = await (await posted(url, 'mutation { rename(name: "x") { name } }', json)).json();
  const deferred = "{ item { name ... @defer { price } } }";
  const parts = await (await posted(url, deferred, "multipart/mixed")).text();
  const counting = "subscription { count(to: 3) }";
  const events = await (await posted(url, counting, "text/event-stream")).text();
  return {
    renamed: renamed.data.rename.name,
    parts: parts.split("\r\n---").length - 1,
    price: parts.includes('"price":7'),
    events: events.match(/^event: next/gm).length,
  };
};
