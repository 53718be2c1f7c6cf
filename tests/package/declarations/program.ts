import { readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";

/** How the programs of users are compiled here. */
export const COMPILER_OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  types: ["node"],
};

/** The declarations of each entry of `exports` that has some, by its name (`trainscope/log`). */
export function entryDeclarations(installed: string): Map<string, string> {
  const { exports } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as {
    exports: Record<string, string | { types: string }>;
  };
  const typed = Object.entries(exports).flatMap(([subpath, target]) =>
    typeof target === "string" ? [] : [[join("trainscope", subpath), join(installed, target.types)] as const],
  );
  return new Map(typed);
}

/** Every shipped file of declarations. */
export function declarationFiles(installed: string): string[] {
  return readdirSync(installed, { recursive: true, encoding: "utf8" })
    .filter((file) => file.startsWith("dist/") && file.endsWith(".d.ts"))
    .map((file) => join(installed, file));
}

/** What is wrong with the declarations of an installed package, as a compiler without `skipLibCheck` says it. */
export function problemsIn(installed: string): string[] {
  const program = ts.createProgram(declarationFiles(installed), { ...COMPILER_OPTIONS, skipLibCheck: false });
  return ts
    .getPreEmitDiagnostics(program)
    .filter(({ file }) => file === undefined || file.fileName.startsWith(installed))
    .map(
      ({ file, messageText }) =>
        `${relative(installed, file?.fileName ?? "")}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`,
    );
}
