// Bundles src/ into ../rule_editor.js: one module, styles included. The same sources give the same
// bytes. The banner holds the SHA-256 of what it was built from; a test of the project checks it.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));

/** Paths of the sources with "/" between folders, in the order of their characters. */
function sources() {
  const listed = readdirSync(join(here, "src"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(here.length + 1));
  const all = [...listed, "build.mjs", "package.json", "package-lock.json", "tsconfig.json"];
  return all.map((path) => path.replaceAll("\\", "/")).sort();
}

function digest() {
  const hash = createHash("sha256");
  for (const path of sources()) {
    const text = readFileSync(join(here, path));
    hash.update(`${path}\n${text.length}\n`);
    hash.update(text);
  }
  return hash.digest("hex");
}

const made = await build({
  absWorkingDir: here,
  entryPoints: ["src/main.tsx"],
  bundle: true,
  write: false,
  minify: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  legalComments: "none",
  charset: "utf8",
  loader: { ".css": "text" },
  define: { "process.env.NODE_ENV": '"production"' },
  logLevel: "warning",
});
const parts = Object.entries(JSON.parse(readFileSync(join(here, "package.json"))).dependencies);
const names = parts.map(([name, version]) => `${name} ${version}`).join(", ");
const banner = [
  "/* The rule editor. Built from frontend/ by `npm ci && npm run build`; edit it there.",
  `   Contains ${names} and what they need (MIT and Apache 2.0 licences).`,
  `   sha256 of the sources: ${digest()} */`,
];
const code = made.outputFiles[0].text.trimEnd();
writeFileSync(join(here, "..", "rule_editor.js"), `${banner.join("\n")}\n${code}\n`);
