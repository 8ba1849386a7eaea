// OpenAI's own client: a chat that is streamed, an upload, and an error with its reason.
import OpenAI from "openai";

const client = (base, apiKey) =>
  new OpenAI({ baseURL: `${base}/v1`, apiKey, dangerouslyAllowBrowser: true, maxRetries: 0 });

export default async (base) => {
  const openai = client(base, "right");
  const asked = { model: "lamp", messages: [{ role: "user", content: "hi" }], stream: true };
  const { data: stream, request_id } = await openai.chat.completions.create(asked).withResponse();
  const words = [];
  for await (const chunk of stream) words.push(chunk.choices[0].delta.content);
  const file = new File(["content"], "a.jsonl");
  const uploaded = await openai.files.create({ file, purpose: "batch" });
  const refused = await client(base, "wrong").models.list().catch((error) => error);
  return { words, request_id, file: uploaded.id, refused: [refused.status, refused.code] };
};
