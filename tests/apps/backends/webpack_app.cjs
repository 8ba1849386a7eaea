// webpack-dev-server as it is by default: pages hear of changes from its own port, past the proxy.
const path = require("node:path");
const webpack = require("webpack");
const Server = require("webpack-dev-server");

const compiler = webpack({
  mode: "development",
  context: __dirname,
  entry: path.join(__dirname, "main.js"),
  infrastructureLogging: { level: "none" },
  stats: "none",
});
const where = { host: "localhost", port: Number(process.argv[2]) };
const shown = { static: path.join(__dirname, "public"), client: { logging: "info" } };
new Server({ ...where, ...shown }, compiler).start();
