import type { OwnNode, Site } from '../site.ts';

export type NodeSite = OwnNode & Pick<Site, 'directory'>;
