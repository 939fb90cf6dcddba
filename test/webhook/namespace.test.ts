/** Which namespaces may be deleted. */
import type { AnyClaim } from "../../capabilities/claim/claim";
import { namespaceReviewer } from "../../capabilities/webhook/namespace";

function claim(name: string, spec: unknown, kind = "PostgresInstance"): AnyClaim {
  const apiVersion = "database.bizmatters.io/v1alpha1";
  return { apiVersion, kind, metadata: { name, namespace: "shop" }, spec } as AnyClaim;
}

const namespace = { group: "", version: "v1", kind: "Namespace" };
const request = { uid: "1", kind: namespace, operation: "DELETE", name: "shop" };

const reviewerOf = (...claims: readonly AnyClaim[]) =>
  namespaceReviewer({ claimsIn: name => Promise.resolve(name === "shop" ? claims : []) });

test("one without a protected claim goes", async () => {
  const review = reviewerOf(
    claim("orders", {}),
    claim("audit", { deletionProtection: false }),
    claim("unjudged", undefined),
  );
  expect(await review({ request })).toEqual({ uid: "1", allowed: true });
});

test("one with protected claims stays, and it is said which", async () => {
  const spec = { deletionProtection: true };
  const review = reviewerOf(claim("orders", spec), claim("audit", spec, "PostgresDatabase"));
  expect(await review({ request })).toEqual({
    uid: "1",
    allowed: false,
    status: {
      code: 422,
      message:
        'Namespace "shop" is refused: metadata.name cannot be deleted: spec.deletionProtection of PostgresInstance shop/orders, PostgresDatabase shop/audit is true; set it to false there first',
    },
  });
});

test("one whose claims cannot be read stays", async () => {
  const review = namespaceReviewer({ claimsIn: () => Promise.reject(new Error("not now")) });
  expect(await review({ request })).toMatchObject({
    allowed: false,
    status: { message: 'Namespace "shop" cannot be judged now: not now; try again' },
  });
});

test.each([
  ["that is made", { operation: "CREATE" }],
  ["of another group", { kind: { ...namespace, group: "other" } }],
  ["that is no namespace", { kind: { ...namespace, kind: "Pod" } }],
])("it is not asked about one %s", async (_title, other) => {
  const review = namespaceReviewer({ claimsIn: () => Promise.reject(new Error("asked")) });
  expect(await review({ request: { ...request, ...other } })).toBeUndefined();
});
