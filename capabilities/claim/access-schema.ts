/** The schemas of `spec.access`, for claims of every kind that have a database, and of what a claim is told of it. */
import { dnsSubdomain } from "./names";
import type { Schema } from "./schema";

const loginSchema = {
  type: "object",
  required: ["secretRef"],
  properties: {
    secretRef: {
      type: "object",
      description:
        "The Secret to write this login's connection to, with the keys of every connection secret.",
      required: ["name"],
      properties: {
        name: {
          type: "string",
          minLength: 1,
          maxLength: 253,
          pattern: dnsSubdomain,
          description: "Name of the Secret, in the claim's namespace. It must not exist yet.",
        },
      },
    },
  },
} as const;

export const accessSchema = {
  type: "object",
  description:
    "Further logins to the database with fewer rights than the owner's, each with a password and a connection secret of its own. " +
    "One that is taken out can log in no more.",
  properties: {
    readOnly: {
      ...loginSchema,
      description:
        "A login that reads all tables of the owner, those made later too, and changes none.",
    },
    readWrite: {
      ...loginSchema,
      description:
        "A login that reads and changes the rows of all tables of the owner, those made later too, and makes, alters and drops none.",
    },
  },
} as const satisfies Schema;

export const accessStatusSchema = {
  type: "object",
  description: "What became of the rights that spec.access asks for.",
  required: ["granted", "state"],
  properties: {
    granted: {
      type: "string",
      description: "A digest of whom rights are granted to, and in which database.",
    },
    state: {
      type: "string",
      enum: ["Running", "Failed", "Granted"],
      description: "Running, Failed or Granted.",
    },
    message: { type: "string", description: "Why they could not be granted." },
  },
} as const satisfies Schema;
