// Fastify, with every laxity that its router offers.
const app = require("fastify")({
  caseSensitive: false, ignoreDuplicateSlashes: true, ignoreTrailingSlash: true, useSemicolonDelimiter: true,
});
app.get("/admin", async () => "admin");
app.get("/admin/*", async () => "admin");
app.get("/*", async () => "open");
app.listen({ port: 0, host: "127.0.0.1" }).then(() => console.log(app.server.address().port));
