import * as fc from "fast-check";
import { fitWords, longestWords } from "../../../capabilities/operator/diagnosis/words";

test.each([
  [
    "the scheduler's, without what it thought of beside",
    "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
    "0/1 nodes are available: 1 Insufficient cpu",
  ],
  [
    "the kubelet's, of a registry",
    'failed to do request: Head "https://registry.invalid/v2/postgresql/manifests/16": dial tcp: lookup registry.invalid on 10.255.255.53:53: no such host',
    'failed to do request: Head "https://registry.invalid/v2/postgresql/manifests/16": dial tcp: lookup registry.invalid on 10.255.255.53:53: no such host',
  ],
  [
    "without the port that was used this time",
    "read udp 10.244.0.5:43211->10.96.0.10:53: i/o timeout",
    "read udp 10.244.0.5->10.96.0.10:53: i/o timeout",
  ],
  [
    "without durations",
    "back-off 5m0s restarting failed container",
    "back-off … restarting failed container",
  ],
  ["but with amounts", "requested 500m of cpu and 20Gi", "requested 500m of cpu and 20Gi"],
  [
    "without the numbers of requests",
    "rpc error: request id: 1b4e28ba-2fa1-11d2-883f-0016d3cca427: denied at 2026-11-21T11:25:41.107Z",
    "rpc error: request id: …: denied at",
  ],
  [
    "without how much of a quota is used at the moment",
    "exceeded quota: compute, requested: limits.cpu=1, used: limits.cpu=3,pods=4, limited: limits.cpu=3",
    "exceeded quota: compute, requested: limits.cpu=1, limited: limits.cpu=3",
  ],
])("%s", (_title, words, expected) => {
  expect(fitWords(words)).toBe(expected);
});

test.each([
  'Head "https://robot:hunter2@registry.example.com/v2/": 401',
  'Get "https://layers.example.com/blob?X-Sig=hunter2&Expires=1": 403',
  "authorization: Bearer hunter2 was refused",
  "login with password=hunter2 failed",
  'secret "token": "hunter2" is bad',
])("what may be a secret is taken out of: %s", words => {
  expect(fitWords(words)).not.toContain("hunter2");
});

const duration = fc
  .tuple(fc.nat({ max: 99 }), fc.constantFrom("s", "m0s", "h2m3s", "ms", ".5s"))
  .map(parts => parts.join(""));

test("the same failure has the same words, whatever time it took", () => {
  fc.assert(
    fc.property(fc.lorem(), duration, duration, fc.lorem(), (before, one, other, after) => {
      const said = (time: string): string => fitWords(`${before}: back-off ${time} of ${after}`);
      expect(said(one)).toBe(said(other));
    }),
  );
});

const phrases = fc.oneof(
  fc.string(),
  fc.constantFrom(
    "5m0s",
    "?",
    "//",
    "@",
    " 1s2",
    "https://a:b@c?d",
    ", used: ",
    ", limited: ",
    ". ",
  ),
);

test("any words come out short, on one line, and stay as they are the second time", () => {
  fc.assert(
    fc.property(fc.array(phrases, { maxLength: 60 }), parts => {
      const words = fitWords(parts.join(""));
      expect(words.length).toBeLessThanOrEqual(longestWords);
      expect(words).not.toMatch(/[\n\r\t]/);
      expect(fitWords(words)).toBe(words);
    }),
    { numRuns: 1000 },
  );
});
