// A thread when this package runs from its TypeScript sources, in its own tests and benchmarks. Not shipped.
import { register } from "tsx/esm/api";

register();
await import(process.argv[2]);
