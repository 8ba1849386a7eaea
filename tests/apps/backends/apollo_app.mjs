// Apollo Server with its guard against CSRF as it is by default.
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";

const typeDefs = "type Query { hello(name: String!): String }";
const resolvers = { Query: { hello: (_, { name }) => `hello ${name}` } };
const listen = { port: Number(process.argv[2]), host: "127.0.0.1" };
await startStandaloneServer(new ApolloServer({ typeDefs, resolvers }), { listen });
