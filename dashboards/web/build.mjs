// Builds dashboards/assets/build: charts, the map's layout, fonts, icons and the notices of what is in them. Dash includes
// every .js and .css it finds there but those that app.py leaves out; the folder is written anew and moved into place at
// the end, so an interrupted build leaves the old.
import { build } from 'esbuild';
import { cp, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const packages = join(here, 'node_modules');
const output = join(here, '..', 'assets', 'build');
const fresh = join(here, '..', 'assets', '.build-new');

const FONTS = [
  { family: 'Inter Variable', source: '@fontsource-variable/inter', file: 'inter', weights: '100 900' },
  { family: 'JetBrains Mono Variable', source: '@fontsource-variable/jetbrains-mono', file: 'jetbrains-mono', weights: '100 800' },
];
// Ranges of the two subsets as the font packages publish them: latin-ext loads only when a page needs it.
const SUBSETS = ['latin-ext', 'latin'];
// What a package carries inside and its own licence does not speak of.
const WITHIN = {
  '@hpcc-js/wasm-graphviz':
    'It carries Graphviz 16.1.0, compiled to WebAssembly and otherwise unmodified, under the Eclipse Public License 1.0\n' +
    '(https://www.eclipse.org/legal/epl-v10.html); its source is at https://gitlab.com/graphviz/graphviz, tag 16.1.0.',
};

await rm(fresh, { recursive: true, force: true });
await mkdir(join(fresh, 'fonts'), { recursive: true });
const bundled = [...(await bundle('charts.js')), ...(await bundle('layout.js'))];
await fonts();
await icons();
await notices(bundled);
await rm(output, { recursive: true, force: true });
await rename(fresh, output);

/** Bundles one of our files with what it imports and returns the names of the packages whose code is in it. */
async function bundle(name) {
  const result = await build({
    entryPoints: [join(here, name)],
    outfile: join(fresh, name),
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2020',
    define: { global: 'window' },
    loader: { '.css': 'empty' }, // only the map traces need it, and they are not in the bundle
    legalComments: 'none',
    metafile: true,
    absWorkingDir: here,
    logLevel: 'warning',
  });
  const names = Object.keys(result.metafile.inputs)
    .map((path) => path.match(/.*node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1])
    .filter(Boolean);
  return [...new Set(names)].sort();
}

/** Copies the variable fonts and writes their faces with the ranges of their own style sheet. */
async function fonts() {
  const faces = [];
  for (const { family, source, file, weights } of FONTS) {
    const sheet = await readFile(join(packages, source, 'index.css'), 'utf8');
    for (const subset of SUBSETS) {
      const name = `${file}-${subset}-wght-normal.woff2`;
      await cp(join(packages, source, 'files', name), join(fresh, 'fonts', name));
      const range = sheet.split('@font-face').find((face) => face.includes(name))?.match(/unicode-range:\s*([^;]+);/)?.[1];
      if (!range) throw new Error(`${source} says no range for ${name}`);
      faces.push(
        `@font-face{font-family:"${family}";font-style:normal;font-display:swap;font-weight:${weights};` +
          `src:url("fonts/${name}") format("woff2");unicode-range:${range}}`,
      );
    }
  }
  await writeFile(join(fresh, 'fonts.css'), faces.join('\n') + '\n');
}

/** Writes each icon of icons.txt as a mask, so that it takes the colour of the text beside it. */
async function icons() {
  const names = (await readFile(join(here, 'icons.txt'), 'utf8')).split('\n').filter(Boolean);
  const rules = [
    '.icon{display:inline-block;flex:none;width:1.15em;height:1.15em;vertical-align:-.2em;background-color:currentColor;' +
      '-webkit-mask:var(--icon) center/contain no-repeat;mask:var(--icon) center/contain no-repeat}',
  ];
  for (const name of names) {
    const drawing = await readFile(join(packages, '@tabler/icons', 'icons', 'outline', `${name}.svg`), 'utf8');
    const oneLine = drawing.replace(/<!--[\s\S]*?-->/g, '').replace(/\s+/g, ' ').replace(/> </g, '><').trim();
    rules.push(`.icon-${name}{--icon:url("data:image/svg+xml,${encodeURIComponent(oneLine)}")}`);
  }
  await writeFile(join(fresh, 'icons.css'), rules.join('\n') + '\n');
}

/** Writes the licence of everything that is in the folder beside it, because their licences ask for it. */
async function notices(bundled) {
  const names = [...bundled, ...FONTS.map((font) => font.source), '@tabler/icons'];
  const parts = [];
  for (const name of names) {
    const root = join(packages, name);
    const { version, license } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    const file = (await readdir(root)).find((entry) => /^(licen[sc]e|copying)/i.test(entry));
    const text = file ? await readFile(join(root, file), 'utf8') : '';
    const named = license?.type ?? license ?? 'see its text';
    const within = WITHIN[name] ? `\n${WITHIN[name]}\n` : '';
    parts.push(`${'='.repeat(80)}\n${name} ${version}, licence: ${named}\n${within}\n${text.trim()}\n`);
  }
  await writeFile(join(fresh, 'NOTICES.txt'), `Third-party code and fonts in this folder\n\n${parts.join('\n')}`);
}
