// A service called by Connect's protocol, with GET where it may be, and by gRPC-web.
import { createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { Words } from "../backends/words.mjs";

const called = async (transport) => {
  const words = createClient(Words, transport);
  const { value } = await words.upper({ value: "lamp" });
  const letters = [];
  const failed = await (async () => {
    for await (const letter of words.letters({ value: "bad" })) letters.push(letter.value);
    return null;
  })().catch((error) => error.rawMessage);
  return [value, letters, failed];
};

export default async (baseUrl, protocol) => {
  const create = protocol === "grpc-web" ? createGrpcWebTransport : createConnectTransport;
  return called(create({ baseUrl, useBinaryFormat: true }));
};
