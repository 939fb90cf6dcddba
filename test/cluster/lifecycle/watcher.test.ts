/** The module comes, goes and comes back: what it finds then is made so, and nothing else is touched. */
import type { Claim } from "../../../capabilities/claim/claim";
import type { Ref } from "../../../capabilities/kubernetes/objects";
import { defaultClass, type PostgresClass } from "../../../capabilities/claim/class";
import { run } from "../../../local/processes";
import type { RunningModule } from "../../../local/module";
import {
  claim,
  claimResource,
  classResource,
  clusterResource,
  databaseOf,
  readyClaim,
  readyOf,
  secretResource,
  untilClusterReady,
  untilGone,
  untilReady,
  untilSays,
  untilSpec,
  untilValues,
  valuesOf,
} from "../claims";
import { moduleName } from "../cluster";
import { installOperatorDefinitions, startLocalCluster, type LocalCluster } from "../local";
import { storiesOn } from "../story";
import { auditMark, everythingIn, writesSince } from "./audit";

const startTime = 180_000;
const replicas = { admission: 1 };

let cluster: LocalCluster;
let running: RunningModule;

const story = storiesOn(() => cluster);

beforeAll(async () => {
  cluster = await startLocalCluster();
  await installOperatorDefinitions(cluster);
  [running] = await Promise.all([cluster.startModule({ replicas }), cluster.startStandIn()]);
  await cluster.renewGarbageCollection();
}, startTime);

afterAll(async () => {
  await cluster.stop();
}, startTime);

/** Admission stays. */
async function whileTheWatcherIsAway(work: () => Promise<void>): Promise<void> {
  await running.scale("watcher", 0);
  try {
    await work();
  } finally {
    await running.scale("watcher", 1);
  }
}

async function whileTheModuleIsNotInstalled(work: () => Promise<void>): Promise<void> {
  await running.stop();
  const kinds = "mutatingwebhookconfiguration,validatingwebhookconfiguration";
  await cluster.kubectl(["delete", kinds, moduleName]);
  try {
    await work();
  } finally {
    running = await cluster.startModule({ replicas });
  }
}

story("claims that were there before the module are taken up", async scene => {
  const { namespace } = scene;
  const target = await scene.newNamespace();
  const [here, there, bad] = ["here-db", "there-db", "bad-db"].map(name => ({ name, namespace }));
  const secret = { name: "there-postgres", namespace: target };
  await whileTheModuleIsNotInstalled(async () => {
    await cluster.create(claimResource, claim(here as Ref, { connectionSecretName: "postgres" }));
    await cluster.create(claimResource, claim(there as Ref, {}, secret));
    const made = await cluster.create(claimResource, claim(bad as Ref, { version: "9" }));
    expect(made.spec).toEqual({ size: "small", version: "9" });
  });
  const found = await untilReady(cluster, there as Ref);
  expect(found.metadata.finalizers).toEqual(["database.bizmatters.io/connection-secret"]);
  expect(await valuesOf(cluster, secret)).toMatchObject({ username: "there_db" });
  await untilReady(cluster, here as Ref);
  const { spec } = await databaseOf(cluster, here as Ref);
  expect(spec.storage.size).toBe("20Gi");
  const { message } = await untilSays(cluster, bad as Ref, "Invalid");
  expect(message).toBe('spec.version is "9", but class built-in allows 15, 16, 17, 18');
});

story(
  "with a new key what the statuses know of is signed anew, and nothing else is taken",
  async scene => {
    const { namespace } = scene;
    const [ref, secret] = ["orders-db", "orders-postgres"].map(name => ({ name, namespace })) as [
      Ref,
      Ref,
    ];
    await readyClaim(cluster, claim(ref, {}, { name: secret.name }));
    const proofOf = async (): Promise<string | undefined> => {
      const found = await cluster.read(secretResource, secret);
      return found?.metadata.annotations?.["database.bizmatters.io/proof"];
    };
    const [before, values] = [await proofOf(), await valuesOf(cluster, secret)];
    await whileTheWatcherIsAway(async () => {
      const key = { name: "zero-touch-postgres-ownership", namespace: "pepr-system" };
      await cluster.remove(secretResource, key);
    });
    await cluster.eventually("another proof", async () => {
      const now = await proofOf();
      return now !== undefined && now !== before ? now : undefined;
    });
    expect(await valuesOf(cluster, secret)).toEqual(values);
    await untilReady(cluster, ref);
  },
);

