// Fastify: an upload as a form sends it, and a download with its name.
const fastify = require("fastify")();
fastify.register(require("@fastify/multipart"));

const files = new Map();
fastify.post("/files", async (request, reply) => {
  const file = await request.file();
  files.set(file.filename, await file.toBuffer());
  reply.code(201).header("Location", `/files/${encodeURIComponent(file.filename)}`);
  return { size: files.get(file.filename).length, field: file.fieldname };
});
fastify.get("/files/:name", async (request, reply) => {
  reply.header("Content-Disposition", 'attachment; filename="of-the-server.txt"');
  return reply.type("text/plain").send(files.get(request.params.name));
});
fastify.listen({ port: Number(process.argv[2]), host: "127.0.0.1" });
