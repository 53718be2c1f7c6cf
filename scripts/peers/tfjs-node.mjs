/**
 * TensorFlow.js's native binding (tfjs-node), in .peers/tfjs-node/: about 250 MB, downloaded once. The binding's own install script
 * downloads from a host that is often not reachable; here the TensorFlow libraries come from PyPI, and the binding is compiled.
 * Needs Linux on x86-64, python3 with pip, g++ and the headers of Node (beside the node program, or in /usr/include/node).
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { code, npm, ROOT } from "../lib/prepare.mjs";

const TFJS = "4.22.0";
const TENSORFLOW = "2.15.1"; // tfjs-node 4.22 is written for its C API
const home = join(ROOT, ".peers/tfjs-node");
const binding = join(home, "node_modules/@tensorflow/tfjs-node");
const built = join(binding, "lib/napi-v8/tfjs_binding.node");

/** The folder of the compiled binding, or null. */
export const findTfjsNode = () => (existsSync(built) ? binding : null);

/** Downloads and compiles it; null, or why that failed. */
export async function makeTfjsNode() {
  try {
    await build();
    return null;
  } catch (error) {
    return error.message;
  }
}

async function build() {
  if (process.platform !== "linux" || process.arch !== "x64")
    throw new Error(`there are TensorFlow libraries for linux-x64 here, not for ${process.platform}-${process.arch}`);
  const headers = nodeHeaders();
  mkdirSync(home, { recursive: true });
  writeFileSync(
    join(home, "package.json"),
    `${JSON.stringify({ private: true, dependencies: { "@tensorflow/tfjs-node": TFJS } })}\n`,
  );
  const [command, args, options] = npm(["install", "--ignore-scripts", "--no-audit", "--no-fund"]);
  await mustRun(command, args, { ...options, cwd: home });
  await libraries();
  await compile(headers);
}

function nodeHeaders() {
  const places = [join(dirname(dirname(process.execPath)), "include/node"), "/usr/include/node"];
  const found = places.find((place) => existsSync(join(place, "node_api.h")));
  if (found === undefined) throw new Error(`the headers of Node are in none of ${places.join(", ")}`);
  return found;
}

/** The shared libraries and headers out of PyPI's wheel. */
async function libraries() {
  const wheels = join(home, "wheel");
  const pip = ["-m", "pip", "download", `tensorflow-cpu==${TENSORFLOW}`, "--no-deps", "--dest", wheels];
  const any = [
    "--only-binary",
    ":all:",
    "--platform",
    "manylinux_2_17_x86_64",
    "--python-version",
    "3.11",
    "--implementation",
    "cp",
    "--abi",
    "cp311",
  ];
  await mustRun("python3", [...pip, ...any]);
  const wheel = readdirSync(wheels).find((name) => name.endsWith(".whl"));
  if (wheel === undefined) throw new Error("pip downloaded no wheel");
  const extract = [
    "import sys, zipfile",
    "wheel, target = sys.argv[1:]",
    "wanted = ('tensorflow/libtensorflow_cc.so.2', 'tensorflow/libtensorflow_framework.so.2', 'tensorflow/include/')",
    "archive = zipfile.ZipFile(wheel)",
    "archive.extractall(target, [name for name in archive.namelist() if name.startswith(wanted)])",
  ].join("\n");
  await mustRun("python3", ["-c", extract, join(wheels, wheel), join(home, "wheel")]);
  const deps = join(binding, "deps");
  rmSync(deps, { recursive: true, force: true });
  mkdirSync(join(deps, "lib"), { recursive: true });
  const unpacked = join(home, "wheel/tensorflow");
  for (const name of readdirSync(unpacked).filter((file) => file.startsWith("libtensorflow"))) {
    execFileSync("mv", [join(unpacked, name), join(deps, "lib", name)]);
  }
  execFileSync("mv", [join(unpacked, "include"), join(deps, "include")]);
  rmSync(wheels, { recursive: true });
}

async function compile(headers) {
  mkdirSync(dirname(built), { recursive: true });
  const flags = ["-std=c++17", "-O2", "-fPIC", "-shared", "-DNAPI_VERSION=8", "-DBUILDING_NODE_EXTENSION"];
  const includes = [`-I${headers}`, "-Ideps/include", "-I."];
  const sources = ["binding/tfjs_backend.cc", "binding/tfjs_binding.cc"];
  const links = [
    "-Ldeps/lib",
    "-l:libtensorflow_cc.so.2",
    "-l:libtensorflow_framework.so.2",
    "-Wl,-rpath,$ORIGIN/../../deps/lib",
  ];
  await mustRun("g++", [...flags, ...includes, ...sources, "-o", built, ...links], { cwd: binding });
}

async function mustRun(command, args, options) {
  const exitCode = await code(command, args, options);
  if (exitCode !== 0) throw new Error(`${command} ended with ${exitCode}`);
}
