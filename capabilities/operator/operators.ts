/** The operators that a class can name. */
import type { Class } from "../claim/class";
import { cnpg } from "./cnpg/cnpg";
import type { Operator } from "./operator";
import { zalando } from "./zalando/zalando";

export const operators: Readonly<Record<Class["backend"], Operator>> = { cnpg, zalando };
