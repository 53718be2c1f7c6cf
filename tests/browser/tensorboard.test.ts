/**
 * The real TensorBoard in a real browser, with two runs of every kind of data: every tab shows what was logged, without an error
 * in the page and without a request that fails or leaves this machine. Pictures of the tabs are in test-artifacts/.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium, type Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { requirePeer, requirePython } from "../support/peers.js";
import { serve, type TensorBoard } from "../tensorboard/server.js";
import { openPage } from "./page.js";
import { writeRuns } from "./runs.js";
import { TABS } from "./tabs.js";

const SUITE = "TensorBoard in a browser";
const python = requirePython(SUITE);
const executablePath = requirePeer("chromium", SUITE);
const screenshots = fileURLToPath(new URL("../../test-artifacts/tensorboard/", import.meta.url));
/** Meshes need WebGL, which is emulated where there is no graphics card; root cannot use the browser's sandbox. */
const FLAGS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"];

describe.skipIf(python === null || executablePath === null)("TensorBoard in a browser", () => {
  let logdir: string;
  let board: TensorBoard | undefined;
  let browser: Browser | undefined;

  beforeAll(async () => {
    logdir = mkdtempSync(join(tmpdir(), "trainscope-browser-"));
    await writeRuns(logdir);
    board = await serve(python as string, logdir, "fast");
    browser = await chromium.launch({ executablePath: executablePath as string, args: FLAGS });
    await allLoaded(board);
  });
  afterAll(async () => {
    await browser?.close();
    await board?.stop();
    rmSync(logdir, { recursive: true, force: true });
  });

  test.each(TABS)("the tab $name", async ({ name, hash, shows, ...viewport }) => {
    const { url } = board as TensorBoard;
    const { page, problems } = await openPage(browser as Browser, url, viewport);
    const picture = { path: join(screenshots, `${name}.png`) };
    try {
      await page.goto(`${url}/#${hash}`);
      await shows(page);
      await page.screenshot(picture);
      expect(problems).toEqual([]);
    } catch (error) {
      await page.screenshot(picture).catch(() => null);
      throw problems.length === 0 ? error : new Error(problems.join("\n"), { cause: error });
    } finally {
      await page.close();
    }
  });
});

/** Waits until TensorBoard has read the last records of the runs: it serves while it reads. */
async function allLoaded(board: TensorBoard): Promise<void> {
  const length = async (path: string): Promise<number> => (await board.get<unknown[]>(`/data/plugin/${path}`)).length;
  const loaded = async (): Promise<void> => {
    expect(await length("histograms/histograms?run=sgd&tag=dense/bias")).toBe(10);
    expect(await length("images/images?run=adam&tag=predictions/price&sample=0")).toBe(3);
  };
  await vi.waitFor(loaded, { timeout: 90_000, interval: 200 });
}
