// Builds static/room: styles from room.scss, and the two libraries, one file each, without source maps.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "static", "room");
execFileSync(
  join(here, "node_modules", ".bin", "sass"),
  ["--no-source-map", "--style=compressed", "--quiet-deps", `--load-path=${join(here, "node_modules")}`, join(here, "room.scss"), join(out, "room.css")],
  { stdio: "inherit" },
);
for (const [from, to] of [
  ["govuk-frontend/dist/govuk/govuk-frontend.min.js", "govuk-frontend.js"],
  ["dexie/dist/modern/dexie.min.mjs", "dexie.js"],
]) {
  const text = readFileSync(join(here, "node_modules", from), "utf8").replace(/\n?\/\/# sourceMappingURL=.*\n?/g, "\n");
  writeFileSync(join(out, to), text);
}
