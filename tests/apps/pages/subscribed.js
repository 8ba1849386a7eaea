// What a subscription gives over graphql-ws's WebSocket.
import { createClient } from "graphql-ws";

export default async (base, query) => {
  const client = createClient({ url: `${base.replace("http", "ws")}/graphql` });
  const results = [];
  for await (const { data } of client.iterate({ query })) results.push(data);
  await client.dispose();
  return results;
};
