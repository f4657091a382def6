// Makes what browsers load: from the modules and styles of this repository, minified, with hashes in
// their names. `node bundle.mjs` writes it, `node bundle.mjs --check` compares it with what is
// committed. Building the programs needs none of this. The packages come from this folder's
// package-lock.json (`npm ci`), or from the folder that VUNGXANH_BROWSER_TOOLS names.

import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../../..');
const tools = process.env.VUNGXANH_BROWSER_TOOLS ?? here;
const esbuild = createRequire(join(resolve(tools), 'package.json'))('esbuild');

/**
 * What each program gives to browsers: groups of entries that share files. The check-in page, the page of
 * declarations and that of a door stand alone, so that a slow network has few requests to wait for.
 */
const PROGRAMS = [{
  source: 'health-authority-server/assets',
  groups: [
    ['checkin'], ['checkin-worker'], ['declare'], ['declare-worker'], ['venue-door'], ['venue-door-worker'],
    ['venue-display', 'venue-join', 'venue-key', 'venue-place', 'venue-shares'], ['officer', 'officer-worker'],
    ['staff-codes', 'visit-scan'], ['style'],
  ],
  built: 'health-authority-server/assets/built',
}, {
  source: 'daemon/assets',
  groups: [['checkin-scan'], ['style']],
  built: 'daemon/assets/built',
}];
const STYLE = 'protocol/look/style/index.css';
const LICENCES = [
  ['noble-curves', 'protocol/browser/vendor/noble/curves/LICENSE'],
  ['noble-hashes', 'protocol/browser/vendor/noble/hashes/LICENSE'],
  ['noble-ciphers', 'protocol/browser/vendor/noble/ciphers/LICENSE'],
  ['qr', 'protocol/browser/vendor/qr/LICENSE'],
  ['Be Vietnam Pro', 'protocol/look/fonts/OFL.txt'],
];

async function build(program) {
  const files = new Map();
  const outputs = new Map();
  for (const group of program.groups) {
    const result = await esbuild.build({
      absWorkingDir: root,
      entryPoints: group.map((name) => ({ in: name === 'style' ? STYLE : `${program.source}/${name}.js`, out: name })),
      outdir: program.built,
      entryNames: '[name]-[hash]',
      chunkNames: 'shared-[hash]',
      assetNames: '[name]-[hash]',
      bundle: true,
      splitting: true,
      format: 'esm',
      target: ['es2022'],
      minify: true,
      sourcemap: 'linked',
      legalComments: 'none',
      loader: { '.woff2': 'file' },
      write: false,
      metafile: true,
      logLevel: 'warning',
    });
    for (const file of result.outputFiles) files.set(basename(file.path), Buffer.from(file.contents));
    for (const [path, output] of Object.entries(result.metafile.outputs)) outputs.set(basename(path), output);
  }
  const licences = await Promise.all(LICENCES.map(async ([name, path]) =>
    `${name}\n\n${await readFile(join(root, path), 'utf8')}`));
  files.set('licences.txt', Buffer.from(licences.join('\n\n')));
  files.set('files.rs', Buffer.from(list(outputs, [...files.keys()])));
  return files;
}

/** The list of files as a Rust expression. Those with a name are asked for by it. */
function list(outputs, names) {
  const lines = names.sort().map((file) => {
    const imports = imported(file, outputs).map((one) => `"${one}"`).join(', ');
    return `    Asset { name: "${nameOf(file)}", file: "${file}", imports: &[${imports}], content: include_bytes!("${file}") },`;
  });
  return `// Written by protocol/browser/tools/bundle.mjs.\n&[\n${lines.join('\n')}\n]\n`;
}

function nameOf(file) {
  return /^shared-|\.map$/.test(file) ? '' : file.replace(/-[A-Z0-9]{8}(?=\.\w+$)/, '');
}

/** What a script imports at once, directly or not. */
function imported(file, outputs) {
  const found = new Set();
  const visit = (one) => {
    for (const { path, kind } of outputs.get(one)?.imports ?? []) {
      const next = basename(path);
      if (kind !== 'import-statement' || found.has(next)) continue;
      found.add(next);
      visit(next);
    }
  };
  visit(file);
  return [...found].sort();
}

async function write(folder, files) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const [name, content] of files) await writeFile(join(folder, name), content);
}

async function differences(folder, files) {
  const there = new Set(await readdir(folder).catch(() => []));
  const different = [...there].filter((name) => !files.has(name));
  for (const [name, content] of files) {
    if (!there.has(name) || !content.equals(await readFile(join(folder, name)))) different.push(name);
  }
  return different;
}

const check = process.argv.includes('--check');
for (const program of PROGRAMS) {
  const files = await build(program);
  const folder = join(root, program.built);
  if (!check) {
    await write(folder, files);
    continue;
  }
  const different = await differences(folder, files);
  if (different.length) {
    console.error(`${relative(root, folder)} is not what its sources make: ${different.join(', ')}`);
    console.error('Run: cd protocol/browser/tools && npm ci && node bundle.mjs');
    process.exitCode = 1;
  }
}
