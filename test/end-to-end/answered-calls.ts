import type { ScriptedModel } from '../scripted-model/scripted-model';

/** What makes a coppice process use the model server at that address. */
export function modelAt(baseUrl: string): Record<string, string> {
  return { COPPICE_MODEL: 'scripted', OPENAI_API_KEY: 'key', OPENAI_BASE_URL: baseUrl };
}

/** The calls that the servers have answered, one entry for each answer, sorted: what was bought. */
export function answeredCalls(...models: readonly ScriptedModel[]): string[] {
  return models
    .flatMap((model) => model.requests())
    .filter(({ status }) => status === 200)
    .map(({ call }) => call)
    .sort();
}

/** All calls that a finished run stands for, sorted: those of its nodes, and the words for the report. */
export function callsOfRun(
  runId: string,
  nodes: readonly { readonly id: number; readonly operator: string }[],
): string[] {
  return [...nodes.flatMap((node) => callsOf(runId, node)), `${runId}/0/report/1`].sort();
}

/** The two calls that a recorded node stands for, as `answeredCalls` names them. */
export function callsOf(runId: string, node: { readonly id: number; readonly operator: string }): string[] {
  return [`${runId}/${node.id}/${node.operator}/1`, `${runId}/${node.id}/review/1`];
}
