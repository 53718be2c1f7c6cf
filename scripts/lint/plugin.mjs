/**
 * Lint rules of this repository, for oxlint.
 * - `trainscope/room-imports`: see rooms.mjs. Static imports, re-exports and `import()` count, and so do type imports.
 * - `trainscope/typed-errors`: src/ throws `TrainscopeError`, which says what was found and what would be right.
 * Test files may do what they like; those below packages/ use the package by its name too.
 */
import { sep } from "node:path";
import { isNeighbour, violation } from "./rooms.mjs";

const isTest = (file) => file.endsWith(".test.ts");

const roomImports = {
  create(context) {
    const file = context.filename;
    if (isTest(file) && !isNeighbour(file)) return {};
    const check = (node) => {
      if (typeof node?.source?.value !== "string") return;
      const message = violation(file, node.source.value);
      if (message !== null) context.report({ node: node.source, message });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
      TSImportType: check,
    };
  },
};

const typedErrors = {
  create(context) {
    if (isTest(context.filename) || !context.filename.includes(`${sep}src${sep}`)) return {};
    return {
      ThrowStatement(node) {
        if (node.argument?.type !== "NewExpression" || node.argument.callee?.name !== "Error") return;
        context.report({ node, message: "Throw TrainscopeError(code, message, { path, cause }) instead of a bare Error." });
      },
    };
  },
};

export default { meta: { name: "trainscope" }, rules: { "room-imports": roomImports, "typed-errors": typedErrors } };
