// socket.io as it connects by default: by polling, then by an upgrade; then a call.
import { io } from "socket.io-client";

export default async (base, transports) => {
  const socket = io(base, { withCredentials: true, ...(transports && { transports }) });
  const engine = socket.io.engine;
  const first = engine.transport.name;
  const upgraded = new Promise((settled) => engine.once("upgrade", settled));
  await new Promise((settled, failed) => {
    socket.on("connect", settled).on("connect_error", failed);
  });
  if (!transports) await upgraded;
  const sum = await socket.timeout(10000).emitWithAck("add", [1, 2, 3]);
  const told = [first, engine.transport.name, sum];
  socket.disconnect();
  return told;
};
