import type { HookClass, HookSpecifier } from "../contract/index.js";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { TrainscopeError, messageOf } from "../support/errors.js";
import { suggest } from "../support/nearest.js";
import type { TrainerHooks } from "./trainer-hooks.js";

/** The keys of the config that name hooks. */
interface HookSources {
  hookClasses: readonly HookSpecifier[];
  hookConfigs: Readonly<Record<string, unknown>>;
}

/**
 * Makes the hooks that a config names: classes, `"./file.js#Name"` (from `cwd`), `"package/hooks#Name"`, or an object
 * with `hook`, `key` and `config`. Its config comes from that object, else from `hookConfigs` by specifier or class name.
 * Throws `ERR_HOOK_LOAD` for what cannot be imported or constructed, `ERR_CONFIG` for a config that fits no hook or two.
 */
export async function loadHooks<Batch>(sources: HookSources, cwd: string = process.cwd()): Promise<TrainerHooks<Batch>[]> {
  const loaded = await Promise.all(
    sources.hookClasses.map((specifier, i) => loadClass(specifier, `hooks.hookClasses[${i}]`, cwd)),
  );
  checkConfigs(loaded, sources.hookConfigs);
  return loaded.map((hook) => construct<Batch>(hook, sources.hookConfigs));
}

interface LoadedClass {
  readonly hookClass: HookClass;
  readonly specifier: string | null;
  readonly key: string | undefined;
  readonly config: unknown;
  readonly path: string;
}

async function loadClass(specifier: HookSpecifier, path: string, cwd: string): Promise<LoadedClass> {
  const { hook, key, config } =
    typeof specifier === "object" ? specifier : { hook: specifier, key: undefined, config: undefined };
  if (typeof hook === "function") return { hookClass: hook, specifier: null, key, config, path };
  return { hookClass: await importClass(hook, path, cwd), specifier: hook, key, config, path };
}

async function importClass(specifier: string, path: string, cwd: string): Promise<HookClass> {
  const hash = specifier.lastIndexOf("#");
  const file = specifier.slice(0, hash);
  const name = specifier.slice(hash + 1);
  if (hash < 1 || name === "") {
    throw new TrainscopeError(
      "ERR_HOOK_LOAD",
      `"${specifier}" does not name an export. Write "${specifier.replace(/#$/, "")}#ClassName".`,
      { path },
    );
  }
  const exported = await importModule(file, path, cwd);
  const found = exported[name];
  if (typeof found === "function") return found as HookClass;
  const classes = Object.keys(exported).filter((key) => typeof exported[key] === "function");
  throw new TrainscopeError("ERR_HOOK_LOAD", `"${file}" has no class "${name}".\n${suggest(name, classes)}`, { path });
}

async function importModule(file: string, path: string, cwd: string): Promise<Record<string, unknown>> {
  const isFile = file.startsWith(".") || file.startsWith("/");
  try {
    if (isFile) return (await import(pathToFileURL(resolve(cwd, file)).href)) as Record<string, unknown>;
    return (await import(resolvePackage(file, cwd))) as Record<string, unknown>;
  } catch (cause) {
    const where = isFile
      ? `Relative files are looked up from ${cwd}.`
      : `Packages are looked up from ${cwd}. Check that it is installed there.`;
    throw new TrainscopeError("ERR_HOOK_LOAD", `"${file}" could not be imported: ${messageOf(cause)}\n${where}`, { path, cause });
  }
}

/** The user's own copy of a package; a package that only allows `import` is left to Node's resolution from here. */
function resolvePackage(name: string, cwd: string): string {
  try {
    return pathToFileURL(createRequire(join(cwd, "package.json")).resolve(name)).href;
  } catch (error) {
    if ((error as { code?: string }).code === "ERR_PACKAGE_PATH_NOT_EXPORTED") return name;
    throw error;
  }
}

function construct<Batch>(hook: LoadedClass, configs: Readonly<Record<string, unknown>>): TrainerHooks<Batch> {
  const config = hook.config ?? (hook.specifier === null ? undefined : configs[hook.specifier]) ?? configs[hook.hookClass.name];
  try {
    const made = new hook.hookClass(config as never) as unknown as TrainerHooks<Batch>;
    return hook.key === undefined ? made : Object.assign(made, { key: hook.key });
  } catch (cause) {
    const path = `${hook.path} (${hook.hookClass.name})`;
    throw new TrainscopeError("ERR_HOOK_LOAD", `The constructor threw: ${messageOf(cause)}`, { path, cause });
  }
}

/** Each key of `hookConfigs` must fit exactly one hook: none is a typing mistake, two would be a guess. */
function checkConfigs(hooks: readonly LoadedClass[], configs: Readonly<Record<string, unknown>>): void {
  for (const name of Object.keys(configs)) {
    const fits = hooks.filter((hook) => hook.specifier === name || hook.hookClass.name === name);
    if (fits.length === 1) continue;
    const known = hooks.map((hook) => hook.specifier ?? hook.hookClass.name);
    const problem =
      fits.length === 0
        ? `No hook of hookClasses is called "${name}".`
        : `${fits.length} hooks are called "${name}". Give each its config in hookClasses, as { hook, key, config }.`;
    throw new TrainscopeError("ERR_CONFIG", `${problem}\n${suggest(name, known)}`, { path: `hooks.hookConfigs["${name}"]` });
  }
  for (const hook of hooks) checkOneConfig(hook, configs);
}

/** A hook takes one config: of two, one would do nothing. */
function checkOneConfig(hook: LoadedClass, configs: Readonly<Record<string, unknown>>): void {
  const names = new Set([hook.specifier, hook.hookClass.name].filter((name) => name !== null && Object.hasOwn(configs, name)));
  const places = [
    ...(hook.config === undefined ? [] : [hook.path]),
    ...Array.from(names, (name) => `hooks.hookConfigs["${name}"]`),
  ];
  if (places.length < 2) return;
  const problem = `${hook.hookClass.name} is given a config at ${places.join(" and at ")}. Give it one.`;
  throw new TrainscopeError("ERR_CONFIG", problem, { path: places[1] });
}
