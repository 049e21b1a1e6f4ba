/**
 * The shapes of the server's API. Who has access.
 * @module
 */

/**
 * Who has signed in with this browser.
 * @typedef {object} Session
 * @property {"open" | "account"} access whether the server asks for a name
 * @property {{name: string, role: "viewer" | "admin"} | null} user
 * @property {boolean} can_sign_out whether this browser has signed in here, and not by Home Assistant
 * @property {boolean} takes_home_assistant_users whether users of Home Assistant sign in with their password
 * @property {boolean} setup_required whether the administrator's password has yet to be set
 */

/**
 * @typedef {object} User
 * @property {string} id
 * @property {string} name
 * @property {"viewer" | "admin"} role
 */

/**
 * A token of a program.
 * @typedef {object} Token
 * @property {string} id
 * @property {string} name
 * @property {"viewer" | "admin"} role
 * @property {number | null} last_used_at_unix
 */

/**
 * A browser that is signed in.
 * @typedef {object} SessionEntry
 * @property {string} id
 * @property {string} user
 * @property {number} last_seen_at_unix
 * @property {string} address
 * @property {string} user_agent
 * @property {boolean} is_current
 * @property {boolean} is_of_home_assistant whether the user is one of Home Assistant
 */

export {};
