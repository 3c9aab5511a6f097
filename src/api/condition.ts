import { z } from 'zod';

const conditionSchema = z
  .object({
    type: z.string().max(316).describe('What the condition speaks of, for example Ready.'),
    status: z.enum(['True', 'False', 'Unknown']).describe('True, False or Unknown.'),
    reason: z.string().max(1024).describe('One word for the cause; the error table explains each.'),
    message: z.string().max(32768).describe('What happened and the command that helps.'),
    lastTransitionTime: z
      .string()
      .meta({ format: 'date-time' })
      .describe('When the status last changed.'),
    observedGeneration: z
      .int()
      .optional()
      .describe('Generation of the spec that the condition speaks of.'),
  })
  .describe('A condition as kstatus reads it.');

export const conditionsSchema = z
  .array(conditionSchema)
  .max(8)
  .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] });

export type Condition = z.infer<typeof conditionSchema>;
