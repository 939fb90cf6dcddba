// The test suites: what each is of, and what it runs on. CONTRIBUTING.md says which command runs which.

const compilerOptions = {
  module: "commonjs",
  moduleResolution: "node10",
  isolatedModules: true,
  esModuleInterop: true,
  resolveJsonModule: true,
  allowJs: true,
};

/** The types are checked by `npm run types`. */
const tsJest = ["ts-jest", { tsconfig: compilerOptions }];
const transform = { "^.+\\.ts$": tsJest };

/** TypeScript first: local/module has both a pod.ts and the pod.cjs that it starts. */
const moduleFileExtensions = ["ts", "js", "mjs", "cjs", "json", "node"];

/** Both are told on one cluster. */
const storyFolders = ["stories", "local"];

export default {
  projects: [
    {
      displayName: "unit",
      testMatch: ["<rootDir>/test/**/*.test.ts"],
      testPathIgnorePatterns: ["/test/pepr/", "/test/cluster/"],
      transform,
    },
    {
      displayName: "pepr",
      testMatch: ["<rootDir>/test/pepr/**/*.test.ts"],
      // Pepr is CommonJS and loads these ES modules, which jest cannot.
      transform: { "^.+\\.(ts|js)$": tsJest },
      transformIgnorePatterns: [
        "/node_modules/(?!(kubernetes-fluent-client|@kubernetes/client-node|openid-client|oauth4webapi|jose|jsonpath-plus)/)",
      ],
    },
    {
      // Side by side on one cluster, which is there before the first file: this machine's, or the one of `npm run e2e`.
      displayName: "cluster",
      testMatch: storyFolders.map(name => `<rootDir>/test/cluster/${name}/**/*.test.ts`),
      globalSetup: "<rootDir>/test/cluster/start.ts",
      globalTeardown: "<rootDir>/test/cluster/stop.ts",
      moduleFileExtensions,
      transform,
    },
    {
      // Each file on a cluster of its own, parts of which it takes away.
      displayName: "lifecycle",
      testMatch: ["<rootDir>/test/cluster/lifecycle/**/*.test.ts"],
      globalSetup: "<rootDir>/test/cluster/build.ts",
      moduleFileExtensions,
      transform,
    },
  ],
};
