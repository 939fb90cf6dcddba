import { describe as sentence } from "../../capabilities/claim/violation";

test("faults are told in order, each with its field", () => {
  expect(
    sentence([
      { field: "spec.size", problem: "is wrong" },
      { field: "metadata.name", problem: "is too long" },
    ]),
  ).toBe("spec.size is wrong; metadata.name is too long");
});
