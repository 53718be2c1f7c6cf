/** The tag by which TensorBoard's hparams plugin finds the start of a session. */
export const SESSION_START_TAG = "_hparams_/session_start_info";

/** The tag of the end of a session. */
export const SESSION_END_TAG = "_hparams_/session_end_info";
