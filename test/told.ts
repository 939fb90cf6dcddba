/** What a claim is told, of its database and its connection secret. */
import type { Told } from "../capabilities/reconcile/run";
import type { Verdict } from "../capabilities/reconcile/status";

export function toldOf(database: Verdict, secret: Verdict): readonly Told[] {
  return [
    { condition: "DatabaseReady", isVital: true, verdict: database },
    { condition: "ConnectionSecretReady", isVital: true, verdict: secret },
  ];
}
