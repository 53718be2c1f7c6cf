/** Allows so many operations a second, by a clock that the caller reads. */
export class TokenBucket {
  readonly #perSecond: number;
  #tokens: number;
  #filledAt: number;

  constructor(perSecond: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
    this.#filledAt = nowMs;
  }

  /** True when one more is allowed now. A clock that ran back fills nothing. */
  consume(nowMs: number): boolean {
    const filled = ((nowMs - this.#filledAt) * this.#perSecond) / 1000;
    if (filled >= 1 || filled < 0) {
      this.#tokens = Math.min(this.#perSecond, this.#tokens + Math.max(0, Math.floor(filled)));
      this.#filledAt = nowMs;
    }
    if (this.#tokens === 0) return false;
    this.#tokens--;
    return true;
  }
}
