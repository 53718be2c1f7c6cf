export type { TrainerEvents } from "./events.js";
export { GenericTrainer } from "./generic-trainer.js";
