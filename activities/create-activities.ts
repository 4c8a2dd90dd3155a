/** All activities of a worker, by the queue that runs them; whatever one throws leaves it as the failure that Temporal is to see. */
import { activityInfo } from "@temporalio/activity";
import { createDraftActivities } from "./drafts.js";
import { createEpisodeActivities } from "./episode.js";
import { withFailures } from "./failures.js";
import { createPackageActivities } from "./package-tasks.js";
import { createProjectionActivities } from "./projection.js";
import { createReviewActivities } from "./reviews.js";
import { createRolloutActivities } from "./rollout.js";
import { createSheetActivities } from "./check-sheet.js";
import { createSpeakActivities } from "./speak.js";
import { createToolActivities } from "./run-tools.js";
import { createWorldActivities } from "./check-world.js";
import { createEnterActivities } from "./enter-environment.js";
import type { Workshop } from "./workshop.js";

export function createActivities(workshop: Workshop) {
  const { projectStory, ...projection } = createProjectionActivities(workshop);
  return {
    models: classified({
      ...createDraftActivities(workshop),
      ...createReviewActivities(workshop),
      ...createSpeakActivities(workshop),
      projectStory,
    }),
    environments: classified({
      ...createSheetActivities(workshop),
      ...createEnterActivities(workshop),
      ...createWorldActivities(workshop),
      ...createEpisodeActivities(workshop),
      ...createToolActivities(workshop),
      ...projection,
      ...createRolloutActivities(workshop),
      ...createPackageActivities(workshop),
    }),
  };
}

export type Activities = ReturnType<typeof createActivities>;

/** The same activities by the same names, their errors classified by the attempt that raised them. */
function classified<All extends Readonly<Record<string, (input: never) => Promise<unknown>>>>(activities: All): All {
  const wrapped = Object.entries(activities).map(([name, activity]) => [
    name,
    (input: never) => withFailures(activityInfo().attempt, () => activity(input)),
  ]);
  return Object.fromEntries(wrapped) as All; // each has the signature of the one it wraps
}
