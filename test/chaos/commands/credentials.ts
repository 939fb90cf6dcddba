/** What users do to the credentials that claims bring. */
import { followedLabel } from "../../../capabilities/operator/cnpg/credentials";
import * as fc from "fast-check";
import { credentialsType } from "../../../capabilities/claim/names";
import { broughtRef, edit, make, remove, secretResource, type World } from "../world";
import { command, slot } from "./command";

const text = (value: string): string => Buffer.from(value).toString("base64");

/** Good ones, and such as a claim must wait with. */
const values = [
  { username: text("brought"), password: text("first: /@?&") },
  { username: text("brought"), password: text("second ünïcode ✓") },
  { username: text("brought"), password: text("third") },
  { username: text("another"), password: text("another's") },
  { username: text("postgres"), password: text("reserved") },
  { username: text("brought"), password: "" },
] as const;

const filled = fc.record({ slot, data: fc.constantFrom(...values) });

async function bring(
  world: World,
  asked: { slot: number; data: (typeof values)[number] },
): Promise<boolean> {
  const { name, value } = followedLabel;
  const made = await make(world, secretResource, {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { ...broughtRef(world, asked.slot), labels: { [name]: value } },
    type: credentialsType,
    data: asked.data,
  });
  return made !== undefined;
}

export const credentialsCommands = [
  command("bring credentials", filled, bring),
  command("bring credentials", filled, bring),
  command("change brought credentials", filled, async (world, { slot: chosen, data }) =>
    edit(world, secretResource, broughtRef(world, chosen), { data }),
  ),
  command("remove brought credentials", slot, async (world, chosen) =>
    remove(world, secretResource, broughtRef(world, chosen)),
  ),
];
