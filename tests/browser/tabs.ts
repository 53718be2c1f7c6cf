/** The tabs of TensorBoard, and what each must show of the runs in runs.ts. */
import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";
import { heightsOf, paintedShare, pixelOf, sizeOf } from "./look.js";
import { RUNS, TONE } from "./runs.js";

/** A tab of TensorBoard. */
export interface Tab {
  name: string;
  /** The part of the address after the #. */
  hash: string;
  /** Of the window, in pixels: the whole tab is in it. */
  width: number;
  height: number;
  /** Waits until the tab shows what was logged; rejects when it does not. */
  shows(page: Page): Promise<void>;
}

export const TABS: readonly Tab[] = [
  { name: "timeseries", hash: "timeseries", width: 1700, height: 3150, shows: showsTimeSeries },
  { name: "scalars", hash: "scalars", width: 1700, height: 1200, shows: showsScalars },
  { name: "images", hash: "images", width: 1700, height: 1150, shows: showsImages },
  { name: "audio", hash: "audio", width: 1700, height: 500, shows: showsAudio },
  { name: "graphs", hash: "graphs", width: 1700, height: 1000, shows: showsGraph },
  { name: "graphs-keras", hash: "graphs", width: 1700, height: 1000, shows: showsKerasGraph },
  { name: "distributions", hash: "distributions", width: 1700, height: 900, shows: showsDistributions },
  { name: "histograms", hash: "histograms", width: 1700, height: 900, shows: showsHistograms },
  { name: "text", hash: "text", width: 1700, height: 800, shows: showsText },
  { name: "pr_curves", hash: "pr_curves", width: 1700, height: 800, shows: showsPrCurves },
  { name: "hparams", hash: "hparams", width: 1700, height: 1200, shows: showsHparams },
  { name: "custom_scalars", hash: "custom_scalars", width: 1700, height: 700, shows: showsCustomScalars },
  { name: "mesh", hash: "mesh", width: 1000, height: 1700, shows: showsMeshes },
];

async function showsTimeSeries(page: Page): Promise<void> {
  for (const group of ["predictions", "samples", "train", "validation"]) {
    await page
      .locator("metrics-card-group-toolbar button")
      .filter({ has: page.getByTitle(group, { exact: true }) })
      .click();
  }
  const card = (kind: string, tag: string): Locator => page.locator(kind).filter({ has: page.getByTitle(tag, { exact: true }) });
  for (const tag of ["train/accuracy", "train/loss", "validation/accuracy", "validation/loss", "validation/loss_low"]) {
    const chart = card("scalar-card", tag).locator("line-chart .series-view canvas").first();
    await expect.poll(() => paintedShare(chart), { message: `the chart of ${tag}` }).toBeGreaterThan(0.005);
  }
  const loss = card("scalar-card", "train/loss");
  for (const run of RUNS)
    await expect.poll(() => loss.locator("tr, tb-data-table-content-row").filter({ hasText: run }).innerText()).toContain("200");
  await expect.poll(() => sizeOf(card("image-card", "samples/rgb").locator("img"))).toEqual([160, 100]);
  await expect.poll(() => card("histogram-card", "conv1/kernel").locator("svg.content path").count()).toBe(10 * RUNS.length);
}

async function showsScalars(page: Page): Promise<void> {
  const lines = (tag: string): Locator =>
    page
      .locator("tf-scalar-card")
      .filter({ hasText: `tag: ${tag}` })
      .locator("path.line");
  // Each run has its line and its smoothed one.
  await expectCurves(lines("train/loss"), [falls, falls, falls, falls]);
  await expectCurves(lines("train/accuracy"), [rises, rises, rises, rises]);
  await expectCurves(lines("validation/loss_low"), [falls, falls, falls, falls]);
}

