// The rules of style that a machine can check. `pepr build` runs ESLint as well, from the top of the checkout.
import tseslint from "typescript-eslint";

const restricted = [
  { selector: "ExportDefaultDeclaration", message: "Export by name." },
  { selector: "TSEnumDeclaration", message: "Use a union of strings." },
];

/** Calls of `test`, `story` and what is made of them. */
const told =
  ":matches(CallExpression[callee.name=/^(test|it|story|on[A-Z])/], CallExpression[callee.type=CallExpression])";
const branch = `${told} > ArrowFunctionExpression > BlockStatement > IfStatement`;
const restrictedInTests = [
  ...restricted,
  ...[branch, `${branch} > BlockStatement`].map(parent => ({
    selector: `${parent} > ReturnStatement[argument=null]`,
    message: "A test that returns early counts as passed: skip it, with the reason in its title.",
  })),
];

export default tseslint.config(
  { ignores: ["dist/", "node_modules/", "coverage/"] },
  {
    files: ["**/*.ts"],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { project: ["./test/tsconfig.json"], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      complexity: ["error", 10],
      "max-depth": ["error", 3],
      "max-params": ["error", 4],
      "no-else-return": "error",
      "no-restricted-syntax": ["error", ...restricted],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-unnecessary-condition": [
        "error",
        { allowConstantLoopConditions: true },
      ],
    },
  },
  {
    files: ["**/*.test.ts"],
    rules: { "no-restricted-syntax": ["error", ...restrictedInTests] },
  },
);
