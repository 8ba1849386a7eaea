// tRPC: calls in batches, and a subscription by events.
import { initTRPC } from "@trpc/server";
import { createHTTPServer } from "@trpc/server/adapters/standalone";

const t = initTRPC.create();
const router = t.router({
  double: t.procedure.input(Number).query(({ input }) => 2 * input),
  halve: t.procedure.input(Number).mutation(({ input }) => input / 2),
  count: t.procedure.subscription(async function* count() {
    for (let number = 1; number <= 3; number += 1) yield number;
  }),
});
createHTTPServer({ router }).listen(Number(process.argv[2]), "127.0.0.1");
