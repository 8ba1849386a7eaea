// GraphQL Yoga: queries, @defer, subscriptions by events and over graphql-ws's WebSocket.
const { createServer } = require("node:http");
const { createSchema, createYoga } = require("graphql-yoga");
const { useDeferStream } = require("@graphql-yoga/plugin-defer-stream");
const { useServer } = require("graphql-ws/use/ws");
const { WebSocketServer } = require("ws");

const typeDefs = `
  type Item { name: String, price: Int }
  type Query { item: Item }
  type Mutation { rename(name: String!): Item }
  type Subscription { count(to: Int!): Int }`;
const resolvers = {
  Query: { item: () => ({ name: "lamp", price: new Promise((done) => setTimeout(done, 50, 7)) }) },
  Mutation: { rename: (_, { name }) => ({ name, price: 7 }) },
  Subscription: {
    count: {
      async *subscribe(_, { to }) {
        for (let number = 1; number <= to; number += 1) yield { count: number };
      },
    },
  },
};
const schema = createSchema({ typeDefs, resolvers });
const yoga = createYoga({ schema, cors: false, plugins: [useDeferStream()] });
const server = createServer(yoga);
useServer({ schema }, new WebSocketServer({ server, path: "/graphql" }));
server.listen(Number(process.argv[2]), "127.0.0.1");
