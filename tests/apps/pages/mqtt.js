// MQTT over a WebSocket with its subprotocol: a message published comes back.
import mqtt from "mqtt";

export default async (base) => {
  const client = await mqtt.connectAsync(base.replace("http", "ws"), { reconnectPeriod: 0 });
  await client.subscribeAsync("lamp/#");
  const heard = new Promise((settled) => {
    client.on("message", (topic, content) => settled([topic, content.toString()]));
  });
  await client.publishAsync("lamp/on", "yes");
  const told = await heard;
  await client.endAsync();
  return told;
};
