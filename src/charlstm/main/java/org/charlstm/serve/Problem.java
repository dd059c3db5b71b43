package org.charlstm.serve;

import com.google.gson.JsonObject;
import org.charlstm.base.Json;

/** An error that a request is answered with: its HTTP status and message. */
final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;

    Problem(int status, String message) {
        // Without a stack trace: clients can cause any number of these.
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

    /** An error within an answer that has a status already. */
    static JsonObject json(String message) {
        return Json.object("error", message);
    }
}
