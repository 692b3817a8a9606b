import { z } from 'zod';

/** What a model call is for; also the name under which its prompt and answer are stored, and the model's role. */
export const PURPOSES = ['draft', 'improve', 'debug', 'review', 'digest', 'report'] as const;
export const purposeSchema = z.enum(PURPOSES);
export type Purpose = z.infer<typeof purposeSchema>;

/** What each purpose has, all of them. */
export function forPurposes<Value>(make: (purpose: Purpose) => Value): Record<Purpose, Value> {
  return {
    draft: make('draft'),
    improve: make('improve'),
    debug: make('debug'),
    review: make('review'),
    digest: make('digest'),
    report: make('report'),
  };
}
