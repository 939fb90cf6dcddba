import { optionsFrom } from "../../../local/stand-in/options";

test("plays at real speed, with servers and a CRD of its own, unless told otherwise", () => {
  expect(optionsFrom(["--kubeconfig", "kc"])).toEqual({
    kubeconfig: "kc",
    pause: 1300,
    hasPostgres: true,
    registersCrd: true,
  });
});

test("takes all its options", () => {
  expect(
    optionsFrom(["--kubeconfig", "kc", "--speed", "fast", "--no-postgres", "--no-crd"]),
  ).toEqual({ kubeconfig: "kc", pause: 0, hasPostgres: false, registersCrd: false });
});

test("asks for help with nothing else", () => {
  expect(optionsFrom(["--help"])).toBe("help");
});

test.each([
  [[], "--kubeconfig FILE is missing"],
  [["--kubeconfig", "kc", "--speed", "slow"], "--speed is real or fast, not slow"],
  [["--kubeconfig", "kc", "--wrong"], "Unknown option '--wrong'"],
])("%j is refused", (args, fault) => {
  expect(() => optionsFrom(args)).toThrow(fault);
});
