package org.charlstm.serve;

import com.google.gson.JsonObject;
import org.charlstm.base.Json;

/** An error that answers a request: its HTTP status and message. */
final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;

    Problem(int status, String message) {
        // No stack trace, because clients can cause any number of problems.
        super(message, null, false, false);
        this.status = status;
    }

    static void throwIf(boolean wrong, int status, String message) {
        if (wrong) {
            throw new Problem(status, message);
        }
    }

    int status() {
        return status;
    }

    JsonObject json() {
        JsonObject json = json(String.valueOf(getMessage()));
        json.addProperty("status", status);
        return json;
    }

    /** An error inside an answer whose status has already been sent. */
    static JsonObject json(String message) {
        return Json.object("error", message);
    }
}
