/** What a heap holds. Invariant: `position` is the index inside its heap, -1 outside of any. */
export interface HeapNode {
  position: number;
}

/**
 * A binary heap whose nodes know their place, so that one whose rank changed moves in O(log n).
 * Assumptions: a node is in at most one heap at a time; whoever changes a rank calls `update`.
 */
export class Heap<N extends HeapNode> {
  readonly #nodes: N[] = [];
  readonly #before: (a: N, b: N) => boolean;

  /** `before(a, b)`: `a` leaves the heap ahead of `b`. */
  constructor(before: (a: N, b: N) => boolean) {
    this.#before = before;
  }

  get size(): number {
    return this.#nodes.length;
  }

  peek(): N | undefined {
    return this.#nodes[0];
  }

  push(node: N): void {
    this.#place(node, this.#nodes.length);
    this.#rise(node);
  }

  pop(): N | undefined {
    const first = this.#nodes[0];
    const last = this.#nodes.pop();
    if (first === undefined || last === undefined) return undefined;
    if (last !== first) {
      this.#place(last, 0);
      this.#sink(last);
    }
    first.position = -1;
    return first;
  }

  update(node: N): void {
    this.#rise(node);
    this.#sink(node);
  }

  clear(): void {
    for (const node of this.#nodes) node.position = -1;
    this.#nodes.length = 0;
  }

  #place(node: N, position: number): void {
    this.#nodes[position] = node;
    node.position = position;
  }

  #rise(node: N): void {
    while (node.position > 0) {
      const parent = this.#nodes[(node.position - 1) >> 1];
      if (parent === undefined || !this.#before(node, parent)) return;
      this.#swap(node, parent);
    }
  }

  #sink(node: N): void {
    for (;;) {
      const child = this.#firstChild(node.position);
      if (child === undefined || !this.#before(child, node)) return;
      this.#swap(node, child);
    }
  }

  #firstChild(position: number): N | undefined {
    const left = this.#nodes[2 * position + 1];
    const right = this.#nodes[2 * position + 2];
    if (left === undefined || right === undefined) return left;
    return this.#before(right, left) ? right : left;
  }

  #swap(a: N, b: N): void {
    const position = a.position;
    this.#place(a, b.position);
    this.#place(b, position);
  }
}
