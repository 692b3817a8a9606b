import { ApplicationFailure } from '@temporalio/common';
import { FailureType } from '../domain/failure-type';
import { endAttempt } from '../sandbox/remove-attempt';
import { endAttempts, findSurvivor, type KnownAttempt } from '../sandbox/survivors';
import { readOwner, takeOwnership } from './attempt-ownership';
import { makeAttempt } from './make-attempt';
import type { ExecuteStep } from './execute-step';

/**
 * The attempt to go on with: one that survived on this host, else, where the step may begin anew, a fresh one. Null when
 * there is nothing here and it may not. The node belongs to the attempt from then on.
 *
 * @throws ApplicationFailure `SupervisorLost` when the supervisor of an attempt was killed here
 */
export async function takeAttempt(step: ExecuteStep): Promise<KnownAttempt | null> {
  const owner = await readOwner(step);
  const survivor = await findSurvivor(step.host, step.script, step.codeHash, owner);
  switch (survivor.kind) {
    case 'alive': {
      const { attempt } = survivor;
      if (owner?.token === attempt.file.token) return { ...attempt, number: owner.attempt };
      const adopted = { ...attempt, number: Math.max(owner?.attempt ?? 0, attempt.number) + 1 };
      await takeOwnership(step, adopted);
      return adopted;
    }
    case 'lost':
      await endAttempt(survivor.attempt);
      throw supervisorLost(step, survivor.attempt);
    case 'none':
      if (step.input.place === 'anywhere') return makeAttempt(step, owner);
      // What may still run here is of other code: it can never count, and would keep its slot.
      await endAttempts(step.host, step.script, owner);
      return null;
  }
}

/** The failure of an attempt whose supervisor ended without a result, and its script with it. */
export function supervisorLost({ input }: ExecuteStep, attempt: KnownAttempt): ApplicationFailure {
  const message =
    `the supervisor of node ${input.nodeId}, attempt ${attempt.number}, was killed, and its script with it; ` +
    'often too little memory on the machine';
  return ApplicationFailure.create({ message, type: FailureType.SupervisorLost, nonRetryable: false });
}
