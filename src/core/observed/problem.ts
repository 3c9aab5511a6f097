/** What is wrong with which field, as the end of "The spec is not valid: …". */
export type SpecProblem = Readonly<Record<'field' | 'problem', string>>;
