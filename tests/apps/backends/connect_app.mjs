// connect-es: one service, spoken to by Connect's protocol and by gRPC-web; told "h2", by HTTP/2.
import { createServer } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import { Code, ConnectError } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { Words } from "./words.mjs";

const [port, version] = process.argv.slice(2);
const words = {
  upper: ({ value }) => ({ value: value.toUpperCase() }),
  async *letters({ value }) {
    for (const letter of value) yield { value: letter };
    if (value === "bad") throw new ConnectError("no more", Code.DataLoss);
  },
};
const handler = connectNodeAdapter({ routes: (router) => router.service(Words, words) });
const create = version === "h2" ? createHttp2Server : createServer;
create(handler).listen(Number(port), "127.0.0.1");
