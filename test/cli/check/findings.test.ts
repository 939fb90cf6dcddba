/** What `check` says of clusters: from one that is good, one thing is changed. */
import { claimDefinition, classDefinition, definitions } from "../../../capabilities/crd/crd";
import { promise } from "../../../cli/kratix/promise";
import { rights, rightsOfPepr } from "../../../capabilities/rights";
import { isFit } from "../../../cli/check/finding";
import { findingsOf } from "../../../cli/check/findings";
import { deploying, granted, granting } from "../../../cli/check/rights";
import type { Definition, Seen, Surveyed, Trial } from "../../../cli/check/surveyed";
import {
  absent,
  answered,
  certificateUntil,
  defaultStorage,
  definition,
  deployment,
  goodCluster,
  now,
  postgresClass,
  seen,
  storageClass,
  unknown,
  webhook,
} from "./good-cluster";

type Change = Partial<Surveyed>;

/** What is told of the cluster with this change, beside what is ok. */
function told(change: Change): readonly string[] {
  return findingsOf({ ...goodCluster, ...change })
    .filter(({ state }) => state !== "ok")
    .map(({ state, subject, said }) => `${state}: ${subject}: ${said}`);
}

/** What is said of this, though it is ok. */
function good(subject: string, change: Change): readonly string[] {
  const all = findingsOf({ ...goodCluster, ...change });
  return all.filter(one => one.subject === subject && one.state === "ok").map(({ said }) => said);
}

function withDefinition(name: string, found: Seen<Definition>): Change {
  return { definitions: { ...goodCluster.definitions, [name]: found } };
}

type Row = readonly [title: string, change: Change, told: readonly string[]];

test("of a good cluster all is ok, and it is fit", () => {
  expect(told({})).toEqual([]);
  expect(isFit(findingsOf(goodCluster))).toBe(true);
});

test("a problem makes it unfit; a warning, or what is not known, does not", () => {
  const fit = (change: Change): boolean => isFit(findingsOf({ ...goodCluster, ...change }));
  expect(fit({ kubernetes: "v1.27.0" })).toBe(false);
  expect(fit({ kubernetes: "v1.35.0" })).toBe(true);
  expect(fit({ storageClasses: unknown })).toBe(true);
});

test("each that is not ok says what to do, unless nobody knows", () => {
  const bad = [...tables.flatMap(([, rows]) => rows)].flatMap(([, change]) =>
    findingsOf({ ...goodCluster, ...change }).filter(
      ({ state }) => state === "warning" || state === "problem",
    ),
  );
  expect(bad.length).toBeGreaterThan(20);
  expect(bad.filter(({ remedy = "" }) => remedy === "")).toEqual([]);
});

const old = "the module uses fieldPath in the rules of its CRDs and matchConditions of its webhook";

const kubernetes: readonly Row[] = [
  ["1.27", { kubernetes: "v1.27.16" }, [`problem: Kubernetes: v1.27.16 is too old: ${old}`]],
  [
    "1.28 of a cloud",
    { kubernetes: "v1.28.15-eks-7f9249a" },
    [
      "warning: Kubernetes: v1.28.15-eks-7f9249a has all that the module uses, but its tests run on 1.36",
    ],
  ],
  ["1.36 and later", { kubernetes: "v1.37.0+k3s1" }, []],
  ["no version", { kubernetes: "" }, [`not known: Kubernetes: "" is no version of Kubernetes`]],
  [
    "a build without a version",
    { kubernetes: "v0.0.0-master" },
    [`not known: Kubernetes: "v0.0.0-master" is no version of Kubernetes`],
  ],
  [
    "policies that nobody may see",
    { policies: unknown },
    ["not known: Injection: you may not look"],
  ],
];

function cnpg(tag: string, more = {}): Change {
  const image = `registry.example.com/mirror/cloudnative-pg:${tag}`;
  return {
    operators: { ...goodCluster.operators, cnpg: seen([deployment("cnpg", image, more)]) },
  };
}

const hole = "lets the owner of a database become superuser (CVE-2026-55769)";
const place = "(Deployment operators/cnpg)";
const noRoles = "has no DatabaseRole, which spec.access and databases in shared instances need";

