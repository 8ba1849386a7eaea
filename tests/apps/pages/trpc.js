// tRPC's client: two calls in one request, streamed; a mutation; a subscription by events.
import {
  createTRPCClient,
  httpBatchStreamLink,
  httpSubscriptionLink,
  splitLink,
} from "@trpc/client";

export default async (url) => {
  const api = createTRPCClient({
    links: [
      splitLink({
        condition: (op) => op.type === "subscription",
        true: httpSubscriptionLink({ url, eventSourceOptions: { withCredentials: true } }),
        false: httpBatchStreamLink({ url }),
      }),
    ],
  });
  const doubled = await Promise.all([1, 2].map((number) => api.double.query(number)));
  const halved = await api.halve.mutate(8);
  const counted = await new Promise((settled, failed) => {
    const numbers = [];
    const options = { onData: (number) => numbers.push(number), onError: failed };
    api.count.subscribe(undefined, { ...options, onComplete: () => settled(numbers) });
  });
  return { doubled, halved, counted };
};
