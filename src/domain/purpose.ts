/** What a model call is for; also the name under which its prompt and answer are stored. */
export type Purpose = 'draft' | 'improve' | 'debug' | 'review';
