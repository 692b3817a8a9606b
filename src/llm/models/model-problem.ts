/** Something about models that a person has to mend: the message is one line that says what and where. */
export class ModelProblem extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ModelProblem';
  }
}
