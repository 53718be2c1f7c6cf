import { isPromise } from "../support/promises.js";
import { StepSlot } from "./step-slot.js";
import type { Shape } from "./shape.js";

/**
 * Steps whose values are not all there yet.
 * - Order: steps are delivered in the order they came; one with nothing deferred and none before it, at once.
 * - Memory: at most `capacity` steps, in slots that are reused.
 * - Errors: when a read throws, everything that waits is disposed, and the error comes out.
 */
export class StepQueue {
  /** Steps that wait. */
  pending = 0;
  /** The last step that was delivered. */
  drained: StepSlot | null = null;
  readonly #capacity: number;
  readonly #add: (slot: StepSlot) => void;
  readonly #ring: StepSlot[] = [];
  /** Takes the place of the last drained step's slot, so that its values stay readable. */
  #spare: StepSlot = new StepSlot();
  #head = 0;

  /** `add` is called with each step when its values are there. */
  constructor(capacity: number, add: (slot: StepSlot) => void) {
    this.#capacity = capacity;
    this.#add = add;
  }

  /** True when no further step fits. */
  get full(): boolean {
    return this.pending === this.#capacity;
  }

  /** The slot for the next step, to be pushed. Not to be called when full. */
  free(): StepSlot {
    let at = this.#head + this.pending;
    if (at >= this.#capacity) at -= this.#capacity;
    const slot = (this.#ring[at] ??= new StepSlot());
    if (slot !== this.drained) return slot;
    const spare = this.#spare;
    this.#spare = slot;
    this.#ring[at] = spare;
    return spare;
  }

  /** Appends a slot that was filled. */
  push(slot: StepSlot): void {
    if (slot.unread > 0 || this.pending > 0) this.pending++;
    else this.#deliver(slot);
  }

  /** Reads every value in step order. A promise only while a read is one. */
  drain(): void | Promise<void> {
    try {
      while (this.pending > 0) {
        const reading = readSlot(this.#first(), 0);
        if (reading !== undefined) return this.#drainAsync(reading);
        this.#shift();
      }
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  async #drainAsync(first: Promise<void>): Promise<void> {
    try {
      await first;
      this.#shift();
      while (this.pending > 0) {
        await readSlot(this.#first(), 0);
        this.#shift();
      }
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** Disposes everything that waits, unread. Never throws. */
  dispose(): void {
    while (this.pending > 0) {
      this.#first().disposeAll();
      this.#forward();
    }
  }

  #first(): StepSlot {
    return this.#ring[this.#head] as StepSlot;
  }

  #shift(): void {
    if (this.pending === 0) return; // disposed while a read was under way
    const slot = this.#first();
    this.#forward();
    this.#deliver(slot);
  }

  #forward(): void {
    this.#head = this.#head + 1 === this.#capacity ? 0 : this.#head + 1;
    this.pending--;
  }

  #deliver(slot: StepSlot): void {
    this.#add(slot);
    this.drained = slot;
  }
}

function readSlot(slot: StepSlot, from: number): void | Promise<void> {
  const count = (slot.shape as Shape).names.length;
  for (let position = from; position < count; position++) {
    const value = slot.read(position);
    if (isPromise(value)) return value.then((settled) => readRest(slot, position, settled as number));
    slot.values[position] = value;
  }
}

function readRest(slot: StepSlot, position: number, value: number): void | Promise<void> {
  slot.values[position] = value;
  return readSlot(slot, position + 1);
}
