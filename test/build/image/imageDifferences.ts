import type { SavedImage } from './savedImage.ts';

/** Of the image that Docker built and the other; a line or three for each. */
export function differences(docker: SavedImage, script: SavedImage): string[] {
  return [
    ...unequal('config', docker.config, script.config),
    ...unequal('file', withoutCacheContent(docker.files), withoutCacheContent(script.files)),
  ];
}

/** V8 writes the same bundle in other bytes each time; the name says for which Node, flags and user. */
function withoutCacheContent(files: Entries): Entries {
  const content = / sha256:.*$/;
  return new Map(
    [...files].map(([path, what]) =>
      path.startsWith('app/cache/') ? [path, what.replace(content, '')] : [path, what],
    ),
  );
}

type Entries = ReadonlyMap<string, string>;

function unequal(what: string, docker: Entries, script: Entries): string[] {
  const names = [...new Set([...docker.keys(), ...script.keys()])].toSorted();
  return names
    .filter((name) => docker.get(name) !== script.get(name))
    .map((name) => {
      const [one = 'none', other = 'none'] = [docker.get(name), script.get(name)];
      return `${what} ${name}\n  with Docker: ${one}\n  without:     ${other}`;
    });
}