story(
  "in kube-system, where no webhook asks for the author, no ref leads elsewhere",
  async scene => {
    const ref = { name: "elsewhere-db", namespace: "kube-system" };
    const secret = { name: "taken", namespace: scene.namespace };
    await cluster.create(claimResource, claim(ref, {}, secret));
    try {
      const { message } = await untilSays(cluster, ref, "Invalid");
      expect(message).toContain("kube-system");
      expect(await cluster.read(secretResource, secret)).toBeUndefined();
    } finally {
      await cluster.remove(claimResource, ref);
      await untilGone(cluster, claimResource, ref);
    }
  },
);

story(
  "of two claims for one secret that no webhook has judged the second is told, and waits",
  async scene => {
    const { namespace } = scene;
    const refs = ["one-db", "two-db"].map(name => ({ name, namespace }));
    const secret = { name: "postgres", namespace: await scene.newNamespace() };
    await whileTheModuleIsNotInstalled(async () => {
      await Promise.all(
        refs.map(async ref => cluster.create(claimResource, claim(ref, {}, secret))),
      );
    });
    const [winner, loser] = await cluster.eventually(
      "one to have it, the other to be told",
      async () => {
        const found = await Promise.all(
          refs.map(async ref => cluster.read<Claim>(claimResource, ref)),
        );
        const reasonOf = (one: Claim | undefined): string => (one && readyOf(one)?.reason) ?? "";
        const has = found.find(one => reasonOf(one) === "Available");
        const hasNot = found.find(one => reasonOf(one) === "NotOwned");
        return has && hasNot ? ([has, hasNot] as const) : undefined;
      },
    );
    const owner = winner.metadata.name.replace("-", "_");
    expect(await valuesOf(cluster, secret)).toMatchObject({ username: owner });
    await cluster.remove(claimResource, { name: winner.metadata.name, namespace });
    await untilReady(cluster, { name: loser.metadata.name, namespace });
    const other = loser.metadata.name.replace("-", "_");
    expect(await valuesOf(cluster, secret)).toMatchObject({ username: other });
  },
);

story("what happened while the watcher was away is made good when it is back", async scene => {
  const { namespace } = scene;
  const target = await scene.newNamespace();
  const refs = {
    password: { name: "password-db", namespace },
    removed: { name: "removed-db", namespace },
    drifted: { name: "drifted-db", namespace },
    moved: { name: "moved-db", namespace },
    deleted: { name: "deleted-db", namespace },
    made: { name: "made-db", namespace },
  };
  const secretOf = ({ name }: Ref): Ref => ({ name: `${name}-secret`, namespace: target });
  const wanted = (ref: Ref): Claim => claim(ref, {}, secretOf(ref));
  const { made, ...old } = refs;
  await Promise.all(Object.values(old).map(async ref => readyClaim(cluster, wanted(ref))));
  const before = await untilValues(cluster, secretOf(refs.removed));

  await whileTheWatcherIsAway(async () => {
    const own = { name: "password-db-app", namespace };
    await cluster.patch(secretResource, own, { stringData: { password: "changed" } });
    await cluster.remove(clusterResource, refs.removed);
    await cluster.remove(secretResource, secretOf(refs.drifted));
    await cluster.patch(clusterResource, refs.drifted, { spec: { instances: 9 } });
    const elsewhere = { name: "elsewhere", namespace };
    await cluster.patch(claimResource, refs.moved, { writeConnectionSecretToRef: elsewhere });
    await cluster.remove(claimResource, refs.deleted);
    await cluster.create(claimResource, wanted(made));
  });

  await untilValues(cluster, secretOf(refs.password), ({ password }) => password === "changed");
  await untilValues(cluster, secretOf(refs.removed), now => now["password"] !== before["password"]);
  await untilValues(cluster, secretOf(refs.drifted));
  await untilSpec(cluster, refs.drifted, ({ instances }) => instances === 1);
  await untilValues(cluster, { name: "elsewhere", namespace });
  await untilGone(cluster, secretResource, secretOf(refs.moved));
  await untilGone(cluster, claimResource, refs.deleted);
  await untilGone(cluster, secretResource, secretOf(refs.deleted));
  await untilReady(cluster, made);
});

