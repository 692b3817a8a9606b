/** What came is no chat completion, or an incomplete one; `what` completes "the server sent …". */
export class UnusableAnswer extends Error {
  constructor(readonly what: string) {
    super(`the model server sent ${what}`);
    this.name = 'UnusableAnswer';
  }
}
