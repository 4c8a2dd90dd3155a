/** Opens what the activities of a campaign work with: its store, its models, its built-in author. */
import type { Workshop } from "../activities/workshop.js";
import { createBuiltinAuthor } from "../models/builtin/author.js";
import { createModels } from "../models/select-model.js";
import { openJournal } from "../storage/journal.js";
import { openLedger } from "../storage/ledger.js";
import { openStore } from "../storage/store.js";
import type { CampaignConfig } from "./campaign-config.js";
import type { CampaignFolder } from "./campaign-folder.js";

/** The caller closes `store`. @throws {StoreError} If the folder cannot be written or is of another version. */
export function openWorkshop(folder: CampaignFolder, config: CampaignConfig, env: Readonly<Record<string, string | undefined>>): Workshop {
  const store = openStore(folder.store);
  const { model: builtin, injected } = createBuiltinAuthor({ errRate: config.builtin.err_rate });
  return {
    store,
    journal: openJournal(store),
    ledger: openLedger(store),
    models: createModels({ config, env, builtin }),
    injected: config.author === "builtin" ? injected : () => null,
    budget: config.budget,
    author: config.author,
    directory: folder.path,
    clock: Date.now,
  };
}
