// Koa and its router, which ignores case by default.
const Koa = require("koa");
const Router = require("@koa/router");
const router = new Router();
router.get("/admin", (context) => { context.body = "admin"; });
router.get("/admin/(.*)", (context) => { context.body = "admin"; });
router.get("(.*)", (context) => { context.body = "open"; });
const server = new Koa().use(router.routes()).listen(0, "127.0.0.1", () => console.log(server.address().port));
