// Express: its default router ignores case.
const app = require("express")();
app.use("/admin", (request, response) => response.send("admin"));
app.use((request, response) => response.send("open"));
const server = app.listen(0, "127.0.0.1", () => console.log(server.address().port));