const versions: readonly Row[] = [
  ...["1.28.3", "1.29.0", "1.29.1", "1.29.2-rc1", "1.30.0-rc1", "0.9"].map(
    (tag): Row => [tag, cnpg(tag), [`problem: CloudNativePG: ${tag} ${place} ${hole}`]],
  ),
  ...["1.29.2", "1.29.3", "v1.29.10"].map(
    (tag): Row => [tag, cnpg(tag), [`warning: CloudNativePG: ${tag} ${place} ${noRoles}`]],
  ),
  ...["1.30.0", "1.30.1", "1.30.0-ubi9", "1.31.0-rc1", "2.0.0"].map(
    (tag): Row => [tag, cnpg(tag), []],
  ),
  ["by digest", cnpg(`1.29.1@sha256:0123`), [`problem: CloudNativePG: 1.29.1 ${place} ${hole}`]],
  [
    "of its chart, where the image says none",
    cnpg("latest", { labels: { "app.kubernetes.io/version": "1.29.1" } }),
    [`problem: CloudNativePG: 1.29.1 ${place} ${hole}`],
  ],
  [
    "nowhere",
    cnpg("latest"),
    ["not known: CloudNativePG: Deployment operators/cnpg does not say its version"],
  ],
];

const cnpgName = "clusters.postgresql.cnpg.io";
const zalandoName = "postgresqls.acid.zalan.do";
const zalandoThere = withDefinition(zalandoName, seen(definition(zalandoName)));
const noCnpg = { ...goodCluster.definitions, [cnpgName]: absent };
const none = { cnpg: seen([]), zalando: seen([]) };
const zalando = (tag: string): Change => ({
  ...zalandoThere,
  operators: {
    ...goodCluster.operators,
    zalando: seen([deployment("postgres-operator", `ghcr.io/zalando/postgres-operator:${tag}`)]),
  },
});
const zalandoOnly = {
  definitions: { ...noCnpg, [zalandoName]: seen(definition(zalandoName)) },
  operators: { ...none, zalando: zalando("v2.0.1").operators?.zalando ?? seen([]) },
};
const ofCnpg = postgresClass("zero-touch", {}, true);
const ofZalando = postgresClass("team", { backend: "zalando" }, true);

const operators: readonly Row[] = [
  [
    "one that does not run",
    cnpg("1.30.0", { available: 0 }),
    ["problem: CloudNativePG: no pod of Deployment operators/cnpg is available"],
  ],
  [
    "one without its CRDs",
    { definitions: noCnpg },
    [
      `problem: CloudNativePG: its CRD ${cnpgName} is not there, and class zero-touch cannot do without it`,
    ],
  ],
  [
    "CRDs without a Deployment",
    { operators: none },
    [
      "warning: CloudNativePG: its CRDs are there, but no Deployment with label app.kubernetes.io/name=cloudnative-pg",
    ],
  ],
  [
    "none at all",
    { definitions: noCnpg, operators: none, classes: absent },
    [
      `problem: CloudNativePG: its CRD ${cnpgName} is not there, and no other operator is there either`,
    ],
  ],
  [
    "one that a class names, and that is not there",
    { classes: seen([ofCnpg, { ...ofZalando, metadata: { name: "team" } }]) },
    [
      `problem: Zalando's operator: its CRD ${zalandoName} is not there, and class team cannot do without it`,
    ],
  ],
  [
    "Zalando's alone, with a default class of it",
    { ...zalandoOnly, classes: seen([ofZalando]) },
    [],
  ],
  [
    "Zalando's alone, without a class",
    { ...zalandoOnly, classes: absent },
    [
      `warning: CloudNativePG: its CRD ${cnpgName} is not there, and claims without a class get the built-in one, which is of it`,
    ],
  ],
  [
    "an older one of Zalando's",
    zalando("v1.14.0"),
    [
      "warning: Zalando's operator: v1.14.0 (Deployment operators/postgres-operator) is older than 2.0, and what the module knows of it was seen with 2.0.1",
    ],
  ],
  [
    "another's Deployment of the name of Zalando's",
    { operators: zalando("v4.7.0").operators ?? none },
    [],
  ],
  [
    "what nobody may look at",
    {
      definitions: { ...goodCluster.definitions, [cnpgName]: unknown },
      operators: { ...none, cnpg: unknown },
    },
    ["not known: CloudNativePG: you may not look"],
  ],
];

const longhorn = { storage: { storageClassName: "longhorn" } };
const naming = postgresClass("zero-touch", longhorn, true);

