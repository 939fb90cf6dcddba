/**
 * A STAND-IN for Zalando's postgres-operator, for a control plane without kubelets: `npx tsx local/stand-in/zalando.ts --help`.
 * It is not that operator and shares no code with it: it answers `postgresql` objects as 2.0.1 was recorded to, with one PostgreSQL
 * server for each on 127.0.0.1. What it makes is marked with the annotation `zero-touch-postgres/stand-in`.
 */
import type { Secret } from "../../capabilities/kubernetes/objects";
import type { Api } from "./api";
import type { Options } from "./options";
import { databaseFor, failure, run, say, type Cast } from "./play";
import { queue } from "./queue";
import { feed } from "./watch";
import { definitions } from "./zalando/crd";
import { group, keyOf, operatorVersion, type Postgresql } from "./zalando/postgresql";
import { reconciler } from "./zalando/reconcile";

/** The operator looks at a Secret at its next sync, half a minute to half an hour later; that much is enough to be seen, in ms. */
const syncDelay = 300;

async function cast(options: Options, api: Api): Promise<Cast> {
  const todo = queue(
    key => work(key),
    (key, error) => {
      failure(key)(error);
    },
  );
  const database = await databaseFor(options, uid => {
    const found = postgresqls.all().find(({ metadata }) => metadata.uid === uid);
    if (found) todo.add(keyOf(found));
  });
  const postgresqls = feed<Postgresql>(api, `/apis/${group}/v1/postgresqls`, found => {
    todo.add(keyOf(found));
  });
  const secrets = feed<Secret>(api, "/api/v1/secrets?labelSelector=application=spilo", secret => {
    const { namespace = "", labels = {} } = secret.metadata;
    todo.add(`${namespace}/${labels["cluster-name"] ?? ""}`, syncDelay);
  });
  const work = reconciler({ database, pause: options.pause }, { api, postgresqls, secrets, say });
  return { queues: [todo], database, feeds: { Secrets: secrets, postgresqls } };
}

run({
  title: `Zalando's postgres-operator ${operatorVersion}`,
  script: "zalando",
  definitions,
  cast,
});
