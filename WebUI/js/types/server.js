/**
 * The shapes of the server's API. The server: where it is reached, Home Assistant beside it, and restoring it.
 * @module
 */

/**
 * @typedef {object} Network
 * @property {boolean} is_open whether others than this machine can reach the server
 * @property {{interface: string, address: string, url: string}[]} addresses
 * @property {string | null} problem why others can't, though the server listens for them
 * @property {string | null} problem_code what the sentence says, for pages in other languages
 * @property {Record<string, string | number>} problem_parameters what it names
 */

/**
 * @typedef {object} HomeAssistant
 * @property {boolean} available whether outputs can be added to it as cameras
 * @property {boolean} is_add_on whether the server is an add-on of it
 * @property {string | null} reason why they can't
 * @property {string | null} reason_code
 * @property {Record<string, unknown>} reason_parameters
 */

/**
 * @typedef {object} HomeAssistantCamera
 * @property {string} entity_id
 * @property {string} name
 * @property {string} url its address as a camera here
 * @property {boolean} has_stream whether Home Assistant has more of it than pictures one by one
 */

/**
 * @typedef {object} HomeAssistantCameras
 * @property {boolean} is_add_on whether the server is an add-on of Home Assistant
 * @property {string | null} reason why it does not tell its cameras
 * @property {string | null} reason_code
 * @property {Record<string, unknown>} reason_parameters
 * @property {HomeAssistantCamera[]} cameras
 */

/**
 * @typedef {object} AddedCamera
 * @property {string | null} entity_id
 * @property {string} name
 */

/** @typedef {{added: string[], changed: string[], removed: string[]}} RestoreChanges names */

/**
 * What a restore changes.
 * @typedef {object} RestoreReport
 * @property {boolean} applied
 * @property {number} revision
 * @property {string | null} created_at
 * @property {string | null} product_version
 * @property {boolean} contains_secrets
 * @property {RestoreChanges} cameras
 * @property {RestoreChanges} transmissions
 * @property {RestoreChanges} pipelines
 * @property {boolean} settings_changed
 * @property {{code: string, parameters: Record<string, string>, text: string}[]} notes
 */

/**
 * A sentence of the server, with what a page needs to say the same in its own language.
 * @typedef {object} CodedMessage
 * @property {string} code
 * @property {string} text in English
 * @property {Record<string, unknown>} parameters what it names; also other sentences
 */

export {};
