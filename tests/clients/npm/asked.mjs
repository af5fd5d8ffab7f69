// Runs questions with one client against an endpoint; says as JSON what came, or which error.
//   node asked.mjs CLIENT ENDPOINT < {"name": [form, text], …}
import { createRequire } from "node:module";
import { text } from "node:stream/consumers";

const require = createRequire(import.meta.url);
const [client, endpoint] = process.argv.slice(2);

async function all(stream) {
  const found = [];
  for await (const one of stream) found.push(one);
  return found;
}

const row = (terms) => Object.fromEntries(terms.map(([name, term]) => [name, term.value]));
const triple = (quad) => [quad.subject.value, quad.predicate.value, quad.object.value];

const clients = {
  async "sparql-http-client"() {
    const { default: Client } = await import("sparql-http-client");
    const { query } = new Client({ endpointUrl: endpoint });
    return {
      select: async (text) => (await all(query.select(text))).map((one) => row(Object.entries(one))),
      ask: (text) => query.ask(text),
      construct: async (text) => (await all(query.construct(text))).map(triple),
    };
  },
  async "fetch-sparql-endpoint"() {
    const { SparqlEndpointFetcher } = require("fetch-sparql-endpoint");
    const fetcher = new SparqlEndpointFetcher();
    return {
      select: async (text) =>
        (await all(await fetcher.fetchBindings(endpoint, text))).map((one) => row(Object.entries(one))),
      ask: (text) => fetcher.fetchAsk(endpoint, text),
      construct: async (text) => (await all(await fetcher.fetchTriples(endpoint, text))).map(triple),
    };
  },
  async comunica() {
    const { QueryEngine } = require("@comunica/query-sparql");
    const engine = new QueryEngine();
    const context = { sources: [{ type: "sparql", value: endpoint }] };
    return {
      select: async (text) =>
        (await (await engine.queryBindings(text, context)).toArray()).map((one) =>
          row([...one].map(([variable, term]) => [variable.value, term])),
        ),
      ask: (text) => engine.queryBoolean(text, context),
      construct: async (text) => (await (await engine.queryQuads(text, context)).toArray()).map(triple),
    };
  },
};

// A client that waits for ever for the rest of a broken answer has not taken it for whole.
function ended(promise) {
  return new Promise((resolve, reject) => {
    const waiting = () => reject(new Error("the client waits, and nothing will come"));
    process.once("beforeExit", waiting);
    promise.then(resolve, reject).finally(() => process.off("beforeExit", waiting));
  });
}

const ways = await clients[client]();
const answers = {};
for (const [name, [form, question]] of Object.entries(JSON.parse(await text(process.stdin)))) {
  try {
    const came = await ended(ways[form](question));
    answers[name] = { answer: Array.isArray(came) && came.length > 1000 ? came.length : came };
  } catch (error) {
    answers[name] = { error: String(error?.message ?? error) };
  }
}
console.log(JSON.stringify(answers));
process.exit(0);
