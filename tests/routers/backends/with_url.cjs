// Node without a framework, by the URL standard's parser: what many small servers do.
const server = require("http").createServer((request, response) => {
  if (!URL.canParse(request.url, "http://localhost")) return response.writeHead(400).end();
  const { pathname } = new URL(request.url, "http://localhost");
  response.end(pathname === "/admin" || pathname.startsWith("/admin/") ? "admin" : "open");
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
