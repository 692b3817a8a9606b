import { ApplicationFailure, setHandler } from '@temporalio/workflow';
import type { Extension } from '../domain/extension';
import { extensionSchema, unfitExtension } from '../domain/extension';
import type { PauseRequest, StopRequest } from '../domain/steering';
import { pauseRequestSchema, stopRequestSchema } from '../domain/steering';
import { parsedUpdate, wrongUpdate } from './parse-update';
import { extendUpdate, pauseUpdate, resumeUpdate, stopUpdate } from './messages';
import { refuseWhenOver } from './refuse-when-over';
import { progressOf } from './run-standing';
import type { RunState } from './run-state';

/** Answers what holds a run up, ends it or lets it go on longer. */
export function registerCourse(run: RunState): void {
  setHandler(
    pauseUpdate,
    (request) => {
      run.pauseByPerson(checkedPause(request).now ?? false, Date.now());
      return progressOf(run);
    },
    {
      description: 'Dispatches nothing new; running scripts finish, or with {"now": true} end and run again later.',
      validator: (request) => {
        refuseWhenOver(run);
        checkedPause(request);
      },
    },
  );
  setHandler(
    resumeUpdate,
    () => {
      run.resume(Date.now());
      return progressOf(run);
    },
    { description: 'Goes on after a pause. Takes no input.', validator: () => refuseWhenOver(run) },
  );
  setHandler(
    stopUpdate,
    (request) => {
      if (checkedStop(request).drain === true) run.drain(Date.now());
      else run.stopRequested = true;
      return progressOf(run);
    },
    {
      description: 'Ends running scripts, or with {"drain": true} waits for them; then the run ends with its report.',
      validator: (request) => {
        refuseWhenOver(run);
        checkedStop(request);
      },
    },
  );
  setHandler(
    extendUpdate,
    (request) => {
      run.extend(checkedExtension(run, request), Date.now());
      return progressOf(run);
    },
    {
      description: 'Adds steps, working time, tokens, US dollars or disk: {"steps": 20, "time": "2h", "disk": "20GB"}.',
      validator: (request) => {
        refuseWhenOver(run);
        if (run.stopRequested || run.draining)
          throw ApplicationFailure.nonRetryable('the run is being stopped; extend it when it is over');
        checkedExtension(run, request);
      },
    },
  );
}

/** People who have nothing to say about a pause or a stop send no input at all. */
function checkedPause(request: unknown): PauseRequest {
  return parsedUpdate(pauseRequestSchema, request ?? {}, 'the pause');
}

function checkedStop(request: unknown): StopRequest {
  return parsedUpdate(stopRequestSchema, request ?? {}, 'the stop');
}

function checkedExtension(run: RunState, request: unknown): Extension {
  const extension = parsedUpdate(extensionSchema, request, 'the extension');
  const unfit = unfitExtension(extension, run.spec);
  if (unfit.length > 0) throw wrongUpdate('the extension', unfit);
  return extension;
}