const storage: readonly Row[] = [
  [
    "no default",
    { storageClasses: seen([storageClass("slow")]) },
    ["problem: StorageClass: none is the default: claims get no volumes"],
  ],
  [
    "none",
    { storageClasses: seen([]) },
    ["problem: StorageClass: none is the default: claims get no volumes"],
  ],
  [
    "a default whose volumes stay as they are",
    { storageClasses: seen([{ ...defaultStorage("standard"), allowVolumeExpansion: false }]) },
    ["warning: StorageClass: standard, the default: volumes cannot grow with spec.storageGB"],
  ],
  [
    "of several defaults the newest",
    {
      storageClasses: seen([
        { ...defaultStorage("newer", "2026-02-01T00:00:00Z"), allowVolumeExpansion: false },
        defaultStorage("standard"),
      ]),
    },
    ["warning: StorageClass: newer, the default: volumes cannot grow with spec.storageGB"],
  ],
  [
    "no default, and none needed",
    {
      classes: seen([naming]),
      storageClasses: seen([storageClass("longhorn", { allowVolumeExpansion: true })]),
    },
    [],
  ],
  [
    "no default, and a class that names none",
    {
      classes: seen([naming, postgresClass("other")]),
      storageClasses: seen([storageClass("longhorn", { allowVolumeExpansion: true })]),
    },
    ["problem: StorageClass: none is the default: claims get no volumes"],
  ],
  [
    "one that a class names, and that is not there",
    { classes: seen([naming]) },
    [
      "problem: StorageClass: longhorn is not there, and PostgresClass zero-touch names it: its claims get no volumes",
    ],
  ],
  [
    "one that a class names, whose volumes stay as they are",
    {
      classes: seen([naming]),
      storageClasses: seen([defaultStorage("standard"), storageClass("longhorn")]),
    },
    [
      "warning: StorageClass: longhorn, of PostgresClass zero-touch: volumes cannot grow with spec.storageGB",
    ],
  ],
  [
    "what nobody may look at",
    { storageClasses: unknown },
    ["not known: StorageClass: you may not look"],
  ],
];

const instances = claimDefinition.metadata.name;
const requests = "postgresqls.marketplace.kratix.io";
const syntasso = {
  ...definition(requests),
  spec: {
    names: { kind: "postgresql" },
    versions: [
      { schema: { openAPIV3Schema: { properties: { spec: { properties: { dbName: {} } } } } } },
    ],
  },
};
const { spec: promised } = promise("0.1.0", "image") as { spec: { api: Definition } };

function changed(name: string, fields: object): Change {
  return withDefinition(name, seen({ ...claimDefinition, ...fields } as Definition));
}

const crds: readonly Row[] = [
  ["none yet", { definitions: { ...goodCluster.definitions, [instances]: absent } }, []],
  [
    "of an older build",
    changed(instances, { spec: { ...(claimDefinition.spec as object), scope: "Cluster" } }),
    ["warning: CRD postgresinstances: of another build than this command"],
  ],
  [
    "of Crossplane",
    changed(instances, {
      metadata: {
        name: instances,
        ownerReferences: [
          { apiVersion: "a/v1", kind: "CompositeResourceDefinition", name: "xrd", uid: "u" },
        ],
      },
    }),
    [
      `problem: CRD postgresinstances: ${instances} belongs to CompositeResourceDefinition xrd: the module would overwrite it when it starts`,
    ],
  ],
  [
    "of another kind",
    changed(instances, { spec: classDefinition.spec }),
    [
      `problem: CRD postgresinstances: ${instances} is of kind "PostgresClass", not PostgresInstance: the module would overwrite it when it starts`,
    ],
  ],
  [
    "of another's fields",
    changed(instances, { spec: { names: { kind: "PostgresInstance" }, versions: [{}] } }),
    [
      `problem: CRD postgresinstances: ${instances} is of somebody else: it has no spec.className: the module would overwrite it when it starts`,
    ],
  ],
  [
    "on its way out",
    changed(instances, {
      metadata: { name: instances, deletionTimestamp: "2026-12-01T00:00:00Z" },
    }),
    [
      `problem: CRD postgresinstances: ${instances} is being deleted, and all objects of the kind with it`,
    ],
  ],
  [
    "what nobody may look at",
    withDefinition(instances, unknown),
    ["not known: CRD postgresinstances: you may not look"],
  ],
  ["of our Promise", withDefinition(requests, seen(promised.api)), []],
  [
    "of Syntasso's Promise",
    withDefinition(requests, seen(syntasso)),
    [
      `warning: Kratix Promise: ${requests} is of another Promise, such as Syntasso's, and ours has the same name`,
    ],
  ],
];

