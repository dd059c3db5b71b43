package org.charlstm.cuda;

import module java.base;

/** Things to release, the last opened first. One that fails does not keep the others from being released. */
public final class Resources implements AutoCloseable {
    private final Deque<Runnable> releases = new ArrayDeque<>();

    /** Nothing to release yet. */
    public Resources() {
    }

    /** Adds the release of something that was opened. */
    public void add(Runnable release) {
        releases.push(release);
    }

    /** Throws the first failure, the later ones suppressed in it. */
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

    /** Releases something after a failure, and returns the failure. */
    public static <T extends Throwable> T closeAfter(T failure, Runnable release) {
        Resources resources = new Resources();
        resources.add(release);
        return resources.closeAfter(failure);
    }

    /** For constructors: releases all after a failure, and returns the failure. */
    public <T extends Throwable> T closeAfter(T failure) {
        try {
            close();
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        }
        return failure;
    }
}
