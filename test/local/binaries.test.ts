import { cacheKey, goFault } from "../../local/control-plane/binaries";

describe("the cache folder of the control plane", () => {
  it("is the same for the same source, flags and platform", () => {
    expect(cacheKey("go.mod", "go.sum", "linux")).toBe(cacheKey("go.mod", "go.sum", "linux"));
  });

  it("is another one when any part changes, even where the text in sequence is the same", () => {
    const keys = [
      cacheKey("a", "b"),
      cacheKey("ab", ""),
      cacheKey("a", "c"),
      cacheKey("a", "b", ""),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe("the Go that is found", () => {
  const module = "module m\n\ngo 1.26.0\n";

  it.each([
    ["as asked for", "go version go1.26.8 linux/amd64\n"],
    ["a newer minor version", "go version go1.30 darwin/arm64\n"],
    ["a newer major version", "go version go2.0.1 linux/amd64\n"],
    ["a development version", "go version devel +1a2b3c linux/amd64\n"],
  ])("is good enough when it is %s", (_, printed) => {
    expect(goFault(printed, module)).toBeUndefined();
  });

  it.each([
    ["not there", undefined, "Go 1.26 or newer is not installed"],
    [
      "too old",
      "go version go1.9.7 linux/amd64",
      "Go 1.26 or newer is needed, and 1.9 is installed",
    ],
  ])("is a fault when it is %s", (_, printed, fault) => {
    expect(goFault(printed, module)).toBe(fault);
  });
});
