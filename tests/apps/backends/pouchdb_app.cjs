// CouchDB's protocol by express-pouchdb, whose own CORS is off.
const PouchDB = require("pouchdb");
const app = require("express-pouchdb");

const config = { inMemoryConfig: true };
app(PouchDB.defaults({ prefix: "./" }), config).listen(Number(process.argv[2]), "127.0.0.1");
