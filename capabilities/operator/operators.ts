/** The operators that a class can name. */
import type { Class } from "../claim/class";
import type { Operator } from "./operator";
import { cnpg } from "./cnpg/cnpg";

export const operators: Readonly<Record<Class["backend"], Operator>> = { cnpg };
