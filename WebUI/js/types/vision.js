/**
 * The shapes of the server's API. What detection needs.
 * @module
 */

/**
 * @typedef {object} VisionPart
 * @property {string} id
 * @property {string} name
 * @property {string | null} licence
 * @property {boolean} installed
 * @property {boolean} uploaded whether it is somebody's own
 * @property {number | null} bytes on disk
 * @property {number | null} download_bytes
 * @property {number | null} input_size of the picture that a model looks at
 * @property {string | null} problem why it is not used although it is there
 * @property {string | null} problem_code
 * @property {Record<string, unknown>} problem_parameters
 */

/**
 * @typedef {object} Vision
 * @property {boolean} ready
 * @property {VisionPart | null} runtime null where none exists for the server's machine
 * @property {VisionPart[]} models the smallest first
 * @property {import("./engine.js").InstallProgress & {item: string | null, name: string | null}} install
 * @property {string | null} problem what is missing
 * @property {string | null} problem_code
 * @property {Record<string, unknown>} problem_parameters
 */

export {};
