import { startOf } from "./machine.js";

/** Where a container's runtime leaves its id: names of mounted files, and of control groups. */
const ID_IN_PATH = /(?:containers|overlay-containers|docker|containerd|libpod|crio|pods?)[^\s]*?[/-]([\da-f]{64})\b/;
const BYTES = 64 * 1024;

/** The image of the container that this process runs in, else the container's id; null outside of one, and where neither is known. */
export async function containerOf(): Promise<string | null> {
  if (process.platform !== "linux") return null;
  const [podman, mounts, groups] = await Promise.all([
    startOf("/run/.containerenv"),
    startOf("/proc/self/mountinfo", BYTES),
    startOf("/proc/self/cgroup", BYTES),
  ]);
  return containerIn({
    podman,
    mounts,
    groups,
    image: process.env["APPTAINER_CONTAINER"] ?? process.env["SINGULARITY_CONTAINER"],
  });
}

/** What files that a runtime writes say of the container. */
export function containerIn(of: { podman: string; mounts: string; groups: string; image?: string | undefined }): string | null {
  const image = /^image="(.+)"$/m.exec(of.podman)?.[1] ?? of.image;
  if (image !== undefined && image !== "") return image;
  return /^id="([\da-f]+)"$/m.exec(of.podman)?.[1] ?? ID_IN_PATH.exec(of.groups)?.[1] ?? ID_IN_PATH.exec(of.mounts)?.[1] ?? null;
}
