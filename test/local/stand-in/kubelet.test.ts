/** The stand-in for the kubelet: a pod of a backup as a process, with the status that a kubelet gives it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { begin } from "../../../local/stand-in/kubelet/container";
import { environmentOf } from "../../../local/stand-in/kubelet/environment";
import { endedStatus, runningStatus, type BackupPod } from "../../../local/stand-in/kubelet/pod";
import type { Api } from "../../../local/stand-in/api";

function podOf(script: string): BackupPod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: "night-1",
      namespace: "shop",
      labels: { "database.bizmatters.io/claim-uid": "claim-uid" },
    },
    spec: {
      containers: [
        {
          name: "backup",
          image: "local/postgresql:16",
          command: ["/bin/sh", "-c", script],
          env: [
            { name: "PGHOST", value: "orders-db-rw.shop.svc" },
            { name: "PGUSER", valueFrom: { secretKeyRef: { name: "own", key: "username" } } },
          ],
          volumeMounts: [{ name: "backups", mountPath: "/backups", subPath: "shop/orders-db" }],
        },
      ],
      volumes: [{ name: "backups", nfs: { server: "nas", path: "/volume1/postgres" } }],
    },
  };
}

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "zero-touch-postgres-kubelet-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const env = { PATH: process.env["PATH"] ?? "" };

test.each([
  ["what it wrote for Kubernetes", 'echo log; printf report >"$REPORT_FILE"', 0, "report"],
  ["nothing of its log, if it ended well", "echo log", 0, ""],
  ["the end of its log, if it failed", "echo log >&2; exit 3", 3, "log\n"],
])("its last words are %s", async (_what, script, exitCode, message) => {
  const { ended } = begin(podOf(script), env, join(folder, "pod"));
  expect(await ended).toEqual({ exitCode, message });
});

test("a pod that is deleted is ended, with what it has started", async () => {
  const { ended, kill } = begin(podOf("sleep 60; true"), env, join(folder, "pod"));
  // Also before there is a process.
  kill();
  expect((await ended).exitCode).not.toBe(0);
});

test("its status says that it runs, and how it ended", () => {
  const pod = podOf("");
  const now = new Date("2026-11-30T03:00:00Z");
  expect(runningStatus(pod, now)).toMatchObject({
    phase: "Running",
    startTime: "2026-11-30T03:00:00Z",
  });
  expect(endedStatus(pod, { exitCode: 0, message: "{}" }, now)).toMatchObject({
    phase: "Succeeded",
    containerStatuses: [{ state: { terminated: { exitCode: 0, message: "{}" } } }],
  });
  expect(endedStatus(pod, { exitCode: 1, message: "why" }, now).phase).toBe("Failed");
});

test("its environment has the Secret's values, the place of the stand-in's server, and a folder for the volume", async () => {
  const address = "stand-in.zero-touch-postgres/address";
  const cluster = "/apis/postgresql.cnpg.io/v1/namespaces/shop/clusters/orders-db";
  const api = {
    read: async (path: string) => {
      if (path === cluster)
        return Promise.resolve({ metadata: { annotations: { [address]: "127.0.0.1:5433" } } });
      const isSecret = path === "/api/v1/namespaces/shop/secrets/own";
      return Promise.resolve(isSecret ? { data: { username: "YXBw" } } : undefined);
    },
  } as unknown as Api;
  expect(await environmentOf(podOf(""), api, { folder, programs: "/programs" })).toMatchObject({
    PGHOST: "127.0.0.1",
    PGPORT: "5433",
    PGUSER: "app",
    PATH: expect.stringMatching(/^\/programs:/) as unknown,
    BACKUP_FOLDER: join(folder, "volumes", "nas:_volume1_postgres", "shop/orders-db"),
  });
  const empty = { ...api, read: async () => Promise.resolve(undefined) };
  await expect(environmentOf(podOf(""), empty, { folder, programs: undefined })).rejects.toThrow(
    'secret "own" has no key username yet',
  );
});
