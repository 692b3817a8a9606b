import { createCommandContext } from './command-context';
import { explainError } from './explain-error';
import { createProgram } from './program';
import { tolerateClosedOutput } from './closed-output';

async function main(): Promise<void> {
  tolerateClosedOutput(process.stdout);
  tolerateClosedOutput(process.stderr);
  const context = createCommandContext(process.env, process.cwd());
  const program = createProgram(context, (exitCode) => {
    process.exitCode = exitCode;
  });
  try {
    await program.parseAsync(process.argv);
  } catch (error) {
    const { message, exitCode } = explainError(error);
    if (message !== null) context.note(message);
    process.exitCode = exitCode;
  }
}

void main();
