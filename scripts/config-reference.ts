/** Everything generated from the config schemas, in memory: what `scripts/schemas.mjs` writes and a test compares. */
import { GenericTrainerConfig } from "../src/config/generic-trainer.js";
import { fileSchema } from "../src/config/json-schema.js";
import { refusedByName } from "../src/config/not-built.js";
import { allowedOf, treeOf, type ConfigNode } from "../src/config/tree.js";
import { contractFiles } from "./contract-types.js";
import { documentedOptions } from "./doc-comments.js";

/** The files by their path in the repository. */
export async function generatedFiles(): Promise<Readonly<Record<string, string>>> {
  return {
    "schemas/generic-trainer-config.schema.json": `${JSON.stringify(fileSchema(), null, 2)}\n`,
    "docs/configuration.md": reference(),
    ...(await contractFiles()),
    ...(await documentedOptions()),
  };
}

function reference(): string {
  const tree = treeOf(GenericTrainerConfig);
  return [
    INTRODUCTION,
    "## Keys\n",
    "`–` in the column *default* means: not set. The description says what happens then.\n",
    ...sectionsOf("GenericTrainerConfig", tree, []),
    RULES,
    "## Not part of this version\n",
    "These keys and values are refused with `ERR_NOT_BUILT`, which names the part that is missing:\n",
    ...refusedByName().map(({ path, value }) => `- \`${path}\`${value === undefined ? "" : `: \`"${value}"\``}`),
    "",
  ].join("\n");
}

/** One object as a heading and a table, then the objects in it. */
function sectionsOf(title: string, node: ConfigNode, path: readonly string[]): string[] {
  const keys = Object.entries(node.properties ?? {});
  const inner = keys.filter(([, child]) => child.properties !== undefined);
  return [
    `### ${path.length === 0 ? title : `\`${path.join(".")}\``}\n`,
    ...(node.description === undefined ? [] : [`${node.description}\n`]),
    "| key | type | default | allowed | what it does |",
    "|---|---|---|---|---|",
    ...keys.map(([key, child]) => row(key, child, [...path, key])),
    "",
    ...inner.flatMap(([key, child]) => sectionsOf(key, child, [...path, key])),
  ];
}

function row(key: string, node: ConfigNode, path: readonly string[]): string {
  const isSection = node.properties !== undefined;
  const initial = node.default === undefined || isSection ? "–" : `\`${JSON.stringify(node.default)}\``;
  const allowed = isSection ? `see [\`${path.join(".")}\`](#${path.join("").toLowerCase()})` : allowedOf(node);
  const description = `${node.description ?? ""}${node.codeOnly === true ? " In code only." : ""}`;
  return `| ${[`\`${key}\``, typeOf(node), initial, allowed, description].map(cell).join(" | ")} |`;
}

function typeOf(node: ConfigNode): string {
  if (node.anyOf !== undefined) return node.anyOf.map(typeOf).join(" or ");
  if (node.type === "array") return node.items?.anyOf === undefined ? `list of ${typeOf(node.items ?? {})}` : "list";
  if (node.type === undefined) return "object";
  return node.type;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ").replaceAll("<", "&lt;");
}

const INTRODUCTION = `# Configuration

