package org.charlstm.cuda;

import module java.base;

/** Resources to release, the last opened first. A failed release does not prevent the others. */
public final class Resources implements AutoCloseable {
    private final Deque<Runnable> releases = new ArrayDeque<>();

    /** Makes an empty set of resources. */
    public Resources() {
    }

    /** Adds the release of an opened resource. */
    public void add(Runnable release) {
        releases.push(release);
    }

    /** Runs all releases; throws the first failure, with later failures suppressed in it. */
    @Override
    public void close() {
        RuntimeException first = null;
        while (!releases.isEmpty()) {
            try {
                releases.pop().run();
            } catch (RuntimeException e) {
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }

    /** Runs a release after a failure, and returns the failure. */
    public static <T extends Throwable> T closeAfter(T failure, Runnable release) {
        Resources resources = new Resources();
        resources.add(release);
        return resources.closeAfter(failure);
    }

    /** For constructors: runs all releases after a failure, and returns the failure. */
    public <T extends Throwable> T closeAfter(T failure) {
        try {
            close();
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        }
        return failure;
    }
}
