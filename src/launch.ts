import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// An old Node cannot even link the bundle and prints all of its text instead of a reason. So the command line begins
// here, with nothing that Node 20 lacks.
const needed = 24;
const bundle = fileURLToPath(new URL('vaultsecret.mjs', import.meta.url));
/** What `npm ci` brings, where the bundle lies in the folder that built it. */
const ownNode = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));

function runByOwnNode(): void {
  const child = spawn(ownNode, [bundle, ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal gives this one to both; it is the child's to end.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill());
  child.once('exit', (status) => (process.exitCode = status ?? 1));
}

if (Number.parseInt(process.versions.node, 10) >= needed) await import('./main.ts');
else if (existsSync(ownNode)) runByOwnNode();
else {
  const found = `this is ${process.version} at ${process.execPath}`;
  process.stderr.write(`vaultsecret: it needs Node ${needed} or newer, and ${found}\n`);
  process.exitCode = 1;
}
