import {
  connectionRef,
  connectionRefs,
  databaseName,
  databaseOwner,
} from "../../capabilities/claim/claim";
import { goodClaim, withFields, withSpec } from "../good-claim";

test("every place of the ref is read, in order, in the claim's namespace unless another is named", () => {
  const claim = {
    ...withSpec({
      writeConnectionSecretToRef: { name: "b" },
      connectionSecretName: "c",
    }),
    writeConnectionSecretToRef: { name: "a", namespace: "elsewhere" },
  };
  expect(connectionRefs(claim)).toEqual([
    { field: "writeConnectionSecretToRef", ref: { name: "a", namespace: "elsewhere" } },
    { field: "spec.writeConnectionSecretToRef", ref: { name: "b", namespace: "team-a" } },
    { field: "spec.connectionSecretName", ref: { name: "c", namespace: "team-a" } },
  ]);
  expect(connectionRef(claim)).toEqual({ name: "a", namespace: "elsewhere" });
});

test("a claim may ask for no connection secret", () => {
  expect(connectionRef(withFields({ writeConnectionSecretToRef: undefined }))).toBeUndefined();
});

test("database and owner are derived from the claim's name, each unless it is named", () => {
  expect([databaseName(goodClaim), databaseOwner(goodClaim)]).toEqual(["orders_db", "orders_db"]);
  const named = withSpec({ databaseName: "shop" });
  expect([databaseName(named), databaseOwner(named)]).toEqual(["shop", "orders_db"]);
  const owned = withSpec({ databaseOwner: "app" });
  expect([databaseName(owned), databaseOwner(owned)]).toEqual(["orders_db", "app"]);
});
