import { z } from 'zod';

export const registrySchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9]{5,50}$/),
  /** Client ids that have a role on it. */
  readers: z.array(z.string()).default([]),
  /** Status with which the exchange is refused. */
  status: z.number().int().min(400).max(599).optional(),
  /** What a look-alike might put into its challenge. */
  challenge: z.strictObject({ realm: z.string(), service: z.string() }).optional(),
});

export type ContainerRegistry = z.infer<typeof registrySchema>;
