/** Entry of a child process: serves sessions on environment folders; its one argument is their caps as JSON. */
import { z } from "zod";
import { readEnvironment } from "../engine/folder.js";
import { serve } from "./serve.js";

const limitsSchema = z.strictObject({ answerBytes: z.int(), growthBytes: z.int() });

serve({ load: readEnvironment, limits: limitsSchema.parse(JSON.parse(process.argv[2] ?? "{}")) });