const notGranting = answered(granting, seen(false));
const allButSecrets = deploying.map(act => ({ act, allowed: seen(act.resource !== "secrets") }));
const notInstalled: Change = {
  module: { admission: absent, watcher: absent },
  webhooks: [absent, absent],
  trial: { outcome: "not served" },
};

const mayNot = "Rights: you may not create/patch secrets in pepr-system";
const ruling: readonly Row[] = [
  [
    "one is missing, before it is installed",
    { ...notInstalled, rights: { ...goodCluster.rights, deploying: allButSecrets } },
    [`problem: ${mayNot}`],
  ],
  [
    "and after",
    { rights: { ...goodCluster.rights, deploying: allButSecrets } },
    [`warning: ${mayNot}`],
  ],
  [
    "who has all that is granted needs not grant more",
    {
      rights: {
        ...goodCluster.rights,
        granting: notGranting,
        granted: answered(granted, seen(true)),
      },
    },
    [],
  ],
  [
    "who has not all of it cannot grant it",
    {
      rights: {
        ...goodCluster.rights,
        granting: notGranting,
        granted: granted.map(act => ({ act, allowed: seen(act.resource !== "poolers") })),
      },
    },
    ["warning: Rights: you may not get/list/watch/create/patch/delete poolers.postgresql.cnpg.io"],
  ],
  [
    "more than can be read are counted",
    { rights: { ...goodCluster.rights, deploying: answered(deploying, seen(false)) } },
    [
      "warning: Rights: you may not create/patch namespaces, create/patch clusterroles.rbac.authorization.k8s.io, create/patch clusterrolebindings.rbac.authorization.k8s.io, create/patch mutatingwebhookconfigurations.admissionregistration.k8s.io and 8 more",
    ],
  ],
  [
    "nobody can tell",
    { rights: { ...goodCluster.rights, deploying: answered(deploying, unknown) } },
    ["not known: Rights: you may not look"],
  ],
];

function failing(message: string): Change {
  return { trial: { outcome: "failed", message } };
}

const ours = "admission.database.bizmatters.io";
const refusedConnection = `Internal error occurred: failed calling webhook "${ours}": connection refused`;
const otherConnection = `Internal error occurred: failed calling webhook "kyverno": no endpoints`;
const unjudged: Trial = { outcome: "made", claim: { spec: {} } };

const modules: readonly Row[] = [
  ["not installed", notInstalled, []],
  [
    "not installed, as far as one may look",
    { ...notInstalled, webhooks: [unknown, unknown] },
    ["not known: Module: you may not look", "not known: Certificate: you may not look"],
  ],
  [
    "half of it",
    { module: { ...goodCluster.module, watcher: absent } },
    ["problem: Watcher: its Deployment is not there, and other parts of the module are"],
  ],
  [
    "a watcher that does not run",
    {
      module: {
        ...goodCluster.module,
        watcher: seen(deployment("watcher", "pepr", { available: 0 })),
      },
    },
    ["problem: Watcher: no pod of Deployment operators/watcher is available"],
  ],
  [
    "known by its answer alone",
    { module: { admission: unknown, watcher: unknown } },
    ["not known: Admission: you may not look", "not known: Watcher: you may not look"],
  ],
  [
    "not reached",
    failing(refusedConnection),
    [`problem: Webhook: the API server cannot reach it: ${refusedConnection}`],
  ],
  [
    "another's, not reached",
    failing(otherConnection),
    [`problem: Webhook: another one is in the way of claims: ${otherConnection}`],
  ],
  ["refusing", failing(`admission webhook "${ours}" denied the request: no`), []],
  [
    "another's, refusing",
    failing(`admission webhook "kyverno" denied the request: no`),
    [`warning: Webhook: admission webhook "kyverno" denied the request: no`],
  ],
  ["a fault of another kind", failing("quota"), ["not known: Webhook: quota"]],
  [
    "not asked",
    { trial: unjudged },
    ["problem: Webhook: was not asked, and claims are stored as they come"],
  ],
  [
    "not registered",
    { trial: unjudged, webhooks: [absent, absent] },
    [
      "problem: Webhook: is not registered: WebhookConfigurations pepr-zero-touch-postgres are not there",
    ],
  ],
  [
    "without its kinds",
    { trial: { outcome: "not served" } },
    ["problem: Webhook: cannot be asked: PostgresInstance is not served"],
  ],
  [
    "of those who may make no claims",
    { trial: { outcome: "forbidden", message: "you may not create claims" } },
    ["not known: Webhook: you may not create claims"],
  ],
];

