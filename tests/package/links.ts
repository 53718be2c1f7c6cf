import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Headings of a page as anchors, the way code hosts make them. */
function anchors(markdown: string): string[] {
  const headings = [...markdown.replaceAll(/```[\s\S]*?```/g, "").matchAll(/^#+\s+(.*)$/gm)].map((match) => match[1] ?? "");
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** The links and pictures of a page (its path below `root`) that lead to no file of this folder, or to no heading. */
export function brokenLinks(root: string, page: string): string[] {
  const markdown = readFileSync(join(root, page), "utf8");
  const text = markdown.replaceAll(/```[\s\S]*?```/g, "");
  const links = [...text.matchAll(/\]\(([^)\s]+)\)|\b(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? match[2] ?? "");
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [path = "", anchor] = link.split("#");
    const target = path === "" ? join(root, page) : join(root, dirname(page), path);
    if (!existsSync(target)) return true;
    return anchor !== undefined && target.endsWith(".md") && !anchors(readFileSync(target, "utf8")).includes(anchor);
  });
}
