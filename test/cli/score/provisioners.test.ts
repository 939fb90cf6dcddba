/** The provisioners file that platforms give to score-k8s says what the program does. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parse } from "yaml";
import { params } from "../../../cli/score/params";
import { provision } from "../../../cli/score/provision";

type Entry = Readonly<Record<string, unknown>>;

const file = "../../../score/postgres/score-k8s/10-zero-touch-postgres.provisioners.yaml";
const entries = parse(readFileSync(resolve(__dirname, file), "utf8")) as readonly Entry[];

const answer = provision(
  {
    ...{ uid: "postgres.default#shop.db", id: "shop.db", params: {} },
    ...{ namespace: "", claim: undefined, claims: {} },
  },
  { className: undefined, classes: undefined },
);

test("it has every type once", () => {
  expect(entries.map(({ type }) => type)).toEqual(["postgres-instance", "postgres", "postgresql"]);
});

test.each(entries.map(entry => [entry["type"], entry] as const))(
  "%s: it calls the program, with the params that it takes and the outputs that it gives",
  (_type, entry) => {
    expect(entry).toMatchObject({ uri: "cmd://zero-touch-postgres", args: ["score"] });
    expect(entry["supported_params"]).toEqual(Object.keys(params));
    const outputs = "manifests" in answer ? Object.keys(answer.resource_outputs) : [];
    expect([...(entry["expected_outputs"] as readonly string[])].sort()).toEqual(outputs.sort());
    // score-k8s refuses a file with keys that it does not know.
    expect(Object.keys(entry).sort()).toEqual([
      "args",
      "description",
      "expected_outputs",
      "supported_params",
      "type",
      "uri",
    ]);
  },
);
