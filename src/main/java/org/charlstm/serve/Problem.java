package org.charlstm.serve;

/** An error that a request is answered with: its HTTP status and message. */
final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;

    Problem(int status, String message) {
        // Without a stack trace: clients can cause any number of these.
        super(message, null, false, false);
        this.status = status;
    }

    int status() {
        return status;
    }

    String message() {
        return String.valueOf(getMessage());
    }
}
