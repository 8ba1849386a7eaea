// The best of Node's libraries, with a keep-alive agent and CORS by hand.
const http = require("http");
const proxy = require("http-proxy");
const [upstream, port] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: true, maxSockets: 1024 });
const server = proxy.createProxyServer({ target: upstream, agent });
const origins = new Set(["http://localhost:5173"]);

function cors(request, answer) {
  const origin = request.headers.origin;
  if (!origins.has(origin)) return;
  answer.setHeader("Access-Control-Allow-Origin", origin);
  answer.setHeader("Access-Control-Allow-Credentials", "true");
  answer.setHeader("Vary", "Origin");
}

server.on("error", (error, request, answer) => answer.destroy());
http.createServer((request, answer) => {
  cors(request, answer);
  if (request.method === "OPTIONS" && request.headers["access-control-request-method"]) {
    answer.setHeader("Access-Control-Allow-Methods", "GET, PUT, DELETE");
    answer.setHeader("Access-Control-Allow-Headers", "authorization, content-type");
    answer.setHeader("Access-Control-Max-Age", "600");
    answer.writeHead(204).end();
    return;
  }
  server.web(request, answer);
}).listen(Number(port), "127.0.0.1");
