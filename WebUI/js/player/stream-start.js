/** What the server answers to a request for a stream that starts: it is there, but has no picture yet. */
export const startingStatus = 503;
/** The server holds a request for a moment, so that little is asked in vain. */
export const startingRetryMilliseconds = 100;
