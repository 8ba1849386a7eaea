// A server that speaks like OpenAI's: a chat that is streamed, an upload, and its errors.
const express = require("express");

const app = express();
app.use((request, response, next) => {
  if (request.headers.authorization === "Bearer right") return next();
  return response.status(401).json({ error: { message: "wrong key", code: "invalid_api_key" } });
});
app.post("/v1/chat/completions", express.json(), (request, response) => {
  response.set({ "Content-Type": "text/event-stream", "x-request-id": "req_1" });
  const words = ["Hello", " from", ` ${request.body.model}`];
  const send = () => {
    if (!words.length) return response.end("data: [DONE]\n\n");
    const choices = [{ index: 0, delta: { content: words.shift() }, finish_reason: null }];
    response.write(`data: ${JSON.stringify({ object: "chat.completion.chunk", choices })}\n\n`);
    return setTimeout(send, 20);
  };
  send();
});
app.post("/v1/files", express.raw({ type: "*/*" }), (request, response) => {
  response.json({ id: "file-1", bytes: request.body.length });
});
app.listen(Number(process.argv[2]), "127.0.0.1");
