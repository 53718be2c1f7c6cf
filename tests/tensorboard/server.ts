/** The real TensorBoard over a log directory, on a port of the system's choice. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";

/** Which of its two readers of event files serves: `fast` is the default, `python` is used on remote file systems. */
export type Loader = "fast" | "python";

/** A running server. */
export interface TensorBoard {
  /** The JSON of an API path such as `/data/runs`. */
  get<T>(path: string, body?: unknown): Promise<T>;
  /** The bytes of an API path. */
  bytes(path: string): Promise<Buffer>;
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts TensorBoard; resolves once it listens. */
export async function serve(python: string, logdir: string, loader: Loader): Promise<TensorBoard> {
  const args = ["-m", "tensorboard.main", "--logdir", logdir, "--host", "127.0.0.1", "--port", "0", "--reload_interval", "1"];
  const child = spawn(python, [...args, `--load_fast=${loader === "fast"}`], { stdio: ["ignore", "pipe", "pipe"] });
  const url = await addressOf(child);
  const request = async (path: string, body?: unknown): Promise<Response> => {
    const json = { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } };
    const response = await fetch(url + path, body === undefined ? {} : json);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response;
  };
  return {
    url,
    get: async (path, body) => (await request(path, body)).json() as never,
    bytes: async (path) => Buffer.from(await (await request(path)).arrayBuffer()),
    stop: async () => {
      child.kill("SIGTERM");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    },
  };
}

/** The address, which TensorBoard prints once it listens. */
function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = "";
    const read = (chunk: Buffer): void => {
      printed += chunk.toString();
      const match = /at (http:\/\/[^\s/]+)\//.exec(printed);
      if (match !== null) resolve(match[1] as string);
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`tensorboard ended with ${code}:\n${printed}`)));
  });
}

/** The points of a scalar as [step, value]. TensorBoard returns NaN and infinities as text. */
export async function scalarsOf(board: TensorBoard, run: string, tag: string): Promise<[number, number][]> {
  const query = `run=${encodeURIComponent(run)}&tag=${encodeURIComponent(tag)}`;
  const points = await board.get<[number, number, number | string][]>(`/data/plugin/scalars/scalars?${query}`);
  return points.map(([, step, value]) => [step, Number(value)]);
}

/** For `expect.poll`: the points that TensorBoard has read so far, or the message of its error. */
export function shown(board: TensorBoard, run: string, tag: string): () => Promise<unknown> {
  return () => scalarsOf(board, run, tag).catch((error: Error) => error.message);
}
