import { z } from 'zod';

/** How a node came to be: a fresh script, a change to a working one, or a repair of a failed one. */
export const operatorSchema = z.enum(['draft', 'improve', 'debug']);
export type Operator = z.infer<typeof operatorSchema>;
