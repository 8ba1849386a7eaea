// Express with its session's cookie as guides set it for production behind a proxy that has TLS.
const express = require("express");
const session = require("express-session");

const app = express();
app.set("trust proxy", 1);
const cookie = { httpOnly: true, sameSite: "lax", domain: "api.example.com" };
app.use(session({ secret: "for the test alone", resave: false, saveUninitialized: false, cookie }));
app.use(express.json());
app.post("/login", (request, response) => {
  request.session.user = request.body.user;
  response.redirect(303, "/me");
});
app.get("/me", (request, response) => {
  response.status(request.session.user ? 200 : 401).json({ user: request.session.user });
});
app.post("/logout", (request, response) => {
  request.session.destroy(() => response.clearCookie("connect.sid", cookie).sendStatus(204));
});
app.listen(Number(process.argv[2]), "127.0.0.1");
