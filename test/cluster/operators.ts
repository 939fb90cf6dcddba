/** The operators, as the stories tell them apart: what a claim of each becomes. A third one is one more row. */
import type { ClaimSpec } from "../../capabilities/claim/claim";
import type { ClassSpec } from "../../capabilities/claim/class";
import { cnpg } from "../../capabilities/operator/cnpg/cnpg";
import type { Operator } from "../../capabilities/operator/operator";
import { zalando } from "../../capabilities/operator/zalando/zalando";

export type OperatorRow = {
  readonly operator: Operator;
  /** A class of its databases. */
  readonly classSpec: ClassSpec;
  /** By the claim's name: what the operator's object is called. */
  readonly objectName: (name: string) => string;
  /** The Secret that the operator makes for the owner `orders_db` of claim `orders-db`. */
  readonly secretName: string;
  /** The Service of the primary. */
  readonly service: string;
  /** What the connection secret has beyond what it has with every operator. */
  readonly furtherKeys: readonly string[];
  /** A word of the operator's object that a claim decides on, for drift: by hand, and as the claim has it. */
  readonly drift: { readonly byHand: object; readonly asAsked: object };
  /** What a claim cannot ask for with it. */
  readonly refused: readonly (readonly [field: string, spec: ClaimSpec])[];
};

const zalandoTemplate = "credentials.postgresql.acid.zalan.do";

const cnpgRow: OperatorRow = {
  operator: cnpg,
  classSpec: { backend: "cnpg" },
  objectName: name => name,
  secretName: "orders-db-app",
  service: "orders-db-rw",
  furtherKeys: ["ca.crt"],
  drift: {
    byHand: { spec: { enableSuperuserAccess: true } },
    asAsked: { spec: { enableSuperuserAccess: false } },
  },
  refused: [["spec.teamId", { teamId: "shop" }]],
};

export const zalandoRow: OperatorRow = {
  operator: zalando,
  classSpec: { backend: "zalando", zalando: { teamId: "shop", clusterNamePrefix: "team" } },
  objectName: name => `shop-${name}`,
  secretName: `orders-db.shop-orders-db.${zalandoTemplate}`,
  service: "shop-orders-db",
  furtherKeys: [],
  drift: {
    byHand: { spec: { numberOfInstances: 3 } },
    asAsked: { spec: { numberOfInstances: 1 } },
  },
  refused: [
    ["spec.hibernate", { hibernate: true }],
    ["spec.pooler", { pooler: {} }],
    ["spec.extensions", { extensions: [{ name: "pg_trgm" }] }],
    ["spec.monitoring", { monitoring: true }],
    ["spec.credentialsSecretName", { credentialsSecretName: "own" }],
  ],
};

export const operatorRows = [cnpgRow, zalandoRow];
