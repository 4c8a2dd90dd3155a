/** What a worker runs: the bundle's entry. */
export { campaign } from "./campaign.js";
export { distil } from "./distil.js";
export { environment } from "./environment.js";
export { task } from "./task.js";
