package org.charlstm.serve;

/** A request that is not answered as it was meant, with the status and the words of the answer. */
final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;

    Problem(int status, String message) {
        // It is thrown as often as somebody likes to ask.
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
