/** The tags of TensorBoard's hparams plugin begin with it. */
export const HPARAMS_PREFIX = "_hparams_/";

/** The tag by which TensorBoard's hparams plugin finds the start of a session. */
export const SESSION_START_TAG: string = `${HPARAMS_PREFIX}session_start_info`;

/** The tag of the end of a session. */
export const SESSION_END_TAG: string = `${HPARAMS_PREFIX}session_end_info`;

/** The tag of the layout of the tab Custom Scalars. */
export const CUSTOM_SCALARS_TAG = "custom_scalars__config__";
