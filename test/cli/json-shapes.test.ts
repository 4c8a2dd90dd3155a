import { expect, test } from "vitest";
import { z } from "zod";
import { JSON_ANSWERS } from "../../cli/json-shapes.js";

test.each(Object.entries(JSON_ANSWERS))("docs/json/%s.json is the schema of that answer", async (name, schema) => {
  const text = `${JSON.stringify(z.toJSONSchema(schema), null, 2)}\n`;
  await expect(text).toMatchFileSnapshot(`../../docs/json/${name}.json`);
});
