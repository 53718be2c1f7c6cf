/** Allows so many operations a second, by a monotonic clock that the caller reads. */
export class TokenBucket {
  readonly #perSecond: number;
  #tokens: number;
  #filledAt: number;

  constructor(perSecond: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
    this.#filledAt = nowMs;
  }

  /** True when one more is allowed now. */
  consume(nowMs: number): boolean {
    const filled = ((nowMs - this.#filledAt) * this.#perSecond) / 1000;
    if (filled >= 1) {
      this.#tokens = Math.min(this.#perSecond, this.#tokens + Math.floor(filled));
      this.#filledAt = nowMs;
    }
    if (this.#tokens === 0) return false;
    this.#tokens--;
    return true;
  }
}
