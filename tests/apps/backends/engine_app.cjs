// socket.io as Node has it.
const { Server } = require("socket.io");

const server = new Server(Number(process.argv[2]), { cookie: true });
server.on("connection", (socket) => {
  socket.on("add", (numbers, told) => told(numbers.reduce((sum, number) => sum + number)));
});
