// Hono: a stream of lines as they come, entity tags, and basic authentication.
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { basicAuth } from "hono/basic-auth";
import { etag } from "hono/etag";
import { streamText } from "hono/streaming";

const app = new Hono();
app.get("/lines", (context) =>
  streamText(context, async (stream) => {
    for (const number of [1, 2, 3]) {
      await stream.writeln(JSON.stringify({ number }));
      await stream.sleep(30);
    }
  }),
);
app.get("/tagged", etag(), (context) => context.json({ tagged: true }));
app.get("/secret", basicAuth({ username: "ada", password: "l" }), (context) => context.text("in"));
serve({ fetch: app.fetch, port: Number(process.argv[2]), hostname: "127.0.0.1" });
