import { ApiError, ServerUnreachable } from "./server-requests.js";
import { t } from "./i18n.js";

/**
 * What went wrong, as a sentence for the user: what the server says, or that it does not answer, or that it was us.
 * @param {unknown} error
 */
export function errorText(error) {
    if (error instanceof ApiError) return error.message;
    if (error instanceof ServerUnreachable) return t("error.unreachable");
    console.error(error);
    return t("error.page");
}
