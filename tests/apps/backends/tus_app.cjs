// tus by @tus/server: uploads that can be resumed.
const { FileStore } = require("@tus/file-store");
const { Server } = require("@tus/server");

const server = new Server({ path: "/files", datastore: new FileStore({ directory: "files" }) });
server.listen({ host: "127.0.0.1", port: Number(process.argv[2]) });