story("a claim can be deleted while admission is away", async ({ namespace, newNamespace }) => {
  const ref = { name: "orders-db", namespace };
  const secret = { name: "orders-postgres", namespace: await newNamespace() };
  await readyClaim(cluster, claim(ref, {}, secret));
  await running.scale("admission", 0);
  try {
    await cluster.remove(claimResource, ref);
    await untilGone(cluster, claimResource, ref);
    expect(await valuesOf(cluster, secret)).toBeUndefined();
  } finally {
    await running.scale("admission", 1);
  }
});

story("a watcher that dies comes back and goes on", async ({ namespace }) => {
  const refs = ["one-db", "two-db", "three-db"].map(name => ({ name, namespace }));
  await Promise.all(
    refs.map(async ref =>
      cluster.create(claimResource, claim(ref, {}, { name: `${ref.name}-pg` })),
    ),
  );
  await running.kill(`${moduleName}-watcher-0`);
  await Promise.all(refs.map(async ref => untilReady(cluster, ref)));
  const values = await Promise.all(
    refs.map(async ({ name }) => valuesOf(cluster, { name: `${name}-pg`, namespace })),
  );
  expect(values).toEqual(
    refs.map(() => expect.objectContaining({ port: "5432" }) as Record<string, string>),
  );
});

story(
  "a start at which nothing has changed writes nothing",
  async ({ namespace, newNamespace }) => {
    const refs = ["one-db", "two-db"].map(name => ({ name, namespace }));
    await Promise.all(
      refs.map(async ref => readyClaim(cluster, claim(ref, {}, { name: `${ref.name}-pg` }))),
    );
    const foreign = { name: "foreign-db", namespace };
    await cluster.create(secretResource, {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "foreign", namespace },
    });
    await cluster.create(claimResource, claim(foreign, {}, { name: "foreign" }));
    await untilSays(cluster, foreign, "NotOwned");
    await untilClusterReady(cluster, foreign);
    const before = await everythingIn(cluster, namespace);
    const mark = await auditMark(cluster);

    await whileTheWatcherIsAway(async () => Promise.resolve());
    // By the time that a claim which came last is Ready, those that were there have had their turn.
    const last = { name: "last-db", namespace: await newNamespace() };
    await readyClaim(cluster, claim(last, {}, { name: "last-pg" }));
    expect(await everythingIn(cluster, namespace)).toEqual(before);
    const deeds = await writesSince(cluster, mark);
    expect(deeds.filter(({ path }) => path.includes(namespace))).toEqual([]);
  },
);

story("our definitions are registered again if they were changed by hand", async () => {
  const name = "crd/postgresinstances.database.bizmatters.io";
  const shown = async (): Promise<string> =>
    cluster.kubectl(["get", name, "-o", "jsonpath={.spec.versions[0]}"]);
  const before = await shown();
  const version = "/spec/versions/0";
  const patch = [
    { op: "remove", path: `${version}/additionalPrinterColumns/2` },
    { op: "remove", path: `${version}/schema/openAPIV3Schema/x-kubernetes-validations` },
    {
      op: "remove",
      path: `${version}/schema/openAPIV3Schema/properties/spec/properties/size/enum`,
    },
  ];
  await whileTheWatcherIsAway(async () => {
    await cluster.kubectl(["patch", name, "--type=json", "-p", JSON.stringify(patch)]);
    expect(await shown()).not.toBe(before);
  });
  expect(await shown()).toBe(before);
});

story("the class that is marked as default is that of claims which name none", async scene => {
  const { namespace } = scene;
  const other = await scene.newClass({ storage: { defaultGB: 3 } });
  const first = await cluster.create(claimResource, claim({ name: "first-db", namespace }));
  expect(first.spec.className).toBe("built-in");
  const mark = "database.bizmatters.io/is-default-class";
  await cluster.kubectl(["annotate", "postgresclass", other, `${mark}=true`]);
  const second = await cluster.eventually("the webhook to know the default class", async () => {
    const path = `/apis/database.bizmatters.io/v1alpha1/namespaces/${namespace}/postgresinstances?dryRun=All`;
    const body = claim({ name: "second-db", namespace });
    const { body: made } = await cluster.ask({ method: "POST", path, body });
    return (made as Claim).spec.className === other ? (made as Claim) : undefined;
  });
  expect(second.spec).toEqual({ className: other, size: "small", version: "16", storageGB: 3 });
  // A claim that was made before stays what it was.
  const ref = { name: "first-db", namespace };
  expect((await untilReady(cluster, ref)).spec.className).toBe("built-in");
  expect((await databaseOf(cluster, ref)).spec.storage.size).toBe("20Gi");
});

