import { builtinModules } from "node:module";
import ts from "typescript";
import type { OptionalPeer } from "../../src/support/optional-peers.js";

/** The part of package.json that says which packages are needed. */
export interface PeerManifest {
  dependencies: Readonly<Record<string, string>>;
  peerDependencies: Readonly<Record<string, string>>;
  peerDependenciesMeta: Readonly<Record<string, { optional?: boolean }>>;
}

/** One use of a package in a source: of its types only, by an import of any kind, or by a call of `importOptional`. */
interface Use {
  name: string;
  how: "types" | "loaded" | "optional";
  file: string;
}

/** Where the table of optional peers, package.json and the sources (by file name) disagree. Pure. */
export function peerProblems(
  table: Readonly<Record<string, OptionalPeer>>,
  manifest: PeerManifest,
  sources: ReadonlyMap<string, string>,
): string[] {
  const uses = [...sources].flatMap(([file, text]) => usesIn(file, text));
  const entries = Object.entries(table);
  const called = new Set(uses.filter(({ how }) => how === "optional").map(({ name }) => name));
  return [
    ...manifestProblems(table, manifest),
    ...entries
      .filter(([name, { by }]) => by === "imported" && !called.has(name))
      .map(([name]) => `${name} is in the table as imported, and nothing calls importOptional for it.`),
    ...uses.flatMap((use) => useProblems(use, table, manifest).map((problem) => `${use.file}: ${problem}`)),
  ];
}

function manifestProblems(table: Readonly<Record<string, OptionalPeer>>, manifest: PeerManifest): string[] {
  const { peerDependencies: peers, peerDependenciesMeta: meta } = manifest;
  const names = new Set([...Object.keys(table), ...Object.keys(peers), ...Object.keys(meta)]);
  return [...names].flatMap((name) => {
    if (table[name] === undefined) return [`${name} is a peer in package.json, and not in the table.`];
    if (peers[name] !== table[name].range)
      return [`${name} has the range ${table[name].range} in the table and ${String(peers[name])} in package.json.`];
    return meta[name]?.optional === true ? [] : [`${name} is not optional in package.json.`];
  });
}

function useProblems({ name, how }: Use, table: Readonly<Record<string, OptionalPeer>>, manifest: PeerManifest): string[] {
  const by = table[name]?.by;
  if (how === "optional")
    return by === "imported" ? [] : [`importOptional is called for ${name}, which is not in the table as imported.`];
  if (name in manifest.dependencies) return [];
  if (by === undefined) return [`${name} is neither a dependency nor in the table of optional peers.`];
  return how === "types" ? [] : [`${name} is an optional peer (${by}), and is loaded without importOptional.`];
}

function usesIn(file: string, text: string): Use[] {
  const uses: Use[] = [];
  const add = (specifier: ts.Node | undefined, how: Use["how"]): void => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
    const name = packageOf(specifier.text);
    if (name !== null) uses.push({ name, how, file });
  };
  /** `peer` is the package of the `importOptional` call around the node. */
  const visit = (node: ts.Node, peer: string | null): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, node.importClause?.isTypeOnly === true ? "types" : "loaded");
    if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly ? "types" : "loaded");
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, "types");
    const isOptional = isCallOf(node, "importOptional");
    const [first, second] = ts.isCallExpression(node) ? node.arguments : [];
    const specifier = isOptional ? second : first; // importOptional(part, name, …)
    const named = specifier !== undefined && ts.isStringLiteralLike(specifier) ? packageOf(specifier.text) : null;
    if (isCallOf(node, "import") && (peer === null || named !== peer)) add(specifier, "loaded");
    if (isOptional) uses.push({ name: named ?? "(not a literal)", how: "optional", file });
    ts.forEachChild(node, (child) => visit(child, isOptional ? named : peer));
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest), null);
  return uses;
}

function isCallOf(node: ts.Node, name: "import" | "importOptional"): boolean {
  if (!ts.isCallExpression(node)) return false;
  if (name === "import") return node.expression.kind === ts.SyntaxKind.ImportKeyword;
  return ts.isIdentifier(node.expression) && node.expression.text === name;
}

/** `@scope/name` of `@scope/name/part`; null for a file of this package or a module of Node. */
function packageOf(specifier: string): string | null {
  if (specifier.startsWith(".") || specifier.startsWith("node:") || builtinModules.includes(specifier)) return null;
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}
