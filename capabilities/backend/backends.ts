/** The backends that a class can name. */
import type { Class } from "../claim/class";
import type { Backend } from "./backend";
import { cnpg } from "./cnpg/cnpg";

export const backends: Readonly<Record<Class["backend"], Backend>> = { cnpg };
