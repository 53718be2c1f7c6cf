/** What to do about the errors of a file system, by their codes. `<place>` is the setting that gives the directory. */
const REMEDIES: ReadonlyMap<string, string> = new Map([
  ["ENOSPC", "The disk is full. Free space on it, or set <place> to another disk."],
  ["EDQUOT", "Your quota on this disk is used up. Delete files of yours there, or set <place> to another disk."],
  [
    "EFBIG",
    "The file is larger than this system or file system allows. Raise the limit (ulimit -f), or set <place> to another disk.",
  ],
  ["EACCES", "This user may not write there. Change the permissions of the directory, or set <place> to one that you may write."],
  [
    "EPERM",
    "The system does not permit it for this user. Change the owner or the attributes of the directory, or set <place> to another.",
  ],
  ["EROFS", "The file system is read-only. Mount it for writing, or set <place> to a directory on another."],
  [
    "ENOENT",
    "A directory of the path does not exist: it was deleted or moved, or its disk is not mounted. Make it again, or set <place> to another.",
  ],
  ["ENOTDIR", "A part of the path is a file. Delete or rename it, or set <place> to another directory."],
  ["EEXIST", "Something else has this name. Delete or rename it, or set <place> to another directory."],
  ["EISDIR", "A directory has the name of the file. Delete or rename it, or set <place> to another directory."],
  ["ERR_FS_EISDIR", "A directory has the name of the file. Delete or rename it, or set <place> to another directory."], // of Node
  ["ENOTEMPTY", "A directory with files in it has this name. Delete or rename it, or set <place> to another directory."],
  ["ENAMETOOLONG", "The name or the path is too long for the file system. Shorten it, or set <place> to a shorter path."],
  ["ELOOP", "Symbolic links in the path lead in a circle. Correct them, or set <place> to another directory."],
  [
    "EMFILE",
    "This process has too many files open. Raise the limit (ulimit -n), or close files that your program no longer needs.",
  ],
  ["ENFILE", "The system has too many files open. End other programs, or raise its limit (fs.file-max on Linux)."],
  ["ENOMEM", "The system has no memory left. Free memory, or use smaller batches or fewer workers."],
  ["EIO", "The disk or its connection failed. Check it, and set <place> to another disk."],
  ["ENODEV", "The disk is gone. Connect or mount it again, or set <place> to another."],
  ["ENXIO", "The disk is gone. Connect or mount it again, or set <place> to another."],
  ["ESTALE", "The server of this network disk has forgotten the directory. Mount it again, or set <place> to a local disk."],
  ["ETIMEDOUT", "The server of this network disk does not answer. Check the connection, or set <place> to a local disk."],
  ["EBUSY", "Another program or the system is using it. End that program, or set <place> to another directory."],
  ["EXDEV", "The file system cannot rename across its parts. Set <place> to a directory that lies on one file system."],
  ["ENOTSUP", "The file system cannot do this. Set <place> to a directory on a local disk."],
  ["EOPNOTSUPP", "The file system cannot do this. Set <place> to a directory on a local disk."],
  ["ENOSYS", "The file system cannot do this. Set <place> to a directory on a local disk."],
]);

/** What to do about an error of a file system, as sentences. `place` is the setting that gives the directory: `runsDir`. */
export function diskRemedy(error: unknown, place: string): string {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  const remedy = REMEDIES.get(String(code)) ?? "Set <place> to a directory that can be written.";
  return remedy.replace("<place>", place);
}