const day = 24 * 60 * 60 * 1000;
const until = (days: number): string => certificateUntil(new Date(now.getTime() + days * day));
const both = (...days: readonly number[]): Change => ({
  webhooks: [seen(webhook(days.map(until))), seen(webhook(days.map(until)))],
});

const ending: readonly Row[] = [
  ["in 31 days", both(31.5), []],
  ["in 30 days", both(30.5), ["warning: Certificate: ends on 2027-01-01, in 30 days"]],
  ["today", both(0.1), ["warning: Certificate: ends on 2026-12-01, in 0 days"]],
  [
    "yesterday",
    both(-1),
    ["problem: Certificate: ended on 2026-11-30: no claim can be made or changed"],
  ],
  ["of an earlier build too", both(-1, 300), []],
  [
    "of one of the two configurations",
    { webhooks: [seen(webhook([until(300)])), seen(webhook([until(10)]))] },
    ["warning: Certificate: ends on 2026-12-11, in 10 days"],
  ],
  [
    "before the module has joined",
    { webhooks: [seen(webhook([until(300)], "pepr-zero-touch-postgres.pepr.dev"))] },
    [],
  ],
  [
    "never",
    { webhooks: [seen(webhook(["no certificate"]))] },
    ["not known: Certificate: pepr-zero-touch-postgres has no certificate that can be read"],
  ],
];

const classes: readonly Row[] = [
  ["none", { classes: seen([]) }, []],
  [
    "no default",
    { classes: seen([postgresClass("zero-touch")]) },
    ["warning: PostgresClass: none is the default: claims that name none get the built-in class"],
  ],
  [
    "two defaults",
    { classes: seen([postgresClass("b", {}, true), postgresClass("a", {}, true)]) },
    ["warning: PostgresClass: b, a are all the default: a applies, as the newest"],
  ],
  ["what nobody may look at", { classes: unknown }, ["not known: PostgresClass: you may not look"]],
];

const tables: readonly (readonly [string, readonly Row[]])[] = [
  ["Kubernetes", kubernetes],
  ["versions of CloudNativePG", versions],
  ["operators", operators],
  ["storage", storage],
  ["CRDs", crds],
  ["rights", ruling],
  ["the module", modules],
  ["a certificate that ends", ending],
  ["classes", classes],
];

describe.each(tables)("%s", (_name, rows) => {
  test.each(rows)("%s", (_title, change, expected) => {
    expect(told(change)).toEqual(expected);
  });
});

test("what is ok says what was found", () => {
  expect(good("Injection", {})).toEqual([
    "by the API server, with what `zero-touch-postgres injection` prints",
  ]);
  expect(good("Injection", { policies: seen(false) })).toEqual([
    "by the module's webhook, since this Kubernetes serves no policies for it",
  ]);
  expect(good("CloudNativePG", {})).toEqual(["1.30.0 (Deployment operators/cnpg)"]);
  expect(good("Certificate", {})).toEqual(["ends on 2027-06-01, in 181 days"]);
  expect(good("Module", notInstalled)).toEqual(["not installed yet: npx pepr deploy"]);
});

test("the rights that are asked for are those of the module, each once", () => {
  const all = [...rights, ...rightsOfPepr];
  const count = all.reduce(
    (sum, { resources, verbs, resourceNames = [""] }) =>
      sum + resources.length * verbs.length * resourceNames.length,
    0,
  );
  expect(granted).toHaveLength(count);
  expect(granted).toContainEqual({
    ...{ verb: "patch", group: "database.bizmatters.io" },
    ...{ resource: "postgresclasses", subresource: "status" },
  });
});

test("every definition of ours is looked at", () => {
  const subjects = findingsOf(goodCluster).map(({ subject }) => subject);
  const named = definitions.map(({ metadata }) => `CRD ${metadata.name.split(".")[0] ?? ""}`);
  expect(subjects).toEqual(expect.arrayContaining(named));
});
