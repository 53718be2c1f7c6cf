import type { Browser, Page } from "playwright-core";

/** A page and what went wrong on it. */
export interface WatchedPage {
  page: Page;
  /** Errors of scripts and of the console, and requests that failed or left this server, so far. */
  problems: string[];
}

/** Opens a page and records what goes wrong on it. Nothing is ignored: TensorBoard itself causes no errors, also offline. */
export async function openPage(
  browser: Browser,
  origin: string,
  viewport: { width: number; height: number },
): Promise<WatchedPage> {
  const page = await browser.newPage({ viewport });
  page.setDefaultTimeout(60_000);
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(`error in the page: ${error.stack ?? error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on("request", (request) => {
    const { protocol, origin: requested } = new URL(request.url());
    if (requested !== origin && protocol !== "data:" && protocol !== "blob:")
      problems.push(`a request to elsewhere: ${request.url()}`);
  });
  page.on("requestfailed", (request) => problems.push(`failed: ${request.url()} (${request.failure()?.errorText})`));
  page.on("response", (response) => {
    if (response.status() >= 400) problems.push(`${response.status()}: ${response.url()}`);
  });
  return { page, problems };
}
