/** What stands before the webhook server: hands on what is a review, as it was parsed, and answers all else itself. */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { request } from "undici";
import { podReviewer } from "../capabilities/webhook/injection";
import { guardWebhook } from "../capabilities/pepr/webhook-guard";

type Read = IncomingMessage & { body?: unknown };

const review = {
  apiVersion: "admission.k8s.io/v1",
  kind: "AdmissionReview",
  request: {
    uid: "1",
    kind: { group: "", version: "v1", kind: "Secret" },
    operation: "CREATE",
    object: { apiVersion: "v1", kind: "Secret", metadata: { name: "x" } },
  },
};

const warnings: string[] = [];
const handedOn: Read[] = [];
let server: Server;
let origin: string;

beforeAll(async () => {
  process.env.PEPR_API_PATH = "secret";
  guardWebhook(line => warnings.push(line), [podReviewer]);
  server = createServer((asked, answer) => {
    handedOn.push(asked);
    answer.end("handed on");
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

beforeEach(() => {
  warnings.length = 0;
  handedOn.length = 0;
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise(resolve => server.close(resolve));
});

async function post(path: string, body: string | Buffer): Promise<readonly [number, string]> {
  const answer = await request(origin + path, { method: "POST", body });
  return [answer.statusCode, await answer.body.text()];
}

test.each(["/mutate/secret", "/validate/secret"])("a review at %s is handed on", async path => {
  expect(await post(path, JSON.stringify(review))).toEqual([200, "handed on"]);
  expect(handedOn.map(({ body }) => body)).toEqual([review]);
});

test.each<readonly [string, string | Buffer, string]>([
  ["no JSON", "{", "what was posted is no object\n"],
  ["no UTF-8", Buffer.from([0x22, 0xff, 0x22]), "what was posted is no object\n"],
  ["nothing", "", "what was posted is no object\n"],
  ["no review", "{}", "what was posted is no AdmissionReview of admission.k8s.io/v1\n"],
])("%s is answered 400, and not handed on", async (_title, body, said) => {
  expect(await post("/mutate/secret", body)).toEqual([400, said]);
  expect(handedOn).toEqual([]);
  expect(warnings).toHaveLength(1);
});

test("a key that no code may copy is refused in words, with where it is", async () => {
  const asked = JSON.stringify({ ...review, request: { ...review.request, object: "@" } }).replace(
    '"@"',
    '{"apiVersion":"v1","kind":"Secret","metadata":{"name":"x"},"spec":{"parameters":{"__proto__":"1"}}}',
  );
  const [code, body] = await post("/mutate/secret", asked);
  expect([code, handedOn]).toEqual([200, []]);
  expect(JSON.parse(body)).toEqual({
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    response: {
      uid: "1",
      allowed: false,
      status: {
        code: 422,
        message:
          'Secret "x" is refused: spec.parameters.__proto__ is no name that can be used: take it out',
      },
    },
  });
});

test("such a key is refused also where nothing else is as it should be", async () => {
  const text = '{"toString":1,"toJSON":{}}';
  const asked = `{"request":{"uid":"1","kind":{"kind":${text}},"object":{"metadata":{"name":${text}},"__proto__":{}}}}`;
  const [code, body] = await post("/mutate/secret", asked);
  expect([code, handedOn]).toEqual([200, []]);
  expect(body).toContain('the object \\"without a name\\" is refused: __proto__');
});

const pod = (annotations: Readonly<Record<string, string>>): object => ({
  ...review,
  request: {
    uid: "2",
    kind: { group: "", version: "v1", kind: "Pod" },
    operation: "CREATE",
    object: {
      ...{ apiVersion: "v1", kind: "Pod", metadata: { generateName: "orders-", annotations } },
      spec: { containers: [{ name: "orders", image: "orders:1.0" }] },
    },
  },
});

test("a pod that asks for a database is answered with its environment", async () => {
  const asked = pod({ "database.bizmatters.io/inject": "orders" });
  const [code, body] = await post("/mutate/secret", JSON.stringify(asked));
  expect([code, handedOn]).toEqual([200, []]);
  const { response } = JSON.parse(body) as { response: { patch: string } };
  expect(response).toMatchObject({ uid: "2", allowed: true, patchType: "JSONPatch" });
  const patch = JSON.parse(Buffer.from(response.patch, "base64").toString()) as object[];
  expect(patch).toHaveLength(2);
});

test("a pod that asks for none is let in as it is", async () => {
  const [code, body] = await post("/mutate/secret", JSON.stringify(pod({})));
  expect([code, handedOn]).toEqual([200, []]);
  const { response } = JSON.parse(body) as { response: { patch: string } };
  expect(response).toMatchObject({ uid: "2", allowed: true });
  expect(Buffer.from(response.patch, "base64").toString()).toBe("[]");
});

test("who does not know the path is not answered by the module itself", async () => {
  const asked = pod({ "database.bizmatters.io/inject": "orders" });
  expect(await post("/mutate/guessed", JSON.stringify(asked))).toEqual([200, "handed on"]);
});

test("more than two objects can have is answered 413", async () => {
  const [code] = await post("/mutate/secret", `"${"x".repeat(5 * 1024 * 1024)}"`);
  expect([code, handedOn]).toEqual([413, []]);
});

test("what was posted is not logged", async () => {
  await post("/mutate/secret", '{"password":"geheim"}');
  expect(warnings.join()).not.toContain("geheim");
});

test.each([
  ["GET", "/healthz"],
  ["GET", "/mutate/secret"],
  ["POST", "/elsewhere"],
] as const)("%s %s is none of its business", async (method, path) => {
  const answer = await request(origin + path, { method });
  expect(answer.statusCode).toBe(200);
  expect(await answer.body.text()).toBe("handed on");
});
