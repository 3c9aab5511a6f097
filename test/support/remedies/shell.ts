/** Runs one command, already split into words, and answers what it prints. @throws Error when it fails */
export type RunCommand = (words: readonly string[]) => Promise<string>;

/**
 * As much of a POSIX shell as printed commands need: words, both kinds of quotes, `$( )` and `&&`.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html
 * @throws Error for anything else: a command that a shell would take otherwise must not pass
 */
export async function runShell(text: string, run: RunCommand): Promise<string> {
  const shell = new Shell(text, run);
  const output = await shell.list();
  shell.expectEnd();
  return output;
}

const special = /[<>|;`\\*?~#(){}]/;

class Shell {
  readonly #text: string;
  readonly #run: RunCommand;
  #at = 0;

  constructor(text: string, run: RunCommand) {
    this.#text = text;
    this.#run = run;
  }

  /** Commands joined by `&&`, to the end or to the parenthesis that closes a substitution. */
  async list(): Promise<string> {
    for (;;) {
      const output = await this.#run(await this.#words());
      if (!this.#text.startsWith('&&', this.#at)) return output;
      this.#at += 2;
    }
  }

  expectEnd(): void {
    if (this.#at < this.#text.length) throw this.#unexpected();
  }

  async #words(): Promise<readonly string[]> {
    const words: string[] = [];
    for (;;) {
      while (this.#next === ' ') this.#at += 1;
      if (['', ')'].includes(this.#next) || this.#text.startsWith('&&', this.#at)) return words;
      words.push(await this.#word());
    }
  }

  async #word(): Promise<string> {
    let word = '';
    while (!['', ' ', ')'].includes(this.#next)) word += await this.#part();
    return word;
  }

  async #part(): Promise<string> {
    if (this.#next === "'") return this.#until("'");
    if (this.#next === '"') return this.#quoted();
    if (this.#text.startsWith('$(', this.#at)) return this.#substituted();
    if (special.test(this.#next) || this.#next === '&' || this.#next === '$')
      throw this.#unexpected();
    return this.#take();
  }

  async #quoted(): Promise<string> {
    let text = '';
    for (this.#at += 1; this.#next !== '"';) {
      if (this.#next === '') throw this.#unexpected();
      const isSubstitution = this.#text.startsWith('$(', this.#at);
      text += isSubstitution ? await this.#substituted() : this.#take();
    }
    this.#at += 1;
    return text;
  }

  async #substituted(): Promise<string> {
    this.#at += 2;
    const output = await this.list();
    if (this.#next !== ')') throw this.#unexpected();
    this.#at += 1;
    return output.trimEnd();
  }

  #until(end: string): string {
    const start = this.#at + 1;
    const stop = this.#text.indexOf(end, start);
    if (stop < 0) throw this.#unexpected();
    this.#at = stop + 1;
    return this.#text.slice(start, stop);
  }

  get #next(): string {
    return this.#text.charAt(this.#at);
  }

  #take(): string {
    const taken = this.#next;
    this.#at += 1;
    return taken;
  }

  #unexpected(): Error {
    return new Error(`a shell would not take this as it is meant, at ${this.#at}: ${this.#text}`);
  }
}