story("an API server that was down for a while is watched again", async ({ namespace }) => {
  const ref = { name: "orders-db", namespace };
  const secret = { name: "orders-postgres", namespace };
  await readyClaim(cluster, claim(ref, {}, { name: secret.name }));
  await cluster.controlPlane.kill("kube-apiserver");
  await cluster.controlPlane.start("kube-apiserver");
  const own = { name: "orders-db-app", namespace };
  await cluster.patch(secretResource, own, { stringData: { password: "changed" } });
  await untilValues(cluster, secret, ({ password }) => password === "changed");
  await cluster.patch(clusterResource, ref, { spec: { instances: 9 } });
  await untilSpec(cluster, ref, ({ instances }) => instances === 1);
  await readyClaim(cluster, claim({ name: "another-db", namespace }));
});

const sizes = {
  small: { cpu: { request: "10m", limit: "1" }, memory: { request: "200Mi", limit: "1Gi" } },
};

story(
  "a claim whose class is gone is kept and told so, and goes on once it is back",
  async scene => {
    const { namespace } = scene;
    const className = await scene.newClass({ sizes });
    const ref = { name: "orders-db", namespace };
    const secret = { name: "orders-postgres", namespace };
    await readyClaim(cluster, claim(ref, { className }, { name: secret.name }));
    const database = await databaseOf(cluster, ref);
    await whileTheModuleIsNotInstalled(async () => {
      await cluster.remove(classResource, { name: className, namespace: "" });
    });
    const { message } = await untilSays(cluster, ref, "ClassNotFound");
    expect(message).toBe(
      `PostgresClass "${className}" is not there: create it, and the claim goes on by itself; what exists is left as it is`,
    );
    const { metadata, spec } = await databaseOf(cluster, ref);
    expect([metadata.uid, spec]).toEqual([database.metadata.uid, database.spec]);
    expect(await valuesOf(cluster, secret)).toMatchObject({ username: "orders_db" });

    const { apiVersion } = claim(ref);
    await cluster.create<PostgresClass>(classResource, {
      apiVersion,
      kind: "PostgresClass",
      metadata: { name: className },
      spec: { sizes },
    });
    await untilReady(cluster, ref);
  },
);

story(
  "a second default class is taken with a warning that says which one wins: the newest",
  async scene => {
    const names = [await scene.newClass({}), await scene.newClass({})] as const;
    const mark = "database.bizmatters.io/is-default-class=true";
    const marking = async (name: string): Promise<string> => {
      const [command, ...first] = cluster.access.kubectl;
      const { stderr } = await run(command, [...first, "annotate", "postgresclass", name, mark]);
      return stderr;
    };
    expect(await marking(names[0])).toBe("");
    // Times of creation are whole seconds; of two in one second the first by name wins.
    const made = await Promise.all(
      names.map(async name => cluster.read<PostgresClass>(classResource, { name, namespace: "" })),
    );
    const winner = defaultClass(
      made
        .filter(found => found !== undefined)
        .map(found => ({
          ...found,
          metadata: {
            ...found.metadata,
            annotations: { "database.bizmatters.io/is-default-class": "true" },
          },
        })),
    );
    expect(await marking(names[1])).toContain(
      `are all marked as default: claims that name no class get "${winner?.metadata.name ?? ""}", the newest`,
    );
    const ref = { name: "orders-db", namespace: scene.namespace };
    const { spec } = await cluster.create(claimResource, claim(ref));
    expect(spec.className).toBe(winner?.metadata.name);
  },
);

story("a claim whose class is gone can be deleted like any other", async scene => {
  const { namespace } = scene;
  const className = await scene.newClass({ sizes });
  const ref = { name: "orders-db", namespace };
  const secret = { name: "orders-postgres", namespace: await scene.newNamespace() };
  await readyClaim(cluster, claim(ref, { className }, secret));
  await whileTheModuleIsNotInstalled(async () => {
    await cluster.remove(classResource, { name: className, namespace: "" });
  });
  await untilSays(cluster, ref, "ClassNotFound");
  await cluster.kubectl(["delete", "pgi/orders-db", "-n", namespace]);
  await untilGone(cluster, secretResource, secret);
});
