/** Reads [{file, text}] from standard input, lints each text as if it were that file, prints the broken rules of each. */
import { text } from 'node:stream/consumers';
import { ESLint } from 'eslint';

const eslint = new ESLint();
const broken = [];
for (const input of JSON.parse(await text(process.stdin))) {
  const [result] = await eslint.lintText(input.text, { filePath: input.file });
  broken.push(result.messages.map((message) => message.ruleId ?? message.message));
}
process.stdout.write(JSON.stringify(broken));
