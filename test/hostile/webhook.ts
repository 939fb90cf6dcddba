/** The running webhook of the module as built, asked as the API server asks it, but by anyone. */
import { Pool } from "undici";
import type { ControlPlane } from "../../local/control-plane/servers";
import type { Pod } from "../../local/module";
import { moduleName } from "../cluster/cluster";
import type { HostileRequest } from "./requests";

export type HostileAnswer = {
  readonly code: number;
  readonly text: string;
  readonly milliseconds: number;
};

export type Webhook = {
  readonly send: (request: HostileRequest) => Promise<HostileAnswer>;
  readonly close: () => Promise<void>;
};

type Configuration = {
  readonly webhooks: readonly [{ readonly clientConfig: { readonly service: { path: string } } }];
};

/** In ms. What is not answered by then is a failure anyway: the API server waits 10 s. */
const patience = 30_000;

export async function webhookOf(controlPlane: ControlPlane, pod: Pod): Promise<Webhook> {
  const name = ["mutatingwebhookconfiguration", moduleName];
  const { stdout } = await controlPlane.kubectl(["get", ...name, "-o", "json"]);
  const { clientConfig } = (JSON.parse(stdout) as Configuration).webhooks[0];
  const secretPath = clientConfig.service.path.replace(/^\/mutate\//, "");
  const pool = new Pool(`https://127.0.0.1:${pod.port ?? 0}`, {
    connections: 16,
    headersTimeout: patience,
    bodyTimeout: patience,
    // Node takes the certificate of Pepr 1.1.4, which names its issuer like itself, for self-signed.
    connect: { rejectUnauthorized: false },
  });

  async function send({
    endpoint,
    method,
    contentType,
    body,
  }: HostileRequest): Promise<HostileAnswer> {
    const begun = performance.now();
    const response = await pool.request({
      method: method as "POST",
      path: `/${endpoint}/${secretPath}`,
      headers: contentType === undefined ? {} : { "content-type": contentType },
      body: method === "GET" ? null : body,
    });
    const text = await response.body.text();
    return { code: response.statusCode, text, milliseconds: performance.now() - begun };
  }

  return { send, close: async () => pool.close() };
}
