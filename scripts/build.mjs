// Compiles src to dist; run by `npm install` in a clone (prepare), so that `npx hedgedrill` works there.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, rmSync } from 'node:fs';

const compiler = 'node_modules/typescript/bin/tsc';
if (!existsSync(compiler)) {
  // Installed without development dependencies: the packed tarball carries dist already.
  process.exit(existsSync('dist/cli/main.js') ? 0 : 1);
}
rmSync('dist', { recursive: true, force: true });
const result = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
if (result.status === 0) chmodSync('dist/cli/main.js', 0o755);
process.exit(result.status ?? 1);
