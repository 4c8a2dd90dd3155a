/**
 * The direction of imports, as docs/architecture.md has it:
 * environment ← agents ← models; environment ← datasets; all of them and storage ← activities ← workers ← cli.
 */
const FOLDERS = ["environment", "agents", "models", "storage", "datasets", "activities", "workflows", "workers", "cli", "test", "bench"];

/** Folder → the folders it may import; anything else of ours is refused. */
const MAY_IMPORT = {
  environment: [],
  agents: ["environment"],
  models: ["environment", "agents"],
  storage: [],
  datasets: ["environment"],
  activities: ["environment", "agents", "models", "storage", "datasets"],
  workers: ["environment", "agents", "models", "storage", "datasets", "activities", "workflows"],
  cli: ["environment", "agents", "models", "storage", "datasets", "activities", "workflows", "workers"],
};

const direction = Object.entries(MAY_IMPORT).map(([folder, allowed]) => ({
  name: `${folder}-imports-downwards`,
  comment: `${folder}/ may import ${allowed.length === 0 ? "no other folder" : allowed.join(", ")}`,
  severity: "error",
  from: { path: `^${folder}/` },
  to: { path: `^(${FOLDERS.filter((other) => other !== folder && !allowed.includes(other)).join("|")})/` },
}));

/** Folder → packages it knows nothing of. */
const STRANGERS = {
  environment: "@temporalio|openai",
  agents: "@temporalio|openai|better-sqlite3",
  models: "@temporalio",
  storage: "@temporalio|openai",
  datasets: "@temporalio|openai",
  workflows: "openai|better-sqlite3|zod|@temporalio/(activity|client|worker)",
};

/** The rooms of environment/, each importing those before it. */
const ROOMS = ["core", "sql", "sheet", "compile", "engine", "compare", "import", "child", "proof", "task"];

const rooms = ROOMS.slice(0, -1).map((room, i) => ({
  name: `environment-${room}-imports-downwards`,
  comment: `environment/${room}/ imports ${i === 0 ? "no other room" : ROOMS.slice(0, i).join(", ")}`,
  severity: "error",
  from: { path: `^environment/${room}/` },
  to: { path: `^environment/(${ROOMS.slice(i + 1).join("|")})/` },
}));

const strangers = Object.entries(STRANGERS).map(([folder, packages]) => ({
  name: `${folder}-knows-no-strangers`,
  comment: `${folder}/ does without these packages at run time`,
  severity: "error",
  from: { path: `^${folder}/` },
  to: { path: `node_modules/(${packages})/`, dependencyTypesNot: ["type-only"] },
}));

module.exports = {
  forbidden: [
    ...direction,
    ...rooms,
    ...strangers,
    {
      name: "workflows-see-types-and-pure-files",
      comment:
        "a workflow imports types; at run time only its own folder and pure files of environment/, agents/ and datasets/, the activities' contract and failure types",
      severity: "error",
      from: { path: "^workflows/" },
      to: {
        path: "^(models|storage|activities|workers|cli|test)/",
        pathNot: "^activities/(contract|failure-types)\\.ts$",
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "workflows-are-types-to-others",
      comment: "workflow code runs in its bundle alone",
      severity: "error",
      from: { path: "^(workers|cli)/" },
      to: { path: "^workflows/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "workflows-reach-no-node-module",
      comment: "the workflow bundle has no node modules",
      severity: "error",
      from: { path: "^workflows/" },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "text-only-roles-know-no-composer",
      comment: "these roles of the built-in author answer from the request alone",
      severity: "error",
      from: { path: "^models/builtin/(teacher|user-simulator|verifier|client|consultant|projector)[^/]*\\.ts$" },
      to: { path: "^models/builtin/compose", reachable: true },
    },
    {
      name: "no-cycles",
      comment: "types may refer to each other",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    { name: "resolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: { conditionNames: ["import", "node", "default"], exportsFields: ["exports"] },
  },
};