<!-- Generated from the schemas in src/config: change those and run \`npm run schemas\`. -->

A run is configured by one typed object, in code or in a file.

\`\`\`ts
// given: model, optimizers
import { GenericTrainer, loadConfig, type GenericTrainerConfig } from "trainscope";

const inCode: GenericTrainerConfig = { maxEpochs: 20, hooks: { enableThroughput: true } };
const fromFile = await loadConfig("run.yaml", { overrides: ["maxEpochs=3", "logging.logEveryNSteps=10"] });
const trainer = new GenericTrainer(fromFile, model, optimizers);
\`\`\`

- **Files** are YAML (\`.yaml\`, \`.yml\`) or JSON (\`.json\`). The package ships the JSON Schema of them,
  \`schemas/generic-trainer-config.schema.json\`; a top-level \`$schema\` key may point to it
  (\`./node_modules/trainscope/schemas/generic-trainer-config.schema.json\`).
- **Overrides** are \`key=value\` with a dotted path. The schema says how a value is read: \`runName=123\` is a string,
  \`hooks.enableThroughput=true\` a boolean, \`trainLoaderConfig.dataloaderWeights=[0.7,0.3]\` a list,
  \`trainLoaderConfig.dataloaderWeights.clean=0.7\` one entry of an object with free keys.
- **Precedence**: an override, then the file or object, then the environment (\`TRAINSCOPE_LOG_DIR\` for \`runsDir\`), then
  the default. \`TRAINSCOPE_TENSORBOARD_DIR\` fills \`logging.tensorboardDir\`, \`TRAINSCOPE_CHECKPOINT_DIR\` fills
  \`hooks.modelCheckpointConfig.rootDir\`.
- **Errors** list every problem at once: the path, what was found, what is allowed, the nearest name; for files also the line.
  Unknown keys are errors.
- **Secrets** are written as \`***\` in \`config.yaml\`, in errors, and in everything that is logged: params, tags, texts, events,
  warnings, reasons. Hidden are values by key (\`password\`, \`DB_PASS\`, \`apiKeys\`, \`OPENAI_KEY\`, \`jwt\`, \`cookie\`, …; under
  \`tokens\`, \`pass\` and \`auth\` texts only, so that counts stay readable), the value after such a name (\`--token x\`, \`token=x\`,
  \`"password": "x"\`), the user and password of URIs, secret query parameters and headers, private keys, and tokens by their form
  (\`sk-…\`, \`ghp_…\`, \`AKIA…\`, JWT, …).
- **Limits**: a file has at most 1 MB, and a config at most 100 levels.
`;

const RULES = `## Between keys

- \`maxEpochs\` or \`maxSteps\` is needed. \`minEpochs\` and \`minSteps\` are not above them.
- \`mode\` (and \`earlyStoppingMode\`) is \`"min"\` when left out, unless the metric that is watched has a name for which
  higher is usually better (accuracy, acc, f1, auc, precision, recall, bleu as a word of the last part: \`val/accuracy\`,
  \`val_f1\`, \`top5_accuracy\`) or is declared \`"max"\` in \`metrics.directions\`: then it must be given
  (\`ERR_MODE_REQUIRED\`). \`"min"\` in \`metrics.directions\` is enough too. Only hooks that are enabled are checked for it.
- \`resume: "auto"\` and \`"must"\` need \`runName\`.
- With several ranks, \`hooks.enableModelCheckpointHook\` stays \`false\` and \`resume\` stays \`"never"\`: this version saves no
  checkpoints of several ranks.
- \`validation.earlyStoppingSource: "hook"\` needs \`hooks.enableEarlyStoppingHook\`, \`"legacy"\` needs
  \`earlyStoppingPatience\`.
- \`logging.compositeLoggers\` needs \`loggerType: "composite"\` and names each logger once.
- \`system.intervalSteps\` and \`system.intervalSeconds\` exclude each other.
- \`hooks.enableReduceLROnPlateau\` and \`hooks.enableLearningRateSchedule\` exclude each other: both set the learning rate.
- \`hooks.modelCheckpointConfig.dir\` and \`rootDir\` exclude each other.
- \`hooks.terminateOnNaNConfig.dumpBatch\` needs \`check: "everyStep"\`.
- \`learningRateScheduleConfig\`: kind \`"step"\` needs \`stepSize\`, \`"oneCycle"\` needs \`maxLr\`; \`minLr\` is not above
  \`maxLr\`, \`warmupSteps\` is below \`totalSteps\`, and what the kind does not use is left out.
- \`earlyStoppingConfig.startFromEpoch\` is below \`maxEpochs\` where early stopping is enabled.
- A key of \`hooks.hookConfigs\` names exactly one hook of \`hooks.hookClasses\`, by specifier or class name.
- The config of a hook is checked even when the hook is not enabled.
`;
