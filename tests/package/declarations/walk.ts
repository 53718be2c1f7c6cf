import { relative } from "node:path";
import ts from "typescript";
import { COMPILER_OPTIONS } from "./program.js";

/** One thing that an editor shows: an export, a type that exports refer to, or a public member of either. */
export interface Documented {
  /** `dist/trainer/events.d.ts` */
  file: string;
  /** `TrainerEvents.interval` */
  name: string;
  /** What the name stands for: `interval`. */
  ownName: string;
  /** The comment without its tags; inherited where a member has none of its own, as editors do. */
  comment: string;
  tags: readonly { name: string; text: string }[];
  node: ts.Declaration;
}

/** Everything public that the files in `entries` lead to, as far as it is declared in the package `installed`. */
export function walkDeclarations(installed: string, entries: Iterable<string>): Documented[] {
  const files = [...entries];
  const program = ts.createProgram(files, { ...COMPILER_OPTIONS, skipLibCheck: true });
  const walk = new Walk(program.getTypeChecker(), installed);
  for (const file of files) {
    const source = program.getSourceFile(file);
    if (source !== undefined) walk.module(source);
  }
  return walk.found;
}

class Walk {
  readonly found: Documented[] = [];
  readonly #found = new Set<ts.Symbol>();
  readonly #walked = new Set<ts.Node>();
  readonly #checker: ts.TypeChecker;
  readonly #installed: string;

  constructor(checker: ts.TypeChecker, installed: string) {
    this.#checker = checker;
    this.#installed = installed;
  }

  module(source: ts.SourceFile): void {
    const symbol = this.#checker.getSymbolAtLocation(source);
    for (const exported of symbol === undefined ? [] : this.#checker.getExportsOfModule(symbol))
      this.#symbol(exported, exported.declarations?.some(ts.isTypeOnlyImportOrExportDeclaration) === true);
  }

  /** `asType`: a schema that has the name of its interface is not public where only the type is exported. */
  #symbol(given: ts.Symbol, asType: boolean): void {
    const symbol = given.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(given) : given;
    const declarations = (symbol.declarations ?? []).filter(
      (node) => this.#isOurs(node) && (isType(node) || (!asType && isValue(node))),
    );
    const [first] = declarations;
    if (first !== undefined) this.#add(symbol, first, symbol.name, symbol.name);
    for (const declaration of declarations.filter((node) => !this.#walked.has(node))) {
      this.#walked.add(declaration);
      for (const member of membersOf(declaration)) this.#member(member, symbol.name);
      this.#references(declaration, symbol.name);
    }
  }

  #member(node: ts.ClassElement | ts.TypeElement, owner: string): void {
    if (node.name === undefined || !isPublic(node)) return;
    const symbol = this.#checker.getSymbolAtLocation(node.name);
    const ownName = node.name.getText();
    if (symbol !== undefined) this.#add(symbol, node, `${owner}.${ownName}`, ownName);
  }

  #add(symbol: ts.Symbol, node: ts.Declaration, name: string, ownName: string): void {
    if (this.#found.has(symbol)) return; // also an overload, or a setter beside its getter
    this.#found.add(symbol);
    this.found.push({
      file: relative(this.#installed, node.getSourceFile().fileName),
      name,
      ownName,
      comment: ts.displayPartsToString(symbol.getDocumentationComment(this.#checker)),
      tags: symbol.getJsDocTags(this.#checker).map((tag) => ({ name: tag.name, text: ts.displayPartsToString(tag.text) })),
      node,
    });
  }

  /** The types that a declaration names, and the object types in it: in members, parameters, results, `extends`. */
  #references(node: ts.Node, owner: string): void {
    ts.forEachChild(node, (child) => {
      if (ts.canHaveModifiers(child) && !isPublic(child)) return;
      const name = referredName(child);
      const symbol = name === undefined ? undefined : this.#checker.getSymbolAtLocation(name);
      if (symbol !== undefined) this.#symbol(symbol, !ts.isTypeQueryNode(child));
      if (ts.isTypeLiteralNode(child)) for (const member of child.members) this.#member(member, owner);
      this.#references(child, ts.isTypeElement(child) || ts.isClassElement(child) ? `${owner}.${child.name?.getText()}` : owner);
    });
  }

  #isOurs(node: ts.Declaration): boolean {
    const { fileName } = node.getSourceFile();
    return fileName.startsWith(`${this.#installed}/dist/`);
  }
}

function referredName(node: ts.Node): ts.Node | undefined {
  if (ts.isTypeReferenceNode(node)) return node.typeName;
  if (ts.isExpressionWithTypeArguments(node)) return node.expression;
  if (ts.isTypeQueryNode(node)) return node.exprName;
  if (ts.isImportTypeNode(node)) return node.qualifier;
  return undefined;
}

function isType(node: ts.Declaration): boolean {
  return ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node);
}

function isValue(node: ts.Declaration): boolean {
  return ts.isFunctionDeclaration(node) || ts.isVariableDeclaration(node) || ts.isModuleDeclaration(node);
}

/** The members of a class or an interface, and of the object types that an alias is made of. */
function membersOf(node: ts.Node): readonly (ts.ClassElement | ts.TypeElement)[] {
  if (ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node)) return node.members;
  if (ts.isTypeAliasDeclaration(node)) return membersOf(node.type);
  if (ts.isTypeLiteralNode(node)) return node.members;
  if (ts.isUnionTypeNode(node) || ts.isIntersectionTypeNode(node)) return node.types.flatMap((part) => membersOf(part));
  if (ts.isParenthesizedTypeNode(node)) return membersOf(node.type);
  return [];
}

function isPublic(node: ts.Node): boolean {
  const hidden = ts.canHaveModifiers(node) ? ts.getModifiers(node) : undefined;
  if (hidden?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword) === true) return false;
  return !("name" in node && ts.isPrivateIdentifier(node.name as ts.Node));
}
