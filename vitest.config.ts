import { defineConfig } from "vitest/config";

/** Tests that need a Temporal server or start processes; all others are unit tests. */
const endToEnd = [
  "test/workers/**/*.test.ts",
  "test/cli/**/*.test.ts",
  "test/lifecycle/**/*.test.ts",
  "test/environment/child/**/*.test.ts",
];

// `threads` crashes with Temporal's native bridge (exit 139), hence forks.
export default defineConfig({
  test: {
    pool: "forks",
    projects: [
      { extends: true, test: { name: "unit", include: ["test/**/*.test.ts"], exclude: endToEnd, testTimeout: 60_000 } },
      {
        extends: true,
        test: { name: "e2e", include: endToEnd, globalSetup: ["test/temporal-server.ts"], testTimeout: 120_000, hookTimeout: 120_000 },
      },
    ],
  },
});
