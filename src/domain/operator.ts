import { z } from 'zod';

/** Ways in which a model makes a node: a fresh script, a change to a working one, or a repair of a failed one. */
export const modelOperatorSchema = z.enum(['draft', 'improve', 'debug']);
export type ModelOperator = z.infer<typeof modelOperatorSchema>;

/** How a node came to be: made by a model, or `inject`: a script that a person brought. */
export const operatorSchema = z.enum([...modelOperatorSchema.options, 'inject']);
export type Operator = z.infer<typeof operatorSchema>;
