package org.charlstm.cli.console;

import java.lang.reflect.Proxy;
import module java.base;
import org.charlstm.rank.Collective;

/**
 * Turns Ctrl-C and requests to terminate into a flag, also SIGUSR1, which launchers pass on to their processes. The
 * first signal announces that the current work will be finished and saved. The second ends the process at once,
 * whatever the process waits for, with the signal's exit code, 130 for Ctrl-C. If the JVM does not let programs handle
 * signals, they end the process as usual.
 */
public final class Interruption implements AutoCloseable {
    private static final List<String> SIGNALS = List.of("INT", "TERM", "HUP", "USR1");
    /** A shell adds this number to the signal's number to make the exit code. */
    private static final int BY_SIGNAL = 128;

    private final Console console;
    private final String saving;
    private final Runnable whenRequested;
    /** Actions that restore the earlier handlers of the signals. */
    private final List<Runnable> former = new ArrayList<>();
    private volatile int code;

    /**
     * Takes over the signals.
     *
     * @param saving        the work that is being finished, for the line on standard error
     * @param whenRequested runs at the first signal, on another thread
     */
    public Interruption(Console console, String saving, Runnable whenRequested) {
        this.console = console;
        this.saving = saving;
        this.whenRequested = whenRequested;
        SIGNALS.forEach(name -> former.add(handle(name, this::signalled)));
    }

    /** Handles a signal by its number. */
    public void signalled(int number) {
        if (requested()) {
            // Skips shutdown hooks and finally blocks, because the current work may wait for another process forever.
            Runtime.getRuntime().halt(BY_SIGNAL + number);
        }
        code = BY_SIGNAL + number;
        whenRequested.run();
        console.say("charlstm: " + saving + "; once more ends it at once");
    }

    /** Makes a signal without another handler end all ranks with this process's exit code for the signal. */
    public static void endAll(Collective ranks) {
        SIGNALS.forEach(name -> handle(name, number -> {
            ranks.endsWith(BY_SIGNAL + number);
            System.exit(BY_SIGNAL + number);
        }));
    }

    public boolean requested() {
        return code != 0;
    }

    /** The exit code of a signal, if one was received; else {@code otherwise}. */
    public int code(int otherwise) {
        return requested() ? code : otherwise;
    }

    /**
     * Installs a signal handler by reflection: every JVM has the class for it, but compilers warn if it is named.
     *
     * @return restores the former handler
     */
    private static Runnable handle(String name, IntConsumer handler) {
        try {
            Class<?> type = Class.forName("sun.misc.Signal");
            Class<?> handlers = Class.forName("sun.misc.SignalHandler");
            Object signal = type.getConstructor(String.class).newInstance(name);
            int number = (int) type.getMethod("getNumber").invoke(signal);
            // No method of Object is ever called on the proxy.
            InvocationHandler calls = (proxy, method, arguments) -> {
                handler.accept(number);
                return null;
            };
            Object ours = Proxy.newProxyInstance(handlers.getClassLoader(), new Class<?>[] {handlers}, calls);
            Object before = type.getMethod("handle", type, handlers).invoke(null, signal, ours);
            return () -> {
                try {
                    type.getMethod("handle", type, handlers).invoke(null, signal, before);
                } catch (ReflectiveOperationException e) {
                    throw new IllegalStateException(e);
                }
            };
        } catch (ReflectiveOperationException e) {
            System.getLogger(Interruption.class.getName()).log(System.Logger.Level.DEBUG, "no handler of " + name, e);
            return () -> {};
        }
    }

    @Override
    public void close() {
        former.forEach(Runnable::run);
        former.clear();
    }
}
