import js from "@eslint/js";
import tseslint from "typescript-eslint";
import { scenarioNames } from "./test/lint/scenario-names.js";

/** What the house refuses everywhere, each with what to do instead. */
const refusals = [
  { selector: "ExportDefaultDeclaration", message: "Export by name." },
  { selector: "ExportAllDeclaration", message: "Import the file that declares it; no barrels." },
  { selector: "TSEnumDeclaration", message: "Use a union of literals." },
  { selector: "PropertyDefinition > Decorator, ClassDeclaration > Decorator", message: "No decorators." },
  {
    selector:
      ":function > Identifier.params > TSTypeAnnotation > TSBooleanKeyword, :function > AssignmentPattern.params[right.raw=/^(true|false)$/]",
    message: "Two functions, or a union with `kind`, instead of a boolean parameter.",
  },
];

const environmentVariables = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: "Environment variables are read in workers/config.ts and handed over.",
};

/** Time, chance and the machine are arguments in the core. */
const impure = [
  { selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']", message: "Time is an argument." },
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: "Time is an argument." },
  {
    selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
    message: "Chance is an argument: a seeded generator.",
  },
  { selector: "CallExpression[callee.object.name='performance'][callee.property.name='now']", message: "Time is an argument." },
];

/** The sandbox's clock is part of the history, so that a workflow may read it. */
const chance = impure.filter(({ selector }) => selector.includes("Math"));

const noNode = (allowed) => ({
  "no-restricted-imports": [
    "error",
    { patterns: [{ group: ["node:*", ...allowed.map((name) => `!${name}`)], message: "No node module in the pure core." }] },
  ],
});

/** Files of environment/ that read or write files; the rest computes. */
const environmentShell = ["environment/engine/folder*.ts", "environment/import/read-*.ts", "environment/child/**/*.ts"];

export default tseslint.config(
  { ignores: ["node_modules/", "dist/", "campaigns/", "coverage/", "docs/", "**/golden/", "**/fixtures/"] },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: false, allow: [{ name: ["bigint"], from: "lib" }] },
      ],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "no-restricted-syntax": ["error", ...refusals, environmentVariables],
      eqeqeq: "error",
      "max-depth": ["error", 4],
      "max-params": ["error", 4],
      "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }],
    },
  },
  { files: ["workers/**/*.ts", "cli/**/*.ts", "test/**/*.ts", "bench/**/*.ts"], rules: { "no-restricted-syntax": ["error", ...refusals] } },
  { files: ["workflows/index.ts", "vitest.config.ts"], rules: { "no-restricted-syntax": "off" } },
  {
    files: ["agents/**/*.ts", "models/builtin/**/*.ts"],
    rules: { "no-restricted-syntax": ["error", ...refusals, environmentVariables, ...impure], ...noNode(["node:crypto"]) },
  },
  {
    files: ["workflows/**/*.ts"],
    ignores: ["workflows/index.ts"],
    rules: { "no-restricted-syntax": ["error", ...refusals, environmentVariables, ...chance], ...noNode([]) },
  },
  {
    files: ["environment/**/*.ts"],
    ignores: environmentShell,
    rules: { "no-restricted-syntax": ["error", ...refusals, environmentVariables, ...impure], ...noNode(["node:crypto"]) },
  },
  { files: environmentShell, rules: { "no-restricted-syntax": ["error", ...refusals, environmentVariables, ...impure] } },
  // When a child writes its answers depends on the time, what they say does not.
  { files: ["environment/child/serve.ts"], rules: { "no-restricted-syntax": ["error", ...refusals, environmentVariables, ...chance] } },
  {
    files: ["test/**/*.ts"],
    rules: { "max-lines": "off", "@typescript-eslint/no-non-null-assertion": "off", "@typescript-eslint/require-await": "off" },
  },
  {
    files: ["**/*.ts", "**/*.js"],
    ignores: ["test/**", "bench/**"],
    plugins: { logigen: { rules: { "scenario-names": scenarioNames } } },
    rules: { "logigen/scenario-names": "error" },
  },
  {
    files: ["**/*.js", "**/*.cjs"],
    languageOptions: {
      globals: {
        process: "readonly",
        console: "readonly",
        URL: "readonly",
        module: "writable",
        setTimeout: "readonly",
        setInterval: "readonly",
        clearInterval: "readonly",
      },
    },
  },
);
