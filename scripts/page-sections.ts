/** Tables of pages that are written from the sources: what stands between `<!-- name: … -->` and `<!-- /name -->`. */
import { readFileSync } from "node:fs";
import { NAMES_ELSEWHERE } from "../src/hooks/named-elsewhere.js";
import { ERROR_HELP } from "../src/support/error-help.js";
import { ERROR_CODES } from "../src/support/errors.js";
import type { ErrorCode } from "../src/contract/index.js";

/** The pages by their path in the repository, with their sections filled in. */
export function pageSections(): Readonly<Record<string, string>> {
  return {
    "docs/troubleshooting.md": filled("docs/troubleshooting.md", "codes", errorCodes()),
    "docs/from-keras-and-lightning.md": filled("docs/from-keras-and-lightning.md", "hook-methods", hookMethods()),
  };
}

function filled(page: string, name: string, section: string): string {
  const text = readFileSync(new URL(`../${page}`, import.meta.url), "utf8");
  const [before, rest = ""] = text.split(new RegExp(`(?<=<!-- ${name}: .* -->\\n)`), 2);
  const end = rest.indexOf(`<!-- /${name} -->`);
  if (end === -1) throw new Error(`${page} has no section ${name}.`);
  return `${before}\n${section}\n${rest.slice(end)}`;
}

function errorCodes(): string {
  const codes = Object.entries(ERROR_HELP) as [ErrorCode, (typeof ERROR_HELP)[ErrorCode]][];
  return codes
    .map(([code, causes]) => {
      const rows = causes.map(({ cause, change }) => `| ${cell(cause)} | ${cell(change)} |`);
      return [`### \`${code}\`\n`, `${ERROR_CODES[code]}\n`, "| usual cause | what to change |", "|---|---|", ...rows, ""].join(
        "\n",
      );
    })
    .join("\n");
}

function hookMethods(): string {
  const rows = Object.entries(NAMES_ELSEWHERE).map(
    ([here, elsewhere]) => `| ${elsewhere.map(code).join(", ")} | ${code(here)} |`,
  );
  return ["| elsewhere | here |", "|---|---|", ...rows, ""].join("\n");
}

const code = (name: string): string => `\`${name}\``;
const cell = (text: string): string => text.replaceAll("|", "\\|");
