/** All activities of a worker, by the queue that runs them. */
import { createDraftActivities } from "./drafts.js";
import { createEpisodeActivities } from "./episode.js";
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
    models: { ...createDraftActivities(workshop), ...createReviewActivities(workshop), ...createSpeakActivities(workshop), projectStory },
    environments: {
      ...createSheetActivities(workshop),
      ...createEnterActivities(workshop),
      ...createWorldActivities(workshop),
      ...createEpisodeActivities(workshop),
      ...createToolActivities(workshop),
      ...projection,
      ...createRolloutActivities(workshop),
      ...createPackageActivities(workshop),
    },
  };
}

export type Activities = ReturnType<typeof createActivities>;