async function showsImages(page: Page): Promise<void> {
  const image = (tag: string): Locator =>
    page
      .locator("tf-image-loader")
      .filter({ hasText: new RegExp(`tag: ${tag}\\b`) })
      .locator("img");
  await expect.poll(() => sizeOf(image("samples/grey"))).toEqual([80, 72]);
  expect(await pixelOf(image("samples/grey"), 64, 12)).toEqual([255, 255, 255, 255]); // the F's upper arm
  expect(await pixelOf(image("samples/grey"), 64, 60)).toEqual([0, 0, 0, 255]);
  await expect.poll(() => sizeOf(image("samples/rgb"))).toEqual([160, 100]);
  expect(await pixelOf(image("samples/rgb"), 125, 28)).toEqual([230, 40, 30, 255]); // the sun
  await expect.poll(() => sizeOf(image("samples/rgba"))).toEqual([96, 96]);
  expect((await pixelOf(image("samples/rgba"), 48, 48)).at(-1)).toBe(0); // the ring's hole
  await expect.poll(async () => (await sizeOf(image("predictions/price")))[0]).toBeGreaterThan(300);
}

async function showsAudio(page: Page): Promise<void> {
  const sound = page.locator("tf-audio-loader").filter({ hasText: "tag: sounds/tone" }).locator("audio");
  await expect.poll(() => sound.evaluate(({ duration }: { duration: number }) => duration)).toBeCloseTo(TONE.seconds, 3);
}

async function showsGraph(page: Page): Promise<void> {
  await showsModel(page);
  await expect.poll(() => shapes(page).allTextContents()).toEqual(expect.arrayContaining(["?×28×28×1", "?×1936", "?×2"]));
  await showsLayer(page, ["Operation: Conv2D", '{"s":"1,168"}']);
}

/** The same model as "Conceptual graph", whose edges have no shapes. */
async function showsKerasGraph(page: Page): Promise<void> {
  await showsModel(page);
  await page.locator("tf-graph-controls paper-dropdown-menu").nth(1).click();
  await page.locator("tf-graph-controls paper-item").filter({ hasText: "keras" }).click();
  await page.locator("tf-graph-controls paper-radio-button[name=conceptual_graph][aria-checked=true]").waitFor();
  await expect.poll(() => shapes(page).count()).toBe(0);
  await showsModel(page);
  await showsLayer(page, ["keras_class", '{"s":"Conv2D"}']);
}

async function showsModel(page: Page): Promise<void> {
  for (const name of ["image", "position", "features", "joined", "hidden", "class", "box"]) await node(page, name).waitFor();
}

/** Opens a box and selects a layer in it, for which TensorBoard must show `facts`. */
async function showsLayer(page: Page, facts: readonly string[]): Promise<void> {
  await node(page, "features").locator("rect.nodecolortarget").first().dblclick();
  for (const name of ["conv1", "pool1", "conv2", "flatten"]) await node(page, `features/${name}`).waitFor();
  await node(page, "features/conv2").locator("ellipse.nodecolortarget").click();
  for (const fact of facts) await page.locator("tf-node-info").getByText(fact).waitFor();
}

function shapes(page: Page): Locator {
  return page.locator("tf-graph-scene text").filter({ hasText: "×" });
}

function node(page: Page, name: string): Locator {
  return page.locator(`tf-graph-scene g.node[data-name="${name}"]`);
}

async function showsDistributions(page: Page): Promise<void> {
  for (const tag of ["conv1/kernel", "dense/bias"]) {
    const cards = page.locator("tf-distribution-loader").filter({ hasText: `tag: ${tag}` });
    await expect.poll(() => cards.count()).toBe(RUNS.length);
    for (const card of await cards.all()) {
      await expect
        .poll(async () => (await heightsOf(card.locator("path.line"))).map((line) => line.length))
        .toEqual(Array(8).fill(10));
    }
  }
}

async function showsHistograms(page: Page): Promise<void> {
  for (const tag of ["conv1/kernel", "dense/bias"]) {
    const cards = page.locator("tf-histogram-loader").filter({ hasText: `tag: ${tag}` });
    await expect.poll(() => cards.count()).toBe(RUNS.length);
    for (const card of await cards.all()) {
      const outlines = card.locator("path.outline");
      await expect
        .poll(async () => (await heightsOf(outlines)).map((line) => Math.max(...line) > Math.min(...line)))
        .toEqual(Array(10).fill(true));
    }
  }
}

