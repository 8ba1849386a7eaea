// What is read of a stream before it ends: the first line comes alone.
export default async (url) => {
  const response = await fetch(url);
  const lines = [];
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) lines.push(chunk);
  return lines;
};
