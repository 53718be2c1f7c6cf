import { join } from "node:path";
import ts from "typescript";
import { COMPILER_OPTIONS } from "./program.js";

/** What an editor shows at one place. */
export interface Shown {
  /** As TypeScript names it: `property`, `method`, `class`, `string`. */
  kind: string;
  /** The signature: `(property) EarlyStoppingConfig.patience?: number | undefined`. */
  signature: string;
  /** The comment without its tags. */
  comment: string;
  /** The text of `@default`, or undefined. */
  default: string | undefined;
}

/** TypeScript's language service, as an editor uses it, on one program in a directory with an installed package. */
export class Editor {
  readonly #file: string;
  readonly #service: ts.LanguageService;
  #text = "";
  #version = 0;

  constructor(directory: string) {
    this.#file = join(directory, "editor.mts");
    this.#service = ts.createLanguageService({
      getCompilationSettings: () => ({ ...COMPILER_OPTIONS, skipLibCheck: true }),
      getCurrentDirectory: () => directory,
      getDefaultLibFileName: ts.getDefaultLibFilePath,
      getScriptFileNames: () => [this.#file],
      getScriptVersion: (file) => (file === this.#file ? String(this.#version) : "0"),
      getScriptSnapshot: (file) => {
        const text = file === this.#file ? this.#text : ts.sys.readFile(file);
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
      },
      fileExists: (file) => file === this.#file || ts.sys.fileExists(file),
      readFile: ts.sys.readFile,
      readDirectory: ts.sys.readDirectory,
      directoryExists: ts.sys.directoryExists,
      getDirectories: ts.sys.getDirectories,
    });
  }

  /** What hovering over the name before `‸` shows. */
  hover(program: string): Shown {
    const position = this.#open(program) - 1;
    const info = this.#service.getQuickInfoAtPosition(this.#file, position);
    if (info === undefined) throw new Error(`An editor shows nothing at the end of:\n${program.split("‸")[0] ?? ""}`);
    return shownOf(info);
  }

  /** The names that an editor offers at `‸`, without globals and keywords. */
  completions(program: string): string[] {
    const position = this.#open(program);
    const info = this.#service.getCompletionsAtPosition(this.#file, position, {});
    return (info?.entries ?? []).map(({ name }) => name);
  }

  /** What an editor shows beside the offered `name`. */
  completion(program: string, name: string): Shown {
    const position = this.#open(program);
    const details = this.#service.getCompletionEntryDetails(this.#file, position, name, {}, undefined, {}, undefined);
    if (details === undefined) throw new Error(`An editor does not offer ${name}.`);
    return shownOf(details);
  }

  /** Messages of the compiler about the program that was opened last. */
  problems(): string[] {
    return this.#service
      .getSemanticDiagnostics(this.#file)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
  }

  #open(program: string): number {
    this.#text = program.replace("‸", "");
    this.#version++;
    return program.indexOf("‸");
  }
}

function shownOf(info: ts.QuickInfo | ts.CompletionEntryDetails): Shown {
  const tag = info.tags?.find(({ name }) => name === "default");
  return {
    kind: info.kind,
    signature: ts.displayPartsToString(info.displayParts),
    comment: ts.displayPartsToString(info.documentation),
    default: tag === undefined ? undefined : ts.displayPartsToString(tag.text),
  };
}
