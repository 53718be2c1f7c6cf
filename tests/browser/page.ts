import type { Browser, Page } from "playwright-core";

export interface WatchedPage {
  page: Page;
  /** What went wrong so far: errors of scripts and of the console, requests that failed or left this server. */
  faults: string[];
}

/** A page that remembers what goes wrong on it. Nothing is excused: TensorBoard makes no noise of its own, offline too. */
export async function openPage(
  browser: Browser,
  origin: string,
  viewport: { width: number; height: number },
): Promise<WatchedPage> {
  const page = await browser.newPage({ viewport });
  page.setDefaultTimeout(20_000);
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(`error in the page: ${error.stack ?? error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on("request", (request) => {
    const { protocol, origin: asked } = new URL(request.url());
    if (asked !== origin && protocol !== "data:" && protocol !== "blob:") faults.push(`a request to elsewhere: ${request.url()}`);
  });
  page.on("requestfailed", (request) => faults.push(`failed: ${request.url()} (${request.failure()?.errorText})`));
  page.on("response", (response) => {
    if (response.status() >= 400) faults.push(`${response.status()}: ${response.url()}`);
  });
  return { page, faults };
}
