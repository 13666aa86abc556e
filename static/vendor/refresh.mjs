#!/usr/bin/env node
// Fetches the packages named in lock.json, refuses one whose bytes are not the locked ones, and puts the files
// we serve beside this script, with their licences. Run by `make vendor`; the result is committed.
// A new version: change it in lock.json, clear its integrity, run, look at the difference, commit.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const lockFile = join(here, "lock.json");
const lock = JSON.parse(readFileSync(lockFile, "utf8"));
const work = mkdtempSync(join(tmpdir(), "vendor-"));
let learned = false;

for (const pack of lock) {
  const out = execFileSync("npm", ["pack", "--silent", "--pack-destination", work, `${pack.name}@${pack.version}`], { encoding: "utf8" });
  const tarball = join(work, out.trim().split("\n").pop());
  const integrity = "sha512-" + createHash("sha512").update(readFileSync(tarball)).digest("base64");
  if (!pack.integrity) {
    pack.integrity = integrity;
    learned = true;
  }
  if (pack.integrity !== integrity) {
    console.error(`${pack.name}@${pack.version}: the bytes are not the locked ones (${integrity})`);
    process.exit(1);
  }
  const dir = join(work, pack.name.replace("/", "-"));
  mkdirSync(dir);
  execFileSync("tar", ["xzf", tarball, "-C", dir]);
  const files = { ...pack.files };
  for (const icon of (pack.icons ?? "").split(" ").filter(Boolean)) files[`icons/${icon}.svg`] = `lucide/${icon}.svg`;
  if (pack.icons) rmSync(join(here, "lucide"), { recursive: true, force: true });
  for (const [from, to] of Object.entries(files)) {
    mkdirSync(dirname(join(here, to)), { recursive: true });
    copyFileSync(join(dir, "package", from), join(here, to));
  }
  console.log(`${pack.name}@${pack.version}: ${Object.keys(files).length} files`);
}
if (learned) writeFileSync(lockFile, JSON.stringify(lock, null, 2) + "\n");
rmSync(work, { recursive: true });
