// json-server: REST that is made up, with its total and its links in headers.
const jsonServer = require("json-server");

const items = Array.from({ length: 25 }, (_, index) => ({ id: index + 1, name: `item ${index}` }));
const app = jsonServer.create();
app.use(jsonServer.defaults({ logger: false, noCors: true }));
app.use(jsonServer.bodyParser);
app.use(jsonServer.router({ items }));
app.listen(Number(process.argv[2]), "127.0.0.1");