async function showsText(page: Page): Promise<void> {
  const text = (tag: string): Locator => page.locator("tf-text-loader").filter({ hasText: `tag: ${tag}` });
  await text("notes/run").locator("strong", { hasText: "every augmentation" }).waitFor();
  expect(await text("notes/run").locator("li").allInnerTexts()).toEqual(["flips", "crops of 28 × 28"]);
  await text("notes/run").getByText("Größer ist besser").waitFor();
  await expect.poll(() => text("notes/classes").locator("th").allInnerTexts()).toEqual(["class", "images", "recall"]);
  expect(await text("notes/classes").locator("td").allInnerTexts()).toEqual([
    "zero",
    "980",
    "0.97",
    "one",
    "973",
    "0.96",
    "two",
    "966",
    "0.95",
  ]);
}

async function showsPrCurves(page: Page): Promise<void> {
  const card = page.locator("tf-pr-curve-card").filter({ hasText: "tag: classes/zero" });
  await expectCurves(card.locator("path.line"), [falls]);
  await card.getByText("adam is at").waitFor();
  await card.getByText("step 200").waitFor();
}

async function showsHparams(page: Page): Promise<void> {
  const cells = page.locator("tf-hparams-table-view vaadin-grid-cell-content:visible");
  const shown = async (): Promise<string[]> =>
    (await cells.allInnerTexts()).map((text) => text.trim()).filter((text) => text !== "");
  const columns = [
    "Trial ID",
    "Show Metrics",
    "augment",
    "batchSize",
    "learningRate",
    "optimizer",
    "validation/loss",
    "validation/accuracy",
  ];
  const rows = [
    ["adam", "true", "64.000", "0.0010000", "adam", "0.12285", "0.95086"],
    ["sgd", "false", "64.000", "0.050000", "sgd", "0.21226", "0.91510"],
  ].flat();
  await expect.poll(shown).toEqual([...columns, ...rows]);
  const success = page.locator("tf-hparams-query-pane paper-checkbox", { hasText: "Success" });
  await success.click();
  await expect.poll(shown).toEqual(columns); // all runs ended with success
  await success.click();
  await expect.poll(shown).toEqual([...columns, ...rows]);
}

async function showsCustomScalars(page: Page): Promise<void> {
  const chart = page.locator("tf-custom-scalar-multi-line-chart-card").filter({ hasText: "Matches (4)" });
  await expectCurves(chart.locator("path.line"), Array(8).fill(falls));
  const band = page.locator("tf-custom-scalar-margin-chart-card").filter({ hasText: "loss with its band" });
  await expect.poll(async () => (await heightsOf(band.locator("path.area"))).length).toBe(RUNS.length);
  await page.getByText("Folded").waitFor();
  expect(await page.locator("tf-custom-scalar-multi-line-chart-card").count()).toBe(1);
}

async function showsMeshes(page: Page): Promise<void> {
  const canvases = page.locator("tf-mesh-loader canvas"); // two of all tags, then two of the group "shapes"
  await expect.poll(() => canvases.count()).toBe(4);
  const painted = async (index: number): Promise<number> => Math.round(100 * (await paintedShare(canvases.nth(index))));
  for (const index of [0, 2]) await expect.poll(() => painted(index)).toSatisfy((percent: number) => percent > 8 && percent < 60);
  for (const index of [1, 3]) await expect.poll(() => painted(index)).toSatisfy((percent: number) => percent > 0 && percent < 8);
}

type Trend = (heights: readonly number[]) => boolean;
const falls: Trend = (heights) => heights.length >= 15 && (heights[0] as number) > (heights.at(-1) as number) + 20;
const rises: Trend = (heights) => falls(heights.toReversed());

/** Waits until there are as many curves as trends, each with its trend. */
async function expectCurves(paths: Locator, trends: readonly Trend[]): Promise<void> {
  const good = async (): Promise<boolean[]> => {
    const curves = await heightsOf(paths);
    return curves.map((heights, index) => trends[index]?.(heights) ?? false);
  };
  await expect.poll(good).toEqual(trends.map(() => true));
}
