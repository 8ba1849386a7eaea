// local-cors-proxy as its command line starts it.
const [upstream, port] = process.argv.slice(2);
require("local-cors-proxy/lib").startProxy(Number(port), upstream, "", true, "http://localhost:5173");
