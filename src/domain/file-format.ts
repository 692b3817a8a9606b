/** Bumped when a stored file changes so that older coppice versions could not read it. */
export const FILE_FORMAT = 1;
