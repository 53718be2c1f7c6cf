import { GenericTrainerConfig } from "./generic-trainer.js";
import { treeOf, type ConfigNode } from "./tree.js";

/** A JSON Schema document. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The JSON Schema of config files: what only code can give is not in it. */
export function fileSchema(): JsonSchema {
  const root = inFiles(treeOf(GenericTrainerConfig)) as { properties: JsonSchema };
  const $schema = { type: "string", description: "The address of this schema, for editors." };
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "trainscope: config of a run",
    ...root,
    properties: { $schema, ...root.properties },
  };
}

/** `node` without what only code can give, and without what only errors need. */
function inFiles(node: ConfigNode): JsonSchema {
  const {
    allowed: _allowed,
    codeOnly: _codeOnly,
    tsType: _tsType,
    nests: _nests,
    properties,
    additionalProperties,
    items,
    anyOf,
    ...plain
  } = node;
  const forms = anyOf?.filter((form) => form.codeOnly !== true).map(inFiles);
  const shape = forms?.length === 1 ? forms[0] : forms === undefined ? {} : { anyOf: forms };
  const free = typeof additionalProperties === "object" ? inFiles(additionalProperties) : additionalProperties;
  const keys = Object.entries(properties ?? {}).filter(([, child]) => child.codeOnly !== true);
  return {
    ...shape,
    ...plain,
    ...(properties === undefined ? {} : { properties: Object.fromEntries(keys.map(([key, child]) => [key, inFiles(child)])) }),
    ...(free === undefined ? {} : { additionalProperties: free }),
    ...(items === undefined ? {} : { items: inFiles(items) }),
  };
}
