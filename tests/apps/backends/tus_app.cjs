// tus by @tus/server: uploads that can be resumed.
const { FileStore } = require("@tus/file-store");
const { Server } = require("@tus/server");

const [port, directory] = process.argv.slice(2);
const server = new Server({ path: "/files", datastore: new FileStore({ directory }) });
server.listen({ host: "127.0.0.1", port: Number(port) });
