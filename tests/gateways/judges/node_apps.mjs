// Applications of one library, each in a module that was made around an exported snippet.
// Reads the modules' paths as one line, writes their ports, and serves until its input ends.
import { once } from "node:events";
import { createInterface } from "node:readline";

const lines = createInterface({ input: process.stdin });
const [line] = await once(lines, "line");
const ports = [];
for (const path of JSON.parse(line)) {
  const module = await import(path);
  const server = await (module.default.served ?? module.default);
  if (!server.listening) {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  }
  ports.push(server.address().port);
}
console.log(JSON.stringify(ports));
lines.on("close", () => process.exit(0));
